import type { Local } from "../../core/local";

/** What CodeBuild is given to work with. */
export type CodeBuildLocal = Pick<
  Local,
  "clock" | "account" | "endpoint" | "scratchDir" | "logs" | "sessions" | "constraints" | "faults"
>;

export interface CodeBuildOptions {
  /**
   * What every build finds in its environment beside `PATH`, `HOME` and the like, as a build image on AWS would have it. Variables of
   * the project and the buildspec win.
   *
   * @default - nothing
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * How many times faster than on AWS a build's time is over. Its commands really run and take what they take, so that a fast clock
   * leaves them little of the minutes that the project allows.
   *
   * @default - the clock's speed
   */
  readonly timeoutSpeed?: number;
}

/** What CodeBuild assumes a project's service role as. */
export const SERVICE = "codebuild.amazonaws.com";
