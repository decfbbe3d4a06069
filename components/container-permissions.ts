/** What the roles of SageMaker's containers may do. */
import * as pulumi from "@pulumi/pulumi";
import { folderOf, parseS3Uri, type S3Place } from "../lib/s3-uri";
import type { Statement } from "./service-role";

/** Partition that ARNs begin with, such as `aws` or `aws-cn`. */
type Partition = pulumi.Input<string>;

/** Reading objects below some S3 URIs, and listing there: what input channels need. Each URI names a folder or one object. */
export function readFolders(partition: Partition, uris: readonly string[]): Statement[] {
  const places = uris.map(s3Place);
  return [
    { Action: "s3:GetObject", Resource: places.flatMap((place) => within(partition, place)) },
    ...places.map((place) => {
      const folder = folderOf(place);
      const list = { Action: "s3:ListBucket", Resource: bucketArn(partition, place) };
      return folder === "" ? list : { ...list, Condition: { StringLike: { "s3:prefix": [folder, `${folder}/*`] } } };
    }),
  ];
}

/** Reading one object. SageMaker lists it before it reads it. */
export function readObject(partition: Partition, uri: pulumi.Input<string>): Statement[] {
  const place = pulumi.output(uri).apply(s3Place);
  return [
    { Action: "s3:GetObject", Resource: pulumi.interpolate`arn:${partition}:s3:::${place.bucket}/${place.key}` },
    {
      Action: "s3:ListBucket",
      Resource: pulumi.interpolate`arn:${partition}:s3:::${place.bucket}`,
      Condition: { StringEquals: { "s3:prefix": place.key } },
    },
  ];
}

/** Writing objects into a folder. @param path of the folder below the S3 URI @default - the URI's own folder */
export function writeFolder(partition: Partition, uri: string, path = ""): Statement {
  const place = s3Place(uri);
  const folder = [place.bucket, folderOf(place), path].filter((part) => part !== "").join("/");
  return { Action: "s3:PutObject", Resource: pulumi.interpolate`arn:${partition}:s3:::${folder}/*` };
}

/** Looking at the bucket that a job writes to. SageMaker does that, with no prefix, before it takes the job. */
export function findBucket(partition: Partition, outputUri: string): Statement {
  return { Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: bucketArn(partition, s3Place(outputUri)) };
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

/** @throws if the text is no S3 URI. */
export function s3Place(uri: string): S3Place {
  const place = parseS3Uri(uri);
  if (place === undefined) {
    throw new Error(`"${uri}" is no S3 URI: it must be s3://bucket/key`);
  }
  return place;
}

const bucketArn = (partition: Partition, { bucket }: S3Place) => pulumi.interpolate`arn:${partition}:s3:::${bucket}`;

/** An object or a folder by its ARNs. Without the slash, those of a bucket would also match buckets whose names only begin so. */
function within(partition: Partition, place: S3Place): pulumi.Output<string>[] {
  const folder = folderOf(place);
  const paths = folder === "" ? ["*"] : folder === place.key ? [folder, `${folder}/*`] : [`${folder}/*`];
  return paths.map((path) => pulumi.interpolate`${bucketArn(partition, place)}/${path}`);
}

/** What follows `ecr:` in the ARN of an image's repository; the image is `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`. */
function repository(image: string): string {
  const [, account = "*", region = "*", name = "*"] =
    /^(\d+)\.dkr\.ecr\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(image) ?? [];
  return `${region}:${account}:repository/${name}`;
}
