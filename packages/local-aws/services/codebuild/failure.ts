/** Why a phase of a build failed, as the phase's context tells it. */
export class BuildFailure extends Error {
  override readonly name = "BuildFailure";

  constructor(
    /** AWS's status code of the context, such as `COMMAND_EXECUTION_ERROR`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** `asked`: by `StopBuild`. `timeout`: the build's own. `closing`: the local AWS ends. */
export type StopReason = "asked" | "timeout" | "closing";

/** Thrown inside a build's run where it is to end before its work is done. */
export class BuildStopped extends Error {
  override readonly name = "BuildStopped";

  constructor(readonly why: StopReason) {
    super(`the build was stopped: ${why}`);
  }
}
