import type * as pulumi from "@pulumi/pulumi";
import { folderOf, parseS3Uri } from "../../../lib/s3-uri";
import type { Statement } from "../../service-role";
import { type Arns, DEPLOYED_STACKS, type DeployedStack } from "../names";
import { allow } from "./allow";

/** Where Pulumi keeps the state of the stacks, and how it keeps secrets in it. */
export interface PulumiState {
  /** What `pulumi login` is given, such as `s3://bucket/prefix?region=us-east-1`; `https://api.pulumi.com` for Pulumi Cloud. */
  readonly url: string;
  /** What `pulumi stack init --secrets-provider` is given, such as `awskms:///alias/name?region=us-east-1`. */
  readonly secretsProvider: string;
  /** ARN of the KMS key of the secrets provider. @default - the secrets provider does not use KMS */
  readonly secretsKeyArn?: pulumi.Input<string>;
  /** ARN of a secret of Secrets Manager with an access token of Pulumi Cloud. @default - none is needed */
  readonly accessTokenSecretArn?: string;
  /** Name of the Pulumi project. */
  readonly project: string;
}

/** Allows reading the state of all stacks. */
export function readState(state: PulumiState, arns: Arns): Statement[] {
  return [...readObjects(state, DEPLOYED_STACKS, arns), ...useSecretsKey(state, ["Decrypt", "Encrypt"])];
}

/** Allows reading the state of all stacks and writing the state of one: state, history, backups and the lock. */
export function writeState(state: PulumiState, stack: DeployedStack, arns: Arns): Statement[] {
  const bucket = bucketOf(state, arns);
  const others = DEPLOYED_STACKS.filter((other) => other !== stack);
  // The second pattern is for history, backups and locks, each of which has a folder for the stack. It is one pattern, since IAM limits a
  // policy's characters.
  const own = [`stacks/${state.project}/${stack}.*`, `*/${state.project}/${stack}/*`];
  return [
    ...readObjects(state, others, arns),
    ...(bucket === undefined ? [] : [allow("s3", own.map(bucket.object), ["GetObject", "PutObject", "DeleteObject"])]),
    // The last action is for a bucket that the same key encrypts.
    ...useSecretsKey(state, ["Decrypt", "Encrypt", "GenerateDataKey"]),
  ];
}

function readObjects(state: PulumiState, stacks: readonly DeployedStack[], arns: Arns): Statement[] {
  const bucket = bucketOf(state, arns);
  if (bucket === undefined) {
    return [];
  }
  const states = stacks.map((stack) => `stacks/${state.project}/${stack}.*`);
  return [
    // The engine looks for files that may not exist.
    allow("s3", [bucket.arn], ["ListBucket"]),
    allow("s3", ["meta.yaml", ...states].map(bucket.object), ["GetObject"]),
  ];
}

/** ARN of all objects of the state; `undefined` if it is not in S3. */
export function stateObjects(state: PulumiState, arns: Arns): pulumi.Output<string> | undefined {
  return bucketOf(state, arns)?.object("*");
}

function useSecretsKey({ secretsKeyArn }: PulumiState, actions: readonly string[]): Statement[] {
  return secretsKeyArn === undefined ? [] : [allow("kms", [secretsKeyArn], actions)];
}

/** `undefined` if the state is not in S3. */
function bucketOf({ url }: PulumiState, arns: Arns) {
  // The region follows a question mark.
  const place = parseS3Uri(url.replace(/\?.*$/, ""));
  if (place === undefined) {
    return undefined;
  }
  const folder = [folderOf(place), ".pulumi"].filter((part) => part !== "").join("/");
  return { arn: arns.s3(place.bucket), object: (path: string) => arns.s3(`${place.bucket}/${folder}/${path}`) };
}
