import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import { AwsError } from "local-aws/core/aws-error";
import { ALIAS_ARN, type FakeRollout } from "./fake-rollout";
import {
  alarmed,
  before,
  canary,
  fakeWithR3Live,
  given,
  ID,
  POST,
  PRE,
  told as toldBy,
} from "./lambda-rollout-fixture";
import { failureOf, startAws, type TestAws } from "./test-aws";

describe("the provider of LambdaRollout, while CodeDeploy works,", () => {
  let fake: FakeRollout;
  let aws: TestAws;

  beforeEach(async () => {
    fake = fakeWithR3Live();
    aws = await startAws(fake.services);
  });
  afterEach(() => aws.close());

  const told = () => toldBy(aws);

  describe("where a deployment is under way", () => {
    it("goes on with it, if it brings the wanted version", async () => {
      fake.add({ id: "d-7", info: { status: "InProgress", description: "R4" }, steps: canary(fake) });

      const { outs } = await lambdaRollout.update(ID, before, given);

      expect(fake.created).to.deep.equal([]);
      expect(outs).to.deep.include({ deploymentId: "d-7", liveRelease: "R4", outcome: "deployed" });
      expect(told()[0]).to.equal("deployment d-7 is under way for this version: going on with it");
    });

    it("refuses to begin, if it brings another, and says how to stop it", async () => {
      fake.add({ id: "d-7", info: { status: "InProgress", description: "R2" }, targetVersion: "4" });

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message.split("\n")[0]).to.equal(
        "deployment d-7 (release R2, to version 4) is under way in live, and version 5 is to be rolled out: wait for it to end, or " +
          "stop it with aws deploy stop-deployment --deployment-id d-7 --auto-rollback-enabled --region us-east-1; then run pulumi up again",
      );
      expect(error.properties).to.deep.include({ liveRelease: "R3" });
    });

    it("waits until it is known what a deployment that was just created brings", async () => {
      fake.add({
        id: "d-7",
        info: { status: "Created" },
        steps: [() => undefined, (d) => (d.info.status = "InProgress"), ...canary(fake)],
      });

      const { outs } = await lambdaRollout.update(ID, before, given);

      expect(outs).to.deep.include({ deploymentId: "d-7", outcome: "deployed" });
    });

    it("waits for a rollback to end before it begins", async () => {
      fake.add({
        id: "d-rollback",
        info: { status: "InProgress", creator: "codeDeployRollback" },
        targetVersion: "3",
        steps: [() => undefined, (d) => (d.info.status = "Succeeded")],
      });
      fake.steps = canary(fake);

      const { outs } = await lambdaRollout.update(ID, before, given);

      expect(told()[0]).to.equal("waiting for CodeDeploy's rollback d-rollback");
      expect(outs).to.deep.include({ deploymentId: "d-1", liveRelease: "R4" });
    });

    it("sees that the deployment of an interrupted run has succeeded meanwhile, and drains what is left of the time", async () => {
      fake.alias = { version: "5", weights: {} };
      const completeTime = new Date(Date.now() - 60_000);
      fake.add({ id: "d-7", info: { status: "Succeeded", completeTime } });

      const { outs } = await lambdaRollout.update(ID, before, { ...given, drainSeconds: 60.8 });

      expect(outs).to.deep.include({ deploymentId: "d-7", liveRelease: "R4", outcome: "deployed" });
      expect(told()).to.deep.equal([
        "deployment d-7 has made release R4 (version 5) live meanwhile",
        "release R4 (version 5) is live",
        "waiting 1 s for the requests that the old release is answering",
      ]);
    });

    for (const [when, hoursAgo] of [
      ["within an hour", 0.5],
      ["long ago", 10_000],
    ] as const) {
      it(`finds the last one that has succeeded ${when} among many, in whatever order CodeDeploy lists them`, async () => {
        fake.alias = { version: "5", weights: {} };
        const at = (hours: number) => new Date(Date.now() - hours * 3_600_000);
        Array.from({ length: 9 }, (_, i) =>
          fake.add({
            id: `d-1${i}`,
            info: { status: "Succeeded", createTime: at(hoursAgo + 1 + i) },
            targetVersion: "4",
          }),
        );
        const last = { status: "Succeeded", createTime: at(hoursAgo), completeTime: new Date() } as const;
        fake.add({ id: "d-7", info: last });

        const { outs } = await lambdaRollout.update(ID, before, given);

        expect(outs).to.deep.include({ deploymentId: "d-7", liveRelease: "R4", outcome: "deployed" });
      });
    }

    it("tries again where CodeDeploy is busy with what it does not list, and gives up in the end", async () => {
      fake.steps = canary(fake);
      fake.busy = 2;
      const { outs } = await lambdaRollout.update(ID, before, given);
      expect(outs).to.deep.include({ deploymentId: "d-1", outcome: "deployed" });
      expect(told()).to.include("CodeDeploy is still busy in live: trying again");

      fake.alias = { version: "3", weights: {} };
      fake.busy = 100;
      const error = await failureOf(lambdaRollout.update(ID, before, given));
      expect(error.message).to.match(/^CodeDeploy says that another deployment is under way in live, and shows none/);
    });

    it("gives up waiting at its deadline, and the next update goes on", async () => {
      fake.steps = [() => (fake.alias!.weights = { "5": 0.1 })];

      const error = await failureOf(lambdaRollout.update(ID, before, { ...given, timeoutSeconds: 0.1 }));

      expect(error.message.split("\n")[0]).to.equal(
        "deployment d-1 has not ended within timeoutSeconds (0.1); it goes on in CodeDeploy, and the next pulumi up goes on with it",
      );
      expect(fake.alias).to.deep.equal({ version: "3", weights: { "5": 0.1 } });

      fake.deployments[0]!.steps = [...canary(fake)];
      const { outs } = await lambdaRollout.update(ID, before, given);
      expect(outs).to.deep.include({ deploymentId: "d-1", outcome: "deployed" });
    });
  });

  describe("when CodeDeploy rolls back", () => {
    it("says which alarm stopped it, what is live and how to go back, once the rollback is done", async () => {
      fake.steps = alarmed(fake);

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message).to.equal(
        "release R4 is not live: deployment d-1 failed (ALARM_ACTIVE: One or more alarms have been activated)\n" +
          "  alarm api-errors is in ALARM: Threshold Crossed: 2 datapoints were greater than 0\n" +
          "Release R4 answered 0 requests and failed 0, by CloudWatch's count\n" +
          "Live now: release R3 (version 3), since 2026-01-01T00:00:00Z\n" +
          "To go back to it: pulumi config set release R3 && pulumi up",
      );
      expect(told().slice(1)).to.deep.equal([
        "10 % of the traffic goes to release R4 (version 5)",
        "CodeDeploy rolls back (deployment d-rollback)",
      ]);
      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
    });

    it("does not leave the traffic where it is until CodeDeploy's rollback begins, and waits for that too", async () => {
      const [shifted, fails] = alarmed(fake);
      const rollback = { status: "InProgress", creator: "codeDeployRollback" } as const;
      const alias: unknown[] = [];
      fake.steps = [
        shifted!,
        (d) => {
          fails!(d);
          fake.deployments.splice(0, 1);
          d.info.autoRollbackConfiguration = { enabled: true };
        },
        () => alias.push({ ...fake.alias }),
        (d) => {
          d.info.rollbackInfo = { rollbackDeploymentId: "d-rollback" };
          fake.add({ id: "d-rollback", info: { ...rollback }, steps: [(r) => (r.info.status = "Succeeded")] });
        },
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(alias).to.deep.equal([{ version: "3", weights: {} }]);
      expect(error.message).to.match(
        /^release R4 is not live: deployment d-1 failed .*\n  alarm api-errors is in ALARM/,
      );
      expect(fake.deployments.map(({ id, info }) => [id, info.status])).to.deep.equal([
        ["d-rollback", "Succeeded"],
        ["d-1", "Failed"],
      ]);
    });

    it("keeps the truth in the state", async () => {
      fake.steps = alarmed(fake);

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.id).to.equal(ID);
      expect(error.properties).to.deep.equal({
        ...given,
        aliasArn: ALIAS_ARN,
        liveRelease: "R3",
        liveVersion: "3",
        deploymentId: "d-1",
        outcome: "failed",
        history: ["R3", "R2"],
        ignoredAlarms: [],
        liveSince: "2026-01-01T00:00:00Z",
      });
    });

    it("tells a hook's reason from its log", async () => {
      fake.logLines.push(
        { group: `/aws/lambda/${PRE}`, message: "INIT_START" },
        { group: `/aws/lambda/${PRE}`, message: '{"level":"INFO","message":"verdict: Failed: capture is off"}' },
      );
      fake.steps = [
        (d) => {
          d.events.push({ lifecycleEventName: "BeforeAllowTraffic", status: "Failed" });
          d.info.status = "Failed";
          d.info.errorInformation = { code: "HOOK_EXECUTION_FAILURE", message: "The hook failed" };
        },
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message.split("\n").slice(0, 2)).to.deep.equal([
        "release R4 is not live: deployment d-1 failed (HOOK_EXECUTION_FAILURE: The hook failed)",
        `  BeforeAllowTraffic failed: ${PRE}: capture is off`,
      ]);
    });

    it("waits for a hook's reason that arrives late in its log, however often it looks", async () => {
      fake.steps = [
        (d) => {
          d.events.push({ lifecycleEventName: "AfterAllowTraffic", status: "Failed" });
          d.info.status = "Failed";
        },
      ];
      setTimeout(
        () => fake.logLines.push({ group: `/aws/lambda/${POST}`, message: "verdict: Failed: no captures" }),
        1500,
      );

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message).to.contain(`AfterAllowTraffic failed: ${POST}: no captures`);
    });

    it("says what it could not find out, and why", async () => {
      aws.trouble("FilterLogEvents", new AwsError("AccessDeniedException", "not authorized"));
      aws.trouble("DescribeAlarms", new AwsError("AccessDenied", "not authorized"));
      fake.steps = [
        (d) => {
          d.events.push({ lifecycleEventName: "AfterAllowTraffic", status: "Failed" });
          d.info.status = "Failed";
        },
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message.split("\n").slice(0, 3)).to.deep.equal([
        "release R4 is not live: deployment d-1 failed",
        "  the alarms of deployment group live could not be read (AccessDenied: not authorized)",
        `  AfterAllowTraffic failed: ${POST}: its log could not be read (AccessDeniedException: not authorized)`,
      ]);
    });

    it("puts the traffic back itself where CodeDeploy does not", async () => {
      fake.steps = [
        (d) => {
          fake.alias!.weights = { "5": 0.1 };
          d.info.status = "Stopped";
          d.info.errorInformation = { code: "MANUAL_STOP", message: "stopped by an operator" };
        },
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
      expect(error.message).to.match(
        /^release R4 is not live: deployment d-1 stopped \(MANUAL_STOP: stopped by an operator\)\n/,
      );
      expect(told()).to.include("sending all traffic to release R3 (version 3)");
    });
  });
});
