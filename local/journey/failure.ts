import { messageOf } from "local-aws/core/failure";
import { reported } from "../../lib/errors";

/** What can be done about errors of the operating system, by their codes. */
const REMEDIES: Readonly<Record<string, (path: string) => string>> = {
  ENOSPC: () => "the disk is full: make room and start again. A run writes below .local and into the temporary folder",
  EDQUOT: () => "your quota of the disk is used up: make room and start again",
  EROFS: (path) =>
    `${path} is on a disk that can only be read: copy the project to where you may write, and start it there`,
  EACCES: (path) => `${path} must not be written by you: copy the project to a folder of yours, and start it there`,
  EPERM: (path) => `${path} must not be written by you: copy the project to a folder of yours, and start it there`,
};

/** Why a run has failed: the error's own words and, where it comes of the operating system, what to do. */
export function inWords(error: unknown): string {
  const remedy = error instanceof Error ? remedyOf(error) : undefined;
  return remedy === undefined ? reported(error).message : `${messageOf(error)}\n${remedy}`;
}

/** Of an error, or of what has caused it; programs that were started tell it by AWS's and Python's words only. */
function remedyOf(error: Error): string | undefined {
  const code = "code" in error ? String(error.code) : /No space left on device/.test(error.message) ? "ENOSPC" : "";
  const path = "path" in error ? String(error.path) : "the project's folder";
  return REMEDIES[code]?.(path) ?? (error.cause instanceof Error ? remedyOf(error.cause) : undefined);
}
