import * as pulumi from "@pulumi/pulumi";
import { DEPLOYED_ARCHIVES, endpointPrefix, modelPrefix, roleFolder } from "../../../lib/release";
import { LOG_ROLE_NAME, LOG_ROLE_POLICY } from "../../api-gateway-log-role";
import type { Statement } from "../../service-role";
import type { Arns, DeployedStack } from "../names";
import { allow } from "./allow";
import { deployApi } from "./api";
import { limitsOfInstances, limitsOfJobs, type BeforeApproval } from "./before-approval";

/** What the stacks of a model work on. */
export interface Deployed {
  readonly model: string;
  /** Bucket for archives, baselines and captured traffic. */
  readonly bucket: pulumi.Input<string>;
  /** Key of volumes, archives, captures and environments. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  readonly boundaryArns: Boundaries;
  /** What train and dev may use, since they run before anybody has approved anything. */
  readonly beforeApproval: BeforeApproval;
  readonly arns: Arns;
}

/** ARNs of the permissions boundaries that the roles of the stacks are made with. */
export type Boundaries = Readonly<Record<DeployedStack, pulumi.Input<string>>>;

/**
 * What `pulumi preview` of the stacks reads from AWS, apart from the state. A preview compares with the state. Endpoints are looked up,
 * since an update that was killed may have left one, and training jobs, since they know where a release's archive is; whether bucket and data
 * are there; and which runtimes a canary may have.
 */
export function preview(deployed: Pick<Deployed, "model" | "bucket" | "arns">): Statement[] {
  const { model, bucket, arns } = deployed;
  const stages = ["dev", "prod"] as const;
  const endpoints = stages.map((stage) => arns.of("sagemaker", `endpoint/${endpointPrefix(model, stage)}*`));
  return [
    allow("sagemaker", endpoints, ["DescribeEndpoint"]),
    findArchive(deployed),
    allow("s3", [arns.s3(bucket)], ["ListBucket"]),
    // AWS's authorization data lists no resource for it.
    allow("synthetics", "*", ["DescribeRuntimeVersions"]),
  ];
}

function findArchive({ model, arns }: Pick<Deployed, "model" | "arns">): Statement {
  return allow("sagemaker", [arns.of("sagemaker", `training-job/${modelPrefix(model)}-*`)], ["DescribeTrainingJob"]);
}

/**
 * What `pulumi up`, `refresh` and `destroy` of a stack do through the AWS provider and the project's own providers: create, read, change,
 * tag and delete. Everything is named after the model. The stack's roles lie in a folder of their own, so no other role can be touched,
 * neither another stack's nor the pipeline's.
 *
 * A deployment that may make roles and pass them on could make a role with more rights than its own. So every role must have a permissions
 * boundary, which no deployment may change, remove or leave out.
 */
export function deploy(stack: DeployedStack, deployed: Deployed): Statement[] {
  switch (stack) {
    case "train":
      return [
        ...jobs(deployed),
        ...programs(deployed),
        readArchives(deployed),
        ...roles(stack, deployed, ["sagemaker"]),
        ...useKey(deployed),
      ];
    case "dev":
      return [
        ...hosting("dev", deployed, limitsOfInstances(deployed.beforeApproval)),
        allow("cloudwatch", [scalingAlarms("dev", deployed)], ["PutMetricAlarm", "DeleteAlarms"]),
        findArchive(deployed),
        ...roles(stack, deployed, ["sagemaker"]),
        ...useKey(deployed),
      ];
    case "prod":
      return [
        ...hosting("prod", deployed),
        findArchive(deployed),
        ...serveArchives(deployed),
        ...deployApi(`${modelPrefix(deployed.model)}-api`, deployed.arns, scalingAlarms("prod", deployed)),
        ...roles(stack, deployed, ["sagemaker", "lambda", "codedeploy"]),
        ...logRole(deployed),
        ...useKey(deployed),
      ];
  }
}

/** TrainingJob and BaselineJob. */
function jobs(deployed: Deployed): Statement[] {
  const { model, arns, beforeApproval } = deployed;
  const prefix = modelPrefix(model);
  const of = (kind: string, name: string) => arns.of("sagemaker", `${kind}/${name}`);
  return [
    allow(
      "sagemaker",
      [of("training-job", `${prefix}-*`), of("processing-job", `${prefix}-*`)],
      ["CreateTrainingJob", "CreateProcessingJob"],
      limitsOfJobs(beforeApproval),
    ),
    allow(
      "sagemaker",
      [of("training-job", `${prefix}-*`), of("processing-job", `${prefix}-*`)],
      [
        "DescribeTrainingJob",
        "StopTrainingJob",
        "DescribeProcessingJob",
        "StopProcessingJob",
        "AddTags",
        "ListTags",
        "DeleteTags",
      ],
    ),
    allow(
      "sagemaker",
      [of("experiment", prefix), of("experiment-trial", `${prefix}-*`)],
      ["CreateExperiment", "CreateTrial"],
    ),
  ];
}

/** The programs of the jobs, objects in the model's bucket: that of the baseline, and those of a training in script mode. */
function programs({ model, bucket, arns }: Deployed): Statement[] {
  const bucketArn = arns.s3(bucket);
  const folders = ["monitoring/baseline", "code"].map((folder) => `${modelPrefix(model)}/${folder}/*`);
  return [
    allow(
      "s3",
      folders.map((folder) => pulumi.interpolate`${bucketArn}/${folder}`),
      ["PutObject", "GetObject", "DeleteObject", "DeleteObjectVersion", "PutObjectTagging", "GetObjectTagging"],
    ),
    // Without the right to list, S3 reports a missing object as one that may not be read.
    allow("s3", [bucketArn], ["ListBucket", "ListBucketVersions"]),
  ];
}

/** The archives as trainings have written them. Their digests are told with the approval. */
function readArchives({ model, bucket, arns }: Deployed): Statement {
  const prefix = modelPrefix(model);
  return allow("s3", [arns.s3(pulumi.interpolate`${bucket}/${prefix}/${prefix}-*`)], ["GetObject"]);
}

/** The copies that production serves. Nobody but this build may write them: neither another stack's nor any role that a stack makes. */
function serveArchives(deployed: Deployed): Statement[] {
  const { model, bucket, arns } = deployed;
  const copies = arns.s3(pulumi.interpolate`${bucket}/${modelPrefix(model)}/${DEPLOYED_ARCHIVES}/*`);
  return [readArchives(deployed), allow("s3", [copies], ["GetObject", "PutObject"])];
}

/** AutoscaledEndpoint. @param limits condition for the endpoint's configurations, which name the instance type @default - none */
function hosting(stage: "dev" | "prod", { model, arns }: Deployed, limits?: Statement["Condition"]): Statement[] {
  const names = `${endpointPrefix(model, stage)}*`;
  const configs = [arns.of("sagemaker", `endpoint-config/${names}`)];
  return [
    ...(limits === undefined ? [] : [allow("sagemaker", configs, ["CreateEndpointConfig"], limits)]),
    allow(
      "sagemaker",
      // One pattern for endpoints and their configurations, since IAM limits a policy's characters.
      ["model", "endpoint*"].map((kind) => arns.of("sagemaker", `${kind}/${names}`)),
      [
        "CreateModel",
        "DescribeModel",
        "DeleteModel",
        ...(limits === undefined ? ["CreateEndpointConfig"] : []),
        "DeleteEndpointConfig",
        "CreateEndpoint",
        "DescribeEndpoint",
        "UpdateEndpoint",
        "UpdateEndpointWeightsAndCapacities",
        "DeleteEndpoint",
        "AddTags",
        "ListTags",
        "DeleteTags",
      ],
    ),
    // Whoever scales an endpoint looks at the configuration that it has, which SageMaker itself names once it has scaled it.
    allow("sagemaker", [arns.of("sagemaker", "endpoint-config/*")], ["DescribeEndpointConfig"]),
    ...scaling(arns),
  ];
}

/** Application Auto Scaling creates alarms on behalf of whoever creates a policy. */
const scalingAlarms = (stage: "dev" | "prod", { model, arns }: Deployed) =>
  arns.of("cloudwatch", `alarm:TargetTracking-endpoint/${endpointPrefix(model, stage)}*`);

function scaling(arns: Arns): Statement[] {
  const service = "application-autoscaling";
  const scaler = "sagemaker.application-autoscaling.amazonaws.com";
  return [
    // AWS chooses a target's id, so it is not known in advance. For describing targets, no resource can be named at all.
    allow(service, "*", ["DescribeScalableTargets", "DescribeScalingPolicies"]),
    allow(
      service,
      [arns.of(service, "scalable-target/*")],
      [
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        "TagResource",
        "ListTagsForResource",
        "UntagResource",
      ],
    ),
    allow("cloudwatch", [arns.of("cloudwatch", "alarm:*")], ["DescribeAlarms"]),
    // The path of the role says which service it is for.
    allow("iam", [arns.iam(`role/aws-service-role/${scaler}/*`)], ["CreateServiceLinkedRole"]),
  ];
}

const rolesOf = (stack: DeployedStack, { model, arns }: Deployed) => [arns.iam(`role${roleFolder(model, stack)}*`)];

/** The roles that the components make, and the services that they may be handed to. */
function roles(stack: DeployedStack, deployed: Deployed, services: readonly string[]): Statement[] {
  const own = rolesOf(stack, deployed);
  // Roles that somebody made by hand earlier get the boundary too.
  const bounded = { StringEquals: { "iam:PermissionsBoundary": deployed.boundaryArns[stack] } };
  return [
    allow("iam", own, ["CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy"], bounded),
    allow("iam", own, [
      "GetRole",
      "UpdateRole",
      "UpdateRoleDescription",
      "UpdateAssumeRolePolicy",
      "DeleteRole",
      "GetRolePolicy",
      "DeleteRolePolicy",
      "ListRolePolicies",
      "ListAttachedRolePolicies",
      "ListInstanceProfilesForRole",
      "TagRole",
      "UntagRole",
    ]),
    allow("iam", own, ["PassRole"], {
      StringEquals: { "iam:PassedToService": services.map((service) => `${service}.amazonaws.com`) },
    }),
  ];
}

/**
 * The role with which API Gateway writes logs, if the account has none yet. It belongs to no stack, since all APIs of the account share it.
 * So it has no boundary, and no other policy than AWS's own.
 */
function logRole({ arns }: Deployed): Statement[] {
  const role = [arns.iam(`role/${LOG_ROLE_NAME}`)];
  return [
    // One statement for all, since IAM limits a policy's characters. Each action has its own of the two keys, or none.
    allow("iam", role, ["CreateRole", "TagRole", "AttachRolePolicy", "PassRole"], {
      ArnEqualsIfExists: { "iam:PolicyARN": arns.awsPolicy(LOG_ROLE_POLICY) },
      StringEqualsIfExists: { "iam:PassedToService": "apigateway.amazonaws.com" },
    }),
  ];
}

/** Services use the key on behalf of whoever creates what it encrypts. */
function useKey({ kmsKeyArn }: Deployed): Statement[] {
  if (kmsKeyArn === undefined) {
    return [];
  }
  return [
    allow("kms", [kmsKeyArn], ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"]),
    allow("kms", [kmsKeyArn], ["CreateGrant"], { Bool: { "kms:GrantIsForAWSResource": "true" } }),
  ];
}
