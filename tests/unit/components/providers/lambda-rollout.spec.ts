import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import type { LambdaRolloutInputs } from "../../../../components/providers/rollout/inputs";
import { UNKNOWN } from "../../../../components/providers/support/inputs";
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
import { failureOf, serverError, startAws, throttled, type TestAws } from "./test-aws";

describe("the provider of LambdaRollout", () => {
  let fake: FakeRollout;
  let aws: TestAws;

  beforeEach(async () => {
    fake = fakeWithR3Live();
    aws = await startAws(fake.services);
  });
  afterEach(() => aws.close());

  const told = () => toldBy(aws);

  describe("for a first release", () => {
    beforeEach(() => (fake.alias = undefined));

    it("asks the pre-traffic hook directly, then makes the alias", async () => {
      const { id, outs } = await lambdaRollout.create({ ...given, description: "what clients call" });

      expect(fake.invocations).to.deep.equal([`${PRE} {}`]);
      expect(fake.alias).to.deep.equal({ version: "5", weights: {}, description: "what clients call" });
      expect(fake.created).to.deep.equal([]);
      expect(id).to.equal(ID);
      expect(outs).to.deep.equal({
        ...given,
        description: "what clients call",
        aliasArn: ALIAS_ARN,
        liveRelease: "R4",
        liveVersion: "5",
        deploymentId: "",
        outcome: "created",
        history: ["R4"],
        ignoredAlarms: [],
        liveSince: outs?.liveSince,
      });
      expect(Date.parse(outs!.liveSince)).to.be.within(Date.now() - 5000, Date.now());
      expect(told()).to.deep.equal([
        `plan: release R4 is the first one: it goes live at once, once hook ${PRE} approves`,
        `${PRE}: Succeeded: 3 rows are sane`,
        "release R4 (version 5) is live: it is the first release",
      ]);
    });

    it("makes no alias where the hook refuses the release", async () => {
      fake.hookAnswer = { payload: '{"status":"Failed","reason":"prediction NaN"}' };

      const error = await failureOf(lambdaRollout.create(given));

      expect(error.message).to.equal(
        `release R4 is not live: hook ${PRE} refused it: prediction NaN\nNothing serves yet`,
      );
      expect(error.id).to.equal(undefined);
      expect(fake.alias).to.equal(undefined);
    });

    it("makes no alias where the hook crashes, or answers no verdict", async () => {
      fake.hookAnswer = { payload: '{"errorMessage":"timed out"}', error: "Unhandled" };
      expect((await failureOf(lambdaRollout.create(given))).message).to.equal(
        `hook ${PRE} failed (Unhandled): {"errorMessage":"timed out"}`,
      );

      fake.hookAnswer = { payload: "null" };
      expect((await failureOf(lambdaRollout.create(given))).message).to.equal(
        `hook ${PRE} must answer {"status": "Succeeded" or "Failed", "reason": "…"}, and answered null`,
      );
      expect(fake.alias).to.equal(undefined);
    });

    it("needs no hook", async () => {
      const { outs } = await lambdaRollout.create({ ...given, preTrafficHook: undefined });

      expect(outs?.outcome).to.equal("created");
      expect(fake.invocations).to.deep.equal([]);
    });

    it("finds its alias where the answer to its creation was lost", async () => {
      aws.trouble("POST /2015-03-31/functions/mlops-nyctaxi-api/aliases", "dropped after the work");

      const { outs } = await lambdaRollout.create(given);

      expect(outs).to.deep.include({ liveRelease: "R4", liveVersion: "5", outcome: "unchanged" });
    });

    it("refuses a version that carries another release than the one to be rolled out", async () => {
      const error = await failureOf(lambdaRollout.create({ ...given, release: "R9" }));

      expect(error.message).to.equal(
        "version 5 of mlops-nyctaxi-api carries RELEASE=R4, and release R9 is to be rolled out: give the function and the rollout " +
          "the same release",
      );
    });
  });

  describe("for the next release", () => {
    it("has CodeDeploy shift the alias from the live version to the new one, with the hooks", async () => {
      fake.steps = canary(fake);

      await lambdaRollout.update(ID, before, given);

      const [{ revision, ...rest } = {}] = fake.created;
      expect(rest).to.deep.equal({
        applicationName: "mlops-nyctaxi-api",
        deploymentGroupName: "live",
        description: "R4",
      });
      expect(revision?.revisionType).to.equal("AppSpecContent");
      expect(revision?.appSpecContent?.content).to.match(/^\{"version":0\.0,/);
      expect(JSON.parse(revision!.appSpecContent!.content!)).to.deep.equal({
        version: 0,
        Resources: [
          {
            "mlops-nyctaxi-api": {
              Type: "AWS::Lambda::Function",
              Properties: { Name: "mlops-nyctaxi-api", Alias: "live", CurrentVersion: "3", TargetVersion: "5" },
            },
          },
        ],
        Hooks: [{ BeforeAllowTraffic: PRE }, { AfterAllowTraffic: POST }],
      });
    });

    it("tells each step and each hook's verdict once, and what is live in the end", async () => {
      fake.steps = canary(fake);
      fake.logLines.push(
        { group: `/aws/lambda/${PRE}`, message: "verdict: Succeeded: 3 rows are sane" },
        { group: `/aws/lambda/${POST}`, message: '{"message":"verdict: Succeeded: 2 captures have arrived"}' },
      );

      const { outs } = await lambdaRollout.update(ID, before, given);

      expect(told()).to.deep.equal([
        "deployment d-1 shifts the traffic from release R3 (version 3) to release R4 (version 5)",
        "BeforeAllowTraffic: InProgress",
        "BeforeAllowTraffic: Succeeded",
        `${PRE}: Succeeded: 3 rows are sane`,
        "AllowTraffic: InProgress",
        "10 % of the traffic goes to release R4 (version 5)",
        "AllowTraffic: Succeeded",
        "100 % of the traffic goes to release R4 (version 5)",
        "AfterAllowTraffic: Succeeded",
        `${POST}: Succeeded: 2 captures have arrived`,
        "release R4 (version 5) is live",
      ]);
      expect(outs).to.deep.equal({
        ...given,
        aliasArn: ALIAS_ARN,
        liveRelease: "R4",
        liveVersion: "5",
        deploymentId: "d-1",
        outcome: "deployed",
        history: ["R4", "R3", "R2"],
        ignoredAlarms: [],
        liveSince: "2026-02-01T12:00:00Z",
      });
    });

    it("waits for requests in flight: five seconds more than the old version may take, or as long as it is told", async () => {
      fake.steps = canary(fake);
      const start = Date.now();
      await lambdaRollout.update(ID, before, { ...given, drainSeconds: 0.2 });
      expect(Date.now() - start).to.be.at.least(200);
      expect(told().at(-1)).to.equal("waiting 1 s for the requests that the old release is answering");
    });

    it("does not believe a success that has not moved the alias", async () => {
      fake.steps = [(d) => (d.info.status = "Succeeded")];

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message).to.equal(
        "CodeDeploy says that deployment d-1 has succeeded, but the alias does not send everything to version 5: it points to " +
          "version 3\n" +
          "Release R4 answered 0 requests and failed 0, by CloudWatch's count\n" +
          "Live now: release R3 (version 3), since 2026-01-01T00:00:00Z\n" +
          "To go back to it: pulumi config set release R3 && pulumi up",
      );
      expect(error.properties).to.deep.include({ liveRelease: "R3", outcome: "failed" });
    });

    it("takes back shares of the traffic that a vanished deployment has left over", async () => {
      fake.alias = { version: "3", weights: { "4": 0.1 } };
      fake.steps = canary(fake);

      await lambdaRollout.update(ID, before, given);

      expect(told()[0]).to.equal(
        "no deployment is under way, and yet the alias sends 10 % to version 4: sending everything to version 3 again",
      );
      expect(fake.alias).to.deep.equal({ version: "5", weights: {} });
    });

    it("outlasts throttling, server errors and dropped connections", async () => {
      fake.steps = canary(fake);
      aws.trouble("GetDeployment", serverError(), throttled(), "dropped");
      aws.trouble("CreateDeployment", "dropped after the work");

      const { outs } = await lambdaRollout.update(ID, before, given);

      expect(outs).to.deep.include({ liveRelease: "R4", deploymentId: "d-1" });
      expect(fake.created).to.have.length(1);
    });
  });

  describe("where the release is live already", () => {
    it("deploys nothing, and leaves the version that serves", async () => {
      fake.versions.set("6", { release: "R3", code: "sha-3" });
      const failed = { ...before, ...given, deploymentId: "d-1", outcome: "failed" as const };

      const { outs } = await lambdaRollout.update(ID, failed, { ...given, release: "R3", functionVersion: "6" });

      expect(fake.created).to.deep.equal([]);
      expect(outs).to.deep.include({
        liveRelease: "R3",
        liveVersion: "3",
        functionVersion: "6",
        deploymentId: "",
        outcome: "unchanged",
      });
      expect(told()).to.deep.equal(["release R3 (version 3) is live already: nothing to deploy"]);
    });

    it("says that changed code needs a new release", async () => {
      fake.versions.set("6", { release: "R3", code: "sha-6" });

      await lambdaRollout.update(ID, before, { ...given, release: "R3", functionVersion: "6" });

      expect(told()).to.deep.equal([
        "release R3 (version 3) is live already: nothing to deploy",
        "the code has changed, the release has not: to deploy the change, use a new release id",
      ]);
    });
  });

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

  describe("check", () => {
    it("finds everything that is wrong, at once", async () => {
      const wrong = Object.assign({}, given, {
        functionVersion: "$LATEST",
        aliasName: "1",
        release: "",
        drainSeconds: -1,
        pollSeconds: 0,
        alarms: [],
        trafficShift: "",
        alarmNames: ["twice", "twice"],
        emergency: "yes",
        probe: { rows: [], perSecond: 51 },
        minimumRequests: 1.5,
        bakeSeconds: -1,
        undecidedSeconds: "long",
        latencyTimesBlue: 0.5,
        hookTimeoutSeconds: 0,
        notificationTopicArn: "rollouts",
        standbyReleases: "R2",
      });

      const { failures } = await lambdaRollout.check({}, wrong);

      expect(failures!.map(({ property, reason }) => `${property} ${reason}`)).to.have.members([
        'functionVersion must be a published version (a number, not $LATEST), got "$LATEST"',
        'aliasName must be the name of a Lambda alias, got "1"',
        "release must have at least 1 characters, got 0",
        "drainSeconds must be 0 or more, got -1",
        "pollSeconds must be above 0, got 0",
        "alarms is not an input",
        "trafficShift must have at least 1 characters, got 0",
        "alarmNames must name each alarm once",
        'emergency must be true or false, got "yes"',
        "probe.rows must have at least 1 members, got 0",
        "probe.perSecond must be at most 50, got 51",
        "minimumRequests must be a whole number, got 1.5",
        "bakeSeconds must be 0 or more, got -1",
        'undecidedSeconds must be a number, got "long"',
        "latencyTimesBlue must be 1 or more, got 0.5",
        "hookTimeoutSeconds must be above 0, got 0",
        'notificationTopicArn must be the ARN of an SNS topic, got "rollouts"',
        'standbyReleases must be an array, got "R2"',
      ]);
    });

    it("does not judge a version that is not known until deployment, and fills in the defaults", async () => {
      const news = Object.assign({}, given, {
        functionVersion: UNKNOWN,
        pollSeconds: undefined,
        timeoutSeconds: undefined,
      });

      const { failures, inputs } = await lambdaRollout.check({}, news);

      expect(failures).to.deep.equal([]);
      expect(inputs).to.deep.include({ functionVersion: UNKNOWN, pollSeconds: 15, timeoutSeconds: 14_400 });
    });

    it("takes no more alarms than CodeDeploy does", async () => {
      const alarmNames = Array.from({ length: 11 }, (_, i) => `alarm-${i}`);

      const { failures } = await lambdaRollout.check({}, { ...given, alarmNames });

      expect(failures).to.deep.equal([{ property: "alarmNames", reason: "must name at most 10 alarms" }]);
    });
  });

  describe("diff", () => {
    const r3: LambdaRolloutInputs = { ...given, functionVersion: "3", release: "R3" };

    it("sees no change in equal inputs, whatever text of the provider the state holds", async () => {
      const news = { ...r3, __provider: "exports.handler = new" };

      expect(await lambdaRollout.diff(ID, before, news)).to.deep.equal({ changes: false, replaces: [] });
    });

    it("updates for another release, and replaces for another alias", async () => {
      expect(await lambdaRollout.diff(ID, before, given)).to.deep.equal({ changes: true, replaces: [] });
      expect(await lambdaRollout.diff(ID, before, { ...r3, aliasName: "blue" })).to.deep.equal({
        changes: true,
        replaces: ["aliasName"],
      });
    });

    it("updates where something else is live than is wanted, though no input has changed", async () => {
      expect(await lambdaRollout.diff(ID, { ...before, liveRelease: "R2" }, r3)).to.deep.equal({
        changes: true,
        replaces: [],
      });
    });
  });

  describe("update", () => {
    it("asks AWS nothing where only what is noted for the next rollout has changed", async () => {
      const noted = {
        pollSeconds: 1,
        trafficShift: "all at once",
        alarmNames: ["model-faults"],
        emergency: true,
        probe: { rows: ["1,2"], perSecond: 1 },
        minimumRequests: 100,
        bakeSeconds: 1,
        undecidedSeconds: 1,
        latencyTimesBlue: 5,
        hookTimeoutSeconds: 1,
        notificationTopicArn: "arn:aws:sns:us-east-1:123456789012:rollouts",
        standbyReleases: ["R2"],
      };
      const news = { ...given, ...releaseOf(before), ...noted };

      expect(await lambdaRollout.diff(ID, before, news)).to.deep.equal({ changes: true, replaces: [] });
      const { outs } = await lambdaRollout.update(ID, before, news);

      expect(aws.calls).to.deep.equal([]);
      expect(told()).to.deep.equal([]);
      expect(outs).to.deep.equal({ ...before, ...noted });
    });

    it("changes the alias's description without touching its version", async () => {
      await lambdaRollout.update(ID, before, { ...given, ...releaseOf(before), description: "new" });

      expect(fake.alias).to.deep.equal({ version: "3", weights: {}, description: "new" });
    });
  });

  describe("read", () => {
    it("tells what the alias serves, whoever has moved it", async () => {
      fake.alias = { version: "5", weights: {} };

      const { id, props } = await lambdaRollout.read(ID, before);

      expect(id).to.equal(ID);
      expect(props).to.deep.equal({ ...before, liveRelease: "R4", liveVersion: "5", liveSince: "" });
    });

    it("tells that the alias is gone", async () => {
      fake.alias = undefined;

      expect(await lambdaRollout.read(ID, before)).to.deep.equal({});
    });
  });

  describe("delete", () => {
    it("stops a deployment that is under way, traffic going back, and then deletes the alias", async () => {
      fake.add({ id: "d-7", info: { status: "InProgress" } });

      await lambdaRollout.delete(ID, before);

      expect(fake.stopped).to.deep.equal(["d-7"]);
      expect(fake.alias).to.equal(undefined);
      expect(aws.calls.indexOf("StopDeployment")).to.be.below(
        aws.calls.indexOf("DELETE /2015-03-31/functions/mlops-nyctaxi-api/aliases/live"),
      );
    });

    it("is content where everything is gone", async () => {
      aws.trouble("ListDeployments", new AwsError("ApplicationDoesNotExistException", "No application found"));
      aws.trouble(
        "DELETE /2015-03-31/functions/mlops-nyctaxi-api/aliases/live",
        new AwsError("ResourceNotFoundException", "Function not found", 404),
      );

      await lambdaRollout.delete(ID, before);

      expect(aws.calls).to.have.length(2);
    });
  });
});

const releaseOf = ({ release, functionVersion }: LambdaRolloutInputs) => ({ release, functionVersion });
