import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Account } from "local-aws/core/account";

/** What a client sends. */
export interface CallerRequest {
  readonly body: string;
  /** Headers besides those that sign it. @default - `content-type: text/csv` */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request of the client and its answer. */
export interface Answer {
  /** Milliseconds since 1970 when it was sent. */
  readonly sentAt: number;
  /** HTTP status; 0 if there was no answer at all. */
  readonly status: number;
  /** Value of the header `X-SageMaker-Endpoint`; empty if there is none. */
  readonly endpoint: string;
}

export interface TrafficOptions {
  readonly url: string;
  readonly account: Account;
  /** Requests to send in turn. */
  readonly requests: readonly CallerRequest[];
  /** @default 10 */
  readonly requestsPerSecond?: number;
  readonly onAnswer: (answer: Answer) => void;
}

const REQUEST_TIMEOUT_MS = 15_000;

/** A client that sends signed requests at a steady rate until it is stopped. It never retries: each failure is seen. */
export class Traffic {
  private readonly signer: SignatureV4;
  private readonly inFlight = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private next = 0;

  constructor(private readonly options: TrafficOptions) {
    const { accessKeyId, secretAccessKey, region } = options.account;
    this.signer = new SignatureV4({
      service: "execute-api",
      region,
      credentials: { accessKeyId, secretAccessKey },
      sha256: Sha256,
    });
    this.timer = setInterval(
      () => {
        const request = this.send(this.nextInTurn()).finally(() => this.inFlight.delete(request));
        this.inFlight.add(request);
      },
      1000 / (options.requestsPerSecond ?? 10),
    );
  }

  /** Stops sending, and waits for the last answers. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.inFlight);
  }

  /** Sends these besides, one after the other. */
  async sendAll(requests: readonly CallerRequest[]): Promise<void> {
    for (const request of requests) {
      await this.send(request);
    }
  }

  private nextInTurn(): CallerRequest {
    const { requests } = this.options;
    return requests[this.next++ % requests.length] ?? { body: "" };
  }

  private async send(request: CallerRequest): Promise<void> {
    const { onAnswer } = this.options;
    const sentAt = Date.now();
    try {
      const response = await this.post(request);
      await response.arrayBuffer();
      onAnswer({ sentAt, status: response.status, endpoint: response.headers.get("x-sagemaker-endpoint") ?? "" });
    } catch {
      // A caller would get no answer either, so it counts as a failed request.
      onAnswer({ sentAt, status: 0, endpoint: "" });
    }
  }

  private async post({ body, headers }: CallerRequest): Promise<Response> {
    const url = new URL(this.options.url);
    const signed = await this.signer.sign({
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      query: {},
      headers: { host: url.host },
      body,
    });
    return fetch(url, {
      method: "POST",
      headers: { "content-type": "text/csv", ...headers, ...signed.headers },
      body,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  }
}
