import type { AlarmHistoryItem, MetricAlarm, PutMetricAlarmInput, StateValue } from "@aws-sdk/client-cloudwatch";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { EventSink } from "../../core/local";
import type { Checked } from "../../core/operation";
import { defineAlarm, describe, type AlarmDefinition, type AlarmState } from "./alarm";
import { actionsFor, carryOut, checkAction, type AlarmTelling } from "./alarm-actions";
import { evaluate, evaluationRange } from "./alarm-evaluation";
import { stateChangeEvent } from "./alarm-event";
import { AlarmHistory } from "./alarm-history";
import { stateReason, stateReasonData } from "./alarm-reason";
import { slotOf, type MetricStore } from "./metric-store";
import { readQueries } from "./query";

const EVALUATE_EVERY_SECONDS = 10;
/** CloudWatch evaluates once a minute, alarms with a period below a minute every 10 seconds. */
const MINUTE_SECONDS = 60;
/** Evaluations that a busy process missed are made up for, but not without end. */
const MAX_MISSED_EVALUATIONS = 30;

interface Alarm {
  definition: AlarmDefinition;
  configuredAt: Date;
  state: AlarmState;
  /** Number of the last minute at whose end it was evaluated (of ten seconds, for short periods). */
  evaluatedSlot: number | undefined;
  /** First slot before that for which a value has come late. */
  lateSlot: number | undefined;
  /** Whatever the state is, it stands until here (milliseconds): CloudWatch evaluates once a minute. */
  standsUntil: number;
}

/**
 * All alarms, evaluated every 10 seconds of AWS's time on the minutes that are over. A value that comes after its minute was evaluated
 * can still make the alarm ring, but not fall silent: what runs for a second here takes a minute of AWS's time, so its values come later
 * than AWS's would, and newer ones must not hide them.
 */
export class Alarms {
  private readonly byName = new Map<string, Alarm>();
  private readonly history: AlarmHistory;

  constructor(
    private readonly clock: Clock,
    private readonly account: Account,
    private readonly metrics: MetricStore,
    private readonly events: EventSink = { put: () => undefined },
    private readonly telling?: AlarmTelling,
  ) {
    this.history = new AlarmHistory(clock);
    clock.every(EVALUATE_EVERY_SECONDS * 1000, () => {
      for (const [name, alarm] of this.byName) {
        this.evaluate(name, alarm, clock.now());
      }
    });
    metrics.onAdded((metric, timestamp) => this.noteLate(metric, timestamp));
  }

  arnOf(name: string): string {
    return arn(this.account, "cloudwatch", `alarm:${name}`);
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** Creates an alarm in `INSUFFICIENT_DATA`, or replaces the whole definition of one and leaves its state as it is, as CloudWatch does. */
  put(input: Checked<PutMetricAlarmInput>): void {
    const definition = defineAlarm(input);
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = input;
    for (const action of [...AlarmActions, ...OKActions, ...InsufficientDataActions]) {
      checkAction(this.account, action);
    }
    const now = this.clock.now();
    const existing = this.byName.get(input.AlarmName);
    if (existing === undefined) {
      const state = {
        value: "INSUFFICIENT_DATA",
        reason: "Unchecked: Initial alarm creation",
        reasonData: undefined,
        updatedAt: now,
      } as const;
      const fresh = { evaluatedSlot: undefined, lateSlot: undefined, standsUntil: 0 };
      this.byName.set(input.AlarmName, { definition, configuredAt: now, state, ...fresh });
    } else {
      existing.definition = definition;
      existing.configuredAt = now;
      existing.evaluatedSlot = undefined;
      existing.lateSlot = undefined;
    }
    this.history.configured(input.AlarmName, existing === undefined ? "created" : "updated", {
      type: existing === undefined ? "Create" : "Update",
      updatedAlarm: definition.input,
    });
  }

  delete(name: string): void {
    if (this.byName.delete(name)) {
      this.history.configured(name, "deleted", { type: "Delete" });
    }
  }

  enableActions(name: string, enabled: boolean): void {
    const alarm = this.byName.get(name);
    if (alarm !== undefined) {
      alarm.definition = defineAlarm({ ...alarm.definition.input, ActionsEnabled: enabled });
      alarm.configuredAt = this.clock.now();
      this.history.configured(name, "updated", { type: "Update" });
    }
  }

  /** Sets a state by hand; it stands for a minute, until CloudWatch would evaluate the alarm again. */
  setState(name: string, value: StateValue, reason: string, reasonData: string | undefined): void {
    const alarm = this.byName.get(name);
    if (alarm === undefined) {
      throw new AwsError("ResourceNotFound", `Alarm ${name} does not exist`, 404);
    }
    const now = this.clock.now();
    this.change(name, alarm, { value, reason, reasonData, updatedAt: now });
    alarm.standsUntil = now.getTime() + this.clock.real(MINUTE_SECONDS * 1000);
  }

  /** All alarms by name. */
  list(): readonly (MetricAlarm & { readonly AlarmName: string })[] {
    return [...this.byName]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, alarm]) => ({ ...this.described(name, alarm), AlarmName: name }));
  }

  /** All that happened to the alarms, oldest first. */
  historyItems(): readonly AlarmHistoryItem[] {
    return this.history.items();
  }

  private described(name: string, { definition, configuredAt, state }: Alarm): MetricAlarm {
    return describe(definition, this.arnOf(name), configuredAt, state);
  }

  private noteLate(metric: string, timestamp: Date): void {
    for (const alarm of this.byName.values()) {
      const slot = slotOf(timestamp.getTime(), this.slotLength(alarm)) + 1;
      const isLate = alarm.evaluatedSlot !== undefined && slot <= alarm.evaluatedSlot;
      if (isLate && alarm.definition.metricIds.has(metric)) {
        alarm.lateSlot = Math.min(slot, alarm.lateSlot ?? slot);
      }
    }
  }

  /** Milliseconds from one evaluation to the next. */
  private slotLength({ definition }: Alarm): number {
    const seconds = definition.periodSeconds < MINUTE_SECONDS ? EVALUATE_EVERY_SECONDS : MINUTE_SECONDS;
    return this.clock.real(seconds * 1000);
  }

  private evaluate(name: string, alarm: Alarm, now: Date): void {
    if (now.getTime() < alarm.standsUntil) {
      return;
    }
    const length = this.slotLength(alarm);
    const newest = slotOf(now.getTime(), length);
    const next = alarm.evaluatedSlot === undefined ? newest : alarm.evaluatedSlot + 1;
    const first = Math.min(next, alarm.lateSlot ?? next);
    alarm.lateSlot = undefined;
    for (let slot = Math.max(first, newest - MAX_MISSED_EVALUATIONS); slot <= newest; slot += 1) {
      const previous = alarm.state.value;
      const isLate = slot < next;
      alarm.evaluatedSlot = isLate ? alarm.evaluatedSlot : slot;
      const state = this.evaluateAt(alarm, slot * length, now);
      if (!isLate || (state?.value === "ALARM" && previous !== "ALARM")) {
        this.change(name, alarm, state ?? alarm.state);
      }
      if (alarm.state.value !== previous) {
        alarm.standsUntil = now.getTime() + length;
        return;
      }
    }
  }

  /** What an alarm's state is, judged by the periods that end at `end`; `undefined` where there is nothing new to say. */
  private evaluateAt({ definition, state }: Alarm, end: number, now: Date): AlarmState | undefined {
    const { rule, periodSeconds, metric } = definition;
    const periods = evaluationRange(rule.evaluationPeriods);
    const origin = end - periods * this.clock.real(periodSeconds * 1000);
    const frame = { origin, periodSeconds, first: 0, end: periods };
    const points = readQueries(this.metrics, this.clock, definition.queries, () => frame).get(definition.watched.id);
    const range = Array.from({ length: periods }, (_, slot) => points?.get(slot));
    const verdict = evaluate(rule, range, state.value);
    const isSame = verdict.state === state.value;
    if (isSame && (verdict.evaluated.length === 0 || rule.treatMissingData === "ignore")) {
      return undefined;
    }
    const described = { statistic: metric?.statistic, periodSeconds, unit: metric?.unit };
    return {
      value: verdict.state,
      reason: stateReason(rule, verdict, state.value),
      reasonData: stateReasonData(rule, verdict, described, now),
      updatedAt: isSame ? state.updatedAt : now,
    };
  }

  private change(name: string, alarm: Alarm, state: AlarmState): void {
    const previous = alarm.state;
    alarm.state = state;
    if (previous.value !== state.value) {
      this.history.changed(name, previous, state);
      this.events.put(stateChangeEvent(this.arnOf(name), alarm.definition, previous, state));
      void this.act(name, alarm, previous);
    }
  }

  /** Carries out what the alarm is to do in its new state; the next evaluation does not wait for it. */
  private async act(name: string, alarm: Alarm, previous: AlarmState): Promise<void> {
    const { telling } = this;
    if (telling === undefined) {
      return;
    }
    const { definition, state } = alarm;
    const described = this.described(name, alarm);
    const change = { alarmArn: this.arnOf(name), alarm: described, definition, previous, state };
    for (const action of actionsFor(described)) {
      try {
        const published = await carryOut(action, change, this.account, telling);
        this.history.acted(name, action, state, { published });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.history.acted(name, action, state, { error: reason });
        console.error(`local AWS: alarm ${name} could not execute its action ${action}: ${reason}`);
      }
    }
  }
}
