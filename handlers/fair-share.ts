import type { APIGatewayProxyEvent } from "aws-lambda";

/** Requests of one caller that count in a minute, in one execution environment of the function. */
const MOST_PER_MINUTE = 120;

/** The part of an event that tells callers apart. A probe has none. */
export interface WithIdentity {
  readonly requestContext?: Pick<APIGatewayProxyEvent["requestContext"], "identity">;
}

/** Who has sent a request: the API key, else the IAM identity, else the address; `undefined` if the event does not tell. */
export function callerOf({ requestContext }: WithIdentity): string | undefined {
  const { apiKeyId, userArn, sourceIp } = requestContext?.identity ?? {};
  return apiKeyId ?? userArn ?? sourceIp;
}

/** Limits how much one caller counts, so that a flood of requests from one does not outweigh all others. */
export class FairShare {
  private minute = 0;
  private readonly counts = new Map<string, number>();

  /** Whether this request counts. To be asked once for each, with the time in milliseconds since 1970. */
  takes(caller: string | undefined, now: number): boolean {
    if (caller === undefined) {
      return true;
    }
    const minute = Math.floor(now / 60_000);
    if (minute !== this.minute) {
      this.minute = minute;
      this.counts.clear();
    }
    const count = (this.counts.get(caller) ?? 0) + 1;
    this.counts.set(caller, count);
    return count <= MOST_PER_MINUTE;
  }
}
