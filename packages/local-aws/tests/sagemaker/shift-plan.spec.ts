import type { CapacitySize, TrafficRoutingConfig } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import fc from "fast-check";
import { shiftPlan } from "../../services/sagemaker/shift-plan";

type Config = Exclude<Parameters<typeof shiftPlan>[0], undefined>;
type Routing = NonNullable<Config["BlueGreenUpdatePolicy"]>["TrafficRoutingConfiguration"];

const percent = (Value: number) => ({ Type: "CAPACITY_PERCENT" as const, Value });
const count = (Value: number) => ({ Type: "INSTANCE_COUNT" as const, Value });
const blueGreen = (routing: Partial<TrafficRoutingConfig>, rest: object = {}): Config => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: { Type: "CANARY", WaitIntervalInSeconds: 60, ...routing } as Routing,
    ...rest,
  },
});
const canary = (CanarySize: CapacitySize, rest: object = {}) => blueGreen({ CanarySize }, rest);
const linear = (LinearStepSize: CapacitySize) => blueGreen({ Type: "LINEAR", LinearStepSize });
const rolling = (MaximumBatchSize: CapacitySize, rest: object = {}): Config => ({
  RollingUpdatePolicy: {
    MaximumBatchSize: MaximumBatchSize as ReturnType<typeof count>,
    WaitIntervalInSeconds: 60,
    ...rest,
  },
});
const rounded = (shares: readonly number[]) => shares.map((share) => Math.round(share * 1000) / 1000);
const shares = (config: Config | undefined, instances = 4) => rounded(shiftPlan(config, [instances]).shares);

describe("The plan of an endpoint's deployment", () => {
  it("is everything at once where nothing is said", () => {
    expect(shiftPlan(undefined, [1])).to.deep.equal({
      shares: [1],
      bakeSeconds: 0,
      terminationSeconds: 0,
      limitSeconds: undefined,
      alarms: [],
      rollbackShares: [0],
    });
    expect(shiftPlan({ AutoRollbackConfiguration: { Alarms: [{ AlarmName: "a" }] } }, [1])).to.deep.include({
      shares: [1],
      alarms: ["a"],
    });
  });

  it("is a share and the rest for a canary, by per cent or by instances of the smallest variant", () => {
    expect(shares(canary(percent(10)))).to.deep.equal([0.1, 1]);
    expect(shares(canary(count(1)))).to.deep.equal([0.25, 1]);
    expect(rounded(shiftPlan(canary(count(1)), [8, 2]).shares)).to.deep.equal([0.5, 1]);
  });

  it("is equal steps for a linear one, and for batches", () => {
    expect(shares(linear(percent(30)))).to.deep.equal([0.3, 0.6, 0.9, 1]);
    expect(shares(linear(count(1)))).to.deep.equal([0.25, 0.5, 0.75, 1]);
    expect(shares(rolling(percent(50)))).to.deep.equal([0.5, 1]);
  });

  it("goes back at once, or in batches where it is told so", () => {
    expect(shiftPlan(rolling(percent(50)), [4]).rollbackShares).to.deep.equal([0]);
    const back = rolling(percent(50), { RollbackMaximumBatchSize: percent(40) });
    expect(rounded(shiftPlan(back, [4]).rollbackShares)).to.deep.equal([0.6, 0.2, 0]);
  });

  it("takes the waits as they are", () => {
    const config = canary(percent(10), { TerminationWaitInSeconds: 120, MaximumExecutionTimeoutInSeconds: 600 });
    expect(shiftPlan(config, [1])).to.deep.include({ bakeSeconds: 60, terminationSeconds: 120, limitSeconds: 600 });
  });

  it("rises, never stands still, and ends with everything", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 50 }), (step) => {
        const found = shiftPlan(linear(percent(step)), [1]).shares;
        expect(found.at(-1)).to.equal(1);
        expect(found.every((share, i) => share > (found[i - 1] ?? 0))).to.equal(true);
        expect(found.length).to.equal(Math.ceil(100 / step));
      }),
    );
  });

  const alarms = (names: readonly string[]): Config => ({
    AutoRollbackConfiguration: { Alarms: names.map((AlarmName) => ({ AlarmName })) },
  });
  const refused: readonly (readonly [Config, string])[] = [
    [{ ...canary(percent(10)), ...rolling(percent(10)) }, "Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy"],
    [canary(percent(51)), "CanarySize must be at most 50 per cent of a variant's instances, got 51 per cent"],
    [canary(count(3)), "CanarySize must be at most 50 per cent of a variant's instances, got 3 of 4 instances"],
    [canary(percent(0)), "CanarySize must be at most 50 per cent"],
    [linear(percent(9)), "LinearStepSize must be 10 to 50 per cent"],
    [rolling(percent(4)), "MaximumBatchSize must be 5 to 50 per cent"],
    [blueGreen({}), "CanarySize is required for CANARY"],
    [blueGreen({ Type: "LINEAR" }), "LinearStepSize is required for LINEAR"],
    [blueGreen({ Type: "ALL_AT_ONCE", CanarySize: percent(10) }), "cannot be given for ALL_AT_ONCE"],
    [
      blueGreen({ CanarySize: percent(10), WaitIntervalInSeconds: 3601 }),
      "WaitIntervalInSeconds must be between 0 and 3600",
    ],
    [canary(percent(10), { TerminationWaitInSeconds: 3601 }), "TerminationWaitInSeconds must be between 0 and 3600"],
    [canary(percent(10), { MaximumExecutionTimeoutInSeconds: 599 }), "must be between 600 and 28800, got 599"],
    [
      canary(percent(10), { MaximumExecutionTimeoutInSeconds: 600, TerminationWaitInSeconds: 480 }),
      "MaximumExecutionTimeoutInSeconds must be more than all that is waited, 600 seconds, got 600",
    ],
    [alarms(["a", "a"]), "Alarms must be at most 10, each once"],
    [alarms(Array.from({ length: 11 }, (_, i) => `a${i}`)), "Alarms must be at most 10, each once"],
  ];
  for (const [config, message] of refused) {
    it(`is refused: ${message}`, () => {
      expect(() => shiftPlan(config, [4])).to.throw(message);
    });
  }
});
