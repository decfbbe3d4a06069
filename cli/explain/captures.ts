import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { dataCaptureUri, endpointPrefix, variantName } from "../../lib/release";
import { parseS3Uri } from "../../lib/s3-uri";
import { itemsOf } from "../support/pages";
import type { AwsSettings } from "../support/context";

/** What was sent to a model, or what it said. */
export interface CapturedBody {
  readonly contentType: string;
  readonly data: string;
  /** Whether `data` is base64, as what is no text was captured. */
  readonly isBase64: boolean;
}

/** A request to an endpoint as SageMaker has captured it. */
export interface Captured {
  readonly endpoint: string;
  readonly release: string;
  readonly eventId: string;
  readonly inferenceId: string | undefined;
  readonly time: string;
  /** Absent if not captured. */
  readonly input: CapturedBody | undefined;
  readonly output: CapturedBody | undefined;
  /** The object that it is in. */
  readonly uri: string;
}

/** Where to look for captures. */
export interface CapturePlace {
  readonly model: string;
  readonly stack: string;
  readonly bucket: string;
  readonly since: Date;
}

const body = z
  .object({ observedContentType: z.string().default(""), data: z.string(), encoding: z.string() })
  .transform(({ observedContentType, data, encoding }): CapturedBody => ({
    contentType: observedContentType,
    data,
    isBase64: encoding === "BASE64",
  }));

/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html */
const record = z.object({
  captureData: z.object({ endpointInput: body.optional(), endpointOutput: body.optional() }),
  eventMetadata: z.object({ eventId: z.string(), inferenceId: z.string().optional(), inferenceTime: z.string() }),
});

/** So many objects are read at once. */
const AT_ONCE = 8;

/**
 * Looks for a request among the captures of all endpoints of a stack, the newest first.
 *
 * @param id its event id or its inference id
 * @param onRead is told how many objects have been read, and of how many
 */
export async function findCaptured(
  aws: AwsSettings,
  place: CapturePlace,
  id: string,
  onRead: (read: number, all: number) => void,
): Promise<{ readonly found: Captured | undefined; readonly read: number }> {
  const s3 = new S3Client(aws);
  const keys = await capturesSince(s3, place);
  for (let read = 0; read < keys.length; read += AT_ONCE) {
    const batch = keys.slice(read, read + AT_ONCE);
    const found = await Promise.all(batch.map((key) => inObject(s3, place, key, id)));
    onRead(read + batch.length, keys.length);
    const [first] = found.flatMap((one) => one ?? []);
    if (first !== undefined) {
      return { found: first, read: read + batch.length };
    }
  }
  return { found: undefined, read: keys.length };
}

/** Keys of the objects, newest first. They are ordered by hour, and within it by time. */
async function capturesSince(s3: S3Client, { model, stack, bucket, since }: CapturePlace): Promise<string[]> {
  const folder = `${parseS3Uri(dataCaptureUri(model, bucket))?.key ?? ""}/`;
  const own = { client: s3 };
  const endpoints = await itemsOf(
    paginateListObjectsV2(own, { Bucket: bucket, Prefix: folder + endpointPrefix(model, stack), Delimiter: "/" }),
    ({ CommonPrefixes = [] }) => CommonPrefixes.flatMap(({ Prefix }) => Prefix ?? []),
  );
  const hour = since.toISOString().slice(0, 13).replaceAll(/[-T]/g, "/");
  const keys = await Promise.all(
    endpoints.map((endpoint) => {
      const variant = `${endpoint}${variantName(model, stack)}/`;
      return itemsOf(
        paginateListObjectsV2(own, { Bucket: bucket, Prefix: variant, StartAfter: variant + hour }),
        ({ Contents = [] }) =>
          Contents.flatMap(({ Key }) => (Key === undefined ? [] : [[Key.slice(variant.length), Key] as const])),
      );
    }),
  );
  return keys
    .flat()
    .sort(([one], [other]) => (one < other ? 1 : -1))
    .map(([, key]) => key);
}

async function inObject(s3: S3Client, place: CapturePlace, Key: string, id: string): Promise<Captured | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.bucket, Key }));
  const lines = ((await Body?.transformToString()) ?? "").split("\n").filter((line) => line.includes(id));
  // What a caller has sent may contain the id too, and be no JSON that SageMaker has ended.
  const records = lines.flatMap((line) => recordIn(line) ?? []);
  const found = records.find(({ eventMetadata: { eventId, inferenceId } }) => eventId === id || inferenceId === id);
  if (found === undefined) {
    return undefined;
  }
  const prefix = endpointPrefix(place.model, place.stack);
  const endpoint = Key.split("/").find((part) => part.startsWith(prefix)) ?? "";
  const { eventId, inferenceId, inferenceTime } = found.eventMetadata;
  return {
    endpoint,
    release: endpoint.slice(prefix.length),
    eventId,
    inferenceId,
    time: inferenceTime,
    input: found.captureData.endpointInput,
    output: found.captureData.endpointOutput,
    uri: `s3://${place.bucket}/${Key}`,
  };
}

/** `undefined` for a broken line, which the monitors count. */
function recordIn(line: string): z.output<typeof record> | undefined {
  try {
    return record.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
