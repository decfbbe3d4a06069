import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import type { LambdaRolloutInputs, LambdaRolloutOutputs } from "../../../../components/providers/rollout/inputs";
import type { FakeRollout } from "./fake-rollout";
import { before, canary, fakeWithR3Live, given, ID, PRE, told as toldBy } from "./lambda-rollout-fixture";
import { failureOf, startAws, type TestAws, type Thrown } from "./test-aws";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:rollouts";
const UPDATE_ALIAS = "PUT /2015-03-31/functions/mlops-nyctaxi-api/aliases/live";
const baking: LambdaRolloutInputs = { ...given, alarmNames: ["model-faults"], bakeSeconds: 0.15 };

describe("the provider of LambdaRollout, with a release that has traffic or is warm,", () => {
  let fake: FakeRollout;
  let aws: TestAws;

  beforeEach(async () => {
    fake = fakeWithR3Live();
    fake.watch.quiet.push("model-faults");
    fake.steps = canary(fake);
    aws = await startAws(fake.services);
  });
  afterEach(() => aws.close());

  const told = () => toldBy(aws);
  const flips = () => aws.calls.filter((call) => call === UPDATE_ALIAS).length;
  const fire = () => fake.watch.alarms.push({ name: "model-faults", reason: "3 of 40 requests failed" });
  const expectOnBlue = (error: Thrown) => {
    expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
    expect(error.properties).to.deep.include({ liveRelease: "R3", liveVersion: "3", outcome: "failed" });
    expect(error.message).to.match(
      /\nLive now: release R3 \(version 3\), since .*\nTo go back to it: .* R3 && pulumi up$/,
    );
  };
  /** The deployment of a run that was killed after it, so many seconds ago. */
  const finished = (secondsAgo: number) => {
    fake.alias = { version: "5", weights: {} };
    const completeTime = new Date(Date.now() - secondsAgo * 1000);
    return fake.add({ id: "d-7", info: { status: "Succeeded", completeTime, createTime: new Date(0) } });
  };

  describe("was killed, or ran out of time: it", () => {
    it("bakes only what is left", async () => {
      finished(59.8);
      const start = Date.now();

      const { outs } = await lambdaRollout.update(ID, before, { ...baking, bakeSeconds: 60 });

      expect(Date.now() - start).to.be.within(150, 5000);
      expect(outs).to.deep.include({ outcome: "deployed", deploymentId: "d-7", history: ["R4", "R3", "R2"] });
      expect(outs?.liveSince).to.equal(fake.deployments[0]!.info.completeTime!.toISOString().replace(/\.\d+Z$/, "Z"));
      expect(fake.created).to.deep.equal([]);
    });

    it("goes back for what has fired while nobody looked, also after a refresh", async () => {
      finished(3600);
      fake.watch.history.push({ name: "model-faults", reason: "1 of 9", at: new Date(Date.now() - 1800_000) });
      const { props } = await lambdaRollout.read(ID, { ...before });

      const error = await failureOf(lambdaRollout.update(ID, props!, baking));

      expect(error.message).to.contain("alarm model-faults went to ALARM");
      expectOnBlue(error);
    });

    it("probes and waits for requests where there were too few", async () => {
      finished(3600);

      const { outs } = await lambdaRollout.update(ID, before, {
        ...baking,
        minimumRequests: 3,
        probe: { rows: ["1,2"], perSecond: 50 },
      });

      expect(outs?.outcome).to.equal("deployed");
    });

    it("remembers which alarms the emergency has set aside", async () => {
      finished(1).info.overrideAlarmConfiguration = { enabled: false, alarms: [] };
      fire();

      const { outs } = await lambdaRollout.update(ID, before, { ...baking, emergency: true });

      expect(outs).to.deep.include({ outcome: "deployed", ignoredAlarms: ["model-faults"] });
    });

    it("leaves the new release live at its deadline, and the next run goes on with the bake", async () => {
      const error = await failureOf(
        lambdaRollout.update(ID, before, { ...baking, bakeSeconds: 60, timeoutSeconds: 0.5 }),
      );

      expect(error.message.split("\n")[0]).to.equal(
        "the bake of release R4 (version 5) has not ended within timeoutSeconds (0.5); it has all traffic, and the next pulumi up goes " +
          "on with the bake",
      );
      expect(error.message).to.match(/\nTo go back to release R3: pulumi config set release R3 && pulumi up$/);
      const kept = error.properties as unknown as LambdaRolloutOutputs;
      expect(kept).to.deep.include({ liveRelease: "R4", outcome: "failed", history: ["R3", "R2"] });
      expect((await lambdaRollout.diff(ID, kept, baking)).changes).to.equal(true);

      fake.deployments[0]!.info.completeTime = new Date();
      fire();
      expectOnBlue(await failureOf(lambdaRollout.update(ID, kept, baking)));
    });

    it("begins anew after a breach whose end nobody has written down", async () => {
      finished(1);
      fake.alias = { version: "3", weights: {} };
      fake.steps = canary(fake);

      const { outs } = await lambdaRollout.update(ID, before, baking);

      expect(outs).to.deep.include({ outcome: "deployed", deploymentId: "d-1" });
    });

    it("does not take an old deployment for its own where somebody has moved the alias to what it brought", async () => {
      finished(3600);
      fire();

      const { outs } = await lambdaRollout.update(ID, { ...before, liveSince: new Date().toISOString() }, baking);

      expect(outs).to.deep.include({ outcome: "unchanged", liveRelease: "R4", history: ["R4", "R3", "R2"] });
      expect(flips()).to.equal(0);
    });

    it("does not bake again what has passed: going back to it after a failure deploys nothing", async () => {
      finished(3600);
      fire();
      const failed = {
        ...before,
        ...baking,
        release: "R5",
        liveRelease: "R4",
        liveVersion: "5",
        history: ["R4", "R3"],
      };

      const { outs } = await lambdaRollout.update(ID, failed, baking);

      expect(outs).to.deep.include({ outcome: "unchanged", liveRelease: "R4", history: ["R4", "R3"] });
      expect(flips()).to.equal(0);
    });
  });

  describe("to a release whose endpoint is warm, is flipped: it", () => {
    const warm: LambdaRolloutInputs = { ...given, alarmNames: ["model-faults"], standbyReleases: ["R4", "R2"] };

    it("asks the hook and moves the alias in one call, without CodeDeploy, whatever the alarms of what serves say", async () => {
      fire();

      const { outs } = await lambdaRollout.update(ID, before, warm);

      expect(fake.alias).to.deep.equal({ version: "5", weights: {} });
      expect(flips()).to.equal(1);
      expect(fake.created).to.deep.equal([]);
      expect(outs).to.deep.include({
        outcome: "flipped",
        liveRelease: "R4",
        liveVersion: "5",
        deploymentId: "",
        history: ["R4", "R3", "R2"],
      });
      expect(Date.parse(outs!.liveSince)).to.be.within(Date.now() - 5000, Date.now());
      expect(told()).to.deep.equal([
        `${PRE}: Succeeded: 3 rows are sane`,
        "sending all traffic to release R4 (version 5)",
        "release R4 (version 5) is live: the alias was flipped to it",
      ]);
    });

    describe("which was kept with one instance and must have more: it", () => {
      beforeEach(() => {
        fake.versions.set("5", { release: "R4", code: "sha-5", endpoint: "prd-r4" });
        fake.leastInstances = 3;
      });
      const waiting = (instances: number) =>
        `waiting for the instances of release R4 (version 5): variant v has ${instances} of at least 3`;

      it("moves the alias when they are there", async () => {
        fake.instances = [1, 2, 3];

        const { outs } = await lambdaRollout.update(ID, before, warm);

        expect(told().slice(0, 2)).to.deep.equal([waiting(1), waiting(2)]);
        expect(outs).to.deep.include({ outcome: "flipped", liveRelease: "R4" });
      });

      it("leaves the traffic where it is if they do not come", async () => {
        const error = await failureOf(lambdaRollout.update(ID, before, { ...warm, timeoutSeconds: 0.1 }));

        expect(error.message.split("\n")[0]).to.equal(
          "endpoint prd-r4 of release R4 (version 5) has not got its instances: variant v has 1 of at least 3. " +
            "Run pulumi up again to go on waiting; with emergency, it gets the traffic as it is",
        );
        expect(flips()).to.equal(0);
      });

      it("does not wait in an emergency, nor for an endpoint that does not scale", async () => {
        await lambdaRollout.update(ID, before, { ...warm, emergency: true });
        expect([flips(), aws.calls.includes("DescribeEndpoint")]).to.deep.equal([1, false]);

        fake.alias = { version: "3", weights: {} };
        fake.leastInstances = undefined;
        await lambdaRollout.update(ID, before, warm);
        expect(flips()).to.equal(2);
      });
    });

    it("drains what the old version is answering", async () => {
      await lambdaRollout.update(ID, before, { ...warm, drainSeconds: 0.05 });

      expect(told().at(-1)).to.equal("waiting 1 s for the requests that the old release is answering");
    });

    it("stays where it is when the hook refuses", async () => {
      fake.hookAnswer = { payload: '{"status":"Failed","reason":"prediction NaN"}' };

      const error = await failureOf(lambdaRollout.update(ID, before, warm));

      expect(error.message.split("\n")[0]).to.equal(`release R4 is not live: hook ${PRE} refused it: prediction NaN`);
      expect(flips()).to.equal(0);
      expect(error.properties).to.deep.include({ liveRelease: "R3", history: ["R3", "R2"] });
    });

    it("is told to the end where the run that flipped was killed", async () => {
      fake.alias = { version: "5", weights: {} };

      const { outs } = await lambdaRollout.update(ID, before, { ...warm, drainSeconds: 0.05 });

      expect(outs).to.deep.include({ outcome: "flipped", history: ["R4", "R3", "R2"] });
      expect(told()).to.include("waiting 1 s for the requests that the old release is answering");
      expect(flips()).to.equal(0);
    });
  });

  describe("tells a topic", () => {
    const notifying = { ...baking, notificationTopicArn: TOPIC };
    const events = () => fake.watch.published.map(({ event }) => event);

    it("that it has begun, with the plan, and that it has succeeded", async () => {
      await lambdaRollout.update(ID, before, notifying);

      expect(events()).to.deep.equal(["started", "succeeded"]);
      const [started, succeeded] = fake.watch.published;
      expect(started!.message).to.match(/^plan: release R4 replaces release R3 .*\n[^]*\ndeployment d-1 shifts/);
      expect(succeeded).to.deep.include({
        subject: `${ID}: release R4 succeeded`,
        message: "release R4 (version 5) is live",
      });
    });

    it("that it was rolled back, with the message of the error", async () => {
      fake.watch.looks = [() => undefined, () => undefined, fire];

      const error = await failureOf(lambdaRollout.update(ID, before, notifying));

      expect(events()).to.deep.equal(["started", "rolled-back"]);
      expect(fake.watch.published[1]!.message).to.equal(error.message);
    });

    it("that it was refused", async () => {
      fire();

      const error = await failureOf(lambdaRollout.update(ID, before, notifying));

      expect(events()).to.deep.equal(["failed"]);
      expect(fake.watch.published[0]!.message).to.equal(error.message);
    });

    it("nothing where nothing happens", async () => {
      await lambdaRollout.update(ID, before, { ...notifying, release: "R3", functionVersion: "3" });

      expect(events()).to.deep.equal([]);
    });
  });
});
