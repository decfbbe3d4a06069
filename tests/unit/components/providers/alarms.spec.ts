import {
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type AlarmHistoryItem,
  type CompositeAlarm,
  type DescribeAlarmHistoryInput,
  type DescribeAlarmsInput,
  type MetricAlarm,
} from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { Alarms } from "../../../../components/providers/rollout/alarms";
import { Waiter } from "../../../../components/providers/support/waiter";
import { AwsError } from "local-aws/core/aws-error";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";
import { failureOf, serverError, startAws, throttled, type TestAws } from "./test-aws";

const SINCE = new Date("2026-03-04T12:00:00Z");
const minutes = (count: number) => new Date(SINCE.getTime() + count * 60_000);

describe("the alarms of a rollout", () => {
  let metricAlarms: MetricAlarm[];
  let compositeAlarms: CompositeAlarm[];
  let history: AlarmHistoryItem[];
  let described: DescribeAlarmsInput[];
  let historyAsked: DescribeAlarmHistoryInput[];
  let aws: TestAws;
  let alarms: Alarms;

  /** As CloudWatch answers, but one alarm or item a page. */
  const cloudWatch = jsonRpcService("CloudWatch", [
    operation(DescribeAlarmsCommand, (input) => {
      described.push(input);
      const { AlarmNames = [], AlarmTypes = ["MetricAlarm"], StateValue, NextToken = "0" } = input;
      const wanted = ({ AlarmName = "", StateValue: state }: MetricAlarm | CompositeAlarm) =>
        (AlarmNames.length === 0 || AlarmNames.includes(AlarmName)) &&
        (StateValue === undefined || state === StateValue);
      const metric = AlarmTypes.includes("MetricAlarm") ? metricAlarms.filter(wanted) : [];
      const composite = AlarmTypes.includes("CompositeAlarm") ? compositeAlarms.filter(wanted) : [];
      const at = Number(NextToken);
      const next = at + 1 < metric.length + composite.length ? { NextToken: String(at + 1) } : {};
      return at < metric.length
        ? { MetricAlarms: metric.slice(at, at + 1), CompositeAlarms: [], ...next }
        : { MetricAlarms: [], CompositeAlarms: composite.slice(at - metric.length, at - metric.length + 1), ...next };
    }),
    operation(DescribeAlarmHistoryCommand, (input) => {
      historyAsked.push(input);
      const { AlarmName, AlarmTypes = ["MetricAlarm"], HistoryItemType, StartDate = new Date(0), NextToken } = input;
      if (AlarmName === "gone") {
        throw new AwsError("ResourceNotFound", "Unknown alarm gone", 404);
      }
      const found = history.filter(
        (item) =>
          item.AlarmName === AlarmName &&
          AlarmTypes.includes(item.AlarmType!) &&
          item.HistoryItemType === HistoryItemType &&
          item.Timestamp! >= StartDate,
      );
      const ordered = input.ScanBy === "TimestampAscending" ? found : found.reverse();
      const at = Number(NextToken ?? "0");
      return {
        AlarmHistoryItems: ordered.slice(at, at + 1),
        ...(at + 1 < ordered.length ? { NextToken: String(at + 1) } : {}),
      };
    }),
  ]);

  beforeEach(async () => {
    [metricAlarms, compositeAlarms, history, described, historyAsked] = [[], [], [], [], []];
    aws = await startAws({ monitoring: cloudWatch });
    alarms = new Alarms({ region: "us-east-1" }, new Waiter("test", { pollSeconds: 0.002, timeoutSeconds: 5 }));
  });
  afterEach(() => aws.close());

  const noted = (name: string, at: Date, from: string, to: string, reason = `${to} at ${at.toISOString()}`) =>
    history.push({
      AlarmName: name,
      AlarmType: name === "any" ? "CompositeAlarm" : "MetricAlarm",
      Timestamp: at,
      HistoryItemType: "StateUpdate",
      HistoryData: JSON.stringify({
        version: "1.0",
        oldState: { stateValue: from },
        newState: { stateValue: to, stateReason: reason, stateReasonData: { recentDatapoints: [2] } },
      }),
    });

  describe("that are firing", () => {
    beforeEach(() => {
      metricAlarms = [
        {
          AlarmName: "errors",
          StateValue: "ALARM",
          StateReason: "Threshold Crossed: 1 datapoint [2.0 (04/03/26 12:00:00)] was greater than the threshold (0.0).",
          StateTransitionedTimestamp: minutes(1),
          StateUpdatedTimestamp: minutes(3),
        },
        { AlarmName: "latency", StateValue: "OK", StateReason: "fine" },
        { AlarmName: "somebody else's", StateValue: "ALARM", StateReason: "no concern of ours" },
      ];
      compositeAlarms = [
        { AlarmName: "any", StateValue: "ALARM", StateReason: "errors is in ALARM", StateUpdatedTimestamp: minutes(2) },
      ];
    });

    it("are told with CloudWatch's reason and since when, metric and composite ones, from all pages", async () => {
      expect(await alarms.firing(["errors", "latency", "any"])).to.deep.equal([
        {
          name: "errors",
          reason: "Threshold Crossed: 1 datapoint [2.0 (04/03/26 12:00:00)] was greater than the threshold (0.0).",
          since: minutes(1),
        },
        { name: "any", reason: "errors is in ALARM", since: minutes(2) },
      ]);
    });

    it("are none without names, though no names stand for all alarms in CloudWatch", async () => {
      expect(await alarms.firing([])).to.deep.equal([]);
      expect(aws.calls).to.deep.equal([]);
    });

    it("are none of the names that do not exist", async () => {
      expect(await alarms.firing(["typo"])).to.deep.equal([]);
    });

    it("are read again where AWS has trouble that passes, but not in a single look", async () => {
      aws.trouble("DescribeAlarms", throttled(), serverError(), "dropped");
      expect(await alarms.firing(["errors"])).to.have.length(1);

      aws.trouble("DescribeAlarms", throttled());
      expect((await failureOf(alarms.lookFiring(["errors"]))).message).to.equal("Rate exceeded");
      expect(await alarms.lookFiring(["errors"])).to.have.length(1);
    });

    it("are not read where it is not allowed, which is said at once", async () => {
      aws.trouble("DescribeAlarms", new AwsError("AccessDeniedException", "not authorized", 403));
      expect((await failureOf(alarms.firing(["errors"]))).message).to.equal("not authorized");
    });
  });

  it("are missing where no alarm has the name, whatever its state or kind", async () => {
    metricAlarms = [{ AlarmName: "errors", StateValue: "OK" }];
    compositeAlarms = [{ AlarmName: "any", StateValue: "INSUFFICIENT_DATA" }];

    expect(await alarms.missing(["errors", "typo", "any", "another"])).to.deep.equal(["typo", "another"]);
    expect(await alarms.missing([])).to.deep.equal([]);
    expect(described.every(({ AlarmNames = [] }) => AlarmNames.length > 0)).to.equal(true);
  });

  describe("that fired since", () => {
    it("are told though they are OK again, as they were the first time, and none from before", async () => {
      noted("errors", minutes(-5), "OK", "ALARM", "of an earlier rollout");
      noted("errors", minutes(-4), "ALARM", "OK");
      noted("errors", minutes(1), "INSUFFICIENT_DATA", "OK");
      noted("errors", minutes(2), "OK", "ALARM", "Threshold Crossed: 1 datapoint [2.0 (04/03/26 12:02:00)]");
      noted("errors", minutes(3), "ALARM", "OK");
      noted("errors", minutes(4), "OK", "ALARM", "once more");
      noted("latency", minutes(1), "ALARM", "OK");
      noted("any", minutes(2), "OK", "ALARM", "errors is in ALARM");

      expect(await alarms.firedSince(["errors", "latency", "any"], SINCE)).to.deep.equal([
        { name: "errors", reason: "Threshold Crossed: 1 datapoint [2.0 (04/03/26 12:02:00)]", since: minutes(2) },
        { name: "any", reason: "errors is in ALARM", since: minutes(2) },
      ]);
    });

    it("are told where others of the names do not exist", async () => {
      noted("errors", minutes(2), "OK", "ALARM", "2 errors");

      expect(await alarms.firedSince(["gone", "typo", "errors"], SINCE)).to.deep.equal([
        { name: "errors", reason: "2 errors", since: minutes(2) },
      ]);
    });

    it("are read again where AWS has trouble that passes", async () => {
      noted("errors", minutes(2), "OK", "ALARM");
      aws.trouble("DescribeAlarmHistory", throttled(), "dropped");

      expect(await alarms.firedSince(["errors"], SINCE)).to.have.length(1);
    });

    it("are none without names", async () => {
      noted("errors", minutes(2), "OK", "ALARM");
      expect(await alarms.firedSince([], SINCE)).to.deep.equal([]);
      expect(historyAsked).to.deep.equal([]);
    });
  });
});
