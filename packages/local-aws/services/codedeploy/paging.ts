import { AwsError } from "../../core/aws-error";

/** CodeDeploy has no parameter for it. */
const PAGE_SIZE = 100;

/** @throws AwsError `InvalidNextTokenException` for a token that no page gave out */
export function page<T>(all: readonly T[], token: string | undefined): { items: T[]; nextToken: string | undefined } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString());
  if (!Number.isInteger(start) || start < 0 || start > all.length) {
    throw new AwsError("InvalidNextTokenException", `The next token ${token ?? ""} is invalid.`);
  }
  const end = start + PAGE_SIZE;
  return {
    items: all.slice(start, end),
    nextToken: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
