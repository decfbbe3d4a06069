import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import type { LambdaRolloutInputs } from "../../../../components/providers/rollout/inputs";
import { UNKNOWN } from "../../../../components/providers/support/inputs";
import { AwsError } from "local-aws/core/aws-error";
import { type FakeRollout } from "./fake-rollout";
import { before, fakeWithR3Live, given, ID, told as toldBy } from "./lambda-rollout-fixture";
import { startAws, type TestAws } from "./test-aws";

describe("the provider of LambdaRollout, as a resource:", () => {
  let fake: FakeRollout;
  let aws: TestAws;

  beforeEach(async () => {
    fake = fakeWithR3Live();
    aws = await startAws(fake.services);
  });
  afterEach(() => aws.close());

  const told = () => toldBy(aws);

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
      expect(inputs).to.deep.include({ functionVersion: UNKNOWN, pollSeconds: 15, timeoutSeconds: 12_725 });
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
