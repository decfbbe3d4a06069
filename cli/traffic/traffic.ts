import type { Access } from "./access";
import { Caller, type Answer, type CallerRequest } from "./caller";

export interface TrafficOptions {
  readonly url: string;
  readonly access: Access;
  /** Requests to send in turn. */
  readonly requests: readonly CallerRequest[];
  /** @default 10 */
  readonly requestsPerSecond?: number;
  readonly onAnswer: (answer: Answer) => void;
}

/** A client that sends requests at a steady rate until it is stopped. */
export class Traffic {
  private readonly caller: Caller;
  private readonly inFlight = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private next = 0;

  constructor(private readonly options: TrafficOptions) {
    this.caller = new Caller(options.url, options.access);
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
    const { sentAt, tookMs, status, endpoint } = await this.caller.send(request);
    this.options.onAnswer({ sentAt, tookMs, status, endpoint });
  }
}
