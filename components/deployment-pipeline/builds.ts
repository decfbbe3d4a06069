import * as pulumi from "@pulumi/pulumi";
import { PROD_BUILD_MINUTES, trainBuildMinutes, USUAL_JOB_SECONDS } from "../../lib/build-times";
import { CANARY_FOLDERS } from "../../lib/monitoring-names";
import type { Statement } from "../service-role";
import type { ArtifactStore } from "./artifact-store";
import { buildProject } from "./build-project";
import { BUILD_SPEC, DEPLOY_SPEC } from "./build-specs";
import { DEPLOYED_STACKS, pipelineName, RELEASE, RELEASE_DATA, SOURCE_CODE, type DeployedStack } from "./names";
import type { DeploymentPipelineNodes, DeploymentPipelineTransforms } from "./nodes";
import { deployCanary } from "./permissions/canary";
import { deployDashboard } from "./permissions/dashboard";
import { deployMonitors } from "./permissions/monitors";
import { deploy, preview, type Deployed } from "./permissions/stacks";
import { readState, writeState, type PulumiState } from "./permissions/state";

/** Arguments of {@link builds}. */
export interface BuildsArgs extends Deployed {
  /** Bucket of production's canary. */
  readonly canaryBucket: pulumi.Input<string>;
  readonly store: ArtifactStore;
  readonly state: PulumiState;
  readonly topicArn: pulumi.Input<string>;
  /** Config values by stack and key, over those of the repository's own files. @default - none */
  readonly stackConfig?: StackConfigs;
  /** Shell command of the repository's checks. @default - the one that the build's program has */
  readonly checks?: string;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** @default - the projects are as they are made here */
  readonly transform?: DeploymentPipelineTransforms;
}

/** Config values by stack and key. */
export type StackConfigs = Readonly<Partial<Record<DeployedStack, Readonly<Record<string, unknown>>>>>;

/** What each deployment does, and how many minutes it may take. That of `train` follows from what its jobs may take. */
const DEPLOYMENTS = {
  train: { description: "Trains a release's model and waits for it" },
  dev: { description: "Deploys a release to be tried", timeoutMinutes: 60 },
  prod: { description: "Deploys a release to production, or goes back", timeoutMinutes: PROD_BUILD_MINUTES },
};

/** What the projects are called. */
export function projectNames(model: string): Record<"build" | DeployedStack, string> {
  const of = (what: string) => `${pipelineName(model)}-${what}`;
  return { build: of("build"), train: of("train"), dev: of("dev"), prod: of("prod") };
}

/** The builds of a pipeline: one that previews, and one per stack that deploys it. Each has no more rights than it needs. */
export function builds(name: string, args: BuildsArgs, parent: pulumi.Resource): DeploymentPipelineNodes["builds"] {
  const { model, store, topicArn, arns, tags } = args;
  const names = projectNames(model);
  const common = {
    pipelineName: pipelineName(model),
    store,
    environment: { ...environment(args), NOTIFICATION_TOPIC_ARN: topicArn },
    secrets: secretsOf(args.state),
    tags,
    transform: args.transform?.builds,
  };
  const build = buildProject(
    `${name}-build`,
    {
      ...common,
      projectName: names.build,
      description: "Checks a release and previews what it would change",
      buildspec: BUILD_SPEC,
      reads: [SOURCE_CODE, RELEASE_DATA],
      writes: [RELEASE],
      // Which commits have passed the checks.
      keeps: { path: "checks/*", actions: ["GetObject", "PutObject"] },
      statements: [...previews(args), endDuplicates(args)],
      timeoutMinutes: 30,
    },
    parent,
  );
  const deployment = (stack: DeployedStack) =>
    buildProject(
      `${name}-${stack}`,
      {
        ...common,
        timeoutMinutes: trainMinutes(args),
        ...DEPLOYMENTS[stack],
        projectName: names[stack],
        buildspec: DEPLOY_SPEC,
        reads: [RELEASE],
        writes: [],
        // A note that this build is at work. The next build reads it to learn whether a lock on the state still counts.
        keeps: { path: `deployments/${stack}.json`, actions: ["GetObject", "PutObject", "DeleteObject"] },
        statements: [
          ...deploy(stack, args),
          ...writeState(args.state, stack, arns),
          // To see whether the build that locked the state still runs.
          { Action: "codebuild:BatchGetBuilds", Resource: arns.of("codebuild", `project/${names[stack]}`) },
          // The rollout reports to the topic.
          ...(stack === "prod" ? [{ Action: "sns:Publish", Resource: [topicArn] }] : []),
        ],
        furtherStatements:
          stack === "prod" ? [...deployMonitors(args), ...deployDashboard(args), ...deployCanary(args)] : [],
      },
      parent,
    );
  return { build, train: deployment("train"), dev: deployment("dev"), prod: deployment("prod") };
}

const trainMinutes = ({
  beforeApproval: { maxRuntimeSeconds = USUAL_JOB_SECONDS },
}: Pick<Deployed, "beforeApproval">) => trainBuildMinutes(maxRuntimeSeconds);

/** What the programs learn about the pipeline. */
export function environment(args: Omit<BuildsArgs, "topicArn">): Record<string, pulumi.Input<string> | undefined> {
  const { model, bucket, kmsKeyArn, canaryBucket, store, state, boundaryArns, stackConfig = {}, checks } = args;
  const canaryFolderUri = pulumi.interpolate`s3://${canaryBucket}/${CANARY_FOLDERS.own}`;
  const configured = DEPLOYED_STACKS.map((stack) => [
    stack,
    {
      ...stackConfig[stack],
      ...(stack === "prod" ? { canaryFolderUri } : {}),
      permissionsBoundaryArn: boundaryArns[stack],
    },
  ]);
  return {
    MODEL_NAME: model,
    MODEL_BUCKET: bucket,
    KMS_KEY_ARN: kmsKeyArn,
    PIPELINE_NAME: pipelineName(model),
    ARTIFACT_BUCKET: store.bucketName,
    STATE_URL: state.url,
    SECRETS_PROVIDER: state.secretsProvider,
    STACK_CONFIG: pulumi.jsonStringify(Object.fromEntries(configured)),
    CHECKS: checks,
    TRAIN_BUILD_MINUTES: String(trainMinutes(args)),
  };
}

/** What a build may do that only previews the stacks. */
export function previews(args: Omit<BuildsArgs, "topicArn">): Statement[] {
  return [...preview(args), ...readState(args.state, args.arns)];
}

/** Code and data that arrive together start two executions. The build of the second one ends its own execution. */
function endDuplicates({ model, arns }: BuildsArgs): Statement {
  return {
    Action: ["codepipeline:ListPipelineExecutions", "codepipeline:StopPipelineExecution"],
    Resource: arns.of("codepipeline", pipelineName(model)),
  };
}

function secretsOf({ accessTokenSecretArn }: PulumiState): Record<string, string> {
  return accessTokenSecretArn === undefined ? {} : { PULUMI_ACCESS_TOKEN: accessTokenSecretArn };
}
