import { expect } from "chai";
import { FakeRollout, type FakeDeployment } from "../../unit/components/providers/fake-rollout";
import { startAws, type TestAws } from "../../unit/components/providers/test-aws";
import { TestStack, type Door } from "./test-stack";

const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { AliasRollout } from "resources/alias-rollout";
  const rollout = new AliasRollout("rollout", new pulumi.Config().requireObject("inputs"));
  export const { liveRelease, liveVersion, deploymentId, outcome, history } = rollout;
`;
const inputs = (release: string, functionVersion: string) => ({
  region: "us-east-1",
  functionName: "mlops-nyctaxi-api",
  functionVersion,
  aliasName: "live",
  release,
  applicationName: "mlops-nyctaxi-api",
  deploymentGroupName: "live",
  drainSeconds: 0,
  bakeSeconds: 0,
  pollSeconds: 0.05,
});

/** One set of tests through both doors. */
export function lambdaRolloutThrough(door: Door): void {
  describe(`LambdaRollout on the real engine, ${door === "dynamic" ? "as a dynamic resource" : "served by the plugin"}`, function () {
    this.timeout(120_000);
    let fake: FakeRollout;
    let aws: TestAws;
    let stack: TestStack;

    beforeEach(async () => {
      fake = new FakeRollout();
      fake.versions.set("3", { release: "R3", code: "a" });
      fake.versions.set("5", { release: "R4", code: "b" });
      fake.versions.set("6", { release: "R3", code: "a" });
      aws = await startAws(fake.services);
      stack = await TestStack.create(PROGRAM, door);
    });
    afterEach(async () => {
      await stack.remove();
      await aws.close();
    });

    const shift: FakeDeployment["steps"] = [
      () => (fake.alias!.weights = { "5": 0.1 }),
      (d) => {
        fake.alias = { version: "5", weights: {} };
        d.info.status = "Succeeded";
        d.info.completeTime = new Date();
      },
    ];
    const rollBack: FakeDeployment["steps"] = [
      () => (fake.alias!.weights = { "5": 0.1 }),
      (d) => {
        fake.alias!.weights = {};
        d.info.status = "Failed";
        d.info.errorInformation = { code: "ALARM_ACTIVE", message: "One or more alarms have been activated" };
      },
    ];

    it("goes from the first release to the next, and away again", async () => {
      expect((await stack.up(inputs("R3", "3"))).ok).to.equal(true);
      expect(await stack.outputs()).to.deep.equal({
        liveRelease: "R3",
        liveVersion: "3",
        deploymentId: "",
        outcome: "created",
        history: ["R3"],
      });

      fake.steps = shift;
      const next = await stack.up(inputs("R4", "5"));
      expect(next.output).to.contain("10 % of the traffic goes to release R4 (version 5)");
      expect(await stack.outputs()).to.deep.equal({
        liveRelease: "R4",
        liveVersion: "5",
        deploymentId: "d-1",
        outcome: "deployed",
        history: ["R4", "R3"],
      });
      expect((await stack.up(inputs("R4", "5"))).output).to.match(/2 unchanged/);

      const destroyed = await stack.run("destroy", "--yes", "--skip-preview", "--non-interactive");
      expect(destroyed.ok, destroyed.output).to.equal(true);
      expect(fake.alias).to.equal(undefined);
    });

    it("says what is live after a failed rollout, in outputs and state, and going back deploys nothing", async () => {
      await stack.up(inputs("R3", "3"));
      fake.steps = rollBack;

      const failed = await stack.up(inputs("R4", "5"));

      expect(failed.ok).to.equal(false);
      expect(failed.output).to.contain("release R4 is not live: deployment d-1 failed (ALARM_ACTIVE");
      expect(failed.output).to.contain("To go back to it: pulumi config set release R3 && pulumi up");
      expect((await stack.outputs()).liveRelease).to.equal("R3");
      const [kept] = await stack.resources();
      expect(kept!.outputs).to.deep.include({ liveRelease: "R3", liveVersion: "3", outcome: "failed" });

      const back = await stack.up(inputs("R3", "6"));
      expect(back.ok, back.output).to.equal(true);
      expect(fake.created).to.have.length(1);
      expect(await stack.outputs()).to.deep.equal({
        liveRelease: "R3",
        liveVersion: "3",
        deploymentId: "",
        outcome: "unchanged",
        history: ["R3"],
      });
      expect((await stack.up(inputs("R3", "6"))).output).to.match(/2 unchanged/);
    });

    it("shows in the preview what it is going to do", async () => {
      await stack.up(inputs("R3", "3"));
      const next = { ...inputs("R4", "5"), trafficShift: "10 % for 5 minutes, then all", alarmNames: ["model-faults"] };

      const preview = await stack.run("preview", "--non-interactive", "-c", `inputs=${JSON.stringify(next)}`);

      expect(preview.output).to.match(/plan: release R4 replaces release R3 \(version 3, live since 20.*Z\)/);
      expect(preview.output).to.contain(
        "plan: traffic: 10 % for 5 minutes, then all; then the old release stays for a bake of 0 s",
      );
      expect(preview.output).to.contain("plan: what stops it: alarm model-faults");
      expect(fake.created).to.deep.equal([]);
    });

    it("goes on with its bake after the engine was killed in it, and the state holds what serves meanwhile", async () => {
      await stack.up(inputs("R3", "3"));
      fake.watch.quiet.push("model-faults");
      fake.steps = shift;
      const baking = { ...inputs("R4", "5"), alarmNames: ["model-faults"], bakeSeconds: 600 };
      const killed = stack.startUp(baking);
      const looks = () => aws.calls.filter((call) => call === "DescribeAlarms").length;
      while (fake.alias?.version !== "5" || looks() < 5) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      killed.kill("SIGKILL");
      await stack.run("cancel", "--yes");
      expect(await stack.outputs()).to.deep.include({ liveRelease: "R3", outcome: "created" });
      fake.watch.alarms.push({ name: "model-faults", reason: "3 of 40 requests failed" });

      const failed = await stack.up(baking);
      expect(failed.output).to.contain("deployment d-1 has made release R4 (version 5) live meanwhile");
      expect(failed.output).to.contain("release R4 is not live: it did not pass its bake");
      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });

      fake.watch.alarms.length = 0;
      fake.steps = shift;
      const again = await stack.up({ ...baking, bakeSeconds: 0.1 });
      expect(again.ok, again.output).to.equal(true);
      expect(await stack.outputs()).to.deep.include({ liveRelease: "R4", deploymentId: "d-2", history: ["R4", "R3"] });
    });

    it("tries again what failed, also after a refresh", async () => {
      await stack.up(inputs("R3", "3"));
      fake.steps = rollBack;
      await stack.up(inputs("R4", "5"));
      await stack.run("refresh", "--yes", "--skip-preview", "--non-interactive");
      fake.steps = shift;

      const again = await stack.up(inputs("R4", "5"));

      expect(again.ok, again.output).to.equal(true);
      expect(await stack.outputs()).to.deep.include({ liveRelease: "R4", deploymentId: "d-2" });
    });

    it("sees by refresh where somebody has moved the alias, and the next update puts it right", async () => {
      await stack.up(inputs("R3", "3"));
      fake.alias = { version: "5", weights: {} };

      await stack.run("refresh", "--yes", "--skip-preview", "--non-interactive");
      expect((await stack.resources())[0]!.outputs).to.deep.include({ liveRelease: "R4", liveVersion: "5" });

      fake.steps = [
        (d) => {
          fake.alias = { version: "3", weights: {} };
          d.info.status = "Succeeded";
        },
      ];
      const up = await stack.up(inputs("R3", "3"));
      expect(up.ok, up.output).to.equal(true);
      expect(await stack.outputs()).to.deep.include({ liveRelease: "R3", liveVersion: "3" });
    });

    it("makes the alias again where it was deleted", async () => {
      await stack.up(inputs("R3", "3"));
      fake.alias = undefined;

      await stack.run("refresh", "--yes", "--skip-preview", "--non-interactive");
      expect(await stack.resources()).to.deep.equal([]);

      await stack.up(inputs("R3", "3"));
      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
    });

    it("keeps nothing in the state where the first release was refused", async () => {
      fake.hookAnswer = { payload: '{"status":"Failed","reason":"prediction NaN"}' };

      const refused = await stack.up({ ...inputs("R3", "3"), preTrafficHook: "CodeDeployHook_pre" });

      expect(refused.output).to.contain("hook CodeDeployHook_pre refused it: prediction NaN");
      expect(await stack.resources()).to.deep.equal([]);
    });
  });
}
