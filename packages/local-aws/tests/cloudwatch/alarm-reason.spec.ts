import type { StateValue } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import type { AlarmRule } from "../../services/cloudwatch/alarm-evaluation";
import { stateReason, stateReasonData } from "../../services/cloudwatch/alarm-reason";

const rule: AlarmRule = {
  threshold: 1,
  comparisonOperator: "GreaterThanOrEqualToThreshold",
  evaluationPeriods: 2,
  datapointsToAlarm: 2,
  treatMissingData: "notBreaching",
};
const noon = { at: Date.UTC(2026, 7, 9, 12, 0, 0), value: 2, sampleCount: 4 };
const before = { at: Date.UTC(2026, 7, 9, 11, 59, 0), value: 0.5, sampleCount: 1 };
const reason = (state: StateValue, evaluated: (typeof noon)[], missing: number, previous: StateValue, of = rule) =>
  stateReason(of, { state, evaluated, missing }, previous);

describe("The reason of an alarm's state", () => {
  it("names the data points that rang, newest first, and how many it takes", () => {
    expect(reason("ALARM", [noon, { ...noon, at: before.at }], 0, "OK")).to.equal(
      "Threshold Crossed: 2 out of the last 2 datapoints [2.0 (09/08/26 12:00:00), 2.0 (09/08/26 11:59:00)] were greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
    );
  });

  it("names the data point that made it quiet again", () => {
    expect(reason("OK", [noon, before], 0, "ALARM")).to.equal(
      "Threshold Crossed: 1 out of the last 2 datapoints [0.5 (09/08/26 11:59:00)] was not greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition).",
    );
  });

  it("tells how missing data points were treated", () => {
    expect(reason("OK", [before], 1, "OK")).to.equal(
      "Threshold Crossed: 1 datapoint [0.5 (09/08/26 11:59:00)] was not greater than or equal to the threshold (1.0) and 1 missing datapoint was treated as [NonBreaching].",
    );
    expect(reason("ALARM", [], 2, "OK", { ...rule, treatMissingData: "breaching" })).to.equal(
      "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].",
    );
  });

  it("says that data is insufficient", () => {
    expect(reason("INSUFFICIENT_DATA", [], 1, "OK", { ...rule, evaluationPeriods: 1 })).to.equal(
      "Insufficient Data: 1 datapoint was unknown.",
    );
  });

  it("says the same for programs", () => {
    const queryDate = new Date(Date.UTC(2026, 7, 9, 12, 1, 5));
    const metric = { statistic: "Sum", periodSeconds: 60, unit: "Count" };
    const data = stateReasonData(rule, { state: "OK", evaluated: [noon, before], missing: 0 }, metric, queryDate);
    expect(JSON.parse(data)).to.deep.equal({
      version: "1.0",
      queryDate: "2026-08-09T12:01:05.000+0000",
      startDate: "2026-08-09T11:59:00.000+0000",
      unit: "Count",
      statistic: "Sum",
      period: 60,
      recentDatapoints: [0.5, 2],
      threshold: 1,
      evaluatedDatapoints: [
        { timestamp: "2026-08-09T12:00:00.000+0000", sampleCount: 4, value: 2 },
        { timestamp: "2026-08-09T11:59:00.000+0000", sampleCount: 1, value: 0.5 },
      ],
    });
  });
});
