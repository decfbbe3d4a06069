import { DescribeAlarmsCommand, type CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { Firing } from "./retrain-request";

/** DescribeAlarms takes so many names, and answers as many at once. */
const MOST_ALARMS = 100;

/** Which of these alarms are on. One that is not there is not. */
export async function firing(client: CloudWatchClient, alarmNames: readonly string[]): Promise<Firing[]> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...alarmNames],
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      StateValue: "ALARM",
      MaxRecords: MOST_ALARMS,
    }),
  );
  return [...MetricAlarms, ...CompositeAlarms].map(
    ({ AlarmName: name = "", StateTransitionedTimestamp: since, StateReason: reason = "" }) => ({
      name,
      since,
      reason,
    }),
  );
}
