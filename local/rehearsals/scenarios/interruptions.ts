import {
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  paginateListTrainingJobs,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { setTimeout as sleep } from "node:timers/promises";
import { releaseNames } from "../../../lib/release";
import { clientConfig } from "local-aws/core/local";
import type { Going } from "../going";
import type { Scenario } from "../scenario";
import type { Scene } from "../scene";

/** How long AWS is in trouble, in real milliseconds. */
const TROUBLE_MS = 4000;

/** Killed engines and an AWS that does not answer. The next up, or the same one, goes on. */
export const interruptions: readonly Scenario[] = [
  {
    name: "killed-during-training",
    tells:
      "the engine is killed while the training job runs; the next up goes on with the same job, and the release goes live",
    expected: "green",
    async play(scene) {
      const sageMaker = new SageMakerClient(clientConfig(scene.aws));
      const going = await scene.start("train");
      await going.reaches(
        "the training job runs",
        async () => (await trainingStatus(scene, sageMaker)) === "InProgress",
      );
      await scene.killEngine(going);
      await scene.succeeds("train");
      const jobs = await trainingJobs(sageMaker, scene.green);
      scene.expect(jobs === 1, `there are ${jobs} training jobs, and one was needed`);
      await scene.succeeds("prod");
    },
  },
  {
    name: "killed-during-endpoint-creation",
    tells: "the engine is killed while the new endpoint is created; the next up goes on with it",
    expected: "green",
    async play(scene) {
      const going = await scene.start("prod");
      await going.reaches("the endpoint is being created", async () => (await endpointStatus(scene)) === "Creating");
      await scene.killEngine(going);
      await scene.succeeds("prod");
    },
  },
  {
    name: "killed-in-canary",
    tells: "the engine is killed during the canary; the next up goes on with the same deployment",
    expected: "green",
    async play(scene) {
      const going = await scene.upToCanary();
      await scene.killEngine(going);
      await scene.succeeds("prod");
    },
  },
  {
    name: "killed-in-bake",
    tells: "the engine is killed while the new release bakes; the next up goes on with the bake",
    expected: "green",
    async play(scene) {
      const going = await scene.upToBake();
      await scene.killEngine(going);
      await scene.succeeds("prod");
    },
  },
  {
    name: "aws-trouble",
    tells: "during the canary AWS throttles, answers 500 and drops connections for some seconds",
    expected: "green",
    async play(scene) {
      const going = await scene.upToCanary();
      await trouble(scene, going, "mixed");
      await scene.hasSucceeded(going);
    },
  },
  {
    name: "credentials-expire",
    tells: "the credentials expire while the training job is polled, and are renewed some seconds later",
    expected: "blue",
    async play(scene) {
      const sageMaker = new SageMakerClient(clientConfig(scene.aws));
      const going = await scene.start("train");
      await going.reaches(
        "the training job runs",
        async () => (await trainingStatus(scene, sageMaker)) === "InProgress",
      );
      await trouble(scene, going, "expired-credentials");
      await scene.hasSucceeded(going);
    },
  },
];

/** Troubles AWS while an update runs, which must notice. */
async function trouble(scene: Scene, going: Going, kind: "mixed" | "expired-credentials"): Promise<void> {
  scene.fault({ kind: "aws-trouble", trouble: kind });
  await sleep(TROUBLE_MS);
  scene.aws.faults.clear();
  await going.says(/AWS has trouble/);
}

async function trainingStatus(scene: Scene, client: SageMakerClient): Promise<string | undefined> {
  const { trainingJob } = releaseNames({
    model: scene.lane.model.name,
    release: scene.green,
    bucket: scene.lane.account.bucket,
  });
  return statusOf(async () => {
    const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: trainingJob }));
    return job.TrainingJobStatus;
  });
}

async function endpointStatus(scene: Scene): Promise<string | undefined> {
  const client = new SageMakerClient(clientConfig(scene.aws));
  return statusOf(async () => {
    const endpoint = await client.send(new DescribeEndpointCommand({ EndpointName: scene.endpointOf(scene.green) }));
    return endpoint.EndpointStatus;
  });
}

/** The status of something; `undefined` if SageMaker does not know it yet, which it calls a `ValidationException`. */
async function statusOf(describe: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await describe();
  } catch (error) {
    if (error instanceof Error && error.name === "ValidationException") {
      return undefined;
    }
    throw error;
  }
}

async function trainingJobs(client: SageMakerClient, release: string): Promise<number> {
  let count = 0;
  for await (const { TrainingJobSummaries = [] } of paginateListTrainingJobs({ client }, { NameContains: release })) {
    count += TrainingJobSummaries.length;
  }
  return count;
}
