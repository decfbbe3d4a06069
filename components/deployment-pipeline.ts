import * as pulumi from "@pulumi/pulumi";
import {
  APPROVAL_TIMEOUT_MINUTES,
  ARTIFACT_DAYS,
  checkArguments,
  type DeploymentPipelineArgs,
} from "./deployment-pipeline/arguments";
import { announcements, notificationTopic } from "./deployment-pipeline/announcements";
import { artifactStore } from "./deployment-pipeline/artifact-store";
import { boundaries } from "./deployment-pipeline/boundary";
import { useArtifacts } from "./deployment-pipeline/build-project";
import { builds, environment, previews, projectNames } from "./deployment-pipeline/builds";
import { canaryBucket } from "./deployment-pipeline/canary-bucket";
import {
  Arns,
  pipelineName,
  pullRequestPipelineName,
  RELEASE,
  RELEASE_DATA,
  SOURCE_CODE,
} from "./deployment-pipeline/names";
import type { DeploymentPipelineNodes } from "./deployment-pipeline/nodes";
import { pullRequestPipeline } from "./deployment-pipeline/pull-requests";
import { retraining } from "./deployment-pipeline/retraining";
import { CODE_ACTION, readCode, readData } from "./deployment-pipeline/sources";
import { STARTED_BY, stages } from "./deployment-pipeline/stages";
import { gitTriggers, triggers, type Schedule } from "./deployment-pipeline/triggers";
import { v2Pipeline } from "./deployment-pipeline/v2-pipeline";

export type { DeploymentPipelineArgs } from "./deployment-pipeline/arguments";

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
  /** The function that a person asks for a retraining; `undefined` with `retrain: false`. */
  readonly retrainFunctionName: pulumi.Output<string> | undefined;
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
    const forCanary = canaryBucket(name, { ...args, transform: args.transform?.canaryBucket }, this);
    const made = { store, arns, canaryBucket: forCanary.bucketName };
    const boundaryArns = boundaries(name, { ...args, ...made }, this);
    const about = { ...args, beforeApproval: args.beforeApproval ?? {}, ...made, boundaryArns };
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
        variables: [STARTED_BY],
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
    const governor = retraining(
      `${name}-retrain`,
      {
        model,
        bucket: args.bucket,
        kmsKeyArn: args.kmsKeyArn,
        pipelineArn: pipeline.arn,
        store,
        dataKey,
        topicArn,
        settings: args.retrain ?? {},
        tags,
        transform: args.transform?.retrain,
      },
      this,
    );
    triggers(
      name,
      {
        pipelineName: ownName,
        pipelineArn: pipeline.arn,
        repository,
        store,
        dataKey,
        schedule: args.schedule ?? DEFAULT_SCHEDULE,
        governor,
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
    this.retrainFunctionName = governor?.functionName;
    this.nodes = {
      bucket: store.bucket,
      canaryBucket: forCanary.bucket,
      topic,
      builds: projects,
      pipeline,
      retrain: governor,
    };
    this.registerOutputs({
      pipelineName: this.pipelineName,
      pipelineArn: this.pipelineArn,
      artifactBucket: this.artifactBucket,
      dataSourceUri: this.dataSourceUri,
      topicArn: this.topicArn,
      artifactKeyArn: this.artifactKeyArn,
      pullRequestPipelineName: this.pullRequestPipelineName,
      retrainFunctionName: this.retrainFunctionName,
    });
  }
}

const DEFAULT_SCHEDULE: Schedule = { expression: "cron(0 12 1 * ? *)", enabled: false };
