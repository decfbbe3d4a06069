import { explained } from "../../lib/errors";

/** What a look at one thing has found. */
export interface Finding {
  readonly what: string;
  /** `warn` is what may be right, or what could not be looked at. */
  readonly verdict: "ok" | "warn" | "fail";
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** A look at one thing. It finds nothing where there is nothing to look at. */
export type Check = () => Promise<Finding | readonly Finding[]>;

const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized|Forbidden|^403$/;

/** What a check finds. One that AWS does not let look is no failure of what it looks for. */
export async function findingsOf(what: string, check: Check): Promise<readonly Finding[]> {
  try {
    const found = await check();
    return "verdict" in found ? [found] : found;
  } catch (error) {
    const { message } = explained(error);
    const isDenied = error instanceof Error && (DENIED.test(error.name) || DENIED.test(message));
    return isDenied
      ? [{ what, verdict: "warn", found: "these credentials may not look", remedy: `let them: ${message}` }]
      : [{ what, verdict: "fail", found: message }];
  }
}
