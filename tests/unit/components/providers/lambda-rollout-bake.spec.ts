import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import type { LambdaRolloutInputs } from "../../../../components/providers/rollout/inputs";
import { AwsError } from "local-aws/core/aws-error";
import type { FakeRollout } from "./fake-rollout";
import { before, canary, fakeWithR3Live, given, ID, told as toldBy } from "./lambda-rollout-fixture";
import { failureOf, startAws, throttled, type TestAws, type Thrown } from "./test-aws";

const UPDATE_ALIAS = "PUT /2015-03-31/functions/mlops-nyctaxi-api/aliases/live";
const baking: LambdaRolloutInputs = { ...given, alarmNames: ["model-faults"], bakeSeconds: 0.15 };

describe("the provider of LambdaRollout, once the traffic has moved,", () => {
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

  describe("bakes: it", () => {
    it("keeps both releases for as long as it is told, and looks at the alarms all the while", async () => {
      const start = Date.now();

      const { outs } = await lambdaRollout.update(ID, before, baking);

      expect(Date.now() - start).to.be.at.least(150);
      expect(told().slice(-2)).to.deep.equal([
        "baking for 1 s: release R4 (version 5) has all traffic, release R3 (version 3) stays in service",
        "release R4 (version 5) is live",
      ]);
      expect(aws.calls.filter((call) => call === "DescribeAlarms").length).to.be.above(5);
      expect(outs).to.deep.include({ outcome: "deployed", history: ["R4", "R3", "R2"] });
      expect(flips()).to.equal(0);
    });

    it("goes back in one call at the first alarm", async () => {
      fake.watch.looks = [() => undefined, () => undefined, () => undefined, () => undefined, fire];
      const start = Date.now();

      const error = await failureOf(lambdaRollout.update(ID, before, { ...baking, bakeSeconds: 60 }));

      expect(error.message.split("\n").slice(0, 3)).to.deep.equal([
        "release R4 is not live: it did not pass its bake",
        "  alarm model-faults is in ALARM: 3 of 40 requests failed",
        "Release R4 answered 0 requests and failed 0, by CloudWatch's count",
      ]);
      expectOnBlue(error);
      expect(flips()).to.equal(1);
      expect(Date.parse(String(error.properties!.liveSince))).to.be.within(start - 1000, Date.now());
      expect(error.properties).to.deep.include({ history: ["R3", "R2"], deploymentId: "d-1" });
    });

    it("goes back where the function fails in requests of callers, for which there is no alarm", async () => {
      fake.watch.metricsAt = new Date(Date.now() + 60_000);
      fake.watch.looks = [() => undefined, () => undefined, () => Object.assign(fake.watch.metrics, { errors: 2 })];

      const error = await failureOf(lambdaRollout.update(ID, before, { ...baking, functionErrorsPerMinute: 1 }));
      expect(error.message).to.contain(
        "\n  function mlops-nyctaxi-api:live failed in 2 requests of callers in a minute, and 1 are allowed\n",
      );
      expectOnBlue(error);
      expect(flips()).to.equal(1);
    });

    it("goes back where answers turn out to be slower than blue's were", async () => {
      fake.watch.looks = [
        () => undefined,
        () => undefined,
        () => Object.assign(fake.watch.metrics, { greenP99: 2400, greenCount: 60, blueP99: 200, blueCount: 540 }),
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, { ...baking, latencyTimesBlue: 5 }));

      expect(error.message).to.contain("more than 5 times the 200 ms of release R3");
      expectOnBlue(error);
    });

    it("goes back for an alarm that was over between two looks", async () => {
      fake.watch.history.push({ name: "model-faults", reason: "1 of 9", at: new Date("2026-01-02T03:04:05Z") });

      const error = await failureOf(lambdaRollout.update(ID, before, baking));

      expect(error.message).to.contain("\n  alarm model-faults went to ALARM at 2026-01-02T03:04:05Z: 1 of 9\n");
      expectOnBlue(error);
    });

    it("outlasts throttling, and goes back where it cannot read its alarms in the end", async () => {
      fake.watch.looks = [() => undefined, () => aws.trouble("DescribeAlarms", throttled(), throttled())];
      expect((await lambdaRollout.update(ID, before, baking)).outs?.outcome).to.equal("deployed");
      expect(told()).to.include("AWS answers again");

      fake.alias = { version: "3", weights: {} };
      fake.watch.looks = [
        () => undefined,
        () => aws.trouble("DescribeAlarms", ...Array.from({ length: 5000 }, throttled)),
      ];
      const error = await failureOf(lambdaRollout.update(ID, before, { ...baking, timeoutSeconds: 2 }));
      expect(error.message).to.contain(
        "it did not pass its bake\n  its alarms and metrics could not be read (ThrottlingException: Rate exceeded)",
      );
      expectOnBlue(error);
    });

    it("goes back where it may not read its alarms", async () => {
      fake.watch.looks = [
        () => undefined,
        () => aws.trouble("DescribeAlarms", new AwsError("AccessDenied", "not authorized")),
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, baking));

      expect(error.message).to.contain("its alarms and metrics could not be read (AccessDenied: not authorized)");
      expectOnBlue(error);
    });

    it("does not fight somebody who moves the alias meanwhile", async () => {
      fake.versions.set("4", { release: "R9", code: "sha-4" });
      fake.watch.looks = [() => undefined, () => undefined, () => (fake.alias = { version: "4", weights: {} })];

      const error = await failureOf(lambdaRollout.update(ID, before, { ...baking, bakeSeconds: 60 }));

      expect(error.message.split("\n")[0]).to.equal(
        "release R4 (version 5) was live, and somebody else has changed the alias during its bake: it points to version 4, and is left like that",
      );
      expect(fake.alias).to.deep.equal({ version: "4", weights: {} });
      expect(error.properties).to.deep.include({ liveRelease: "R9", outcome: "failed", history: ["R3", "R2"] });
    });

    it("does not fight somebody who is faster with going back", async () => {
      fake.versions.set("4", { release: "R9", code: "sha-4" });
      fake.watch.looks = [() => undefined, () => undefined, fire];
      fake.beforeUpdate = () => (fake.alias = { version: "4", weights: {} });

      const error = await failureOf(lambdaRollout.update(ID, before, baking));

      expect(fake.alias).to.deep.equal({ version: "4", weights: {} });
      expect(error.message).to.contain(
        "the traffic could not be sent back to release R3 (version 3) (somebody else has changed the alias: it points to version 4): " +
          "aws lambda update-alias --function-name mlops-nyctaxi-api --name live --function-version 3 --routing-config",
      );
    });

    it("does not look at alarms that an emergency has set aside", async () => {
      fire();

      const { outs } = await lambdaRollout.update(ID, before, { ...baking, emergency: true });

      expect(outs).to.deep.include({ outcome: "deployed", ignoredAlarms: ["model-faults"] });
    });
  });

  describe("is judged by what its function has written: it", () => {
    const written = { ...baking, bakeSeconds: 0.03 };
    beforeEach(() => {
      fake.watch.metricsAt = new Date();
      fake.watch.metrics.m1x0SampleCount = 9;
      fake.watch.metrics.invocations = 3;
    });

    it("goes back where that is more than Lambda's own count of calls", async () => {
      const error = await failureOf(lambdaRollout.update(ID, before, { ...written, undecidedSeconds: 0.1 }));

      expect(error.message.split("\n").slice(0, 2)).to.deep.equal([
        "release R4 is not live: it did not pass its bake",
        "  somebody else writes the metrics that judge it: metric Requests was written 9 times, and Lambda has called function " +
          "mlops-nyctaxi-api 3 times",
      ]);
      expectOnBlue(error);
    });

    it("goes back in mid-bake for what somebody else has written during the shift", async () => {
      const start = Date.now();

      const error = await failureOf(
        lambdaRollout.update(ID, before, { ...written, bakeSeconds: 60, undecidedSeconds: 0.1 }),
      );

      expect(error.message).to.contain("somebody else writes the metrics that judge it");
      expect(Date.now() - start).to.be.below(5000);
    });

    it("waits for that count, which may be late", async () => {
      const come = () => (fake.watch.metrics.invocations = 9);
      fake.watch.looks = [...Array.from({ length: 60 }, () => () => undefined), come];

      const { outs } = await lambdaRollout.update(ID, before, { ...written, undecidedSeconds: 60 });

      expect(outs?.outcome).to.equal("deployed");
      expect(told().filter((line) => line.startsWith("undecided"))).to.deep.equal([
        "undecided: metric Requests was written 9 times, and Lambda has called function mlops-nyctaxi-api 3 times; baking for up " +
          "to 60 s more",
      ]);
    });
  });

  describe("needs enough requests: it", () => {
    const counting = { ...baking, bakeSeconds: 0.03, minimumRequests: 5, undecidedSeconds: 60 };

    it("bakes on while it is undecided, and passes once they are there", async () => {
      fake.watch.metrics.requests = 2;
      const come = () => (fake.watch.metrics.requests = 5);
      fake.watch.looks = [...Array.from({ length: 60 }, () => () => undefined), come];

      const { outs } = await lambdaRollout.update(ID, before, counting);

      expect(outs?.outcome).to.equal("deployed");
      expect(told().filter((line) => line.startsWith("undecided"))).to.deep.equal([
        "undecided: asked 2 times, and 5 are needed for a verdict; baking for up to 60 s more",
      ]);
    });

    it("goes back as undecided where they do not come", async () => {
      fake.watch.metrics.requests = 2;

      const error = await failureOf(lambdaRollout.update(ID, before, { ...counting, undecidedSeconds: 0.05 }));

      expect(error.message.split("\n").slice(0, 2)).to.deep.equal([
        "release R4 is not live: undecided",
        "  it was asked 2 times, and 5 are needed for a verdict",
      ]);
      expectOnBlue(error);
    });

    const probing = { ...counting, minimumRequests: 3, probe: { rows: ["1,2"], perSecond: 50 } };

    it("counts its own probes", async () => {
      const { outs } = await lambdaRollout.update(ID, before, probing);

      expect(outs?.outcome).to.equal("deployed");
      expect(fake.probed.length).to.be.at.least(3);
    });

    it("does not count probes that were refused before the release saw them", async () => {
      const INVOKE = "POST /2015-03-31/functions/mlops-nyctaxi-api/invocations";
      aws.trouble(
        INVOKE,
        ...Array.from({ length: 200 }, () => new AwsError("AccessDeniedException", "not authorized", 403)),
      );

      const error = await failureOf(lambdaRollout.update(ID, before, { ...probing, undecidedSeconds: 0.3 }));

      expect(error.message.split("\n").slice(0, 2)).to.deep.equal([
        "release R4 is not live: undecided",
        "  it was asked 0 times, and 3 are needed for a verdict",
      ]);
      expect(error.message).to.match(/this run's probes: 0 answered, [1-9]\d* failed \(the last: .*not authorized/);
      expectOnBlue(error);
    });
  });
});
