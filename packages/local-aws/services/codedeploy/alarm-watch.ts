import { DescribeAlarmsCommand, type CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { AlarmConfiguration } from "@aws-sdk/client-codedeploy";
import type { Clock } from "../../core/clock";
import { alarmFailure, DeploymentFailure } from "./failure";
import { persistently } from "./persistently";

/** How often the alarms are read, in AWS's time. */
const POLL_SECONDS = 5;

/** The alarms of one deployment, read all the while it runs. */
export class AlarmWatch {
  private endPolling: () => void = () => undefined;

  constructor(
    private readonly cloudWatch: CloudWatchClient,
    private readonly clock: Clock,
    private readonly configuration: AlarmConfiguration | undefined,
  ) {}

  /**
   * Reads the alarms once, and from then on every few seconds.
   *
   * @param onFailure called once one of them is in `ALARM`, or cannot be read and that is not to be ignored
   * @throws DeploymentFailure if that is so at the start
   */
  async begin(signal: AbortSignal, onFailure: (failure: DeploymentFailure) => void): Promise<void> {
    if (this.names.length === 0) {
      return;
    }
    await this.check(signal);
    this.endPolling = this.clock.every(POLL_SECONDS * 1000, async () => {
      try {
        await this.check(signal);
      } catch (error) {
        if (error instanceof DeploymentFailure && !signal.aborted) {
          onFailure(error);
        }
      }
    });
  }

  end(): void {
    this.endPolling();
  }

  private get names(): readonly string[] {
    const alarms = this.configuration?.enabled === true ? (this.configuration.alarms ?? []) : [];
    return alarms.flatMap(({ name }) => (name === undefined ? [] : [name]));
  }

  private async check(signal: AbortSignal): Promise<void> {
    let states: ReadonlyMap<string, string | undefined>;
    try {
      states = await persistently(this.clock, "CloudWatch DescribeAlarms", () => this.states(), signal);
    } catch (error) {
      if (error instanceof DeploymentFailure && this.configuration?.ignorePollAlarmFailure === true) {
        return;
      }
      throw error;
    }
    const ringing = this.names.filter((name) => states.get(name) === "ALARM");
    if (ringing.length > 0) {
      throw alarmFailure(ringing);
    }
    const absent = this.names.filter((name) => !states.has(name));
    if (absent.length > 0 && this.configuration?.ignorePollAlarmFailure !== true) {
      throw new DeploymentFailure(
        "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND",
        `The state of the alarms could not be retrieved: CloudWatch has no alarm named ${absent.join(", ")}.`,
      );
    }
  }

  private async states(): Promise<ReadonlyMap<string, string | undefined>> {
    const command = new DescribeAlarmsCommand({
      AlarmNames: [...this.names],
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
    });
    const { MetricAlarms = [], CompositeAlarms = [] } = await this.cloudWatch.send(command);
    return new Map([...MetricAlarms, ...CompositeAlarms].map((alarm) => [alarm.AlarmName ?? "", alarm.StateValue]));
  }
}
