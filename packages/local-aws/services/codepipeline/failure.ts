import type { ErrorDetails } from "@aws-sdk/client-codepipeline";
import { namedMessageOf, statusOf } from "../../core/failure";
import { ShutDown } from "../../core/waiting";

/** Why an action failed, as its `errorDetails` tell it. */
export class ActionFailure extends Error {
  override readonly name = "ActionFailure";

  constructor(
    /** Such as `JobFailed`, `ConfigurationError` or `PermissionError`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  get details(): ErrorDetails {
    return { code: this.code, message: this.message };
  }
}

/** Thrown inside an action's work where somebody stopped the execution and abandoned its actions. */
export class Abandoned extends Error {
  override readonly name = "Abandoned";
}

/** What a call of AWS failed with, as an action tells it. */
export function callFailure(what: string, error: unknown): Error {
  if (error instanceof ActionFailure || error instanceof Abandoned || error instanceof ShutDown) {
    return error;
  }
  return new ActionFailure(isDenied(error) ? "PermissionError" : "JobFailed", `${what}: ${namedMessageOf(error)}`);
}

/** Whether a role's policies did not allow the call. */
export function isDenied(error: unknown): boolean {
  return statusOf(error) === 403 || (error instanceof Error && /^AccessDenied/.test(codeOf(error)));
}

/** `NotFound` is what S3 answers a HEAD with. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && ["NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NotFound"].includes(error.name);
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
