import { AwsError } from "../../core/aws-error";

/** One page of a list. */
export interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

/** @throws AwsError `InvalidNextToken` for a token that no page gave out */
export function page<T>(all: readonly T[], size: number, token: string | undefined): Page<T> {
  const start = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString());
  if (!Number.isInteger(start) || start < 0 || start > all.length) {
    throw new AwsError("InvalidNextToken", `The next token ${token ?? ""} is invalid.`);
  }
  const end = start + size;
  return {
    items: all.slice(start, end),
    nextToken: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
