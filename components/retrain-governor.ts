import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import { VARIABLES, type GovernorSettings } from "../lib/contract";
import { governorName } from "../lib/monitoring-names";
import { bundle, nodeFunction } from "./blue-green-api/node-function";
import type { FunctionNodes } from "./blue-green-api/transforms";
import { Arns } from "./deployment-pipeline/names";
import {
  problemsOfRules,
  rulesOf,
  type RetrainGovernorArgs,
  type RetrainGovernorNodes,
} from "./retrain-governor/arguments";
import { askedByAlarms, looksAtAlarms } from "./retrain-governor/rules";
import type { Statement } from "./service-role";
import { refuse, unknownKeys } from "./support/problems";
import { transform } from "./support/transform";

export type { RetrainGovernorArgs } from "./retrain-governor/arguments";

/**
 * Decides whether a pipeline trains anew. Alarms ask it by EventBridge when they fire, and each day as long as they stay on; a person by
 * `aws lambda invoke --function-name <pipeline>-retrain --payload '{"reason":"…"}'`. It starts the pipeline, or says why not: one execution at
 * a time, none while a rollout or a bake is under way, not without new data, not too often. Each decision is kept in S3 and told to the
 * topic. Whatever it starts waits for somebody's approval like any release, with the reason in the approval's text.
 */
export class RetrainGovernor extends pulumi.ComponentResource {
  /** Name of the function. */
  readonly functionName: pulumi.Output<string>;
  /** ARN of the function, for further rules that ask it. */
  readonly functionArn: pulumi.Output<string>;
  /** Where the decisions are kept. */
  readonly decisionsUri: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: RetrainGovernorNodes;

  constructor(name: string, args: RetrainGovernorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:RetrainGovernor", name, {}, opts);
    refuse([...unknownKeys(args, Object.keys(ARGUMENTS)), ...problemsOfRules(args)], this);
    this.decisionsUri = pulumi.interpolate`s3://${args.decisions.bucket}/${args.decisions.folder}`;
    const made = this.createFunction(name, args);
    this.functionName = made.function.name;
    this.functionArn = made.function.arn;
    this.nodes = {
      ...made,
      ...askedByAlarms(name, args, made.function, this),
      ...looksAtAlarms(name, args, made.function, this),
      errorAlarm: this.createErrorAlarm(name, args),
    };
    this.registerOutputs({
      functionName: this.functionName,
      functionArn: this.functionArn,
      decisionsUri: this.decisionsUri,
    });
  }

  private createFunction(name: string, args: RetrainGovernorArgs): FunctionNodes {
    const settings: { readonly [K in keyof GovernorSettings]: pulumi.Input<GovernorSettings[K]> } = {
      pipelineName: args.pipelineName,
      dataBucket: args.data.bucket,
      dataKey: args.data.key,
      dataAction: args.data.sourceAction,
      rolloutApplication: args.rolloutApplication,
      decisionsUri: this.decisionsUri,
      topicArn: args.topicArn,
      alarmNames: pulumi.all([...args.alarmNames]),
      ...rulesOf(args),
    };
    return nodeFunction(
      name,
      {
        functionName: functionNameOf(args),
        description: `Decides whether ${args.pipelineName} trains anew`,
        code: bundle("retrain"),
        environment: { [VARIABLES.governor]: pulumi.jsonStringify(settings) },
        statements: this.statements(args),
        timeoutSeconds: 60,
        memorySizeMB: 256,
        publish: false,
        logRetentionDays: LOG_RETENTION_DAYS,
        tags: args.tags,
        transform: args.transform,
      },
      this,
    );
  }

  private statements({ pipelineArn, data, rolloutApplication, decisions, ...args }: RetrainGovernorArgs): Statement[] {
    const arns = new Arns(this);
    const { topicArn, kmsKeyArns = [] } = args;
    return [
      { Action: ["codepipeline:ListPipelineExecutions", "codepipeline:StartPipelineExecution"], Resource: pipelineArn },
      {
        Action: ["codedeploy:ListDeployments", "codedeploy:BatchGetDeployments"],
        Resource: pulumi
          .output(rolloutApplication)
          .apply((application) => arns.of("codedeploy", `deploymentgroup:${application}/${application}`)),
      },
      // Only which versions there are, and not what is in them.
      {
        Action: "s3:ListBucketVersions",
        Resource: arns.s3(data.bucket),
        Condition: { StringEquals: { "s3:prefix": data.key } },
      },
      {
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: arns.s3(pulumi.interpolate`${decisions.bucket}/${decisions.folder}/*`),
      },
      { Action: "sns:Publish", Resource: topicArn },
      // With a narrower scope there are no composite alarms. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
      { Action: "cloudwatch:DescribeAlarms", Resource: "*" },
      ...(kmsKeyArns.length === 0 ? [] : [{ Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: kmsKeyArns }]),
    ];
  }

  /** A governor that fails would otherwise be silent, and so would the alarms that ask it. */
  private createErrorAlarm(name: string, args: RetrainGovernorArgs): cloudwatch.MetricAlarm {
    return new cloudwatch.MetricAlarm(
      ...transform<cloudwatch.MetricAlarmArgs>(
        args.transform?.errorAlarm,
        `${name}-errors`,
        {
          name: `${functionNameOf(args)}-errors`,
          alarmDescription: `A request for a retraining by ${args.pipelineName} could not be decided on`,
          namespace: "AWS/Lambda",
          metricName: "Errors",
          dimensions: { FunctionName: this.functionName },
          statistic: "Sum",
          period: 60,
          evaluationPeriods: 1,
          comparisonOperator: "GreaterThanThreshold",
          threshold: 0,
          treatMissingData: "notBreaching",
          alarmActions: [args.topicArn],
          tags: args.tags,
        },
        { parent: this },
      ),
    );
  }
}

const LOG_RETENTION_DAYS = 365;

const functionNameOf = ({ pipelineName }: RetrainGovernorArgs) => governorName(pipelineName);

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<RetrainGovernorArgs>, true>> = {
  pipelineName: true,
  pipelineArn: true,
  alarmNames: true,
  lookSchedule: true,
  cooldownHours: true,
  maximumPerDay: true,
  requireNewData: true,
  settleMinutes: true,
  data: true,
  rolloutApplication: true,
  decisions: true,
  topicArn: true,
  kmsKeyArns: true,
  tags: true,
  transform: true,
};
