import * as pulumi from "@pulumi/pulumi";
import { monitoringNames } from "../../lib/monitoring-names";
import { apiName, endpointPrefix, modelPrefix } from "../../lib/release";
import type { Arns } from "../deployment-pipeline/names";
import type { Repository } from "../deployment-pipeline/sources";
import { allow } from "../deployment-pipeline/permissions/allow";
import type { Statement } from "../service-role";
import type { ReleaseNotebookArgs } from "./arguments";

/** Log group of all notebook instances of an account and region. */
const LOG_GROUP = "/aws/sagemaker/NotebookInstances";

/** All that the notebook does: it starts releases, follows and tries them, and reads what watches them. It deploys and changes nothing. */
export function notebookStatements(args: ReleaseNotebookArgs, arns: Arns): Statement[] {
  const { model, pipelineArn } = args;
  const prefix = modelPrefix(model);
  const api = apiName(model, "prod");
  const { canary, dashboard, schedule } = monitoringNames(prefix);
  return [
    allow(
      "codepipeline",
      [pipelineArn],
      ["GetPipeline", "GetPipelineExecution", "GetPipelineState", "ListActionExecutions", "ListPipelineExecutions"],
    ),
    ...(args.mayApprove === true
      ? [allow("codepipeline", [pulumi.interpolate`${pipelineArn}/Approve/Approve`], ["PutApprovalResult"])]
      : []),
    ...data(args, arns),
    allow(
      "sagemaker",
      [`training-job/${prefix}-*`, `processing-job/${prefix}-*`, `endpoint/${prefix}-*`].map((one) =>
        arns.of("sagemaker", one),
      ),
      ["DescribeEndpoint", "DescribeProcessingJob", "DescribeTrainingJob"],
    ),
    allow("sagemaker", "*", ["ListEndpoints", "Search"]),
    // Production is asked through its API, which counts and captures who asks.
    allow("sagemaker", [arns.of("sagemaker", `endpoint/${endpointPrefix(model, "dev")}*`)], ["InvokeEndpoint"]),
    allow("execute-api", [arns.of("execute-api", "*/*/POST/api")], ["Invoke"]),
    allow("apigateway", [arns.apiGateway("/restapis"), arns.apiGateway("/restapis/*/stages")], ["GET"]),
    allow("codedeploy", [arns.of("codedeploy", `deploymentgroup:${api}/${api}`)], ["GetDeployment", "ListDeployments"]),
    allow("lambda", [arns.of("lambda", `function:${schedule}`)], ["InvokeFunction"]),
    allow("cloudwatch", [arns.of("cloudwatch", "alarm:*")], ["DescribeAlarms"]),
    allow("cloudwatch", [arns.dashboard(dashboard)], ["GetDashboard"]),
    allow("cloudwatch", "*", ["GetMetricStatistics"]),
    allow("synthetics", [arns.of("synthetics", `canary:${canary}`)], ["GetCanaryRuns"]),
    allow(
      "logs",
      [arns.of("logs", `log-group:${LOG_GROUP}`), arns.of("logs", `log-group:${LOG_GROUP}:log-stream:*`)],
      ["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"],
    ),
    clone(args.repository, arns),
  ];
}

function data(
  { model, bucket, dataPrefix, kmsKeyArn, dataSourceUri, artifactKeyArn }: ReleaseNotebookArgs,
  arns: Arns,
) {
  const folders = [`${dataPrefix}/*`, `${modelPrefix(model)}/*`];
  const source = pulumi.output(dataSourceUri).apply((uri) => uri.replace(/^s3:\/\//, ""));
  const keys = [artifactKeyArn, ...(kmsKeyArn === undefined ? [] : [kmsKeyArn])];
  return [
    allow("s3", [arns.s3(bucket)], ["ListBucket"], { StringLike: { "s3:prefix": folders } }),
    allow(
      "s3",
      folders.map((folder) => arns.s3(pulumi.interpolate`${bucket}/${folder}`)),
      ["GetObject"],
    ),
    allow("s3", [arns.s3(pulumi.interpolate`${bucket}/${dataPrefix}/*`), arns.s3(source)], ["PutObject"]),
    allow("kms", keys, ["Decrypt", "GenerateDataKey"]),
  ];
}

function clone(repository: Repository, arns: Arns): Statement {
  if (repository.type === "codecommit") {
    return allow("codecommit", [arns.of("codecommit", repository.repository)], ["GitPull"]);
  }
  const service = repository.connectionArn.split(":")[2] ?? "codeconnections";
  // To read this repository, and not to push, whatever the connection may do.
  return allow(service, [repository.connectionArn], ["UseConnection"], {
    "ForAllValues:StringEquals": {
      [`${service}:FullRepositoryId`]: [repository.repository],
      [`${service}:ProviderAction`]: ["GitPull"],
    },
  });
}
