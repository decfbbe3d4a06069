import {
  CloudWatchClient,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  type AlarmType,
  type CompositeAlarm,
  type MetricAlarm,
  type StateValue,
} from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { answered, caller, clientSettings, type Caller } from "../support/aws";
import type { Waiter } from "../support/waiter";
import { timestamp } from "../support/words";
import type { LambdaRolloutInputs } from "./inputs";

/** An alarm that is, or was, in ALARM. */
export interface Firing {
  readonly name: string;
  /** CloudWatch's sentence, with the datapoints that decided. */
  readonly reason: string;
  /** When it went to ALARM. */
  readonly since: Date | undefined;
}

/** Both types must be named, since CloudWatch lists only metric alarms by default. */
const ALARM_TYPES: AlarmType[] = ["MetricAlarm", "CompositeAlarm"];

const NO_REASON = "no reason given";

/** What CloudWatch records about a change of an alarm's state. */
const STATE_UPDATE = z.object({ newState: z.object({ stateValue: z.string(), stateReason: z.string().optional() }) });

/** Reads metric and composite alarms by their names. Without names it makes no call. A name that does not exist never fires. */
export class Alarms {
  private readonly cloudWatch: Caller<CloudWatchClient>;

  constructor(
    inputs: Pick<LambdaRolloutInputs, "region">,
    private readonly waiter: Waiter,
  ) {
    this.cloudWatch = caller(() => new CloudWatchClient(clientSettings(inputs.region)));
  }

  /** The alarms that are in ALARM now. */
  firing(names: readonly string[]): Promise<Firing[]> {
    return this.waiter.call(() => this.lookFiring(names));
  }

  /** A single look without retries, for callers that look again themselves. */
  async lookFiring(names: readonly string[]): Promise<Firing[]> {
    const alarms = await this.describe(names, "ALARM");
    return alarms.map(
      ({ AlarmName = "?", StateReason = NO_REASON, StateTransitionedTimestamp, StateUpdatedTimestamp }) => ({
        name: AlarmName,
        reason: StateReason,
        since: StateTransitionedTimestamp ?? StateUpdatedTimestamp,
      }),
    );
  }

  /** The names that no alarm has. */
  async missing(names: readonly string[]): Promise<string[]> {
    const alarms = await this.waiter.call(() => this.describe(names));
    const found = new Set(alarms.map(({ AlarmName }) => AlarmName));
    return names.filter((name) => !found.has(name));
  }

  /** The alarms that went to ALARM since then, even if they have left it again. Each is listed once, with its first change. */
  async firedSince(names: readonly string[], since: Date): Promise<Firing[]> {
    const fired: Firing[] = [];
    for (const name of names) {
      const first = await this.waiter.call(() => this.lookFirstSince(name, since));
      if (first !== undefined) {
        fired.push(first);
      }
    }
    return fired;
  }

  private describe(names: readonly string[], StateValue?: StateValue): Promise<(MetricAlarm | CompositeAlarm)[]> {
    return this.cloudWatch(async (client) => {
      const found: (MetricAlarm | CompositeAlarm)[] = [];
      // For CloudWatch an empty list of names means all alarms.
      if (names.length > 0) {
        const request = { AlarmNames: [...names], AlarmTypes: ALARM_TYPES, StateValue };
        for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, request)) {
          found.push(...MetricAlarms, ...CompositeAlarms);
        }
      }
      return found;
    });
  }

  private lookFirstSince(name: string, since: Date): Promise<Firing | undefined> {
    return this.cloudWatch(async (client) => {
      const pages = paginateDescribeAlarmHistory(
        { client },
        {
          AlarmName: name,
          AlarmTypes: ALARM_TYPES,
          HistoryItemType: "StateUpdate",
          StartDate: since,
          ScanBy: "TimestampAscending",
        },
      );
      try {
        for await (const { AlarmHistoryItems = [] } of pages) {
          for (const { Timestamp, HistoryData = "{}" } of AlarmHistoryItems) {
            const { newState } = STATE_UPDATE.safeParse(JSON.parse(HistoryData)).data ?? {};
            if (newState?.stateValue === "ALARM") {
              return { name, reason: newState.stateReason ?? NO_REASON, since: Timestamp };
            }
          }
        }
      } catch (error) {
        if (!answered(error, "ResourceNotFound", "ResourceNotFoundException")) {
          throw error;
        }
      }
      return undefined;
    });
  }
}

/** An alarm that is in ALARM, in words. */
export function isFiring({ name, reason, since }: Firing): string {
  return `alarm ${name} is in ALARM${since === undefined ? "" : ` since ${timestamp(since)}`}: ${reason}`;
}

/** An alarm that went to ALARM and may have left it again, in words. */
export function hasFired({ name, reason, since }: Firing): string {
  return `alarm ${name} went to ALARM${since === undefined ? "" : ` at ${timestamp(since)}`}: ${reason}`;
}
