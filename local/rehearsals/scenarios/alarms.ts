import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { Scenario } from "../scenario";
import type { Scene } from "../scene";
import { waitFor } from "../../journey/wait-for";

/** Alarms: the release's own, and one of somebody else. */
export const alarms: readonly Scenario[] = [
  {
    name: "alarm-already-firing",
    tells: "an alarm that the rollout is to watch is in ALARM before it begins",
    expected: "blue",
    async play(scene) {
      const alarm = await OwnAlarm.create(scene);
      scene.harm("the shop's alarm fires");
      const stop = alarm.keepFiring();
      scene.onEnd(async () => stop());
      await alarm.fires();
      await scene.rolloutFails(/alarm shop-orders-failed\b.*\bALARM/, alarm.watched);
      scene.expect(
        scene.faultAt !== undefined && !wasReached(scene),
        "green got requests although the alarm was firing",
      );
    },
  },
  {
    name: "alarm-flaps",
    tells: "an alarm fires during the canary and is OK again at once",
    expected: "blue",
    async play(scene) {
      const alarm = await OwnAlarm.create(scene);
      const going = await scene.upToCanary(alarm.watched);
      scene.harm("the shop's alarm fires once");
      await alarm.datum();
      await scene.rolloutHasFailed(going, /alarm shop-orders-failed\b/);
    },
  },
  {
    name: "emergency",
    tells: "an alarm is in ALARM before the rollout begins, which is told that this is an emergency",
    expected: "green",
    async play(scene) {
      const alarm = await OwnAlarm.create(scene);
      scene.harm("the shop's alarm fires");
      const stop = alarm.keepFiring();
      scene.onEnd(async () => stop());
      await alarm.fires();
      await scene.succeeds("prod", { ...alarm.watched, emergency: "true" });
    },
  },
  {
    name: "breach-during-bake",
    tells:
      "all is well until CodeDeploy is done; then, while the rollout bakes, the new model fails every third request",
    expected: "blue",
    async play(scene) {
      const going = await scene.upToBake();
      scene.fault({ kind: "model-errors", endpoint: scene.endpointOf(scene.green), everyNth: 3 });
      await scene.rolloutHasFailed(going, /did not pass its bake\n.*alarm \S+-model-faults\b/);
    },
  },
];

/** Whether green ever got a request. */
function wasReached({ lane, green }: Scene): boolean {
  return lane.watch.timeline.some(({ shares = {} }) => (shares[green] ?? 0) > 0);
}

/** An alarm on a metric of somebody else's, which fires for a minute with each datum. */
class OwnAlarm {
  private readonly client: CloudWatchClient;

  private constructor(aws: LocalAws) {
    this.client = new CloudWatchClient(clientConfig(aws));
  }

  /** Creates the alarm, which is deleted with the scenario. */
  static async create(scene: Scene): Promise<OwnAlarm> {
    const alarm = new OwnAlarm(scene.aws);
    await alarm.client.send(
      new PutMetricAlarmCommand({
        AlarmName: ALARM,
        ...METRIC,
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
    scene.onEnd(async () => {
      await alarm.client.send(new DeleteAlarmsCommand({ AlarmNames: [ALARM] }));
    });
    return alarm;
  }

  /** Config of the prod stack that makes the rollout watch it. */
  readonly watched = { alarmNames: JSON.stringify([ALARM]) };

  async datum(): Promise<void> {
    await this.client.send(
      new PutMetricDataCommand({
        Namespace: METRIC.Namespace,
        MetricData: [{ MetricName: METRIC.MetricName, Value: 1 }],
      }),
    );
  }

  /** Sends data until it is stopped. Returns a function that stops it. */
  keepFiring(): () => void {
    const timer = setInterval(() => void this.datum(), 200);
    return () => clearInterval(timer);
  }

  async fires(): Promise<void> {
    await waitFor(`alarm ${ALARM} fires`, async () => {
      const { MetricAlarms = [] } = await this.client.send(new DescribeAlarmsCommand({ AlarmNames: [ALARM] }));
      return MetricAlarms.some(({ StateValue }) => StateValue === "ALARM");
    });
  }
}

const ALARM = "shop-orders-failed";
const METRIC = { Namespace: "Shop", MetricName: "OrdersFailed" };
