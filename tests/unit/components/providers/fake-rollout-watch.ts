import { DescribeAlarmHistoryCommand, DescribeAlarmsCommand, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { Service } from "local-aws/core/http";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";

/** Just enough of CloudWatch's alarms and metrics, and of SNS, for rollouts that a test lays out look by look. */
export class FakeWatch {
  /** Alarms in ALARM. */
  readonly alarms: { name: string; reason: string }[] = [];
  /** Names of the alarms that are OK. */
  readonly quiet: string[] = [];
  /** Changes to ALARM. */
  readonly history: { name: string; reason: string; at: Date }[] = [];
  /** What each metric has added up to, by the id that it is asked for with. */
  readonly metrics: Record<string, number> = {};
  /** The minute in which it has. */
  metricsAt = new Date(0);
  /** What happens before each look at the alarms, one after the other; then nothing more. */
  looks: (() => void)[] = [];
  readonly published: { event: string; subject: string; message: string }[] = [];

  private readonly cloudWatch = jsonRpcService("CloudWatch", [
    operation(DescribeAlarmsCommand, ({ StateValue, AlarmNames = [] }) => {
      this.looks.shift()?.();
      const quiet = StateValue === "ALARM" ? [] : this.quiet.map((name) => ({ name, reason: "" }));
      return {
        MetricAlarms: [...this.alarms, ...quiet]
          .filter(({ name }) => AlarmNames.includes(name))
          .map(({ name, reason }) => ({ AlarmName: name, StateReason: reason })),
      };
    }),
    operation(DescribeAlarmHistoryCommand, ({ AlarmName, StartDate }) => ({
      AlarmHistoryItems: this.history
        .filter(({ name, at }) => name === AlarmName && (StartDate === undefined || at >= StartDate))
        .map(({ name, reason, at }) => ({
          AlarmName: name,
          Timestamp: at,
          HistoryItemType: "StateUpdate" as const,
          HistoryData: JSON.stringify({ newState: { stateValue: "ALARM", stateReason: reason } }),
        })),
    })),
    operation(GetMetricDataCommand, ({ MetricDataQueries }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id }) => {
        const value = this.metrics[Id];
        return { Id, Timestamps: value === undefined ? [] : [this.metricsAt], Values: value === undefined ? [] : [value] };
      }),
    })),
  ]);

  /** SNS speaks forms and XML. */
  private readonly sns: Service = {
    name: "SNS",
    handle: async ({ body }) => {
      const form = new URLSearchParams(Buffer.from(body).toString());
      this.published.push({
        event: form.get("MessageAttributes.entry.1.Value.StringValue") ?? "",
        subject: form.get("Subject") ?? "",
        message: form.get("Message") ?? "",
      });
      const result = "<PublishResult><MessageId>m-1</MessageId></PublishResult>";
      return {
        status: 200,
        headers: { "content-type": "text/xml" },
        body: `<PublishResponse>${result}</PublishResponse>`,
      };
    },
  };

  readonly services: Readonly<Record<string, Service>> = { monitoring: this.cloudWatch, sns: this.sns };
}
