import { InvokeEndpointCommand, type InvokeEndpointCommandInput } from "@aws-sdk/client-sagemaker-runtime";
import { AwsError } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import { arn } from "../../core/account";
import { asyncOperations, queueOf } from "./async-inference";
import type { ContainerAnswer } from "./container";
import type { Context } from "./context";
import type { Endpoint, Fleet, Variant } from "./endpoint";
import { refuseMembers } from "./errors";
import { invocationMetrics } from "./invocation-metrics";
import { ModelTroubles } from "./model-faults";
import { NoAnswer } from "./serving-container";

/** Largest body of a real-time endpoint, 25 MB; the built-in XGBoost container itself takes no more than 6 MB. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;
/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html */
const MAX_SERVERLESS_BODY_BYTES = 4 * 1024 * 1024;

const NOT_HERE = [
  "TargetModel",
  "TargetContainerHostname",
  "InferenceComponentName",
  "EnableExplanations",
  "SessionId",
];

type Input = Checked<InvokeEndpointCommandInput>;
/** What the container gets of a request besides its body. */
type Headers = Pick<Input, "ContentType" | "Accept" | "CustomAttributes" | "InferenceId">;

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
export function runtimeOperations(context: Context): readonly Operation[] {
  const troubles = new ModelTroubles(context.local.faults);
  const find = (name: string) => {
    const endpoint = endpointInService(context, name);
    return { endpoint, variant: chosenVariant(endpoint, endpoint.fleetFor(), undefined) };
  };
  return [
    operation(InvokeEndpointCommand, (input) => invoke(context, troubles, input)),
    ...asyncOperations(context, find, async (endpoint, variant, input, body) => {
      const asked = await ask(troubles, endpoint, variant, input, body);
      measure(context, { endpoint, fleet: endpoint.fleet, variant, asked, overheadMs: 0 });
      return asked.answer;
    }),
  ];
}

async function invoke(context: Context, troubles: ModelTroubles, input: Input) {
  const arrived = performance.now();
  refuseMembers(input, NOT_HERE, "InvokeEndpoint");
  const body = bytes(input.Body);
  const endpoint = endpointInService(context, input.EndpointName);
  if (queueOf(endpoint) !== undefined) {
    throw new AwsError("ValidationError", `Endpoint ${endpoint.name} only supports asynchronous invocations`);
  }
  const fleet = endpoint.fleetFor();
  const variant = chosenVariant(endpoint, fleet, input.TargetVariant);
  const most = variant.config.serverless === undefined ? MAX_BODY_BYTES : MAX_SERVERLESS_BODY_BYTES;
  if (body.length > most) {
    throw new AwsError("413", `HTTP content length exceeded ${most} bytes.`, 413);
  }
  if (endpoint.inFlight >= (variant.config.serverless?.MaxConcurrency ?? Infinity)) {
    throw new AwsError("ThrottlingException", "Rate exceeded");
  }
  const time = new Date();
  const asked = await ask(troubles, endpoint, variant, input, body);
  const { answer } = asked;
  measure(context, { endpoint, fleet, variant, asked, overheadMs: performance.now() - arrived - asked.modelMs });
  if (answer.status < 200 || answer.status > 299) {
    throw modelError(context, endpoint, answer);
  }
  if (context.local.faults.capturesLost(endpoint.name)) {
    fleet?.capture?.lose();
  } else {
    fleet?.capture?.record({
      variantName: variant.config.VariantName,
      time,
      input: { contentType: input.ContentType ?? DEFAULT_CONTENT_TYPE, body },
      output: { contentType: answer.contentType ?? DEFAULT_CONTENT_TYPE, body: answer.body },
      inferenceId: input.InferenceId,
      customAttributes: input.CustomAttributes,
    });
  }
  return {
    Body: blob(answer.body),
    ContentType: answer.contentType,
    InvokedProductionVariant: variant.config.VariantName,
    CustomAttributes: answer.customAttributes,
  };
}

interface Measured {
  readonly endpoint: Endpoint;
  readonly fleet: Fleet | undefined;
  readonly variant: Variant;
  readonly asked: Asked;
  readonly overheadMs: number;
}

function measure({ local }: Context, { endpoint, fleet, variant, asked, overheadMs }: Measured): void {
  local.metrics.put(
    invocationMetrics({
      endpointName: endpoint.name,
      variantName: variant.config.VariantName,
      configName: fleet?.config.name,
      instances: variant.instances.current,
      status: asked.answer.status,
      modelMs: asked.modelMs,
      overheadMs,
    }),
  );
}

const DEFAULT_CONTENT_TYPE = "application/octet-stream";

/** The protocol gives a body as it came over the wire; the SDK's type also allows what a client may pass. */
function bytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) {
    return body;
  }
  throw new TypeError("the body of InvokeEndpoint was not read as bytes");
}

function endpointInService(context: Context, name: string): Endpoint {
  const endpoint = context.store.endpoints.get(name);
  if (endpoint?.serves !== true) {
    throw new AwsError("ValidationError", `Endpoint ${name} of account ${context.local.account.accountId} not found.`);
  }
  return endpoint;
}

/** The variant asked for, else one by lot with the variants' weights. */
function chosenVariant(endpoint: Endpoint, fleet: Fleet | undefined, target: string | undefined): Variant {
  const variants = fleet?.variants ?? [];
  if (target !== undefined) {
    const variant = variants.find((candidate) => candidate.config.VariantName === target);
    if (variant === undefined) {
      throw new AwsError("ValidationError", `Variant ${target} not found for Request`);
    }
    return variant;
  }
  const total = variants.reduce((sum, variant) => sum + variant.weight.current, 0);
  let lot = Math.random() * total;
  const chosen = variants.find((variant) => (lot -= variant.weight.current) < 0);
  if (chosen === undefined) {
    throw new AwsError("ValidationError", `All variants of endpoint ${endpoint.name} have weight 0`);
  }
  return chosen;
}

interface Asked {
  readonly answer: ContainerAnswer;
  readonly modelMs: number;
}

/** Status 0 is SageMaker's own word for a container that gave no answer. */
async function ask(
  troubles: ModelTroubles,
  endpoint: Endpoint,
  variant: Variant,
  input: Headers,
  body: Uint8Array,
): Promise<Asked> {
  const before = endpoint.count(variant.config.VariantName);
  const started = performance.now();
  const answered = (answer: ContainerAnswer): Asked => ({ answer, modelMs: performance.now() - started });
  const trouble = troubles.next(endpoint.name, before, input.InferenceId);
  endpoint.inFlight += 1;
  try {
    return answered(await variant.container.invoke({ body, headers: containerHeaders(input) }, trouble));
  } catch (error) {
    if (error instanceof NoAnswer) {
      const body = Buffer.from(error.message);
      return answered({ status: 0, contentType: "text/plain", customAttributes: undefined, body });
    }
    throw error;
  } finally {
    endpoint.inFlight -= 1;
  }
}

function containerHeaders(input: Headers): Readonly<Record<string, string>> {
  const headers = {
    "Content-Type": input.ContentType,
    Accept: input.Accept,
    "X-Amzn-SageMaker-Custom-Attributes": input.CustomAttributes,
    "X-Amzn-SageMaker-Inference-Id": input.InferenceId,
  };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function modelError(context: Context, endpoint: Endpoint, answer: ContainerAnswer): AwsError {
  const { account } = context.local;
  const text = Buffer.from(answer.body).toString("utf8");
  const kind = answer.status >= 400 && answer.status < 500 ? "client" : "server";
  const logGroup = `/aws/sagemaker/Endpoints/${endpoint.name}`;
  const logs = `https://${account.region}.console.aws.amazon.com/cloudwatch/home?region=${account.region}#logEventViewer:group=${logGroup}`;
  return new AwsError(
    "ModelError",
    `Received ${kind} error (${answer.status}) from primary with message "${text}". See ${logs} in account ${account.accountId} for more information.`,
    424,
    {
      OriginalStatusCode: answer.status,
      OriginalMessage: text,
      LogStreamArn: arn(account, "logs", `log-group:${logGroup}`),
    },
  );
}

/** The SDK's blobs can also turn themselves into text. */
function blob(body: Uint8Array) {
  return Object.assign(Buffer.from(body), {
    transformToString: (encoding?: BufferEncoding) => Buffer.from(body).toString(encoding),
  });
}
