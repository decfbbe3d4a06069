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
import { answered, caller, clientSettings, type Caller } from "../run/aws";
import type { Patience } from "../run/patience";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** An alarm that is, or was, in ALARM. */
export interface Firing {
  readonly name: string;
  /** CloudWatch's sentence, with the datapoints that decided. */
  readonly reason: string;
  /** When it went to ALARM. */
  readonly since: Date | undefined;
}

/** Without these, CloudWatch tells of metric alarms only. */
const ALARM_TYPES: AlarmType[] = ["MetricAlarm", "CompositeAlarm"];

const NO_REASON = "no reason given";

/** What CloudWatch notes about a change of state. */
const STATE_UPDATE = z.object({ newState: z.object({ stateValue: z.string(), stateReason: z.string().optional() }) });

/** Reads alarms, metric and composite ones, by their names. Without names it asks nothing; names that do not exist fire never. */
export class Alarms {
  private readonly cloudWatch: Caller<CloudWatchClient>;

  constructor(
    inputs: Pick<LambdaRolloutInputs, "region">,
    private readonly patience: Patience,
  ) {
    this.cloudWatch = caller(() => new CloudWatchClient(clientSettings(inputs.region)));
  }

  /** Those that are in ALARM now. */
  firing(names: readonly string[]): Promise<Firing[]> {
    return this.patience.call(() => this.lookFiring(names));
  }

  /** One look, for those who look again by themselves. */
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
    const alarms = await this.patience.call(() => this.describe(names));
    const found = new Set(alarms.map(({ AlarmName }) => AlarmName));
    return names.filter((name) => !found.has(name));
  }

  /** Those that went to ALARM since, also where they have left it again; each once, as it was the first time. */
  async firedSince(names: readonly string[], since: Date): Promise<Firing[]> {
    const fired: Firing[] = [];
    for (const name of names) {
      const first = await this.patience.call(() => this.lookFirstSince(name, since));
      if (first !== undefined) {
        fired.push(first);
      }
    }
    return fired;
  }

  private describe(names: readonly string[], StateValue?: StateValue): Promise<(MetricAlarm | CompositeAlarm)[]> {
    return this.cloudWatch(async (client) => {
      const found: (MetricAlarm | CompositeAlarm)[] = [];
      // An empty list of names stands for all alarms.
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
