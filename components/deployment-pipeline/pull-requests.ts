import type * as pulumi from "@pulumi/pulumi";
import type * as codepipeline from "@pulumi/aws/codepipeline";
import type { Statement } from "../service-role";
import type { ArtifactStore } from "./artifact-store";
import { buildProject, useArtifacts } from "./build-project";
import { PULL_REQUEST_SPEC } from "./build-specs";
import { pipelineName, pullRequestPipelineName, SOURCE_CODE, type Arns } from "./names";
import type { DeploymentPipelineTransforms } from "./nodes";
import { CODE_ACTION, readCode, type Repository } from "./sources";
import { pullRequestStages } from "./stages";
import { gitTriggers } from "./triggers";
import { v2Pipeline } from "./v2-pipeline";

/** Arguments of {@link pullRequestPipeline}. */
export interface PullRequestPipelineArgs {
  readonly model: string;
  readonly repository: Repository;
  readonly store: ArtifactStore;
  readonly environment: Readonly<Record<string, pulumi.Input<string> | undefined>>;
  /** Statements that let previews read, and change nothing. */
  readonly statements: readonly Statement[];
  readonly arns: Arns;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** @default - pipeline and project are as they are made here */
  readonly transform?: DeploymentPipelineTransforms;
}

/**
 * A second pipeline that checks and previews pull requests, several at once. Its build runs code that nobody has approved. So the build may
 * change nothing and write no artifact, not even its own, and it cannot reach the other pipeline's. It does see the state.
 */
export function pullRequestPipeline(
  name: string,
  args: PullRequestPipelineArgs,
  parent: pulumi.Resource,
): codepipeline.Pipeline {
  const { repository, store, arns, tags } = args;
  const ownName = pullRequestPipelineName(args.model);
  const projectName = `${pipelineName(args.model)}-pull-request`;
  const project = buildProject(
    `${name}-check`,
    {
      projectName,
      description: "Checks a pull request and previews what it would change",
      buildspec: PULL_REQUEST_SPEC,
      pipelineName: ownName,
      store,
      reads: [SOURCE_CODE],
      writes: [],
      environment: { ...args.environment, PIPELINE_NAME: ownName },
      statements: args.statements,
      timeoutMinutes: 30,
      tags,
      transform: args.transform?.builds,
    },
    parent,
  );
  return v2Pipeline(
    name,
    {
      pipelineName: ownName,
      description: `Pipeline ${ownName} takes the code of pull requests and starts their build`,
      // Each execution is about one pull request, so none supersedes another.
      executionMode: "PARALLEL",
      store,
      stages: pullRequestStages(repository, project.name),
      triggers: gitTriggers(repository, CODE_ACTION, "pull request"),
      projectNames: [projectName],
      statements: [
        ...readCode(repository, arns),
        ...useArtifacts(ownName, store, { reads: [SOURCE_CODE], writes: [SOURCE_CODE] }),
      ],
      arns,
      tags,
      transform: args.transform?.pipeline,
    },
    parent,
  );
}
