import type * as codebuild from "@pulumi/aws/codebuild";
import type * as codepipeline from "@pulumi/aws/codepipeline";
import type * as s3 from "@pulumi/aws/s3";
import type * as sns from "@pulumi/aws/sns";
import type { RetrainGovernor } from "../retrain-governor";
import type { RetrainGovernorTransforms } from "../retrain-governor/arguments";
import type { Transform } from "../support/transform";
import type { DeployedStack } from "./names";

/** The children of a `DeploymentPipeline` that programs change. */
export interface DeploymentPipelineNodes {
  /** The bucket of the artifacts and of `data-source.zip`. */
  readonly bucket: s3.Bucket;
  /** The bucket of production's canary. */
  readonly canaryBucket: s3.Bucket;
  /** The topic that tells people. */
  readonly topic: sns.Topic;
  /** The projects of the builds: the one that previews, and that of each stack. */
  readonly builds: Readonly<Record<"build" | DeployedStack, codebuild.Project>>;
  readonly pipeline: codepipeline.Pipeline;
  /** `undefined` with `retrain: false`. */
  readonly retrain: RetrainGovernor | undefined;
}

/**
 * What a program changes of the children of a `DeploymentPipeline`. Pull requests have a pipeline and a build of their own, which are changed
 * in the same way.
 */
export interface DeploymentPipelineTransforms {
  readonly bucket?: Transform<s3.BucketArgs>;
  readonly canaryBucket?: Transform<s3.BucketArgs>;
  readonly topic?: Transform<sns.TopicArgs>;
  /** Called for each project, with its name. */
  readonly builds?: Transform<codebuild.ProjectArgs>;
  /** Called for each pipeline, with its name. */
  readonly pipeline?: Transform<codepipeline.PipelineArgs>;
  /** The children of the retrain governor. */
  readonly retrain?: RetrainGovernorTransforms;
}
