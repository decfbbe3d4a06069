import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, DescribeAlarmsCommand, type PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { LOCAL_ACCOUNT } from "../../core/account";
import { Clock } from "../../core/clock";
import type { MetricSink } from "../../core/local";
import { cloudWatch } from "../../services/cloudwatch";
import { serve, type Served } from "../../testing/serve";

/** At this speed, CloudWatch's minute takes 100 ms. */
const SPEED = 600;

export const dimensions = [{ Name: "FunctionName", Value: "mlops-nyctaxi-api" }];
export const errorsAlarm: PutMetricAlarmCommandInput = {
  AlarmName: "errors",
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Dimensions: dimensions,
  Statistic: "Sum",
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: "GreaterThanThreshold",
  TreatMissingData: "notBreaching",
};

/** CloudWatch behind its real client. */
export class Fixture {
  private constructor(
    readonly client: CloudWatchClient,
    /** Where other services put their metrics. */
    readonly metrics: MetricSink,
    private readonly clock: Clock,
    private readonly served: Served,
  ) {}

  static async start(speed = SPEED): Promise<Fixture> {
    const clock = new Clock(speed);
    const { service, metrics } = cloudWatch(clock, LOCAL_ACCOUNT);
    const served = await serve(service);
    return new Fixture(new CloudWatchClient(served.client), metrics, clock, served);
  }

  async close(): Promise<void> {
    this.clock.stop();
    this.client.destroy();
    await this.served.close();
  }

  /** Puts a value of the metric of `errorsAlarm`. */
  putError(value = 1, by: Record<string, string> = { FunctionName: "mlops-nyctaxi-api" }): void {
    this.metrics.put([{ namespace: "AWS/Lambda", name: "Errors", dimensions: by, value, unit: "Count" }]);
  }

  async alarm(name = "errors") {
    return (await this.client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0];
  }

  async stateBecomes(state: string, name = "errors") {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const found = await this.alarm(name);
      if (found?.StateValue === state) {
        return found;
      }
      await sleep(5);
    }
    throw new Error(`alarm ${name} did not become ${state} but is ${(await this.alarm(name))?.StateValue ?? "gone"}`);
  }
}

/** What a call failed with. */
export async function failure(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return "no error";
}
