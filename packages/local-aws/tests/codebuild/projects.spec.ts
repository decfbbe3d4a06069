import { expect } from "chai";
import { rejection } from "../core/support";
import { Fixture } from "./fixture";

describe("A CodeBuild project", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

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
