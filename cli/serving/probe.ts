import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { LIVE_ALIAS, probeEvent, VARIABLES } from "../../lib/contract";
import { apiName } from "../../lib/release";
import type { AwsSettings } from "../support/context";

const knownBodies = z.array(z.object({ body: z.string(), isBase64Encoded: z.boolean().optional() }));
const request = z.looseObject({ contentType: z.string().optional() });
const answer = z.looseObject({
  statusCode: z.number(),
  headers: z.looseObject({ "X-SageMaker-Endpoint": z.string() }),
});

/** What a request of our own was answered. */
export interface Probed {
  readonly status: number;
  /** The endpoint that has answered it. */
  readonly endpoint: string;
}

/** Sends the API of a stack the first of the requests that each release is checked with, marked as none of a caller. */
export async function probe(aws: AwsSettings, model: string, stack: string): Promise<Probed> {
  const lambda = new LambdaClient(aws);
  const FunctionName = apiName(model, stack);
  const { Environment: known } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: `CodeDeployHook_${FunctionName}-pre-traffic` }),
  );
  const { data: [body] = [] } = knownBodies.safeParse(JSON.parse(known?.Variables?.[VARIABLES.knownRequests] ?? "[]"));
  if (body === undefined) {
    throw new Error(`the hooks of ${FunctionName} know no request to ask by`);
  }
  const { contentType } = request.parse(JSON.parse(known?.Variables?.[VARIABLES.request] ?? "{}"));
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({
      FunctionName,
      Qualifier: LIVE_ALIAS,
      Payload: Buffer.from(JSON.stringify(probeEvent(body, contentType))),
    }),
  );
  const text = Buffer.from(Payload ?? []).toString("utf8");
  if (FunctionError !== undefined) {
    throw new Error(`${FunctionName} has failed: ${text}`);
  }
  const { statusCode, headers } = answer.parse(JSON.parse(text));
  return { status: statusCode, endpoint: headers["X-SageMaker-Endpoint"] };
}
