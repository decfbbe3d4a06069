import {
  CreateDataQualityJobDefinitionCommand,
  DeleteDataQualityJobDefinitionCommand,
  DescribeDataQualityJobDefinitionCommand,
  type DescribeDataQualityJobDefinitionResponse,
  ProcessingInstanceType,
  ProcessingS3DataDistributionType,
  ProcessingS3InputMode,
  ProcessingS3UploadMode,
} from "@aws-sdk/client-sagemaker";
import { unlessGone } from "../failures";
import { block, boolean, kmsKey, map, number, oneOf, set, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { tagList, tagsArgument } from "../tags";
import { SAGEMAKER_NAME, isGone, sageMaker, sageMakerTagging, sageMakerTags } from "./sagemaker";

const file = block({ s3Uri: optional(text) });

const definitionArguments = {
  name: autoNamed(text, SAGEMAKER_NAME),
  dataQualityAppSpecification: required(
    block({
      imageUri: required(text),
      environment: optional(map(text)),
      recordPreprocessorSourceUri: optional(text),
      postAnalyticsProcessorSourceUri: optional(text),
    }),
    { replaces: true },
  ),
  dataQualityBaselineConfig: optional(
    block({ constraintsResource: optional(file), statisticsResource: optional(file) }),
    { replaces: true },
  ),
  dataQualityJobInput: required(
    block({
      endpointInput: required(
        block({
          endpointName: required(text),
          localPath: withDefault(text, "/opt/ml/processing/input"),
          s3DataDistributionType: optional(oneOf(ProcessingS3DataDistributionType)),
          s3InputMode: optional(oneOf(ProcessingS3InputMode)),
        }),
      ),
    }),
    { replaces: true },
  ),
  dataQualityJobOutputConfig: required(
    block({
      kmsKeyId: optional(kmsKey),
      monitoringOutputs: required(
        block({
          s3Output: required(
            block({
              s3Uri: required(text),
              localPath: withDefault(text, "/opt/ml/processing/output"),
              s3UploadMode: optional(oneOf(ProcessingS3UploadMode)),
            }),
          ),
        }),
      ),
    }),
    { replaces: true },
  ),
  jobResources: required(
    block({
      clusterConfig: required(
        block({
          instanceCount: required(number),
          instanceType: required(oneOf(ProcessingInstanceType)),
          volumeSizeInGb: required(number),
          volumeKmsKeyId: optional(kmsKey),
        }),
      ),
    }),
    { replaces: true },
  ),
  networkConfig: optional(
    block({
      enableInterContainerTrafficEncryption: optional(boolean),
      enableNetworkIsolation: optional(boolean),
      vpcConfig: optional(block({ subnets: required(set(text)), securityGroupIds: required(set(text)) })),
    }),
    { replaces: true },
  ),
  roleArn: required(text),
  stoppingCondition: optional(block({ maxRuntimeInSeconds: optional(number) }), { replaces: true }),
  tags: tagsArgument,
};

/** A job definition never changes: another one takes its place. */
const dataQualityJobDefinition = resource({
  type: "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
  inputs: definitionArguments,
  outputs: ["arn"],
  identity: ["name"],
  tagging: sageMakerTagging,
  async create({ aws, inputs, tags }) {
    const request = { ...definitionRequest(inputs), Tags: tagList(tags) };
    await sageMaker(aws).send(new CreateDataQualityJobDefinitionCommand(request));
    return inputs.name;
  },
  async read({ aws, id }) {
    const request = new DescribeDataQualityJobDefinitionCommand({ JobDefinitionName: id });
    const found = await unlessGone(isGone, () => sageMaker(aws).send(request));
    return (
      found && {
        inputs: definitionInputs(found),
        outputs: { arn: found.JobDefinitionArn },
        tags: await sageMakerTags(aws, found.JobDefinitionArn),
      }
    );
  },
  // The AWS provider neither replaces the definition then nor calls AWS: the old role would go on being used, and nobody would be told.
  async update({ id }) {
    throw new Error(`job definition ${id} keeps its role: declare it with replaceOnChanges: ["roleArn"]`);
  },
  async delete({ aws, id }) {
    const request = new DeleteDataQualityJobDefinitionCommand({ JobDefinitionName: id });
    await unlessGone(isGone, () => sageMaker(aws).send(request));
  },
});

function definitionRequest(inputs: Arguments<typeof definitionArguments>) {
  const { dataQualityAppSpecification: app, dataQualityBaselineConfig: baseline, networkConfig: network } = inputs;
  const { endpointInput: from } = inputs.dataQualityJobInput;
  const { kmsKeyId, monitoringOutputs: outputs } = inputs.dataQualityJobOutputConfig;
  const { clusterConfig: cluster } = inputs.jobResources;
  return {
    JobDefinitionName: inputs.name,
    RoleArn: inputs.roleArn,
    DataQualityAppSpecification: {
      ImageUri: app.imageUri,
      Environment: app.environment,
      RecordPreprocessorSourceUri: app.recordPreprocessorSourceUri,
      PostAnalyticsProcessorSourceUri: app.postAnalyticsProcessorSourceUri,
    },
    DataQualityBaselineConfig: baseline && {
      ConstraintsResource: baseline.constraintsResource && { S3Uri: baseline.constraintsResource.s3Uri },
      StatisticsResource: baseline.statisticsResource && { S3Uri: baseline.statisticsResource.s3Uri },
    },
    DataQualityJobInput: {
      EndpointInput: {
        EndpointName: from.endpointName,
        LocalPath: from.localPath,
        S3DataDistributionType: from.s3DataDistributionType,
        S3InputMode: from.s3InputMode,
      },
    },
    DataQualityJobOutputConfig: {
      KmsKeyId: kmsKeyId,
      MonitoringOutputs: [
        {
          S3Output: {
            S3Uri: outputs.s3Output.s3Uri,
            LocalPath: outputs.s3Output.localPath,
            S3UploadMode: outputs.s3Output.s3UploadMode,
          },
        },
      ],
    },
    JobResources: {
      ClusterConfig: {
        InstanceCount: cluster.instanceCount,
        InstanceType: cluster.instanceType,
        VolumeSizeInGB: cluster.volumeSizeInGb,
        VolumeKmsKeyId: cluster.volumeKmsKeyId,
      },
    },
    NetworkConfig: network && {
      EnableInterContainerTrafficEncryption: network.enableInterContainerTrafficEncryption,
      EnableNetworkIsolation: network.enableNetworkIsolation,
      VpcConfig: network.vpcConfig && {
        Subnets: network.vpcConfig.subnets,
        SecurityGroupIds: network.vpcConfig.securityGroupIds,
      },
    },
    StoppingCondition: inputs.stoppingCondition && {
      MaxRuntimeInSeconds: inputs.stoppingCondition.maxRuntimeInSeconds,
    },
  };
}

function definitionInputs(found: DescribeDataQualityJobDefinitionResponse) {
  const { DataQualityAppSpecification: app, DataQualityBaselineConfig: baseline, NetworkConfig: network } = found;
  const from = found.DataQualityJobInput?.EndpointInput;
  const outputs = found.DataQualityJobOutputConfig;
  const output = outputs?.MonitoringOutputs?.[0]?.S3Output;
  const cluster = found.JobResources?.ClusterConfig;
  return {
    name: found.JobDefinitionName,
    roleArn: found.RoleArn,
    dataQualityAppSpecification: {
      imageUri: app?.ImageUri,
      environment: app?.Environment,
      recordPreprocessorSourceUri: app?.RecordPreprocessorSourceUri,
      postAnalyticsProcessorSourceUri: app?.PostAnalyticsProcessorSourceUri,
    },
    dataQualityBaselineConfig: baseline && {
      constraintsResource: baseline.ConstraintsResource && { s3Uri: baseline.ConstraintsResource.S3Uri },
      statisticsResource: baseline.StatisticsResource && { s3Uri: baseline.StatisticsResource.S3Uri },
    },
    dataQualityJobInput: {
      endpointInput: from && {
        endpointName: from.EndpointName,
        localPath: from.LocalPath,
        s3DataDistributionType: from.S3DataDistributionType,
        s3InputMode: from.S3InputMode,
      },
    },
    dataQualityJobOutputConfig: {
      kmsKeyId: outputs?.KmsKeyId,
      monitoringOutputs: {
        s3Output: output && {
          s3Uri: output.S3Uri,
          localPath: output.LocalPath,
          s3UploadMode: output.S3UploadMode,
        },
      },
    },
    jobResources: {
      clusterConfig: cluster && {
        instanceCount: cluster.InstanceCount,
        instanceType: cluster.InstanceType,
        volumeSizeInGb: cluster.VolumeSizeInGB,
        volumeKmsKeyId: cluster.VolumeKmsKeyId,
      },
    },
    networkConfig: network && {
      enableInterContainerTrafficEncryption: network.EnableInterContainerTrafficEncryption,
      enableNetworkIsolation: network.EnableNetworkIsolation,
      vpcConfig: network.VpcConfig && {
        subnets: network.VpcConfig.Subnets,
        securityGroupIds: network.VpcConfig.SecurityGroupIds,
      },
    },
    stoppingCondition: found.StoppingCondition && {
      maxRuntimeInSeconds: found.StoppingCondition.MaxRuntimeInSeconds,
    },
  };
}

export const resources = [dataQualityJobDefinition];
