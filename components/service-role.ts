import * as pulumi from "@pulumi/pulumi";
import * as iam from "@pulumi/aws/iam";
import { folderOf, parseS3Uri, type S3Place } from "../lib/s3-uri";

/** One statement of an IAM policy, in IAM's own words. */
export interface Statement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: pulumi.Input<string> | readonly pulumi.Input<string>[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, pulumi.Input<string> | readonly pulumi.Input<string>[]>>>
  >;
}

/** Arguments of {@link serviceRole}. */
export interface ServiceRoleArgs {
  /** What the role is for, shown in the IAM console. */
  readonly description: pulumi.Input<string>;
  /** The one AWS service that may assume it, such as `sagemaker.amazonaws.com`. */
  readonly service: string;
  /** All that it may do. */
  readonly statements: readonly Statement[];
  /** Whether role and policy stay in AWS when the program no longer declares them. @default false */
  readonly retainOnDelete?: boolean;
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * A role for one actor: assumed by one service, with one inline policy. Its ARN resolves only once the policy is attached, so that
 * nothing which takes the ARN starts without its permissions.
 */
export function serviceRole(name: string, args: ServiceRoleArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const { retainOnDelete = false } = args;
  const role = new iam.Role(
    name,
    {
      description: args.description,
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: args.service }, Action: "sts:AssumeRole" }],
      }),
      tags: args.tags,
    },
    { parent, retainOnDelete },
  );
  const policy = new iam.RolePolicy(
    name,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: args.statements.map((statement) => ({ Effect: "Allow", ...statement })),
      }),
    },
    { parent, retainOnDelete },
  );
  return pulumi.all([role.arn, policy.id]).apply(([arn]) => arn);
}

/** The ARN of what an S3 URI names, with `suffix` after it: `s3://bucket/key` and `/*` give `arn:aws:s3:::bucket/key/*`. */
export function s3Arn(uri: pulumi.Input<string>, suffix = ""): pulumi.Output<string> {
  return pulumi.output(uri).apply((text) => {
    const place = s3Place(text);
    return `arn:aws:s3:::${[place.bucket, folderOf(place)].filter((part) => part !== "").join("/")}${suffix}`;
  });
}

/** Reading objects below some S3 URIs, and listing there: what a container's input channel needs. */
export function readS3(uris: readonly pulumi.Input<string>[]): Statement[] {
  const parts = uris.map((uri) => pulumi.output(uri).apply(s3Place));
  return [
    { Action: "s3:GetObject", Resource: uris.map((uri) => s3Arn(uri, "*")) },
    ...parts.map((part) => ({
      Action: "s3:ListBucket",
      Resource: part.apply(({ bucket }) => `arn:aws:s3:::${bucket}`),
      Condition: { StringLike: { "s3:prefix": part.apply(({ key }) => `${key}*`) } },
    })),
  ];
}

/** Using one KMS key for reading, writing and volumes; no statement where there is no key. */
export function useKey(kmsKeyArn: pulumi.Input<string> | undefined): Statement[] {
  if (kmsKeyArn === undefined) {
    return [];
  }
  return [
    { Action: ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], Resource: kmsKeyArn },
    // SageMaker encrypts the volumes of its instances through a grant: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    { Action: "kms:CreateGrant", Resource: kmsKeyArn, Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } } },
  ];
}

/** What every SageMaker container needs: its image, and somewhere to log to. */
export function runContainer(image: pulumi.Input<string>, logGroups: string): Statement[] {
  return [
    // These two cannot be limited to a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    { Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } },
    },
    {
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
      Resource: pulumi.output(image).apply(repositoryArn),
    },
    {
      Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
      Resource: `arn:aws:logs:*:*:log-group:${logGroups}*`,
    },
  ];
}

/** @throws if the text is no S3 URI. */
export function s3Place(uri: string): S3Place {
  const place = parseS3Uri(uri);
  if (place === undefined) {
    throw new Error(`"${uri}" is no S3 URI: it must be s3://bucket/key`);
  }
  return place;
}

/** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>` as the ARN of its repository. */
function repositoryArn(image: string): string {
  const [, account = "*", region = "*", repository = "*"] =
    /^(\d+)\.dkr\.ecr\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(image) ?? [];
  return `arn:aws:ecr:${region}:${account}:repository/${repository}`;
}
