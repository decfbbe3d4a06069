import type * as pulumi from "@pulumi/pulumi";
import { hasLocalStorage } from "../../lib/local-storage";
import { callerAccount, callerPartition, callerRegion } from "../caller";
import { runContainer, useKey, useVpc } from "../container-permissions";
import { serviceRole, type ServiceRole, type Statement } from "../service-role";
import { wholeNumberProblems } from "../support/ranges";
import { vpcProblems } from "../support/vpc";
import type { JobArgs } from "./arguments";

/** Everything that is wrong with what jobs have in common, with the value and the rule. @param mostSeconds that the kind of job may run */
export function jobProblems(args: JobArgs, mostSeconds: number): string[] {
  return [
    ...(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(args.jobName)
      ? []
      : [`jobName must be 1 to 63 letters, digits and single hyphens, got "${args.jobName}"`]),
    ...(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(args.instanceType)
      ? []
      : [`instanceType must be a SageMaker type such as ml.m5.xlarge, got "${args.instanceType}"`]),
    ...wholeNumberProblems("instanceCount", args.instanceCount, 1, 100),
    ...wholeNumberProblems("volumeSizeInGB", args.volumeSizeInGB, 1, 16_384),
    ...wholeNumberProblems("maxRuntimeSeconds", args.maxRuntimeSeconds, 1, mostSeconds),
    ...vpcProblems(args.vpc),
  ];
}

/** What the role of a job is to be able to do, besides what each of its kind needs. */
export interface JobRole {
  readonly description: string;
  readonly image: pulumi.Input<string>;
  /** Beginning of the names of its log groups. */
  readonly logGroups: string;
  readonly statements: (partition: pulumi.Output<string>) => readonly pulumi.Input<Statement>[];
}

/** The role that is given, or one that may do what the job needs. Role and policy are absent where it is given. */
export function jobRole(
  name: string,
  args: JobArgs,
  role: JobRole,
  parent: pulumi.Resource,
): Partial<Omit<ServiceRole, "arn">> & { readonly arn: pulumi.Input<string> } {
  if (args.executionRoleArn !== undefined) {
    return { arn: args.executionRoleArn };
  }
  const partition = callerPartition(parent);
  return serviceRole(
    `${name}-role`,
    {
      description: role.description,
      service: "sagemaker.amazonaws.com",
      statements: [
        ...role.statements(partition),
        ...runContainer(partition, role.image, role.logGroups),
        ...useKey(args.kmsKeyArn, { writes: true, volumes: volumeKey(args) !== undefined }),
        ...useVpc(partition, args.vpc),
      ],
      tags: args.tags,
      transform: args.transform,
    },
    parent,
  );
}

/** Inputs of the dynamic resource that all kinds of jobs have. */
export function jobInputs(args: JobArgs, roleArn: pulumi.Input<string>, parent: pulumi.Resource) {
  return {
    region: callerRegion(parent),
    account: callerAccount(parent),
    jobName: args.jobName,
    roleArn,
    outputKmsKeyId: args.kmsKeyArn,
    volumeKmsKeyId: volumeKey(args),
    instanceType: args.instanceType,
    instanceCount: args.instanceCount,
    volumeSizeInGB: args.volumeSizeInGB,
    environment: args.environment,
    vpc: args.vpc,
    enableNetworkIsolation: args.enableNetworkIsolation,
    tags: args.tags,
    pollSeconds: args.pollSeconds,
  };
}

/** The key of a job's volume; none where the instance encrypts it. */
function volumeKey({ kmsKeyArn, instanceType }: JobArgs) {
  return hasLocalStorage(instanceType) ? undefined : kmsKeyArn;
}
