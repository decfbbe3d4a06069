import { Agent, request, type IncomingHttpHeaders } from "node:http";
import type { ErrorReport } from "./errors";

/** One event to be handled, as the Runtime API gives it out. */
export interface Event {
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  readonly clientContext: string | undefined;
  /** JSON. */
  readonly payload: string;
}

/** Client of Lambda's Runtime API, over one connection that stays open. */
export class RuntimeApi {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly base: string;

  /** @param host value of `AWS_LAMBDA_RUNTIME_API`: host and port, and here a path that tells one process from another */
  constructor(host: string) {
    this.base = `http://${host}/2018-06-01/runtime`;
  }

  async next(): Promise<Event> {
    const { headers, body } = await this.call("GET", "invocation/next");
    return {
      requestId: header(headers, "lambda-runtime-aws-request-id") ?? "",
      invokedFunctionArn: header(headers, "lambda-runtime-invoked-function-arn") ?? "",
      deadline: Number(header(headers, "lambda-runtime-deadline-ms")),
      clientContext: header(headers, "lambda-runtime-client-context"),
      payload: body,
    };
  }

  async succeed(requestId: string, payload: string): Promise<void> {
    await this.call("POST", `invocation/${requestId}/response`, payload);
  }

  async fail(requestId: string, report: ErrorReport): Promise<void> {
    await this.call("POST", `invocation/${requestId}/error`, JSON.stringify(report), report.errorType);
  }

  async failInit(report: ErrorReport): Promise<void> {
    await this.call("POST", "init/error", JSON.stringify(report), report.errorType);
  }

  private call(
    method: string,
    path: string,
    body = "",
    errorType?: string,
  ): Promise<{ headers: IncomingHttpHeaders; body: string }> {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      // The most memory this process has had, in KiB: AWS measures it from outside, which is not the same on every system.
      "x-max-memory-kib": process.resourceUsage().maxRSS,
      ...(errorType === undefined ? {} : { "lambda-runtime-function-error-type": errorType }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.base}/${path}`, { method, headers, agent: this.agent }, (incoming) => {
        const chunks: string[] = [];
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => resolve({ headers: incoming.headers, body: chunks.join("") }));
      });
      // Without the Runtime API there is nobody to tell: the local AWS is gone.
      outgoing.on("error", () => process.exit(1));
      outgoing.end(body);
    });
  }
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
