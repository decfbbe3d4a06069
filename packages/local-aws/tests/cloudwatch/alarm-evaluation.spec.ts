import type { StateValue } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import fc from "fast-check";
import {
  evaluate,
  evaluationRange,
  type AlarmRule,
  type ThresholdOperator,
  type TreatMissingData,
} from "../../services/cloudwatch/alarm-evaluation";
import type { Datapoint } from "../../services/cloudwatch/query";

const THREE_OF_THREE: AlarmRule = {
  threshold: 10,
  comparisonOperator: "GreaterThanThreshold",
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  treatMissingData: "missing",
};

/** `0` is within the threshold, `X` breaches it, `-` is missing; the newest is on the right. */
function points(picture: string): (Datapoint | undefined)[] {
  return picture
    .split(" ")
    .map((symbol, i) =>
      symbol === "-" ? undefined : { at: i * 60_000, value: symbol === "X" ? 11 : 1, sampleCount: 1 },
    );
}

function state(rule: AlarmRule, picture: string, current: StateValue = "OK"): StateValue {
  return evaluate(rule, points(picture), current).state;
}

const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;

describe("The evaluation of an alarm", () => {
  // The two tables of "Configuring how CloudWatch alarms treat missing data". "retain" is the state that it had before.
  const tables: readonly (readonly [
    datapointsToAlarm: number,
    picture: string,
    states: readonly (StateValue | "retain")[],
  ])[] = [
    [3, "0 - X - X", ["OK", "OK", "OK", "OK"]],
    [3, "0 - - - -", ["OK", "OK", "OK", "OK"]],
    [3, "- - - - -", ["INSUFFICIENT_DATA", "retain", "ALARM", "OK"]],
    [3, "0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    [3, "- - X - -", ["ALARM", "retain", "ALARM", "OK"]],
    [2, "0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    [2, "0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    [2, "0 - X - -", ["OK", "OK", "ALARM", "OK"]],
    [2, "- - - - 0", ["OK", "OK", "ALARM", "OK"]],
    [2, "- - - X -", ["ALARM", "retain", "ALARM", "OK"]],
  ];
  for (const [datapointsToAlarm, picture, states] of tables) {
    TREATMENTS.forEach((treatMissingData, i) => {
      const expected = states[i]!;
      it(`makes ${picture} with ${datapointsToAlarm} of 3 and ${treatMissingData} ${expected}`, () => {
        const rule = { ...THREE_OF_THREE, datapointsToAlarm, treatMissingData };
        for (const current of ["OK", "ALARM", "INSUFFICIENT_DATA"] as const) {
          expect(state(rule, picture, current), `from ${current}`).to.equal(expected === "retain" ? current : expected);
        }
      });
    });
  }

  it("does not ring too early: a breach that is newer than the points it takes is not yet an alarm", () => {
    expect(state(THREE_OF_THREE, "- - - - X")).to.equal("OK");
    expect(state(THREE_OF_THREE, "- - - X -")).to.equal("OK");
  });

  it("does not fall silent on a breach that is too new to ring by itself", () => {
    expect(state(THREE_OF_THREE, "- - - - X", "ALARM")).to.equal("ALARM");
  });

  it("rings for M of N breaches in any order", () => {
    const rule = { ...THREE_OF_THREE, evaluationPeriods: 5, datapointsToAlarm: 2 };
    expect(state(rule, "- - X 0 0 0 X")).to.equal("ALARM");
    expect(state(rule, "X X 0 0 0 0 X")).to.equal("OK");
  });

  it("looks two periods further back than it needs", () => {
    expect(evaluationRange(3)).to.equal(5);
    expect(evaluationRange(1)).to.equal(3);
  });

  const operators: readonly (readonly [ThresholdOperator, below: boolean, equal: boolean, above: boolean])[] = [
    ["GreaterThanThreshold", false, false, true],
    ["GreaterThanOrEqualToThreshold", false, true, true],
    ["LessThanThreshold", true, false, false],
    ["LessThanOrEqualToThreshold", true, true, false],
  ];
  for (const [comparisonOperator, ...rings] of operators) {
    it(`compares with ${comparisonOperator}`, () => {
      const rule = { ...THREE_OF_THREE, comparisonOperator, evaluationPeriods: 1, datapointsToAlarm: 1 };
      const states = [9, 10, 11].map((value) => evaluate(rule, [{ at: 0, value, sampleCount: 1 }], "OK").state);
      expect(states).to.deep.equal(rings.map((ring) => (ring ? "ALARM" : "OK")));
    });
  }

  it("keeps its state where a percentile is made of too few values", () => {
    const rule = { ...THREE_OF_THREE, evaluationPeriods: 1, datapointsToAlarm: 1, minimumSamples: 1000 };
    expect(evaluate(rule, [{ at: 0, value: 99, sampleCount: 999 }], "OK").state).to.equal("OK");
    expect(evaluate(rule, [{ at: 0, value: 99, sampleCount: 1000 }], "OK").state).to.equal("ALARM");
  });

  const anyPoint = fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined });
  const anyAlarm = fc.integer({ min: 1, max: 6 }).chain((evaluationPeriods) =>
    fc.record({
      evaluationPeriods: fc.constant(evaluationPeriods),
      datapointsToAlarm: fc.integer({ min: 1, max: evaluationPeriods }),
      values: fc.array(anyPoint, { minLength: evaluationPeriods + 2, maxLength: evaluationPeriods + 2 }),
      current: fc.constantFrom("OK" as const, "ALARM" as const, "INSUFFICIENT_DATA" as const),
    }),
  );
  const judge = (
    alarm: typeof anyAlarm extends fc.Arbitrary<infer T> ? T : never,
    treatMissingData: TreatMissingData,
  ) =>
    evaluate(
      { ...THREE_OF_THREE, ...alarm, treatMissingData },
      alarm.values.map((value, at) => (value === undefined ? undefined : { at, value, sampleCount: 1 })),
      alarm.current,
    ).state;

  it("does not depend on the treatment of missing data where there is enough data", () => {
    fc.assert(
      fc.property(anyAlarm, (alarm) => {
        fc.pre(alarm.values.filter((value) => value !== undefined).length >= alarm.evaluationPeriods);
        expect(new Set(TREATMENTS.map((treatment) => judge(alarm, treatment))).size).to.equal(1);
      }),
    );
  });

  it("never rings with notBreaching unless it rings with breaching", () => {
    fc.assert(
      fc.property(anyAlarm, (alarm) => {
        fc.pre(judge(alarm, "notBreaching") === "ALARM");
        expect(judge(alarm, "breaching")).to.equal("ALARM");
      }),
    );
  });

  it("has insufficient data only where there is none", () => {
    fc.assert(
      fc.property(anyAlarm, (alarm) => {
        const none = alarm.values.every((value) => value === undefined);
        expect(judge(alarm, "missing") === "INSUFFICIENT_DATA").to.equal(none);
      }),
    );
  });
});
