import * as pulumi from "@pulumi/pulumi";
import * as iam from "@pulumi/aws/iam";
import { modelPrefix } from "../../lib/release";
import type { Statement } from "../service-role";
import type { ArtifactStore } from "./artifact-store";
import type { Arns } from "./names";
import { allow } from "./permissions/allow";
import { functionArns } from "./permissions/api";
import { stateObjects, type PulumiState } from "./permissions/state";

/** Arguments of {@link boundary}. */
export interface BoundaryArgs {
  readonly model: string;
  /** Bucket for the model's archives, baselines and captured traffic. */
  readonly bucket: pulumi.Input<string>;
  /** Key of the model's volumes, archives, captures and environments. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  readonly state: PulumiState;
  readonly store: ArtifactStore;
  readonly arns: Arns;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * A permissions boundary: the most that a role can do which a deployment makes, whatever its policies say. It takes in all that the
 * containers, the functions, CodeDeploy and API Gateway need of a model's stacks. Without it, whoever may make roles and hand them on
 * could make one that can do more than himself. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 *
 * @returns its ARN
 */
export function boundary(name: string, args: BoundaryArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const policy = {
    Version: "2012-10-17",
    Statement: [...containers(args), ...functions(args), ...useKey(args), ownBuckets(args)].map((statement) => ({
      Effect: "Allow",
      ...statement,
    })),
  };
  const { arn } = new iam.Policy(
    name,
    {
      description: `The most that the roles of ${modelPrefix(args.model)} can do`,
      policy: pulumi.jsonStringify(policy),
      tags: args.tags,
    },
    { parent },
  );
  return arn;
}

/** Jobs and endpoints. A release's data may lie in any bucket. */
function containers({ model, bucket }: BoundaryArgs): Statement[] {
  return [
    allow("s3", "*", ["GetObject", "ListBucket"]),
    allow("s3", [pulumi.interpolate`arn:aws:s3:::${bucket}/${modelPrefix(model)}/*`], ["PutObject"]),
    allow("ecr", "*", [
      "GetAuthorizationToken",
      "BatchCheckLayerAvailability",
      "GetDownloadUrlForLayer",
      "BatchGetImage",
    ]),
    allow("cloudwatch", "*", ["PutMetricData", "DescribeAlarms"]),
    // All that AWS's policy for the logs of API Gateway has.
    allow("logs", "*", [
      "CreateLogGroup",
      "CreateLogStream",
      "DescribeLogGroups",
      "DescribeLogStreams",
      "PutLogEvents",
      "GetLogEvents",
      "FilterLogEvents",
    ]),
  ];
}

/** The functions of the API, and CodeDeploy, which moves traffic from one version to the next. */
function functions({ model, arns }: BoundaryArgs): Statement[] {
  const [prefix, apiName] = [modelPrefix(model), `${modelPrefix(model)}-api`];
  return [
    allow(
      "sagemaker",
      ["endpoint", "endpoint-config"].map((kind) => arns.of("sagemaker", `${kind}/${prefix}-*`)),
      ["InvokeEndpoint", "DescribeEndpoint", "DescribeEndpointConfig"],
    ),
    allow(
      "codedeploy",
      [arns.of("codedeploy", `deploymentgroup:${apiName}/${apiName}`)],
      ["PutLifecycleEventHookExecutionStatus"],
    ),
    allow("lambda", functionArns(apiName, arns), [
      "GetAlias",
      "UpdateAlias",
      "GetProvisionedConcurrencyConfig",
      "InvokeFunction",
    ]),
  ];
}

function useKey({ kmsKeyArn }: BoundaryArgs): Statement[] {
  if (kmsKeyArn === undefined) {
    return [];
  }
  return [
    allow("kms", [kmsKeyArn], ["Decrypt", "GenerateDataKey", "DescribeKey"]),
    allow("kms", [kmsKeyArn], ["CreateGrant"], { Bool: { "kms:GrantIsForAWSResource": "true" } }),
  ];
}

/** What is previewed and approved, and the state, are nothing to any of them. */
function ownBuckets({ store, state }: BoundaryArgs): Statement {
  const objects = stateObjects(state);
  const ofStore = [store.bucketArn, pulumi.interpolate`${store.bucketArn}/*`];
  return { Effect: "Deny", Action: "s3:*", Resource: [...ofStore, ...(objects === undefined ? [] : [objects])] };
}
