import * as pulumi from "@pulumi/pulumi";
import * as sagemaker from "@pulumi/aws/sagemaker";
import { hasLocalStorage } from "../../lib/local-storage";
import { callerPartition } from "../caller";
import { publish, readFolders, readObject, runContainer, useKey, useVpc, writeFolder } from "../container-permissions";
import { serviceRole, type ServiceRole, type Statement } from "../service-role";
import { transform } from "../support/transform";
import type { AutoscaledEndpointArgs, PipelineContainer } from "./arguments";
import { named } from "./named";

/** The model, and the role of its containers unless that is given. */
export interface ModelNodes extends Partial<Omit<ServiceRole, "arn">> {
  readonly model: sagemaker.Model;
}

export function makeModel(name: string, args: AutoscaledEndpointArgs, parent: pulumi.Resource): ModelNodes {
  const { executionRoleArn, ...nodes } = containerRole(name, args, parent);
  const { vpc } = args;
  const definition = {
    executionRoleArn,
    ...containers(args),
    vpcConfig: vpc && { subnets: list(vpc.subnetIds), securityGroupIds: list(vpc.securityGroupIds) },
    enableNetworkIsolation: args.enableNetworkIsolation,
    tags: args.tags,
  };
  const made = transform<sagemaker.ModelArgs>(args.transform?.model, `${name}-model`, definition, { parent });
  return { ...nodes, model: new sagemaker.Model(...named(args.endpointName, made)) };
}

/** The containers in Pulumi's form: one, or a pipeline. */
function containers(args: AutoscaledEndpointArgs): Pick<sagemaker.ModelArgs, "primaryContainer" | "containers"> {
  const { image, modelDataUrl, environment, modelPackageArn } = args;
  return args.containers === undefined
    ? { primaryContainer: { image, modelDataUrl, environment, modelPackageName: modelPackageArn } }
    : { containers: args.containers.map((one) => ({ ...one })) };
}

/** The role that is given, or one that may do what this endpoint needs. */
function containerRole(name: string, args: AutoscaledEndpointArgs, parent: pulumi.Resource) {
  if (args.executionRoleArn !== undefined) {
    return { executionRoleArn: args.executionRoleArn };
  }
  const { arn: executionRoleArn, ...nodes } = serviceRole(
    `${name}-role`,
    {
      description: `Containers of endpoint ${args.endpointName}: read the model archive, write captures`,
      service: "sagemaker.amazonaws.com",
      statements: permissions(args, callerPartition(parent)),
      tags: args.tags,
      transform: args.transform,
    },
    parent,
  );
  return { executionRoleArn, ...nodes };
}

function permissions(args: AutoscaledEndpointArgs, partition: pulumi.Input<string>): pulumi.Input<Statement>[] {
  const { dataCapture, async, endpointName, instanceType = "" } = args;
  const outputs = [async?.s3OutputPath, async?.s3FailurePath].filter((uri) => uri !== undefined);
  const topics = [async?.successTopicArn, async?.errorTopicArn].filter((topic) => topic !== undefined);
  const writes = dataCapture !== undefined || async !== undefined;
  return [
    ...pipeline(args).flatMap(({ modelDataUrl: uri }) => (uri === undefined ? [] : readObject(partition, uri))),
    ...(dataCapture === undefined ? [] : [writeFolder(partition, dataCapture.destinationUri, endpointName)]),
    ...(async === undefined ? [] : readFolders(partition, [async.s3InputPath])),
    ...outputs.map((uri) => writeFolder(partition, uri)),
    ...publish(topics),
    ...pipeline(args).flatMap(({ image }) => runContainer(partition, image, "/aws/sagemaker/Endpoints")),
    ...useKey(args.kmsKeyArn, { writes, volumes: !hasLocalStorage(instanceType) }),
    ...useVpc(partition, args.vpc),
  ];
}

function pipeline({ containers, image, modelDataUrl }: AutoscaledEndpointArgs): readonly PipelineContainer[] {
  return containers ?? (image === undefined ? [] : [{ image, modelDataUrl }]);
}

/** Pulumi's own types want lists that can be changed. */
function list(ids: pulumi.Input<readonly pulumi.Input<string>[]>): pulumi.Output<string[]> {
  return pulumi.output(ids).apply((known) => [...known]);
}
