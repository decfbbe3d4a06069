import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateTrainingJobCommand,
  DescribeEndpointCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  type CreateEndpointConfigCommandInput,
  type CreateTrainingJobCommandInput,
  type EndpointStatus,
} from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { applicationAutoScaling } from "../../services/autoscaling";
import { LOCAL_ACCOUNT } from "../../core/account";
import { Clock } from "../../core/clock";
import { Faults } from "../../core/faults";
import { signedService } from "../../core/http";
import type { Local, MetricValue, ServiceEvent } from "../../core/local";
import { cloudWatch } from "../../services/cloudwatch";
import { sageMaker } from "../../services/sagemaker";
import { NO_SESSIONS } from "../no-sessions";
import { motoWithoutBuckets } from "../shared-moto";
import { testPython } from "pulumi-engine/testing/python";
import { serve } from "../../testing/serve";

export const BUCKET = "models";
export const ROLE = "arn:aws:iam::123456789012:role/sagemaker";
export const XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";
export const SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";

/** A local SageMaker with autoscaling, alarms and S3, on a fast clock, and real clients of them. Its metrics reach no alarm. */
export interface TestSageMaker {
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
  readonly autoscaling: ApplicationAutoScalingClient;
  readonly s3: S3Client;
  readonly faults: Faults;
  readonly endpoint: string;
  readonly metrics: readonly MetricValue[];
  /** What EventBridge was told. */
  readonly events: readonly ServiceEvent[];
  /** What was told of containers that were killed. */
  readonly killed: readonly string[];
  readonly logs: readonly { readonly group: string; readonly stream: string; readonly line: string }[];
  /** Ends SageMaker and autoscaling as the local AWS does, while S3 goes on. */
  closeServices(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it, `speed` times faster than AWS. */
export async function startSageMaker(speed = 6000): Promise<TestSageMaker> {
  const python = testPython();
  const scratchDir = await mkdtemp(join(tmpdir(), "sagemaker test "));
  const moto = await motoWithoutBuckets();
  const clock = new Clock(speed);
  const faults = new Faults();
  const metrics: MetricValue[] = [];
  const events: ServiceEvent[] = [];
  const killed: string[] = [];
  const logs: { group: string; stream: string; line: string }[] = [];
  const closes: (() => Promise<void>)[] = [];
  const served = await serve((endpoint) => {
    const local: Local = {
      clock,
      account: LOCAL_ACCOUNT,
      endpoint,
      scratchDir,
      python,
      faults,
      events: { put: (event) => void events.push(event) },
      sessions: NO_SESSIONS,
      onContainerKilled: (what) => killed.push(what),
      metrics: { put: (values) => metrics.push(...values) },
      logs: { write: (group, stream, lines) => logs.push(...lines.map((line) => ({ group, stream, line }))) },
    };
    const { sagemaker, runtime, variants } = sageMaker(local);
    const { service: monitoring } = cloudWatch(clock, LOCAL_ACCOUNT, { events: local.events });
    const autoscaling = applicationAutoScaling(local, variants);
    closes.push(
      async () => autoscaling.close?.(),
      async () => sagemaker.close?.(),
    );
    return (request) => {
      switch (signedService(request)) {
        case "sagemaker":
          return request.path.startsWith("/endpoints/") ? runtime : sagemaker;
        case "application-autoscaling":
          return autoscaling;
        case "monitoring":
          return monitoring;
        default:
          return moto.inAccount(LOCAL_ACCOUNT.accountId);
      }
    };
  });
  const s3 = new S3Client(served.client);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const closeServices = async () => {
    await Promise.all(closes.splice(0).map((close) => close()));
    clock.stop();
  };
  return {
    sagemaker: new SageMakerClient(served.client),
    runtime: new SageMakerRuntimeClient(served.client),
    autoscaling: new ApplicationAutoScalingClient(served.client),
    s3,
    faults,
    endpoint: served.endpoint,
    metrics,
    events,
    killed,
    logs,
    closeServices,
    async close() {
      await closeServices();
      await served.close();
      await moto.close();
      await rm(scratchDir, { recursive: true, force: true });
    },
  };
}

/** Rows of a plane: `label, x, y` with `label = 2x + 3y`; the same every time. */
export function planeRows(count: number, seed = 1): string {
  let state = seed;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const rows = Array.from({ length: count }, () => {
    const [x, y] = [next() * 10, next() * 10];
    return `${(2 * x + 3 * y).toFixed(4)},${x.toFixed(4)},${y.toFixed(4)}`;
  });
  return `${rows.join("\n")}\n`;
}

export async function put(test: TestSageMaker, key: string, body: string | Uint8Array): Promise<void> {
  await test.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
}

export async function keys(test: TestSageMaker, prefix: string): Promise<readonly string[]> {
  const { Contents = [] } = await test.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
  return Contents.map((object) => object.Key!);
}

export async function text(test: TestSageMaker, key: string): Promise<string> {
  return Buffer.from(await bytes(test, key)).toString("utf8");
}

async function bytes(test: TestSageMaker, key: string): Promise<Uint8Array> {
  const { Body } = await test.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return Body!.transformToByteArray();
}

/** Input of a small training job; `changes` win. */
export function trainingJob(
  name: string,
  changes: Partial<CreateTrainingJobCommandInput> = {},
): CreateTrainingJobCommandInput {
  const channel = (channelName: string) => ({
    ChannelName: channelName,
    ContentType: "csv",
    DataSource: { S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: `s3://${BUCKET}/data/${channelName}` } },
  });
  return {
    TrainingJobName: name,
    RoleArn: ROLE,
    AlgorithmSpecification: { TrainingImage: XGBOOST, TrainingInputMode: "File" },
    HyperParameters: { num_round: "8", objective: "reg:linear", max_depth: "4", eta: "0.5" },
    InputDataConfig: [channel("train"), channel("validation")],
    OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/output/` },
    ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
    ...changes,
  };
}

const POLL_MS = 100;
const PATIENCE_MS = 30_000;

/** Looks again and again until `done` holds; fails with the last look where it never does. */
export async function until<T>(look: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (done(value)) {
      return value;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${PATIENCE_MS} ms in vain, at last for ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export async function trainingEnd(test: TestSageMaker, name: string) {
  return until(
    () => test.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    (job) => job.TrainingJobStatus !== "InProgress" && job.TrainingJobStatus !== "Stopping",
  );
}

export async function processingEnd(test: TestSageMaker, name: string) {
  return until(
    () => test.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: name })),
    (job) => job.ProcessingJobStatus !== "InProgress" && job.ProcessingJobStatus !== "Stopping",
  );
}

export async function endpointIn(test: TestSageMaker, name: string, status: EndpointStatus) {
  return until(
    () => test.sagemaker.send(new DescribeEndpointCommand({ EndpointName: name })),
    (endpoint) => endpoint.EndpointStatus === status,
  );
}

/** A model of that name, of an archive that exists. */
export async function createModel(test: TestSageMaker, name: string, archiveKey: string): Promise<void> {
  await test.sagemaker.send(
    new CreateModelCommand({
      ModelName: name,
      ExecutionRoleArn: ROLE,
      PrimaryContainer: { Image: XGBOOST, ModelDataUrl: `s3://${BUCKET}/${archiveKey}` },
    }),
  );
}

/** Where {@link createGoodModel} puts its archive. */
export const GOOD_ARCHIVE = "good/model.tar.gz";
let goodArchive: Promise<Uint8Array> | undefined;

/** A model `good` that has learned the plane. It is trained for the first suite that wants it. */
export async function createGoodModel(test: TestSageMaker): Promise<void> {
  goodArchive ??= trainedArchive(test);
  await put(test, GOOD_ARCHIVE, await goodArchive);
  await createModel(test, "good", GOOD_ARCHIVE);
}

async function trainedArchive(test: TestSageMaker): Promise<Uint8Array> {
  await put(test, "data/train/train.csv", planeRows(200));
  await put(test, "data/validation/validation.csv", planeRows(50, 7));
  await test.sagemaker.send(new CreateTrainingJobCommand(trainingJob("good")));
  const { TrainingJobStatus: status, FailureReason: reason } = await trainingEnd(test, "good");
  if (status !== "Completed") {
    throw new Error(`the model could not be trained: ${reason ?? status ?? ""}`);
  }
  return bytes(test, "output/good/output/model.tar.gz");
}

/** An endpoint config with one variant `main` of two instances. */
export async function createConfig(
  test: TestSageMaker,
  name: string,
  modelName: string,
  changes: Partial<CreateEndpointConfigCommandInput> = {},
): Promise<void> {
  await test.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [
        {
          VariantName: "main",
          ModelName: modelName,
          InstanceType: "ml.m5.large",
          InitialInstanceCount: 2,
          InitialVariantWeight: 1,
        },
      ],
      ...changes,
    }),
  );
}

export async function createEndpoint(test: TestSageMaker, name: string, configName: string): Promise<void> {
  await test.sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: configName }));
}

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ readonly name: string; readonly message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) {
      return { name: error.name, message: error.message };
    }
    throw error;
  }
  throw new Error("the call was expected to be refused");
}
