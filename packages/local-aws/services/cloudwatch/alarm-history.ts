import type { AlarmHistoryItem, HistoryItemType } from "@aws-sdk/client-cloudwatch";
import type { Clock } from "../../core/clock";
import type { AlarmState } from "./alarm";
import { isoText } from "./alarm-reason";

/** CloudWatch keeps an alarm's history for 30 days; here it is bounded by number. */
const MAX_HISTORY = 10_000;
/** Of AWS's service model. */
const MAX_SUMMARY = 255;

/** What happened to the alarms. */
export class AlarmHistory {
  private readonly kept: AlarmHistoryItem[] = [];

  constructor(private readonly clock: Clock) {}

  /** All of it, oldest first. */
  items(): readonly AlarmHistoryItem[] {
    return this.kept;
  }

  configured(name: string, what: "created" | "updated" | "deleted", data: object): void {
    this.record(name, "ConfigurationUpdate", `Alarm "${name}" ${what}`, { version: "1.0", ...data });
  }

  changed(name: string, previous: AlarmState, state: AlarmState): void {
    this.record(name, "StateUpdate", `Alarm updated from ${previous.value} to ${state.value}`, {
      version: "1.0",
      oldState: stateData(previous),
      newState: stateData(state),
    });
  }

  /** An action was carried out, or could not be. */
  acted(
    name: string,
    action: string,
    state: AlarmState,
    outcome: { readonly published?: string; readonly error?: string },
  ) {
    const { published, error } = outcome;
    const summary =
      error === undefined
        ? `Successfully executed action ${action}`
        : `Failed to execute action ${action}. Received error: "${error}"`;
    this.record(name, "Action", summary, {
      actionState: error === undefined ? "Succeeded" : "Failed",
      stateUpdateTimestamp: state.updatedAt.getTime(),
      notificationResource: action,
      publishedMessage: published === undefined ? null : JSON.stringify({ default: published }),
      error: error ?? null,
    });
  }

  private record(name: string, type: HistoryItemType, summary: string, data: object): void {
    this.kept.push({
      AlarmName: name,
      AlarmType: "MetricAlarm",
      Timestamp: this.clock.now(),
      HistoryItemType: type,
      HistorySummary: summary.slice(0, MAX_SUMMARY),
      HistoryData: JSON.stringify(data),
    });
    this.kept.splice(0, this.kept.length - MAX_HISTORY);
  }
}

function stateData({ value, reason, reasonData, updatedAt }: AlarmState): object {
  const data: unknown = reasonData === undefined ? undefined : parsed(reasonData);
  return { stateValue: value, stateReason: reason, stateReasonData: data, stateUpdatedAt: isoText(updatedAt) };
}

/** `SetAlarmState` takes any text as reason data, though it says that it should be JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
