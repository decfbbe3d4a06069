import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ListBuildsForProjectCommand, StopBuildCommand } from "@aws-sdk/client-codebuild";
import { expect } from "chai";
import { silenced } from "../core/support";
import { Fixture, phasesOf, ROLE } from "./fixture";

describe("CodeBuild", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  describe("a build", () => {
    it("runs the phases' commands in one environment, and tells what became of each", async () => {
      const build = await fixture.run({
        env: { variables: { FROM_SPEC: "spec" }, "exported-variables": ["RESULT", "FROM_SPEC", "MISSING"] },
        phases: {
          install: { "runtime-versions": { nodejs: 22 }, commands: ["mkdir sub", "cd sub"] },
          build: {
            commands: ['export RESULT="two words"\nLOST=1', 'echo "$(basename "$PWD") $RESULT ${LOST:-unset}"'],
          },
        },
      });
      expect(fixture.printed).to.deep.equal(["sub two words unset"]);
      expect(build).to.deep.include({
        buildStatus: "SUCCEEDED",
        buildComplete: true,
        buildNumber: 1,
        serviceRole: ROLE,
      });
      expect(build.exportedEnvironmentVariables).to.deep.equal([
        { name: "RESULT", value: "two words" },
        { name: "FROM_SPEC", value: "spec" },
      ]);
      expect(phasesOf(build)).to.deep.equal([
        ...[
          "SUBMITTED",
          "QUEUED",
          "PROVISIONING",
          "DOWNLOAD_SOURCE",
          "INSTALL",
          "PRE_BUILD",
          "BUILD",
          "POST_BUILD",
        ].map((phase) => `${phase} SUCCEEDED`),
        ...["UPLOAD_ARTIFACTS SUCCEEDED", "FINALIZING SUCCEEDED", "COMPLETED"],
      ]);
      expect(fixture.logs[0]).to.include({ group: "/aws/codebuild/release", stream: build.id!.split(":")[1] });
      expect(fixture.said).to.include.members([
        "Running command mkdir sub",
        "Phase complete: BUILD State: SUCCEEDED",
        "Not part of the local AWS, ignored: runtime-versions (nodejs): what this machine has is used",
      ]);
    });

    it("finds CodeBuild's variables, the role's credentials and nothing of this machine's", async () => {
      process.env.AWS_PROFILE = "somebody";
      try {
        await fixture.createInline(
          { env: { variables: { A: "spec", B: "spec", C: "spec" } }, phases: { build: { commands: ["env"] } } },
          {
            environment: {
              ...{ type: "LINUX_CONTAINER", image: "img", computeType: "BUILD_GENERAL1_SMALL" },
              environmentVariables: [
                { name: "B", value: "project" },
                { name: "C", value: "project" },
              ],
            },
          },
        );
        const id = await fixture.startBuild({ environmentVariablesOverride: [{ name: "C", value: "build" }] });
        await fixture.ended(id);
        const uuid = id.split(":")[1];
        expect(fixture.printed).to.include.members([
          ...["A=spec", "B=project", "C=build", `CODEBUILD_BUILD_ID=${id}`, "CODEBUILD_BUILD_NUMBER=1"],
          ...["CODEBUILD_BUILD_IMAGE=img", `CODEBUILD_LOG_PATH=${uuid}`, "CODEBUILD_INITIATOR=local"],
          `CODEBUILD_BUILD_ARN=arn:aws:codebuild:us-east-1:123456789012:build/${id}`,
          ...["AWS_ACCESS_KEY_ID=KEYOFbuild", `AWS_SESSION_TOKEN=token of AWSCodeBuild-${uuid}`],
          ...["CODEBUILD_BUILD_SUCCEEDING=1", `PATH=${process.env.PATH}`],
        ]);
        expect(fixture.printed.join("\n")).to.contain("AWS_ENDPOINT_URL=http://127.0.0.1:");
        expect(fixture.printed.join("\n")).not.to.contain("AWS_PROFILE");
      } finally {
        delete process.env.AWS_PROFILE;
      }
    });

    it("has a folder of its own for temporary files, with room in its name for sockets, of which nothing stays", async () => {
      await fixture.run({ phases: { build: { commands: ['touch "$TMPDIR/left"; echo "$TMPDIR"'] } } });
      const [folder = ""] = fixture.printed;
      expect(dirname(folder)).to.equal(fixture.scratchDir);
      expect(basename(folder)).to.have.lengthOf.at.most(10);
      await fixture.until(() => !existsSync(folder));
    });

    it("ends where its files cannot be removed, and the local AWS tells that and goes on", async () => {
      const { printed } = await silenced(async () => {
        const build = await fixture.run({
          phases: {
            build: { commands: ['cd "$CODEBUILD_SRC_DIR/../../../.." && mv codebuild gone && touch codebuild'] },
          },
        });
        expect(build.buildComplete).to.equal(true);
        await fixture.closeService();
      });
      expect(printed.join("\n")).to.contain("cannot be removed: ENOTDIR");
    });

    it("leaves nothing of folders that it has locked", async () => {
      await fixture.run({ phases: { build: { commands: ["mkdir -p a/b && touch a/b/c && chmod 555 a/b a"] } } });
      await fixture.closeService();
      expect(await readdir(join(fixture.scratchDir, "codebuild"))).to.deep.equal([]);
    });

    it("fails with the command that failed, runs finally and post_build, and tells them", async () => {
      const build = await fixture.run({
        phases: {
          build: { commands: ["echo one", "exit 3", "echo never"], finally: ["echo finally"] },
          post_build: { commands: ["echo succeeding=$CODEBUILD_BUILD_SUCCEEDING"] },
        },
      });
      expect(fixture.printed).to.deep.equal(["one", "finally", "succeeding=0"]);
      expect(build.buildStatus).to.equal("FAILED");
      expect(build.phases!.find(({ phaseType }) => phaseType === "BUILD")!.contexts).to.deep.equal([
        {
          statusCode: "COMMAND_EXECUTION_ERROR",
          message: "Error while executing command: exit 3. Reason: exit status 3",
        },
      ]);
      expect(fixture.said).to.include.members([
        "Command did not exit successfully exit 3 exit status 3",
        "Phase complete: BUILD State: FAILED",
        "Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: exit 3. Reason: exit status 3",
      ]);
    });

    it("goes on or ends after a failed phase as on-failure says, and else ends before the build phase", async () => {
      const early = await fixture.run({
        phases: { install: { commands: ["false"] }, build: { commands: ["echo no"] } },
      });
      expect(phasesOf(early).slice(4)).to.deep.equal(["INSTALL FAILED", "FINALIZING SUCCEEDED", "COMPLETED"]);
      const spec = (name: string, onFailure: string) => ({
        name,
        source: {
          type: "NO_SOURCE" as const,
          buildspec: JSON.stringify({
            version: "0.2",
            phases: {
              [name]: { "on-failure": onFailure, commands: ["false"] },
              post_build: { commands: ["echo went on"] },
            },
          }),
        },
        artifacts: { type: "NO_ARTIFACTS" as const },
      });
      await fixture.createProject(spec("install", "CONTINUE"));
      await fixture.createProject(spec("build", "ABORT"));
      const on = await fixture.ended(await fixture.startBuild({ projectName: "install" }));
      expect([on.buildStatus, ...phasesOf(on).slice(4, 8)]).to.deep.equal([
        ...["FAILED", "INSTALL FAILED", "PRE_BUILD SUCCEEDED", "BUILD SUCCEEDED", "POST_BUILD SUCCEEDED"],
      ]);
      const off = await fixture.ended(await fixture.startBuild({ projectName: "build" }));
      expect(phasesOf(off).slice(6)).to.deep.equal(["BUILD FAILED", "FINALIZING SUCCEEDED", "COMPLETED"]);
      expect(fixture.printed).to.deep.equal(["went on"]);
    });

    it("fails by the names of what its buildspec holds and nobody here knows", async () => {
      const build = await fixture.run({
        env: { "parameter-store": { TOKEN: "/token" } },
        phases: { build: { commands: ["true"], "run-as": "root" } },
        reports: {},
      });
      const { contexts } = build.phases!.find(({ phaseType }) => phaseType === "DOWNLOAD_SOURCE")!;
      expect(contexts![0]!.statusCode).to.equal("YAML_FILE_ERROR");
      expect(contexts![0]!.message).to.contain("env.parameter-store: not part of");
      expect(contexts![0]!.message).to.contain("phases.build.run-as: not part of");
      expect(contexts![0]!.message).to.contain("reports: not part of");
    });

    it("fails before it begins where its role cannot be assumed or may not write its log", async () => {
      await fixture.createInline({ phases: {} });
      for (const [role, why] of [
        ["nobody", "to assume it"],
        ["mute", "to create Amazon CloudWatch Logs log streams"],
      ] as const) {
        const serviceRoleOverride = `arn:aws:iam::123456789012:role/${role}`;
        const build = await fixture.ended(await fixture.startBuild({ serviceRoleOverride }));
        expect([build.buildStatus, phasesOf(build).at(-2)]).to.deep.equal(["FAILED", "PROVISIONING FAILED"]);
        const [context] = build.phases!.at(-2)!.contexts!;
        expect(context!.statusCode).to.equal("ACCESS_DENIED");
        expect(context!.message).to.contain(why);
      }
    });

    it("is stopped with all that it started", async () => {
      await fixture.createInline({ phases: { build: { commands: ["sleep 60 & echo child $!; wait"] } } });
      const id = await fixture.startBuild();
      await fixture.until(() => fixture.printed.some((line) => line.startsWith("child")));
      await fixture.client.send(new StopBuildCommand({ id }));
      const build = await fixture.ended(id);
      expect(build.buildStatus).to.equal("STOPPED");
      expect(phasesOf(build).at(-2)).to.equal("BUILD STOPPED");
      const child = Number(fixture.printed.find((line) => line.startsWith("child"))!.split(" ")[1]);
      await fixture.until(() => !isRunning(child));
    });

    it("ends with the local AWS", async () => {
      await fixture.createInline({ phases: { build: { commands: ["sleep 60"] } } });
      const id = await fixture.startBuild();
      await fixture.until(async () => (await fixture.build(id)).currentPhase === "BUILD");
      await fixture.closeService();
      expect((await fixture.build(id)).buildStatus).to.equal("STOPPED");
    });

    it("ends when its time is over", async () => {
      const fast = await Fixture.start(6000, {});
      try {
        await fast.createInline({ phases: { build: { commands: ["sleep 60"] } } }, { timeoutInMinutes: 60 });
        const build = await fast.ended(await fast.startBuild());
        expect(build.buildStatus).to.equal("TIMED_OUT");
        expect(build.phases!.at(-2)).to.deep.include({ phaseStatus: "TIMED_OUT" });
        expect(build.phases!.at(-2)!.contexts![0]!.statusCode).to.equal("BUILD_TIMED_OUT");
      } finally {
        await fast.close();
      }
    });

    it("is refused where the account may have no builds, as new accounts may", async () => {
      await fixture.createInline({ phases: { build: { commands: ["true"] } } });
      fixture.faults.set({ kind: "account-limit", quota: "codebuild-concurrent-builds", value: 0 });
      const refused: unknown = await fixture.startBuild().catch((error: unknown) => error);
      fixture.faults.clear();

      expect(String(refused)).to.equal(
        "AccountLimitExceededException: Cannot have more than 0 builds in queue for the account",
      );
    });

    it("is listed, newest first, and started once per idempotency token", async () => {
      await fixture.createInline({ phases: {} });
      const first = await fixture.startBuild({ idempotencyToken: "once" });
      expect(await fixture.startBuild({ idempotencyToken: "once" })).to.equal(first);
      const second = await fixture.startBuild();
      const { ids } = await fixture.client.send(new ListBuildsForProjectCommand({ projectName: "release" }));
      expect(ids).to.deep.equal([second, first]);
      expect((await fixture.ended(second)).buildNumber).to.equal(2);
    });
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
