import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { strToU8, zipSync } from "fflate";
import { clientConfig } from "../../core/local";
import { signedFetch } from "../../core/signature";
import type { LocalAws } from "../../server";
import { until } from "../core/support";

/** A canary, as far as the tests look at it. */
interface Canary {
  readonly Status: { readonly State: string; readonly StateReason: string; readonly StateReasonCode?: string };
  readonly Code: { readonly SourceLocationArn?: string };
  readonly ArtifactS3Location: string;
  readonly EngineArn?: string;
  readonly EngineConfigs: readonly { readonly EngineArn: string }[];
}

interface Run {
  readonly Status: Canary["Status"] & { readonly TestResult: string };
  readonly ArtifactS3Location: string;
}

/** How Synthetics answered. */
interface Answer {
  readonly status: number;
  readonly body: {
    readonly message?: string;
    readonly Canary?: Canary;
    readonly CanaryRuns?: readonly Run[];
    readonly CanariesLastRun?: readonly { readonly CanaryName: string }[];
    readonly RuntimeVersions?: readonly { readonly VersionName: string }[];
  };
}

/** Calls Synthetics over the wire, since no client of the SDK has all of its operations. */
export async function call(aws: LocalAws, route: string, body?: object): Promise<Answer> {
  const [method = "", path = ""] = route.split(" ");
  const answer = await signedFetch({ ...aws.account, service: "synthetics" }, `${aws.endpoint}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text === "" ? "{}" : text) as Answer["body"] };
}

const zip = (script: string) => zipSync({ "nodejs/node_modules/canary.js": strToU8(script) });

/** What makes a canary that calls a script every minute. */
export function canary(Name: string, roleArn: string, script: string, changes: object = {}) {
  return {
    Name,
    Code: { ZipFile: Buffer.from(zip(script)).toString("base64"), Handler: "canary.handler" },
    ArtifactS3Location: "s3://artifacts/of/canaries/",
    ExecutionRoleArn: roleArn,
    Schedule: { Expression: "rate(1 minute)", DurationInSeconds: 0 },
    RunConfig: { TimeoutInSeconds: 60, MemoryInMB: 960, ActiveTracing: false },
    RuntimeVersion: "syn-nodejs-puppeteer-15.0",
    ...changes,
  };
}

/** Waits for a state. Answers the canary. */
export async function inState(aws: LocalAws, name: string, state: string): Promise<Canary> {
  const look = async () => (await call(aws, `GET /canary/${name}`)).body.Canary;
  await until(async () => (await look())?.Status.State === state);
  return (await look())!;
}

/** Runs that have ended, the newest first. */
export async function endedRuns(aws: LocalAws, name: string): Promise<readonly Run[]> {
  const { body } = await call(aws, `POST /canary/${name}/runs`, {});
  return (body.CanaryRuns ?? []).filter((run) => run.Status.State !== "RUNNING");
}

/** The first run that has ended, or the last one that has by now. */
export async function endedRun(aws: LocalAws, name: string): Promise<Run> {
  await until(async () => (await endedRuns(aws, name)).length > 0);
  return (await endedRuns(aws, name))[0]!;
}

export async function makeBucket(aws: LocalAws): Promise<S3Client> {
  const s3 = new S3Client({ ...clientConfig(aws), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "artifacts" }));
  const script = zip("exports.handler = async () => 'fine';");
  await s3.send(new PutObjectCommand({ Bucket: "artifacts", Key: "script.zip", Body: script }));
  return s3;
}

export async function keys(s3: S3Client): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "artifacts", Prefix: "of/" }));
  return Contents.map(({ Key = "" }) => Key);
}
