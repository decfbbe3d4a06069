import type { Local } from "../../core/local";

/** What CodePipeline is given to work with. `repository` is what every git source means. */
export type PipelineLocal = Pick<
  Local,
  "clock" | "account" | "endpoint" | "constraints" | "events" | "sessions" | "repository"
>;

/** What CodePipeline assumes a pipeline's role as. */
export const SERVICE = "codepipeline.amazonaws.com";
