import {
  CreateDataQualityJobDefinitionCommand,
  DeleteDataQualityJobDefinitionCommand,
  DescribeDataQualityJobDefinitionCommand,
  ListDataQualityJobDefinitionsCommand,
} from "@aws-sdk/client-sagemaker";
import { AwsError, notPartOfLocal } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import type { DataQualityJobDefinition, DataQualityJobDefinitionInput } from "./data-quality-job-definition";
import { endpointNamed } from "./endpoints";
import { invalid } from "./errors";
import { listPage } from "./listing";
import { refuseVolumeKey } from "./local-storage";
import { s3Place } from "./object-store";

/**
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDataQualityJobDefinition.html and its siblings. Whether the role may
 * do what it must, and whether the baseline is there, is seen when a schedule runs: Terraform's tests make the role in the same breath and
 * name files that do not exist.
 */
export function dataQualityJobDefinitionOperations(context: Context): readonly Operation[] {
  const { dataQualityJobDefinitions: definitions, monitoringSchedules, tags } = context.store;
  return [
    operation(CreateDataQualityJobDefinitionCommand, (input) => ({ JobDefinitionArn: create(context, input).arn })),
    operation(DescribeDataQualityJobDefinitionCommand, ({ JobDefinitionName }) => {
      const { arn, input, createdAt } = jobDefinitionNamed(context, JobDefinitionName);
      return { ...input, JobDefinitionArn: arn, CreationTime: createdAt };
    }),
    operation(DeleteDataQualityJobDefinitionCommand, ({ JobDefinitionName: name }) => {
      const { arn } = jobDefinitionNamed(context, name);
      const user = [...monitoringSchedules.values()].find((one) => one.jobDefinitionName === name && !one.isDeleted);
      if (user !== undefined) {
        throw invalid(`Job definition "${arn}" is used by monitoring schedule "${user.arn}" and cannot be deleted.`);
      }
      definitions.delete(name);
      tags.forget(arn);
      return {};
    }),
    operation(ListDataQualityJobDefinitionsCommand, ({ EndpointName: endpoint, ...request }) => {
      const all = [...definitions.values()].filter((one) => endpoint === undefined || one.endpointName === endpoint);
      const { items, NextToken } = listPage(all, request, "Descending");
      return {
        JobDefinitionSummaries: items.map(({ name, arn, createdAt, endpointName }) => ({
          MonitoringJobDefinitionName: name,
          MonitoringJobDefinitionArn: arn,
          CreationTime: createdAt,
          EndpointName: endpointName,
        })),
        NextToken,
      };
    }),
  ];
}

/** The job definition of that name. @throws AwsError `ResourceNotFound` if there is none */
export function jobDefinitionNamed(context: Context, name: string): DataQualityJobDefinition {
  const definition = context.store.dataQualityJobDefinitions.get(name);
  if (definition === undefined) {
    const arn = sageMakerArn(context, "data-quality-job-definition", name);
    throw new AwsError("ResourceNotFound", `Could not find job definition "${arn}".`);
  }
  return definition;
}

function create(context: Context, input: DataQualityJobDefinitionInput): DataQualityJobDefinition {
  const { JobDefinitionName: name } = input;
  const { dataQualityJobDefinitions: definitions, tags } = context.store;
  if (definitions.has(name)) {
    throw new AwsError("ResourceInUse", `A job definition with the name ${name} already exists. Choose another name.`);
  }
  const endpointName = checkInput(context, input);
  checkOutput(input);
  checkCluster(input);
  const { ConstraintsResource: constraints, StatisticsResource: statistics } = input.DataQualityBaselineConfig ?? {};
  if (input.DataQualityBaselineConfig?.BaseliningJobName !== undefined) {
    throw notPartOfLocal("CreateDataQualityJobDefinition with BaseliningJobName");
  }
  const { RecordPreprocessorSourceUri: preprocessor, PostAnalyticsProcessorSourceUri: postprocessor } =
    input.DataQualityAppSpecification;
  if (postprocessor !== undefined) {
    throw notPartOfLocal("CreateDataQualityJobDefinition with PostAnalyticsProcessorSourceUri");
  }
  [constraints?.S3Uri, statistics?.S3Uri, preprocessor].flatMap((uri) => uri ?? []).forEach(s3Place);
  const now = new Date();
  const arn = sageMakerArn(context, "data-quality-job-definition", name);
  const definition = { name, arn, input, endpointName, createdAt: now, modifiedAt: now };
  tags.create(arn, input.Tags);
  definitions.set(name, definition);
  return definition;
}

/** Returns the name of the endpoint whose captures are looked at. */
function checkInput(context: Context, { DataQualityJobInput: { EndpointInput: from } }: DataQualityJobDefinitionInput) {
  if (from === undefined) {
    throw notPartOfLocal("CreateDataQualityJobDefinition without EndpointInput");
  }
  if ((from.S3InputMode ?? "File") !== "File") {
    throw notPartOfLocal(`EndpointInput with S3InputMode ${from.S3InputMode}`);
  }
  const endpoint = endpointNamed(context, from.EndpointName);
  if (endpoint.fleet?.config.input.DataCaptureConfig?.EnableCapture !== true) {
    throw invalid(`Endpoint "${endpoint.arn}" captures no data, so there is nothing to monitor.`);
  }
  return from.EndpointName;
}

function checkOutput({ DataQualityJobOutputConfig: { MonitoringOutputs: outputs } }: DataQualityJobDefinitionInput) {
  for (const { S3Output: to } of outputs) {
    s3Place(to.S3Uri);
    if ((to.S3UploadMode ?? "EndOfJob") !== "EndOfJob") {
      throw notPartOfLocal(`S3Output with S3UploadMode ${to.S3UploadMode}`);
    }
  }
}

function checkCluster({ JobResources: { ClusterConfig: cluster } }: DataQualityJobDefinitionInput): void {
  if (cluster.InstanceCount > 1) {
    throw notPartOfLocal("CreateDataQualityJobDefinition on more than one instance");
  }
  refuseVolumeKey("VolumeKmsKeyId", cluster.VolumeKmsKeyId, cluster.InstanceType);
}
