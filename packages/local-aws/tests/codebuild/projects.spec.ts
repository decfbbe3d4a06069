import {
  BatchGetProjectsCommand,
  DeleteProjectCommand,
  ListProjectsCommand,
  UpdateProjectCommand,
} from "@aws-sdk/client-codebuild";
import { expect } from "chai";
import { rejection } from "../core/support";
import { Fixture, ROLE } from "./fixture";

describe("CodeBuild projects", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  describe("a project", () => {
    it("is created, changed, listed and deleted", async () => {
      const project = await fixture.createProject({ tags: [{ key: "stage", value: "build" }] });
      expect(project).to.deep.include({
        arn: "arn:aws:codebuild:us-east-1:123456789012:project/release",
        timeoutInMinutes: 60,
        queuedTimeoutInMinutes: 480,
        tags: [{ key: "stage", value: "build" }],
      });
      const change = new UpdateProjectCommand({ name: "release", timeoutInMinutes: 90 });
      const { project: changed } = await fixture.client.send(change);
      expect(changed).to.deep.include({ timeoutInMinutes: 90, serviceRole: ROLE });
      expect((await fixture.client.send(new ListProjectsCommand({}))).projects).to.deep.equal(["release"]);
      await fixture.client.send(new DeleteProjectCommand({ name: "release" }));
      const gone = await fixture.client.send(new BatchGetProjectsCommand({ names: ["release"] }));
      expect(gone.projectsNotFound).to.deep.equal(["release"]);
    });

    it("is refused where its name is taken, and not found where it is not", async () => {
      await fixture.createProject();
      expect((await rejection(fixture.createProject())).name).to.equal("ResourceAlreadyExistsException");
      expect((await rejection(fixture.startBuild({ projectName: "other" }))).message).to.equal(
        "Project cannot be found: arn:aws:codebuild:us-east-1:123456789012:project/other",
      );
    });

    it("is refused by the name of what would change its builds", async () => {
      const privileged = fixture.createProject({
        environment: { type: "LINUX_CONTAINER", image: "i", computeType: "BUILD_GENERAL1_SMALL", privilegedMode: true },
      });
      expect((await rejection(privileged)).message).to.contain("environment with privilegedMode");
      const secret = { name: "TOKEN", value: "t", type: "SECRETS_MANAGER" as const };
      const withSecret = fixture.createProject({
        environment: {
          ...{ type: "LINUX_CONTAINER", image: "i", computeType: "BUILD_GENERAL1_SMALL" },
          environmentVariables: [secret],
        },
      });
      expect((await rejection(withSecret)).message).to.contain("environment variable TOKEN of type SECRETS_MANAGER");
      await fixture.createInline({ phases: {} });
      const overridden = fixture.startBuild({ privilegedModeOverride: true });
      expect((await rejection(overridden)).message).to.contain("StartBuild with privilegedModeOverride");
    });
  });
});
