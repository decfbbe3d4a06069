import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { clientConfig } from "local-aws/core/local";
import { processesWith } from "local-aws/core/process-tree";
import { PipelineWatch } from "../../../cli/pipeline/watch";
import { retrainDecisions, retrainFolder } from "../../../cli/retrain/decisions";
import { waitFor } from "../../journey/wait-for";
import { ASKING_ALARM } from "../idle-pipeline";
import type { Scenario } from "../scenario";
import type { Scene } from "../scene";

const STORM = 6;

/** What asks for a retraining, and how often one is started. */
export const retraining: readonly Scenario[] = [
  {
    name: "storm-of-alarms",
    tells: "the alarm for drift fires again and again within a second: one retraining is started",
    expected: "blue",
    needs: "pipeline",
    async play(scene) {
      const governor = await Governor.begin(scene);
      scene.harm("a storm of alarms");
      await governor.fire(STORM);
      await governor.hasDecided(STORM);
      await governor.hasStarted(1);
    },
  },
  {
    name: "governor-killed",
    tells:
      "the governor is killed when it has decided on a retraining and not started it: its next call starts it, once",
    expected: "blue",
    needs: "pipeline",
    async play(scene) {
      const governor = await Governor.begin(scene);
      // The governor asks again and again, which gives us time.
      const operation = "StartPipelineExecution";
      scene.fault({ kind: "aws-trouble", trouble: "throttling", services: ["codepipeline"], operation });
      await governor.fire();
      await waitFor("a retraining is noted", () => governor.isNoted());
      const killed = governor.kill();
      scene.harm(`kill -9 of ${killed} processes of the governor`);
      scene.expect(killed > 0 || process.platform !== "linux", "the governor did not run any more when it was killed");
      scene.aws.faults.clear();
      await governor.fire();
      await governor.hasDecided(2);
      await governor.hasStarted(1);
    },
  },
];

const ledgerSchema = z.object({ retrainings: z.array(z.object({ executionId: z.string().optional() })) });

/** The retrain governor of a lane's pipeline, with no retraining noted yet, and an alarm that asks it. */
class Governor {
  private constructor(
    private readonly scene: Scene,
    private readonly watch: PipelineWatch,
    private readonly executions: number,
  ) {}

  static async begin(scene: Scene): Promise<Governor> {
    const { aws, lane } = scene;
    const { pipelineName } = await pipelineOf(scene);
    const watch = new PipelineWatch(clientConfig(aws), pipelineName);
    await watch.idle();
    const s3 = new S3Client({ ...clientConfig(aws), forcePathStyle: true });
    const { bucket: Bucket } = lane.account;
    const Prefix = `${retrainFolder(lane.model.name)}/`;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    await Promise.all(Contents.map(({ Key }) => s3.send(new DeleteObjectCommand({ Bucket, Key }))));
    const cloudWatch = new CloudWatchClient(clientConfig(aws));
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: ASKING_ALARM, Namespace: "Rehearsal", MetricName: "Drift", Statistic: "Maximum", Period: 60 },
        ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "GreaterThanThreshold" },
        TreatMissingData: "ignore",
      }),
    );
    scene.onEnd(async () => {
      await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [ASKING_ALARM] }));
    });
    return new Governor(scene, watch, (await watch.executions()).length);
  }

  /** The alarm fires so many times. */
  async fire(times = 1): Promise<void> {
    const client = new CloudWatchClient(clientConfig(this.scene.aws));
    for (let time = 0; time < times; time++) {
      for (const StateValue of ["OK", "ALARM"] as const) {
        const StateReason = "the rehearsal says so";
        await client.send(new SetAlarmStateCommand({ AlarmName: ASKING_ALARM, StateValue, StateReason }));
      }
    }
  }

  /** Waits for so many decisions, of which one must be for a retraining. */
  async hasDecided(decisions: number): Promise<void> {
    const { aws, lane } = this.scene;
    const kept = await waitFor(`${decisions} decisions are kept`, async () => {
      const all = await retrainDecisions(clientConfig(aws), { model: lane.model.name, bucket: lane.account.bucket });
      return all.length >= decisions ? all : undefined;
    });
    const wanted = kept.filter(({ decision }) => decision === "retrain").length;
    this.scene.expect(wanted === 1, `${wanted} of ${kept.length} decisions are for a retraining`);
  }

  /** Whether a retraining was decided on and not started yet. */
  async isNoted(): Promise<boolean> {
    const { aws, lane } = this.scene;
    const place = { Bucket: lane.account.bucket, Key: `${retrainFolder(lane.model.name)}/ledger.json` };
    try {
      const { Body } = await new S3Client({ ...clientConfig(aws), forcePathStyle: true }).send(
        new GetObjectCommand(place),
      );
      const { retrainings } = ledgerSchema.parse(JSON.parse((await Body?.transformToString()) ?? ""));
      return retrainings.some(({ executionId }) => executionId === undefined);
    } catch (error) {
      if (error instanceof Error && error.name === "NoSuchKey") {
        return false;
      }
      throw error;
    }
  }

  /** Kills its processes as `kill -9` would. Returns how many there were. */
  kill(): number {
    const ofThisAws = processesWith("AWS_ENDPOINT_URL", this.scene.aws.endpoint);
    const own = processesWith("AWS_LAMBDA_FUNCTION_NAME", `${this.watch.pipelineName}-retrain`);
    const both = own.filter((pid) => ofThisAws.includes(pid));
    both.forEach((pid) => process.kill(pid, "SIGKILL"));
    return both.length;
  }

  /** Notes a problem unless so many executions have been started, also a while later. */
  async hasStarted(executions: number): Promise<void> {
    await waitFor("an execution is started", async () => (await this.started()) > 0);
    await sleep((RETRIES_SECONDS * 1000) / this.scene.lane.speed);
    const started = await this.started();
    this.scene.expect(started === executions, `${started} executions were started, and ${executions} were to be`);
  }

  private async started(): Promise<number> {
    return (await this.watch.executions()).length - this.executions;
  }
}

/** AWS seconds in which Lambda has called a function again that has failed. */
const RETRIES_SECONDS = 240;

async function pipelineOf({ lane }: Scene) {
  return z.looseObject({ pipelineName: z.string() }).parse(await lane.project.outputs("pipeline"));
}
