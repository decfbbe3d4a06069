import * as http from "node:http";
import * as https from "node:https";
import { isThrottlingError, isTransientError, StandardRetryStrategy } from "@smithy/core/retry";
import { sign } from "aws4";
import { RuntimeError } from "./runtime-error";
import { runtimeUrl } from "./runtime-url";
import { setting } from "./settings";

/** What a model is asked: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
export interface InvokeEndpointInput {
  readonly EndpointName: string;
  readonly Body: string | Uint8Array;
  readonly ContentType: string;
  readonly Accept?: string;
  readonly CustomAttributes?: string;
  readonly InferenceId?: string;
}

/** What a model has answered. */
export interface InvokeEndpointOutput {
  readonly Body: Uint8Array;
  readonly ContentType?: string;
  readonly CustomAttributes?: string;
}

const CONNECTION_TIMEOUT_MS = 1000;

/** As the AWS SDK names what breaks a connection. */
const BROKEN_CONNECTION = ["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"];

const AGENTS = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };

/**
 * A client of SageMaker Runtime that has `InvokeEndpoint` alone. It reads credentials and region from the function's environment, and keeps
 * its connection. A test compares it with the AWS SDK's client, which costs more than twice as much to load and to use
 * (docs/decisions/13-a-client-of-one-operation.md).
 */
export class SageMakerRuntime {
  private readonly retries: StandardRetryStrategy;

  /** @param maxAttempts at a request. What the AWS SDK retries is retried: throttling, broken connections, trouble of the service. */
  constructor(maxAttempts: number) {
    this.retries = new StandardRetryStrategy(maxAttempts);
  }

  /**
   * Asks a model. All attempts share the time until `signal` fires.
   *
   * @throws {RuntimeError} what SageMaker has answered. Any other error is the connection's.
   */
  async invokeEndpoint(input: InvokeEndpointInput, signal: AbortSignal): Promise<InvokeEndpointOutput> {
    let token = await this.retries.acquireInitialRetryToken("");
    for (;;) {
      try {
        const output = await attempt(input, signal);
        this.retries.recordSuccess(token);
        return output;
      } catch (error) {
        // Waits before the next attempt. Refuses if there must be none.
        const next = this.retries.refreshRetryTokenForRetry(token, { errorType: kindOf(error) });
        token = await unlessAborted(next, signal).catch(() => {
          throw error;
        });
      }
    }
  }
}

function kindOf(error: unknown): "THROTTLING" | "TRANSIENT" | "CLIENT_ERROR" {
  if (!(error instanceof Error)) {
    return "CLIENT_ERROR";
  }
  const { name, message } = error;
  const code = "code" in error ? error.code : undefined;
  const seen = { name, message, code, $metadata: error instanceof RuntimeError ? error.$metadata : undefined };
  return isThrottlingError(seen) ? "THROTTLING" : isTransientError(seen) ? "TRANSIENT" : "CLIENT_ERROR";
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  });
  return Promise.race([work, aborted]);
}

async function attempt(input: InvokeEndpointInput, signal: AbortSignal): Promise<InvokeEndpointOutput> {
  const { status, headers, body } = await sent(input, signal);
  if (status >= 300) {
    throw new RuntimeError(status, headers, body);
  }
  const attributes = headers["x-amzn-sagemaker-custom-attributes"];
  return { Body: body, ContentType: headers["content-type"], CustomAttributes: attributes?.toString() };
}

interface Response {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

function sent(input: InvokeEndpointInput, signal: AbortSignal): Promise<Response> {
  const url = runtimeUrl();
  const body = Buffer.from(input.Body);
  const isSecure = url.protocol === "https:";
  const options = { ...signed(url, input, body), agent: isSecure ? AGENTS.https : AGENTS.http, signal };
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(named(error));
    const request = (isSecure ? https : http).request(options, (response) => {
      const chunks: Buffer[] = [];
      response
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("error", fail)
        .on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
    });
    request.on("error", fail).on("socket", (socket) => {
      if (socket.connecting) {
        const slow = Object.assign(new Error(`no connection to ${url.host} within ${CONNECTION_TIMEOUT_MS} ms`), {
          name: "TimeoutError",
        });
        const timer = setTimeout(() => request.destroy(slow), CONNECTION_TIMEOUT_MS);
        socket.once("connect", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
      }
    });
    request.end(body);
  });
}

/** As the AWS SDK names an error of the connection, for the log. */
function named(error: Error): Error {
  const isBroken = "code" in error && typeof error.code === "string" && BROKEN_CONNECTION.includes(error.code);
  return isBroken ? Object.assign(error, { name: "TimeoutError" }) : error;
}

/** The request with its length and signature. */
function signed(url: URL, input: InvokeEndpointInput, body: Buffer): http.RequestOptions {
  const { EndpointName, ContentType, Accept, CustomAttributes, InferenceId } = input;
  const headers = {
    host: url.host,
    "content-type": ContentType,
    "user-agent": "sagemaker-safe-deploy",
    accept: Accept,
    "x-amzn-sagemaker-custom-attributes": CustomAttributes,
    "x-amzn-sagemaker-inference-id": InferenceId,
    // By it AWS finds calls that go round in circles, and X-Ray follows a request.
    "x-amzn-trace-id": process.env._X_AMZN_TRACE_ID,
  };
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  return sign(
    {
      service: "sagemaker",
      region: setting("AWS_REGION"),
      method: "POST",
      hostname: url.hostname,
      port: url.port,
      path: `${url.pathname.replace(/\/$/, "")}/endpoints/${encodeURIComponent(EndpointName)}/invocations`,
      headers: Object.fromEntries(given),
      body,
    },
    {
      accessKeyId: setting("AWS_ACCESS_KEY_ID"),
      secretAccessKey: setting("AWS_SECRET_ACCESS_KEY"),
      sessionToken: process.env.AWS_SESSION_TOKEN,
    },
  );
}
