import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { timeOf } from "./answer";
import type { AwsSettings } from "./context";

/** What an alarm says. */
export interface AlarmState {
  readonly name: string;
  /** CloudWatch's word: `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  readonly since: string | undefined;
  readonly why: string | undefined;
}

/** The alarms of these names that there are. */
export async function alarmStates(aws: AwsSettings, names: readonly string[]): Promise<AlarmState[]> {
  const { MetricAlarms = [] } = await new CloudWatchClient(aws).send(
    new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ["MetricAlarm"] }),
  );
  return MetricAlarms.map(({ AlarmName = "", StateValue = "", StateUpdatedTimestamp, StateReason }) => ({
    name: AlarmName,
    state: StateValue,
    since: StateUpdatedTimestamp?.toISOString(),
    why: StateReason,
  }));
}

/** A line for each of these alarms, those that there are not included. */
export function alarmsInWords(names: readonly string[], states: readonly AlarmState[]): string[] {
  return names.map((wanted) => {
    const found = states.find(({ name }) => name === wanted);
    if (found === undefined) {
      return `alarm ${wanted}: there is none`;
    }
    const since = found.since === undefined ? "" : ` since ${timeOf(new Date(found.since))}`;
    const why = found.state === "ALARM" && found.why !== undefined ? `: ${found.why}` : "";
    return `alarm ${wanted}: ${found.state}${since}${why}`;
  });
}
