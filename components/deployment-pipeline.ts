import * as pulumi from "@pulumi/pulumi";
import { outlast } from "../lib/pipeline-config";
import { announcements, notificationTopic } from "./deployment-pipeline/announcements";
import { artifactStore } from "./deployment-pipeline/artifact-store";
import { boundaries } from "./deployment-pipeline/boundary";
import { useArtifacts } from "./deployment-pipeline/build-project";
import { builds, environment, previews, projectNames, type StackConfigs } from "./deployment-pipeline/builds";
import {
  Arns,
  pipelineName,
  pullRequestPipelineName,
  RELEASE,
  RELEASE_DATA,
  SOURCE_CODE,
} from "./deployment-pipeline/names";
import type { DeploymentPipelineNodes, DeploymentPipelineTransforms } from "./deployment-pipeline/nodes";
import type { BeforeApproval } from "./deployment-pipeline/permissions/before-approval";
import type { PulumiState } from "./deployment-pipeline/permissions/state";
import { pullRequestPipeline } from "./deployment-pipeline/pull-requests";
import { CODE_ACTION, readCode, readData, type Repository } from "./deployment-pipeline/sources";
import { stages } from "./deployment-pipeline/stages";
import { gitTriggers, triggers, type Schedule } from "./deployment-pipeline/triggers";
import { v2Pipeline, type ExecutionMode } from "./deployment-pipeline/v2-pipeline";
import { refuse, unknownKeys } from "./support/problems";

/** Arguments of {@link DeploymentPipeline}. */
export interface DeploymentPipelineArgs {
  /** Model name. Every part of the pipeline is named `mlops-<model>-pipeline…`. */
  readonly model: string;
  /** Bucket for the model's data, archives, baselines and captured traffic. */
  readonly bucket: pulumi.Input<string>;
  /** Key for the model's volumes, archives, captures and environments. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Where the code is. A push to its branch starts the pipeline. */
  readonly repository: Repository;
  /** Where the state of the stacks is, and what encrypts the secrets in it. */
  readonly state: PulumiState;
  /** What happens to an execution that starts while another one runs. @default "QUEUED" */
  readonly executionMode?: ExecutionMode;
  /** When the pipeline starts by itself. @default - the first of each month at 12:00 UTC, turned off */
  readonly schedule?: Schedule;
  /** Address that is told of executions and asked for approvals. @default - nobody; others can subscribe to the topic */
  readonly notificationEmail?: string;
  /** Minutes after which an approval expires, 5 to 86400. @default 10080, seven days */
  readonly approvalTimeoutMinutes?: number;
  /** What a release may use that nobody has approved yet: instance types, seconds, the network. @default - see {@link BeforeApproval} */
  readonly beforeApproval?: BeforeApproval;
  /** Whether a second pipeline checks and previews pull requests. Only for a connected repository with its state in S3. @default false */
  readonly pullRequests?: boolean;
  /** Config values of `train`, `dev` and `prod`, over those of the repository's own files. No secrets. @default - none */
  readonly stackConfig?: StackConfigs;
  /** Shell command of the repository's checks, run once for each commit. @default "npm run check" */
  readonly checks?: string;
  /** Days that artifacts are kept, at least one more than an approval may take. @default 90 */
  readonly artifactDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: DeploymentPipelineTransforms;
}

/**
 * A CodePipeline that takes a release from code and data to production: previews, training, an endpoint to try, somebody's approval,
 * deployment. A push, a new `data-source.zip`, the schedule (if it is turned on) or a person starts it.
 *
 * The builds run the repository's own `pipeline/`, so it must be this project's repository or one made from it.
 *
 * Each actor has a role of its own: CodePipeline, EventBridge, the build that previews, and for each stack the build that deploys it.
 */
export class DeploymentPipeline extends pulumi.ComponentResource {
  /** Name of the pipeline. */
  readonly pipelineName: pulumi.Output<string>;
  /** ARN of the pipeline. */
  readonly pipelineArn: pulumi.Output<string>;
  /** Name of the bucket for artifacts and `data-source.zip`. */
  readonly artifactBucket: pulumi.Output<string>;
  /** Where to put `data-source.zip`. */
  readonly dataSourceUri: pulumi.Output<string>;
  /** Topic that gets messages about executions, approvals and rollouts. */
  readonly topicArn: pulumi.Output<string>;
  /** Key that encrypts artifacts and messages. */
  readonly artifactKeyArn: pulumi.Output<string>;
  /** `undefined` if there is none. */
  readonly pullRequestPipelineName: pulumi.Output<string> | undefined;
  /** The resources that programs change. */
  readonly nodes: DeploymentPipelineNodes;

  constructor(name: string, args: DeploymentPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:DeploymentPipeline", name, {}, opts);
    checkArguments(args, this);
    const { model, repository, artifactDays = ARTIFACT_DAYS, tags } = args;
    const arns = new Arns(this);
    const ownName = pipelineName(model);
    const topicName = `${ownName}-notifications`;
    const store = artifactStore(
      name,
      {
        pipelineName: ownName,
        pipelineNames: [ownName, ...(args.pullRequests === true ? [pullRequestPipelineName(model)] : [])],
        artifactDays,
        topicArn: arns.of("sns", topicName),
        arns,
        tags,
        transform: args.transform?.bucket,
      },
      this,
    );
    const { topic, arn: topicArn } = notificationTopic(
      `${name}-notifications`,
      {
        topicName,
        accountId: arns.accountId,
        keyArn: store.keyArn,
        email: args.notificationEmail,
        tags,
        transform: args.transform?.topic,
      },
      this,
    );
    const dataKey = `${ownName}/data-source.zip`;
    const boundaryArns = boundaries(name, { ...args, store, arns }, this);
    const about = { ...args, beforeApproval: args.beforeApproval ?? {}, store, arns, boundaryArns };
    const projects = builds(name, { ...about, topicArn }, this);
    const pipeline = v2Pipeline(
      name,
      {
        pipelineName: ownName,
        description: `Pipeline ${ownName} takes code and data, starts its builds and asks for approval`,
        executionMode: args.executionMode ?? "QUEUED",
        store,
        stages: stages({
          pipelineName: ownName,
          repository,
          store,
          dataKey,
          buildProject: projects.build.name,
          deployProjects: { train: projects.train.name, dev: projects.dev.name, prod: projects.prod.name },
          topicArn,
          approvalTimeoutMinutes: args.approvalTimeoutMinutes ?? APPROVAL_TIMEOUT_MINUTES,
          arns,
        }),
        triggers: gitTriggers(repository, CODE_ACTION, "push"),
        projectNames: Object.values(projectNames(model)),
        statements: [
          ...readCode(repository, arns),
          ...readData(store, dataKey),
          ...useArtifacts(ownName, store, {
            reads: [SOURCE_CODE, RELEASE_DATA, RELEASE],
            writes: [SOURCE_CODE, RELEASE_DATA],
          }),
          { Action: "sns:Publish", Resource: [topicArn] },
        ],
        arns,
        tags,
        transform: args.transform?.pipeline,
      },
      this,
    );
    announcements(name, { pipelineName: ownName, topicArn, tags }, this);
    triggers(
      name,
      {
        pipelineName: ownName,
        pipelineArn: pipeline.arn,
        repository,
        store,
        dataKey,
        schedule: args.schedule ?? DEFAULT_SCHEDULE,
        arns,
        tags,
      },
      this,
    );
    const pullRequests =
      args.pullRequests === true
        ? pullRequestPipeline(
            `${name}-pull-request`,
            { ...about, environment: environment(about), statements: previews(about) },
            this,
          )
        : undefined;
    this.pipelineName = pipeline.name;
    this.pipelineArn = pipeline.arn;
    this.artifactBucket = store.bucketName;
    this.dataSourceUri = pulumi.interpolate`s3://${store.bucketName}/${dataKey}`;
    this.topicArn = topicArn;
    this.artifactKeyArn = store.keyArn;
    this.pullRequestPipelineName = pullRequests?.name;
    this.nodes = { bucket: store.bucket, topic, builds: projects, pipeline };
    this.registerOutputs({
      pipelineName: this.pipelineName,
      pipelineArn: this.pipelineArn,
      artifactBucket: this.artifactBucket,
      dataSourceUri: this.dataSourceUri,
      topicArn: this.topicArn,
      artifactKeyArn: this.artifactKeyArn,
      pullRequestPipelineName: this.pullRequestPipelineName,
    });
  }
}

const ARTIFACT_DAYS = 90;
const APPROVAL_TIMEOUT_MINUTES = 10_080;
const DEFAULT_SCHEDULE: Schedule = { expression: "cron(0 12 1 * ? *)", enabled: false };

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
function checkArguments(args: DeploymentPipelineArgs, on: pulumi.Resource): void {
  const { pullRequests = false, repository, state } = args;
  const { artifactDays = ARTIFACT_DAYS, approvalTimeoutMinutes = APPROVAL_TIMEOUT_MINUTES } = args;
  const problems = [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...(pullRequests && repository.type !== "connection"
      ? ["pullRequests need a connected repository: CodePipeline does not support pull requests of CodeCommit"]
      : []),
    ...(pullRequests && state.accessTokenSecretArn !== undefined
      ? [
          "pullRequests need the state in S3: with a token of Pulumi Cloud, code that nobody has approved could change the state",
        ]
      : []),
    ...(outlast(artifactDays, approvalTimeoutMinutes)
      ? []
      : [
          "artifactDays must be at least a day more than approvalTimeoutMinutes, " +
            `got ${artifactDays} days and ${approvalTimeoutMinutes} minutes`,
        ]),
  ];
  refuse(problems, on);
}

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<DeploymentPipelineArgs>, true>> = {
  model: true,
  bucket: true,
  kmsKeyArn: true,
  repository: true,
  state: true,
  executionMode: true,
  schedule: true,
  notificationEmail: true,
  approvalTimeoutMinutes: true,
  beforeApproval: true,
  pullRequests: true,
  stackConfig: true,
  checks: true,
  artifactDays: true,
  tags: true,
  transform: true,
};
