import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import type { Api } from "../traffic/api";
import { Caller } from "../traffic/caller";
import { explained } from "../../lib/errors";
import type { AwsSettings } from "../support/context";
import type { Ask } from "./evaluate";

const CSV = "text/csv";

/** Asks an endpoint of SageMaker's itself. */
export function askEndpoint(aws: AwsSettings, EndpointName: string): Ask {
  // Neither is a failure asked again, nor does a second try count for latency.
  const client = new SageMakerRuntimeClient({ ...aws, maxAttempts: 1 });
  return async (rows) => {
    const began = performance.now();
    try {
      const { Body } = await client.send(
        new InvokeEndpointCommand({ EndpointName, ContentType: CSV, Accept: CSV, Body: Buffer.from(rows) }),
      );
      return { tookMs: performance.now() - began, answer: Buffer.from(Body).toString("utf8") };
    } catch (error) {
      return { tookMs: performance.now() - began, failure: explained(error).message };
    }
  };
}

/** Asks a model's API as its callers do. */
export function askApi({ url, access }: Api): Ask {
  const caller = new Caller(url, access);
  return async (body) => {
    const reply = await caller.send({ body, headers: { "content-type": CSV, accept: CSV } });
    const { tookMs, status } = reply;
    return status === 200
      ? { tookMs, answer: reply.body }
      : { tookMs, failure: `${status === 0 ? "no answer" : `status ${status}`}: ${reply.body}` };
  };
}
