/** What the roles of SageMaker's containers may do. */
import * as pulumi from "@pulumi/pulumi";
import { folderOf, parseS3Uri, type S3Place } from "../lib/s3-uri";
import type { Statement } from "./service-role";
import type { VpcPlacement } from "./support/vpc";

/** Partition that ARNs begin with, such as `aws` or `aws-cn`. */
type Partition = pulumi.Input<string>;
/** An S3 URI, which may be that of a bucket that is made in the same update. */
type S3Uri = pulumi.Input<string>;

/** Reading objects below some S3 URIs, and listing there: what input channels need. Each URI names a folder or one object. */
export function readFolders(partition: Partition, uris: readonly S3Uri[]): pulumi.Input<Statement>[] {
  return uris.flatMap((uri) => [
    on(partition, uri, (arn, place) => ({ Action: "s3:GetObject", Resource: within(arn, place) })),
    listFolder(partition, uri),
  ]);
}

/** Listing what is below an S3 URI. */
export function listFolder(partition: Partition, uri: S3Uri): pulumi.Input<Statement> {
  return on(partition, uri, (arn, place) => {
    const folder = folderOf(place);
    const list = { Action: "s3:ListBucket", Resource: arn };
    return folder === "" ? list : { ...list, Condition: { StringLike: { "s3:prefix": [folder, `${folder}/*`] } } };
  });
}

/** Reading one object. SageMaker lists it before it reads it. */
export function readObject(partition: Partition, uri: S3Uri): pulumi.Input<Statement>[] {
  return [
    on(partition, uri, (arn, { key }) => ({ Action: "s3:GetObject", Resource: `${arn}/${key}` })),
    on(partition, uri, (arn, { key }) => ({
      Action: "s3:ListBucket",
      Resource: arn,
      Condition: { StringEquals: { "s3:prefix": key } },
    })),
  ];
}

/** Writing objects into a folder. @param path of the folder below the S3 URI @default - the URI's own folder */
export function writeFolder(partition: Partition, uri: S3Uri, path = ""): pulumi.Input<Statement> {
  return on(partition, uri, (arn, place) => {
    const folder = [arn, folderOf(place), path].filter((part) => part !== "").join("/");
    return { Action: "s3:PutObject", Resource: `${folder}/*` };
  });
}

/** Looking at the bucket that a job writes to. SageMaker does that, with no prefix, before it takes the job. */
export function findBucket(partition: Partition, outputUri: S3Uri): pulumi.Input<Statement> {
  return on(partition, outputUri, (arn) => ({ Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: arn }));
}

/** What a KMS key is for, besides reading what it has encrypted. */
export interface KeyUse {
  /** Whether output is written with it. */
  readonly writes: boolean;
  /** Whether it encrypts the volumes of instances. */
  readonly volumes: boolean;
}

/**
 * Using one KMS key; no statement where there is no key. Reading wants `Decrypt`. Writing wants `GenerateDataKey` of S3 and, by SageMaker's
 * pages, `Encrypt`. Volumes want a grant, which SageMaker makes in the name of the role.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 */
export function useKey(kmsKeyArn: pulumi.Input<string> | undefined, { writes, volumes }: KeyUse): Statement[] {
  if (kmsKeyArn === undefined) {
    return [];
  }
  const actions = [
    "kms:Decrypt",
    ...(writes ? ["kms:Encrypt", "kms:GenerateDataKey"] : []),
    ...(volumes ? ["kms:DescribeKey"] : []),
  ];
  const grant: Statement = {
    Action: "kms:CreateGrant",
    Resource: kmsKeyArn,
    Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
  };
  return [{ Action: actions, Resource: kmsKeyArn }, ...(volumes ? [grant] : [])];
}

/** What every SageMaker container needs: its image, and somewhere to log to. */
export function runContainer(partition: Partition, image: pulumi.Input<string>, logGroups: string): Statement[] {
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
      Resource: pulumi.interpolate`arn:${partition}:ecr:${pulumi.output(image).apply(repository)}`,
    },
    {
      Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
      Resource: pulumi.interpolate`arn:${partition}:logs:*:*:log-group:${logGroups}*`,
    },
  ];
}

/** Telling SNS topics; no statement where there is none. */
export function publish(topicArns: readonly pulumi.Input<string>[]): Statement[] {
  return topicArns.length === 0 ? [] : [{ Action: "sns:Publish", Resource: topicArns }];
}

/**
 * Network interfaces in a VPC, which SageMaker makes as the role; no statement where there is no VPC.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 */
export function useVpc(partition: Partition, vpc: VpcPlacement | undefined): pulumi.Input<Statement>[] {
  if (vpc === undefined) {
    return [];
  }
  const { subnetIds, securityGroupIds } = vpc;
  const interfaces = pulumi.interpolate`arn:${partition}:ec2:*:*:network-interface/*`;
  const places = pulumi
    .all([partition, subnetIds, securityGroupIds])
    .apply(([known, subnets, groups]) => [
      ...subnets.map((id) => `arn:${known}:ec2:*:*:subnet/${id}`),
      ...groups.map((id) => `arn:${known}:ec2:*:*:security-group/${id}`),
    ]);
  return [
    // What is described cannot be limited to a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    {
      Action: ["NetworkInterfaces", "Vpcs", "DhcpOptions", "Subnets", "SecurityGroups"].map(
        (all) => `ec2:Describe${all}`,
      ),
      Resource: "*",
    },
    {
      Action: ["CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"].map(
        (action) => `ec2:${action}`,
      ),
      Resource: interfaces,
    },
    pulumi
      .all([interfaces, places])
      .apply(([one, others]) => ({ Action: "ec2:CreateNetworkInterface", Resource: [one, ...others] })),
  ];
}

/** @throws {pulumi.RunError} if the text is no S3 URI. */
export function s3Place(uri: string): S3Place {
  const place = parseS3Uri(uri);
  if (place === undefined) {
    throw new pulumi.RunError(`"${uri}" is no S3 URI: it must be s3://bucket/key`);
  }
  return place;
}

/** A statement on an S3 URI, from its bucket's ARN and its place there. */
function on(
  partition: Partition,
  uri: S3Uri,
  statement: (bucketArn: string, place: S3Place) => Statement,
): pulumi.Output<Statement> {
  return pulumi.all([partition, uri]).apply(([known, text]) => {
    const place = s3Place(text);
    return statement(`arn:${known}:s3:::${place.bucket}`, place);
  });
}

/** An object or a folder by its ARNs. Without the slash, those of a bucket would also match buckets whose names only begin so. */
function within(bucketArn: string, place: S3Place): string[] {
  const folder = folderOf(place);
  const paths = folder === "" ? ["*"] : folder === place.key ? [folder, `${folder}/*`] : [`${folder}/*`];
  return paths.map((path) => `${bucketArn}/${path}`);
}

/** What follows `ecr:` in the ARN of an image's repository; the image is `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`. */
function repository(image: string): string {
  const [, account = "*", region = "*", name = "*"] =
    /^(\d+)\.dkr\.ecr\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(image) ?? [];
  return `${region}:${account}:repository/${name}`;
}
