import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import type { AlarmShown } from "../shown";
import type { Watched } from "../watched";

/** The order in which alarms are shown: those that fire come first. */
const STATES = ["ALARM", "INSUFFICIENT_DATA", "OK"];

/** All alarms of the model. */
export async function readAlarms({ aws, prefix }: Watched): Promise<AlarmShown[]> {
  const client = new CloudWatchClient(aws);
  const alarms: AlarmShown[] = [];
  const pages = paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: `${prefix}-`, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
  );
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
    for (const { AlarmName = "", StateValue = "", StateReason = "", StateUpdatedTimestamp } of [
      ...MetricAlarms,
      ...CompositeAlarms,
    ]) {
      alarms.push({
        name: AlarmName,
        state: StateValue,
        reason: StateReason,
        since: StateUpdatedTimestamp?.toISOString(),
      });
    }
  }
  const rank = ({ state }: AlarmShown) => STATES.indexOf(state);
  return alarms.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
