import { explained } from "../../lib/errors";
import type { Access } from "./access";

/** What a caller sends. */
export interface CallerRequest {
  readonly body: string;
  /** Headers besides those that let it in. @default - `content-type: text/csv` */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What becomes of a request. */
export interface Answer {
  /** Milliseconds since 1970 when it was sent. */
  readonly sentAt: number;
  /** Milliseconds until the whole answer was there. */
  readonly tookMs: number;
  /** HTTP status; 0 if there was no answer at all. */
  readonly status: number;
  /** Value of the header `X-SageMaker-Endpoint`; empty if there is none. */
  readonly endpoint: string;
}

/** An answer with its text, or with why there is none. */
export interface Reply extends Answer {
  readonly body: string;
}

const REQUEST_TIMEOUT_MS = 15_000;

/** A caller of an API. It never retries: each failure is seen. */
export class Caller {
  private readonly url: URL;

  constructor(
    url: string,
    private readonly access: Access,
  ) {
    this.url = new URL(url);
  }

  /** Sends a request. That there is no answer is an answer too. */
  async send(request: CallerRequest): Promise<Reply> {
    const sentAt = Date.now();
    const began = performance.now();
    const took = () => performance.now() - began;
    try {
      const response = await this.post(request);
      const body = await response.text();
      const endpoint = response.headers.get("x-sagemaker-endpoint") ?? "";
      return { sentAt, tookMs: took(), status: response.status, endpoint, body };
    } catch (error) {
      // A caller would get no answer either, so it counts as a failed request.
      return { sentAt, tookMs: took(), status: 0, endpoint: "", body: whyOf(error) };
    }
  }

  private async post({ body, headers }: CallerRequest): Promise<Response> {
    const letIn = await this.access(this.url, body);
    return fetch(this.url, {
      method: "POST",
      headers: { "content-type": "text/csv", ...headers, ...letIn },
      body,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  }
}

/** Why there is no answer: `fetch` has it as the cause of an error that says nothing. */
function whyOf(error: unknown): string {
  return explained(error instanceof Error && error.cause !== undefined ? error.cause : error).message;
}
