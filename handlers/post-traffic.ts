import { setTimeout as sleep } from "node:timers/promises";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { VARIABLES } from "../lib/contract";
import { folderOf, parseS3Uri } from "../lib/s3-uri";
import { lifecycleHook } from "./hook";
import { askOwnHook } from "./own-hook";
import { numberSetting, setting } from "./settings";

const s3 = new S3Client({
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 1000 },
  // Emulators and private endpoints cannot resolve bucket names as host names.
  forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined,
});

/**
 * Checks after the shift that captures of this release's endpoint and variant have arrived in S3, if `DATA_CAPTURE_URI` says where. Captures
 * of an earlier release do not count. Looks every `CAPTURE_POLL_SECONDS` for at most `CAPTURE_WAIT_SECONDS`: SageMaker writes captures some
 * minutes after the requests. Captures of the known requests that `pre-traffic` or a rollout's probes have sent count too: each capture
 * proves that capturing works. At last a hook of the program's own is asked, if there is one.
 */
export const handler = lifecycleHook(async (signal) => {
  const isCaptured =
    (process.env[VARIABLES.ownHook] ?? "") === "" || process.env[VARIABLES.dataCaptureUri] !== undefined;
  return [...(isCaptured ? [await captured(signal)] : []), ...(await askOwnHook(signal))].join("; ");
});

async function captured(signal: AbortSignal): Promise<string> {
  const { bucket, prefix, waitSeconds, pollSeconds } = settings();
  const deadline = Date.now() + waitSeconds * 1000;
  for (;;) {
    const capture = await firstCapture(bucket, prefix, signal);
    if (capture !== undefined) {
      return `captured traffic has arrived: s3://${bucket}/${capture}`;
    }
    const leftMs = deadline - Date.now();
    if (leftMs <= 0) {
      throw new Error(`no captured traffic under s3://${bucket}/${prefix} within ${waitSeconds} s`);
    }
    await sleep(Math.min(pollSeconds * 1000, leftMs), undefined, { signal });
  }
}

function settings() {
  const uri = setting(VARIABLES.dataCaptureUri);
  const place = parseS3Uri(uri);
  if (place === undefined || place.key === "") {
    throw new Error(`${VARIABLES.dataCaptureUri} must be s3://<bucket>/<prefix>, got ${uri}`);
  }
  return {
    bucket: place.bucket,
    // SageMaker's layout: <destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/<file>.jsonl
    // https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
    prefix: `${folderOf(place)}/${setting(VARIABLES.endpointName)}/${setting(VARIABLES.variantName)}/`,
    waitSeconds: numberSetting(VARIABLES.captureWaitSeconds),
    pollSeconds: numberSetting(VARIABLES.capturePollSeconds),
  };
}

async function firstCapture(bucket: string, prefix: string, abortSignal: AbortSignal): Promise<string | undefined> {
  const { Contents: objects = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 10 }),
    { abortSignal },
  );
  // The console creates an empty object for a folder, which does not count.
  return objects.find(({ Key: key, Size: size = 0 }) => key?.endsWith(".jsonl") === true && size > 0)?.Key;
}
