import * as pulumi from "@pulumi/pulumi";
import * as iam from "@pulumi/aws/iam";
import { MONITORING_FOLDER, MONITORING_SUBFOLDERS } from "../../lib/monitoring-names";
import { modelPrefix } from "../../lib/release";
import type { Statement } from "../service-role";
import type { ArtifactStore } from "./artifact-store";
import type { Arns, DeployedStack } from "./names";
import { allow } from "./permissions/allow";
import { functionArns, logStreams } from "./permissions/api";
import { ofCanary } from "./permissions/canary";
import { ofMonitors } from "./permissions/monitors";
import type { Boundaries } from "./permissions/stacks";
import { stateObjects, type PulumiState } from "./permissions/state";

/** Arguments of {@link boundaries}. */
export interface BoundaryArgs {
  readonly model: string;
  /** Bucket for the model's archives, baselines and captured traffic. */
  readonly bucket: pulumi.Input<string>;
  /** Key of the model's volumes, archives, captures and environments. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Bucket of production's canary. */
  readonly canaryBucket: pulumi.Input<string>;
  readonly state: PulumiState;
  readonly store: ArtifactStore;
  readonly arns: Arns;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * A permissions boundary for each stack. No role that a deployment of the stack makes can do more, whatever its policies say and whoever
 * may assume it. The boundary allows everything that the stack's containers, functions and CodeDeploy need. Without it, a
 * deployment that may make roles and pass them on could make a role with more rights than its own. The stacks train and dev run code that
 * nobody has approved, so their boundaries allow nothing in production, and nothing that a rollout or an approval reads.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 *
 * @returns their ARNs
 */
export function boundaries(name: string, args: BoundaryArgs, parent: pulumi.Resource): Boundaries {
  const ofStack = (stack: DeployedStack) => {
    const statements = [...containers(args), ...OF_STACK[stack](args), ...useKey(args), ownBuckets(args)];
    const { arn } = new iam.Policy(
      `${name}-${stack}-boundary`,
      {
        description: `The most that the roles of ${stack} of ${modelPrefix(args.model)} can do`,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
        }),
        tags: args.tags,
      },
      { parent },
    );
    return arn;
  };
  return { train: ofStack("train"), dev: ofStack("dev"), prod: ofStack("prod") };
}

/** What only the roles of one stack need. */
const OF_STACK: Readonly<Record<DeployedStack, (args: BoundaryArgs) => readonly Statement[]>> = {
  train: (args) => [writeObjects(args, [`${modelPrefix(args.model)}-*`, "monitoring/baseline/*"])],
  dev: () => [],
  prod: (args) => [
    writeObjects(args, ["datacapture/*", ...REPORTS]),
    ...functions(args),
    ...ofMonitors(args),
    ...ofCanary(args),
  ],
};

/** What monitors write. Labels are written by people and their programs, and by no role of a stack. */
const REPORTS = [MONITORING_SUBFOLDERS.reports, MONITORING_SUBFOLDERS.quality].map(
  (folder) => `${MONITORING_FOLDER}/${folder}/*`,
);

/** Jobs and endpoints. A release's data may lie in any bucket. Metrics and logs are SageMaker's own: a rollout judges by others. */
function containers({ arns }: BoundaryArgs): Statement[] {
  return [
    allow("s3", "*", ["GetObject", "ListBucket", "GetBucketLocation"]),
    allow("ecr", "*", [
      "GetAuthorizationToken",
      "BatchCheckLayerAvailability",
      "GetDownloadUrlForLayer",
      "BatchGetImage",
    ]),
    allow("cloudwatch", "*", ["PutMetricData"], { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } }),
    allow(
      "logs",
      [arns.of("logs", "log-group:/aws/sagemaker/*")],
      ["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"],
    ),
  ];
}

/** @param paths below the model's prefix in its bucket: archives and baselines for jobs, captured traffic for endpoints */
function writeObjects({ model, bucket, arns }: BoundaryArgs, paths: readonly string[]): Statement {
  return allow(
    "s3",
    paths.map((path) => arns.s3(pulumi.interpolate`${bucket}/${modelPrefix(model)}/${path}`)),
    ["PutObject"],
  );
}

/** The functions of the API, and CodeDeploy, which moves traffic from one version to the next. */
function functions({ model, arns }: BoundaryArgs): Statement[] {
  const [prefix, apiName] = [modelPrefix(model), `${modelPrefix(model)}-api`];
  return [
    allow("sagemaker", [arns.of("sagemaker", `endpoint/${prefix}-*`)], ["InvokeEndpoint", "DescribeEndpoint"]),
    // Once an endpoint has scaled, SageMaker may have given it a configuration of another name.
    allow("sagemaker", [arns.of("sagemaker", "endpoint-config/*")], ["DescribeEndpointConfig"]),
    allow("codedeploy", "*", ["PutLifecycleEventHookExecutionStatus"]),
    allow("lambda", functionArns(apiName, arns), [
      "GetAlias",
      "UpdateAlias",
      "GetProvisionedConcurrencyConfig",
      "InvokeFunction",
    ]),
    allow("cloudwatch", "*", ["DescribeAlarms"]),
    allow("logs", logStreams(apiName, arns), ["CreateLogStream", "PutLogEvents"]),
  ];
}

function useKey({ kmsKeyArn }: BoundaryArgs): Statement[] {
  if (kmsKeyArn === undefined) {
    return [];
  }
  return [
    allow("kms", [kmsKeyArn], ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"]),
    allow("kms", [kmsKeyArn], ["CreateGrant"], { Bool: { "kms:GrantIsForAWSResource": "true" } }),
  ];
}

/** None of these roles may touch the state, or what was previewed and approved. */
function ownBuckets({ store, state, arns }: BoundaryArgs): Statement {
  const objects = stateObjects(state, arns);
  const ofStore = [store.bucketArn, pulumi.interpolate`${store.bucketArn}/*`];
  return { Effect: "Deny", Action: "s3:*", Resource: [...ofStore, ...(objects === undefined ? [] : [objects])] };
}
