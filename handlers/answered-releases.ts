import { LambdaClient, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { parseS3Uri } from "../lib/s3-uri";
import type { TimeWindow } from "./time-window";
import { namesAt, type Watched } from "./watched-releases";

/** Where the function's versions and the captures are. */
interface Place {
  readonly functionName: string;
  readonly capturesUri: string;
}

/** So many versions are asked for their releases, the newest. A release has one at least. */
const MOST_VERSIONS = 20;

const lambda = new LambdaClient({ maxAttempts: 5 });
// Emulators and private endpoints cannot resolve bucket names as host names.
const s3 = new S3Client({ maxAttempts: 5, forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined });

/**
 * The releases that have no traffic any more, and of which answers were captured in a window. So labels that arrive after a takeover are held
 * against what the release before has answered.
 *
 * @param current those that have traffic
 */
export async function releasesThatAnswered(
  { functionName, capturesUri }: Place,
  window: TimeWindow,
  current: readonly Watched[],
): Promise<Watched[]> {
  const versions = (await versionsOf(functionName)).slice(0, MOST_VERSIONS);
  const all = await Promise.all(versions.map((version) => namesAt(lambda, functionName, version)));
  const others = new Map(
    all.flatMap(({ names }) => (names === undefined ? [] : [[names.endpointName, names] as const])),
  );
  current.forEach(({ endpointName }) => others.delete(endpointName));
  const found = await Promise.all(
    [...others.values()].map(async (one) => ((await hasCaptures(capturesUri, one.endpointName, window)) ? [one] : [])),
  );
  return found.flat().map((one) => ({ ...one, share: 0 }));
}

/** Newest first. */
async function versionsOf(FunctionName: string): Promise<string[]> {
  const found: number[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client: lambda }, { FunctionName })) {
    found.push(...Versions.map(({ Version }) => Number(Version)).filter(Number.isInteger));
  }
  return found.sort((one, other) => other - one).map(String);
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html */
async function hasCaptures(capturesUri: string, endpointName: string, window: TimeWindow): Promise<boolean> {
  const { bucket: Bucket, key } = parseS3Uri(capturesUri) ?? { bucket: "", key: "" };
  const Prefix = `${key}/${endpointName}/`;
  const { CommonPrefixes = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, Delimiter: "/" }));
  const first = hourOf(Date.parse(window.from));
  const last = hourOf(Date.parse(window.to) - 1);
  const hours = await Promise.all(
    CommonPrefixes.map(async ({ Prefix: ofVariant = "" }) => {
      const StartAfter = `${ofVariant}${first}`;
      const next = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: ofVariant, StartAfter, MaxKeys: 1 }));
      return next.Contents?.[0]?.Key?.slice(ofVariant.length, StartAfter.length);
    }),
  );
  return hours.some((hour) => hour !== undefined && hour <= last);
}

/** `yyyy/mm/dd/hh` */
const hourOf = (time: number) => new Date(time).toISOString().slice(0, 13).replaceAll(/[-T]/g, "/");
