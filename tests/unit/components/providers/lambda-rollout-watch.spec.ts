import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import { type LambdaRolloutInputs } from "../../../../components/providers/rollout/inputs";
import { UNKNOWN } from "../../../../components/providers/support/inputs";
import { AwsError } from "local-aws/core/aws-error";
import type { FakeRollout } from "./fake-rollout";
import { before, canary, fakeWithR3Live, given, ID, POST, PRE, told as toldBy } from "./lambda-rollout-fixture";
import { failureOf, startAws, throttled, type TestAws } from "./test-aws";

const ALARMS = ["model-faults", "api-latency"];
const watched: LambdaRolloutInputs = { ...given, alarmNames: ALARMS };
const GO_BACK = "To go back to it: pulumi config set release R3 && pulumi up";

describe("the provider of LambdaRollout watches", () => {
  let fake: FakeRollout;
  let aws: TestAws;

  beforeEach(async () => {
    fake = fakeWithR3Live();
    fake.watch.quiet.push(...ALARMS);
    aws = await startAws(fake.services);
  });
  afterEach(() => aws.close());

  const told = () => toldBy(aws);

  describe("nothing yet, but says in diff what it is going to do:", () => {
    it("what serves, what comes, how fast, what would stop it and what is needed", async () => {
      const probe = { rows: ["1,2"], perSecond: 2 };

      await lambdaRollout.diff(ID, before, {
        ...watched,
        ...{
          trafficShift: "10 % for 5 minutes, then all",
          bakeSeconds: 300,
          latencyTimesBlue: 5,
          minimumRequests: 100,
          probe,
        },
      });

      expect(told()).to.deep.equal([
        "plan: release R4 replaces release R3 (version 3, live since 2026-01-01T00:00:00Z)",
        "plan: traffic: 10 % for 5 minutes, then all; then the old release stays for a bake of 300 s",
        `plan: what stops it: alarm model-faults; alarm api-latency; hook ${PRE} before the traffic; hook ${POST} after it; ` +
          "a p99 above 5 times that of release R3",
        "plan: 100 requests are needed for a verdict, for which it bakes up to 1800 s longer; 2 probes a second of our own",
      ]);
      expect(aws.calls).to.deep.equal([]);
    });

    it("that an emergency leaves alarms unwatched, and a warm release is flipped to", async () => {
      await lambdaRollout.diff(ID, before, { ...given, emergency: true });
      expect(told().at(-1)).to.equal(
        "plan: EMERGENCY: alarms that are in ALARM when it starts do not stop it, and are not watched",
      );

      aws.told.length = 0;
      await lambdaRollout.diff(ID, before, { ...given, standbyReleases: ["R4"] });
      expect(told()).to.deep.equal([
        "plan: release R4, whose endpoint is in service, replaces release R3 (version 3, live since 2026-01-01T00:00:00Z): " +
          `the alias is flipped to it as soon as it has its instances, once hook ${PRE} approves`,
      ]);
    });

    it("what of it is not known yet", async () => {
      const news = Object.assign({}, watched, { alarmNames: ["model-faults", UNKNOWN], postTrafficHook: UNKNOWN });

      await lambdaRollout.diff(ID, before, news);

      expect(told()[2]).to.equal(
        `plan: what stops it: alarms whose names are not known yet; hook ${PRE} before the traffic; hook (not known yet) after it`,
      );
    });

    it("or nothing, where the release is live or unknown, or the alias is replaced", async () => {
      await lambdaRollout.diff(ID, before, { ...given, release: "R3" });
      await lambdaRollout.diff(ID, before, { ...given, release: UNKNOWN });
      await lambdaRollout.diff(ID, before, { ...given, aliasName: "other" });

      expect(told()).to.deep.equal([]);
    });
  });

  describe("before it starts: it", () => {
    it("refuses names that no alarm has", async () => {
      const error = await failureOf(lambdaRollout.update(ID, before, { ...watched, alarmNames: [...ALARMS, "typo"] }));

      expect(error.message.split("\n")[0]).to.equal(
        "release R4 is not rolled out: there is no alarm named typo to watch it by: create it, or take it out of alarmNames",
      );
      expect(fake.created).to.deep.equal([]);
    });

    it("refuses to begin while an alarm is in ALARM, with its reason and what to do", async () => {
      fake.watch.alarms.push({ name: "api-latency", reason: "Threshold Crossed: 4000 ms" });

      const error = await failureOf(lambdaRollout.update(ID, before, watched));

      expect(error.message).to.equal(
        "release R4 is not rolled out: 1 alarm that would stop it is in ALARM already\n" +
          "  alarm api-latency is in ALARM: Threshold Crossed: 4000 ms\n" +
          "Fix what they report, wait until they are OK and run pulumi up again; or, if this release is the cure, leave them " +
          "unwatched: pulumi config set emergency true && pulumi up\n" +
          `Live now: release R3 (version 3), since 2026-01-01T00:00:00Z\n${GO_BACK}`,
      );
      expect(fake.created).to.deep.equal([]);
      expect(error.properties).to.deep.include({ liveRelease: "R3", outcome: "failed", history: ["R3", "R2"] });
    });

    it("begins all the same in an emergency, with CodeDeploy watching the others, and records what nobody watched", async () => {
      fake.watch.alarms.push({ name: "api-latency", reason: "Threshold Crossed: 4000 ms" });
      fake.steps = canary(fake);

      const { outs } = await lambdaRollout.update(ID, before, { ...watched, emergency: true });

      expect(fake.created[0]!.overrideAlarmConfiguration).to.deep.equal({
        enabled: true,
        alarms: [{ name: "model-faults" }],
      });
      expect(outs).to.deep.include({ outcome: "deployed", ignoredAlarms: ["api-latency"] });
      expect(told()[0]).to.equal("EMERGENCY: not watched: alarm api-latency is in ALARM: Threshold Crossed: 4000 ms");
    });

    it("leaves CodeDeploy no alarm where all are in ALARM", async () => {
      ALARMS.forEach((name) => fake.watch.alarms.push({ name, reason: "Threshold Crossed" }));
      fake.steps = canary(fake);

      const { outs } = await lambdaRollout.update(ID, before, { ...watched, emergency: true });

      expect(fake.created[0]!.overrideAlarmConfiguration).to.deep.equal({ enabled: false, alarms: [] });
      expect(outs?.ignoredAlarms).to.deep.equal(ALARMS);
    });

    it("does not begin where the alarms, or the metrics that decide, cannot be read", async () => {
      const denied = new AwsError("AccessDenied", "not authorized");
      aws.trouble("DescribeAlarms", denied);
      expect((await failureOf(lambdaRollout.update(ID, before, watched))).message).to.match(/^AccessDenied: /);

      aws.trouble("GetMetricData", denied);
      const counting = { ...watched, minimumRequests: 1 };
      expect((await failureOf(lambdaRollout.update(ID, before, counting))).message).to.match(/^AccessDenied: /);
      expect(fake.created).to.deep.equal([]);
    });

    it("goes on with a deployment that is under way, whatever the alarms say: it is CodeDeploy that watches them", async () => {
      fake.add({ id: "d-7", info: { status: "InProgress" }, steps: canary(fake) });
      fake.watch.alarms.push({ name: "model-faults", reason: "just now" });

      await failureOf(lambdaRollout.update(ID, before, watched));

      expect(fake.created).to.deep.equal([]);
      expect(told()).to.include("100 % of the traffic goes to release R4 (version 5)");
    });
  });

  describe("while it runs: it", () => {
    it("stops a deployment whose hook has not reported for too long", async () => {
      fake.steps = [
        (d) => d.events.push({ lifecycleEventName: "BeforeAllowTraffic", status: "InProgress", startTime: new Date() }),
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, { ...given, hookTimeoutSeconds: 0.05 }));

      expect(fake.stopped).to.deep.equal(["d-1"]);
      expect(error.message.split("\n").slice(0, 2)).to.deep.equal([
        "release R4 is not live: deployment d-1 stopped",
        `  hook ${PRE} (BeforeAllowTraffic) has not reported for 0.05 s: it is taken for dead`,
      ]);
      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
    });

    it("stops a deployment that makes answers slower than blue's at the same time", async () => {
      Object.assign(fake.watch.metrics, { greenP99: 2400, greenCount: 60, blueP99: 200, blueCount: 540 });
      fake.steps = canary(fake).slice(0, 4);

      const error = await failureOf(lambdaRollout.update(ID, before, { ...given, latencyTimesBlue: 5 }));

      expect(fake.stopped).to.deep.equal(["d-1"]);
      expect(error.message).to.contain(
        "\n  release R4 answered with a p99 of 2400 ms (60 requests), more than 5 times the 200 ms of release R3 at the same time",
      );
      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
    });

    it("stops a deployment whose latency it may not read, but not one where AWS has trouble", async () => {
      const compared = { ...given, latencyTimesBlue: 5 };
      fake.steps = [
        ...canary(fake).slice(0, 3),
        () => aws.trouble("GetMetricData", new AwsError("AccessDenied", "not authorized")),
      ];
      const error = await failureOf(lambdaRollout.update(ID, before, compared));
      expect(error.message).to.contain(
        "its latency and refusals cannot be compared with that of release R3 (version 3) (AccessDenied: not authorized)",
      );

      fake.steps = [...canary(fake)];
      fake.steps.splice(3, 0, () => aws.trouble("GetMetricData", throttled(), throttled()));
      const { outs } = await lambdaRollout.update(ID, before, compared);
      expect(outs?.outcome).to.equal("deployed");
    });

    it("goes back by itself where the deployment ended before it could be stopped", async () => {
      Object.assign(fake.watch.metrics, { greenP99: 2400, greenCount: 60, blueP99: 200, blueCount: 540 });
      fake.steps = canary(fake).slice(0, 4);
      fake.whenStopped = (d) => {
        fake.alias = { version: "5", weights: {} };
        d.info.status = "Succeeded";
      };

      const error = await failureOf(lambdaRollout.update(ID, before, { ...given, latencyTimesBlue: 5 }));

      expect(fake.alias).to.deep.equal({ version: "3", weights: {} });
      expect(error.message).to.match(
        /^release R4 is not live: deployment d-1 was to be stopped\n {2}release R4 answered/,
      );
    });

    it("probes the new version from its first traffic on, never before", async () => {
      const probe = { rows: ["1,2"], perSecond: 50 };
      const probedBefore: number[] = [];
      const steps = canary(fake);
      fake.steps = [...steps.slice(0, 2), () => probedBefore.push(fake.probed.length), ...steps.slice(2)];

      await lambdaRollout.update(ID, before, { ...given, probe });

      expect(probedBefore).to.deep.equal([0]);
      expect(new Set(fake.probed)).to.deep.equal(new Set(["5"]));
      const sent = fake.probed.length;
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(fake.probed).to.have.length(sent);
    });
  });
});
