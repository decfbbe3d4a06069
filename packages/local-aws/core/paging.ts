import type { AwsError } from "./aws-error";

/** One page of a list, and the token of the next one if there is more. */
interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

/** Cuts a page out of a whole list: the page of a token, else the first. */
export type Pager = <T>(all: readonly T[], token: string | undefined, pageSize?: number) => Page<T>;

/**
 * How a service pages its lists. A token is opaque to callers and contains how many items came before, so a list may become shorter between
 * two calls.
 *
 * @param defaultSize items of a page if a request does not say how many
 * @param refusal the service's error for an unknown token
 */
export function pager(defaultSize: number, refusal: (token: string) => AwsError): Pager {
  return (all, token, pageSize = defaultSize) => {
    const start = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString());
    if (!Number.isInteger(start) || start < 0) {
      throw refusal(token ?? "");
    }
    const end = start + pageSize;
    return {
      items: all.slice(start, end),
      nextToken: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
    };
  };
}
