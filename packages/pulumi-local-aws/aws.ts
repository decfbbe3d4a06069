import { setTimeout as delay } from "node:timers/promises";
import { keysFor, type Credentials, type Keys } from "./credentials";
import { errorMessage } from "./failures";
import { PatientRetries } from "./retries";

/** What every SDK client is made with. Without credentials they come from the environment, as for the AWS provider. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly retryStrategy: PatientRetries;
  readonly credentials?: Keys | (() => Promise<Keys>);
}

/** How long to go on looking at something. */
export interface Patience {
  /** Seconds until giving up. */
  readonly timeoutSeconds: number;
}

/** How long the AWS provider repeats a call that was refused because a role or a policy is too new. */
export const PROPAGATION: Patience = { timeoutSeconds: 120 };

/**
 * Milliseconds between two looks. The AWS provider looks every 10 to 30 seconds because it must not be throttled; the local AWS
 * throttles nobody, and its clock makes minutes pass in seconds.
 */
const POLL_MS = 250;

/** The local AWS as resources' operations see it: SDK clients, the account, and ways to wait. */
export class Aws {
  private readonly clients = new Map<unknown, unknown>();
  private account: Promise<string> | undefined;

  private readonly credentials: ClientConfig["credentials"];

  constructor(
    readonly endpoint: string,
    readonly region: string,
    private readonly cancelled: AbortSignal,
    credentials: Credentials,
  ) {
    this.credentials = keysFor(credentials, { endpoint, region });
  }

  /** The SDK client of a class, made once: they keep their connections. */
  client<C extends object>(Client: new (config: ClientConfig) => C): C {
    const known = this.clients.get(Client);
    if (known instanceof Client) {
      return known;
    }
    const retryStrategy = new PatientRetries(this.cancelled);
    const own = this.credentials === undefined ? {} : { credentials: this.credentials };
    const made = new Client({ endpoint: this.endpoint, region: this.region, retryStrategy, ...own });
    this.clients.set(Client, made);
    return made;
  }

  accountId(): Promise<string> {
    this.account ??= this.callerIdentity().then(({ Account = "" }) => Account);
    return this.account;
  }

  async callerIdentity() {
    const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
    return this.client(STSClient).send(new GetCallerIdentityCommand({}));
  }

  async arn(service: string, resource: string): Promise<string> {
    return `arn:aws:${service}:${this.region}:${await this.accountId()}:${resource}`;
  }

  /** Looks again and again until `look` finds something. `what` is for the error: "endpoint x to be in service". */
  async until<T>(what: string, { timeoutSeconds }: Patience, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (;;) {
      const found = await look();
      if (found !== undefined) {
        return found;
      }
      if (Date.now() > deadline) {
        throw new Error(`gave up after ${timeoutSeconds} s waiting for ${what}`);
      }
      await this.pause(what);
    }
  }

  /** Tries again while AWS refuses for a reason that passes by itself, such as "still in use". */
  async retried<T>(
    passes: (error: unknown) => boolean,
    { timeoutSeconds }: Patience,
    action: () => Promise<T>,
  ): Promise<T> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (!passes(error) || Date.now() > deadline) {
          throw error;
        }
        await this.pause(errorMessage(error));
      }
    }
  }

  private async pause(what: string): Promise<void> {
    try {
      await delay(POLL_MS, undefined, { signal: this.cancelled });
    } catch {
      throw new Error(`cancelled while waiting for ${what}`);
    }
  }
}
