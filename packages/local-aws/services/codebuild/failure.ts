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
