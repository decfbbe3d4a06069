import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AsyncInferenceConfig } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointAsyncCommand, type InvokeEndpointAsyncCommandInput } from "@aws-sdk/client-sagemaker-runtime";
import { AwsError, notPartOfLocal } from "../../core/aws-error";
import { messageOf } from "../../core/failure";
import { operation, type Checked, type Operation } from "../../core/operation";
import type { ContainerAnswer } from "./container";
import type { Context } from "./context";
import type { Endpoint, Variant } from "./endpoint";
import { refuseMembers } from "./errors";
import { below, s3Place } from "./object-store";

type Input = Checked<InvokeEndpointAsyncCommandInput>;
type Queue = Checked<AsyncInferenceConfig>;

/** Asks the container of a variant, and measures it. */
export type Ask = (endpoint: Endpoint, variant: Variant, input: Input, body: Uint8Array) => Promise<ContainerAnswer>;

/** What reaches an endpoint: its queue, and the variant that answers. */
export type Found = (name: string) => { readonly endpoint: Endpoint; readonly variant: Variant };

const NOT_HERE = ["RequestTTLSeconds", "InvocationTimeoutSeconds", "S3OutputPathExtension", "Filename"];

/** The queue of an endpoint; `undefined` if callers wait for its answers. */
export function queueOf({ fleet }: Endpoint): Queue | undefined {
  return fleet?.config.input.AsyncInferenceConfig;
}

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html */
export function asyncOperations(context: Context, find: Found, ask: Ask): readonly Operation[] {
  return [
    operation(InvokeEndpointAsyncCommand, (input) => {
      refuseMembers(input, NOT_HERE, "InvokeEndpointAsync");
      if (input.Body instanceof Uint8Array && input.Body.length > 0) {
        throw notPartOfLocal("InvokeEndpointAsync with Body");
      }
      const { endpoint, variant } = find(input.EndpointName);
      const queue = queueOf(endpoint);
      if (queue === undefined) {
        throw new AwsError("ValidationError", `Endpoint ${endpoint.name} does not support asynchronous invocations`);
      }
      const request = new Request(context, { endpoint, variant, queue, input, from: s3Object(input) }, ask);
      context.background.begin(`request ${request.id} of endpoint ${endpoint.name}`, () => request.answer());
      const { outputLocation: OutputLocation, failureLocation: FailureLocation } = request;
      return { InferenceId: request.id, OutputLocation, FailureLocation };
    }),
  ];
}

interface Queued {
  readonly endpoint: Endpoint;
  readonly variant: Variant;
  readonly queue: Queue;
  readonly input: Input;
  /** S3 URI of the body. */
  readonly from: string;
}

/** @throws AwsError `ValidationException` where the request has no body in S3 */
function s3Object({ InputLocation: uri }: Input): string {
  if (uri === undefined) {
    throw new AwsError("ValidationError", "InputLocation must be given");
  }
  s3Place(uri);
  return uri;
}

/** One request of a queue. Everything that it reads, writes and tells is done as the container's role. */
class Request {
  readonly id: string;
  readonly outputLocation: string | undefined;
  readonly failureLocation: string | undefined;

  constructor(
    private readonly context: Context,
    private readonly queued: Queued,
    private readonly ask: Ask,
  ) {
    this.id = queued.input.InferenceId ?? randomUUID();
    const { S3OutputPath: answers, S3FailurePath: failures } = queued.queue.OutputConfig;
    const file = randomUUID();
    this.outputLocation = answers && below(answers, `${file}.out`);
    this.failureLocation = failures && below(failures, `${file}-error.out`);
  }

  /** Never rejects: what became of it lies in S3, or in the log of the endpoint. */
  async answer(): Promise<void> {
    const { endpoint, variant, input } = this.queued;
    try {
      const { status, body } = await this.ask(endpoint, variant, input, await this.body());
      if (status < 200 || status > 299) {
        throw new Error(`Received error (${status}) from primary with message "${Buffer.from(body).toString("utf8")}"`);
      }
      await this.keep(this.outputLocation, Buffer.from(body));
      await this.tell("Completed", this.outputLocation);
    } catch (error) {
      await this.fail(messageOf(error)).catch((trouble: unknown) => this.log(messageOf(trouble)));
    }
  }

  private async body(): Promise<Uint8Array> {
    const folder = await mkdtemp(join(this.context.local.scratchDir, "async-"));
    try {
      await this.queued.variant.role.objects.download(this.queued.from, join(folder, "body"));
      return await readFile(join(folder, "body"));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async fail(reason: string): Promise<void> {
    this.log(`request ${this.id} failed: ${reason}`);
    await this.keep(this.failureLocation, Buffer.from(reason));
    await this.tell("Failed", undefined, reason);
  }

  private async keep(location: string | undefined, bytes: Buffer): Promise<void> {
    if (location !== undefined) {
      await this.queued.variant.role.objects.uploadBytes(bytes, location, this.queued.queue.OutputConfig.KmsKeyId);
    }
  }

  /** https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html */
  private async tell(status: "Completed" | "Failed", outputLocation?: string, failureReason?: string): Promise<void> {
    const { SuccessTopic: success, ErrorTopic: error } = this.queued.queue.OutputConfig.NotificationConfig ?? {};
    const topic = status === "Completed" ? success : error;
    if (topic === undefined) {
      return;
    }
    const { endpoint, variant, input } = this.queued;
    const message = {
      awsRegion: this.context.local.account.region,
      eventTime: new Date().toISOString(),
      receivedTime: new Date().toISOString(),
      invocationStatus: status,
      requestParameters: { endpointName: endpoint.name, inputLocation: this.queued.from },
      ...(outputLocation === undefined ? {} : { responseParameters: { contentType: input.Accept, outputLocation } }),
      ...(failureReason === undefined ? {} : { failureReason }),
      inferenceId: this.id,
      eventVersion: "1.0",
      eventSource: "aws:sagemaker",
      eventName: "InferenceResult",
    };
    await variant.role.publish(topic, JSON.stringify(message));
  }

  private log(line: string): void {
    const { endpoint, variant } = this.queued;
    const group = `/aws/sagemaker/Endpoints/${endpoint.name}`;
    this.context.local.logs.write(group, `${variant.config.VariantName}/data-log`, [line]);
  }
}
