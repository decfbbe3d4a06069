import type * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import type { PipelineArgs } from "@pulumi/aws/codepipeline";
import type { RetrainGovernor } from "../retrain-governor";
import { askedBy } from "../retrain-governor/rules";
import { serviceRole } from "../service-role";
import type { ArtifactStore } from "./artifact-store";
import type { Arns } from "./names";
import type { Repository } from "./sources";

/** When a pipeline starts by itself. */
export interface Schedule {
  /** Such as `cron(0 12 1 * ? *)`, in UTC. */
  readonly expression: string;
  /** Whether it starts the pipeline; the rule is there either way. */
  readonly enabled: boolean;
}

/** Arguments of {@link triggers}. */
export interface TriggersArgs {
  readonly pipelineName: string;
  readonly pipelineArn: pulumi.Output<string>;
  readonly repository: Repository;
  readonly store: ArtifactStore;
  /** Key of the object whose new versions start the pipeline. */
  readonly dataKey: string;
  readonly schedule: Schedule;
  /** Whom the schedule asks. @default - nobody: the schedule itself starts the pipeline */
  readonly governor?: RetrainGovernor;
  readonly arns: Arns;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * The rules of EventBridge that start a pipeline: a new data object, the schedule, and a push to a CodeCommit repository. With a retrain
 * governor the schedule asks it.
 */
export function triggers(name: string, args: TriggersArgs, parent: pulumi.Resource): void {
  const { pipelineName, pipelineArn, repository, schedule, governor, tags } = args;
  const { arn: roleArn } = serviceRole(
    `${name}-events-role`,
    {
      description: `EventBridge starts pipeline ${pipelineName}`,
      service: "events.amazonaws.com",
      statements: [{ Action: "codepipeline:StartPipelineExecution", Resource: pipelineArn }],
      tags,
    },
    parent,
  );
  const ruleOf = (what: string, rule: cloudwatch.EventRuleArgs) =>
    new cloudwatch.EventRule(`${name}-${what}`, { name: `${pipelineName}-${what}`, tags, ...rule }, { parent });
  const start = (what: string, rule: cloudwatch.EventRuleArgs) => {
    const { name: ruleName } = ruleOf(what, rule);
    new cloudwatch.EventTarget(`${name}-${what}`, { rule: ruleName, arn: pipelineArn, roleArn }, { parent });
  };
  start("data", {
    description: `Starts ${pipelineName} when ${args.dataKey} is new`,
    eventPattern: newObject(args),
  });
  const calendar = {
    scheduleExpression: schedule.expression,
    state: schedule.enabled ? "ENABLED" : "DISABLED",
  };
  if (governor === undefined) {
    start("schedule", { description: `Starts ${pipelineName} by the calendar`, ...calendar });
  } else {
    const description = `Asks for a retraining by ${pipelineName} by the calendar`;
    const rule = ruleOf("schedule", { description, ...calendar });
    const permission = new lambda.Permission(`${name}-schedule`, askedBy(rule, governor.functionName), { parent });
    new cloudwatch.EventTarget(
      `${name}-schedule`,
      { rule: rule.name, arn: governor.functionArn },
      { parent, dependsOn: permission },
    );
  }
  if (repository.type === "codecommit") {
    start("push", {
      description: `Starts ${pipelineName} when branch ${repository.branch} of ${repository.repository} moves`,
      eventPattern: movedBranch(repository, args.arns),
    });
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
function newObject({ store, dataKey }: TriggersArgs): pulumi.Output<string> {
  return store.bucketName.apply((bucket) =>
    JSON.stringify({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { bucket: { name: [bucket] }, object: { key: [dataKey] } },
    }),
  );
}

/** https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html */
function movedBranch({ repository, branch }: Repository, arns: Arns): pulumi.Output<string> {
  return arns.of("codecommit", repository).apply((arn) =>
    JSON.stringify({
      source: ["aws.codecommit"],
      "detail-type": ["CodeCommit Repository State Change"],
      resources: [arn],
      detail: {
        event: ["referenceCreated", "referenceUpdated"],
        referenceType: ["branch"],
        referenceName: [branch],
      },
    }),
  );
}

/** The triggers for a connected repository, which CodePipeline watches itself. */
export function gitTriggers(
  { type, branch }: Repository,
  sourceActionName: string,
  on: "push" | "pull request",
): PipelineArgs["triggers"] {
  if (type !== "connection") {
    return undefined;
  }
  const branches = { includes: [branch] };
  const filter =
    on === "push" ? { pushes: [{ branches }] } : { pullRequests: [{ branches, events: ["OPEN", "UPDATED"] }] };
  return [{ providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName, ...filter } }];
}
