import { expect } from "chai";
import { lambdaRollout } from "../../../../components/providers";
import { ROLLOUT_DEFAULTS, type LambdaRolloutInputs } from "../../../../components/providers/rollout/inputs";
import { AwsError } from "local-aws/core/aws-error";
import type { FakeRollout } from "./fake-rollout";
import { alarmed, before, canary, fakeWithR3Live, given, ID } from "./lambda-rollout-fixture";
import { failureOf, startAws, type TestAws } from "./test-aws";

const ALARMS = ["model-faults", "api-latency"];
const watched: LambdaRolloutInputs = { ...given, alarmNames: ALARMS };

describe("the provider of LambdaRollout", () => {
  let fake: FakeRollout;
  let aws: TestAws;

  beforeEach(async () => {
    fake = fakeWithR3Live();
    fake.watch.quiet.push(...ALARMS);
    aws = await startAws(fake.services);
  });
  afterEach(() => aws.close());

  describe("when it fails: it says", () => {
    it("which alarm stopped it, also where that is OK again", async () => {
      const [shifted, fails] = alarmed(fake);
      fake.steps = [
        shifted!,
        (d) => {
          fails!(d);
          fake.watch.alarms.length = 0;
          fake.watch.history.push({
            name: "model-faults",
            reason: "3 of 40",
            at: new Date("2026-01-02T03:04:05.678Z"),
          });
        },
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, watched));

      expect(error.message.split("\n")[1]).to.equal(
        "  alarm model-faults went to ALARM at 2026-01-02T03:04:05Z: 3 of 40",
      );
    });

    it("that an operator has stopped it", async () => {
      fake.steps = [
        (d) => {
          d.events.push({ lifecycleEventName: "AllowTraffic", status: "Failed" });
          d.info.status = "Stopped";
          d.info.errorInformation = { code: "MANUAL_STOP", message: "stopped by a request" };
        },
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message.split("\n").slice(0, 2)).to.deep.equal([
        "release R4 is not live: deployment d-1 stopped (MANUAL_STOP: stopped by a request)",
        "  an operator, or another program, has asked CodeDeploy to stop it",
      ]);
    });

    it("how many requests the new release answered and failed, callers' and our own", async () => {
      Object.assign(fake.watch.metrics, { requests: 40, faults: 3 });
      fake.probeAnswer = '{"statusCode":502,"body":"{\\"error\\":\\"ModelError\\"}"}';
      const [first, second] = alarmed(fake);
      fake.steps = [
        first!,
        (d) => (fake.probed.length === 0 ? d.steps.unshift(() => undefined) : undefined),
        () => undefined,
        second!,
      ];

      const error = await failureOf(
        lambdaRollout.update(ID, before, { ...given, probe: { rows: ["1,2"], perSecond: 1 } }),
      );

      expect(error.message).to.contain(
        "\nRelease R4 answered 37 requests and failed 3, by CloudWatch's count; this run's probes: 0 answered, 1 failed (the last: " +
          "the function answered 502: ModelError)\nLive now: release R3",
      );
    });

    it("that these could not be read", async () => {
      aws.trouble("GetMetricData", new AwsError("AccessDenied", "not authorized"));
      fake.steps = alarmed(fake);

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(error.message).to.contain(
        "\nHow many requests release R4 answered could not be read (AccessDenied: not authorized)\nLive now: release R3",
      );
    });

    it("that somebody else has moved the alias, and leaves it there", async () => {
      fake.steps = [
        (d) => {
          fake.versions.set("4", { release: "R9", code: "sha-4" });
          fake.alias = { version: "4", weights: {} };
          d.info.status = "Failed";
        },
      ];

      const error = await failureOf(lambdaRollout.update(ID, before, given));

      expect(fake.alias).to.deep.equal({ version: "4", weights: {} });
      expect(error.message).to.contain("somebody else has changed the alias: it points to version 4");
      expect(error.message).to.contain("\nLive now: release R9 (version 4)\n");
    });
  });

  describe("and a state of an earlier version, it", () => {
    const added = new Set(["liveSince", "history", "ignoredAlarms", ...Object.keys(ROLLOUT_DEFAULTS)]);
    ["pollSeconds", "timeoutSeconds"].forEach((key) => added.delete(key));
    const olds = Object.fromEntries(Object.entries(before).filter(([key]) => !added.has(key))) as typeof before;

    it("sees no change in inputs that check has filled in", async () => {
      const { inputs } = await lambdaRollout.check(
        {},
        { ...given, ...release("R3", "3"), bakeSeconds: undefined as never },
      );

      expect(await lambdaRollout.diff(ID, olds, inputs!)).to.deep.equal({ changes: false, replaces: [] });
    });

    it("rolls out from it, reads it, and deletes what it tells of", async () => {
      fake.steps = canary(fake);
      const { outs } = await lambdaRollout.update(ID, olds, given);
      expect(outs).to.deep.include({ liveRelease: "R4", history: ["R4", "R3"], outcome: "deployed" });

      expect((await lambdaRollout.read(ID, olds)).props).to.deep.include({ liveRelease: "R4", liveSince: "" });
      await lambdaRollout.delete(ID, olds);
      expect(fake.alias).to.equal(undefined);
    });
  });
});

const release = (id: string, functionVersion: string) => ({ release: id, functionVersion });
