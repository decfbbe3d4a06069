import type * as pulumi from "@pulumi/pulumi";
import { folderOf, parseS3Uri } from "../../../lib/s3-uri";
import type { Statement } from "../../service-role";
import { DEPLOYED_STACKS, type DeployedStack } from "../names";
import { allow } from "./allow";

/** Where Pulumi keeps the state of the stacks, and how it keeps secrets in it. */
export interface PulumiState {
  /** What `pulumi login` is given, such as `s3://bucket/prefix?region=us-east-1`; `https://api.pulumi.com` for Pulumi Cloud. */
  readonly url: string;
  /** What `pulumi stack init --secrets-provider` is given, such as `awskms:///alias/name?region=us-east-1`. */
  readonly secretsProvider: string;
  /** ARN of the KMS key that the secrets provider means. @default - it is none of KMS */
  readonly secretsKeyArn?: pulumi.Input<string>;
  /** ARN of a secret of Secrets Manager with an access token of Pulumi Cloud. @default - none is needed */
  readonly accessTokenSecretArn?: string;
  /** Name of the Pulumi project. */
  readonly project: string;
}

/** Reading the state of all stacks. */
export function readState(state: PulumiState): Statement[] {
  return [...readObjects(state, DEPLOYED_STACKS), ...useSecretsKey(state, ["Decrypt", "Encrypt"])];
}

/** Reading the state of all stacks, and writing that of one: state, history, backups and the lock. */
export function writeState(state: PulumiState, stack: DeployedStack): Statement[] {
  const bucket = bucketOf(state);
  const others = DEPLOYED_STACKS.filter((other) => other !== stack);
  // The second is for history, backups and locks, each a folder with a folder for the stack; one pattern, since IAM counts characters.
  const own = [`stacks/${state.project}/${stack}.*`, `*/${state.project}/${stack}/*`];
  return [
    ...readObjects(state, others),
    ...(bucket === undefined ? [] : [allow("s3", own.map(bucket.object), ["GetObject", "PutObject", "DeleteObject"])]),
    // The last is for a bucket that is encrypted with the same key.
    ...useSecretsKey(state, ["Decrypt", "Encrypt", "GenerateDataKey"]),
  ];
}

function readObjects(state: PulumiState, stacks: readonly DeployedStack[]): Statement[] {
  const bucket = bucketOf(state);
  if (bucket === undefined) {
    return [];
  }
  const states = stacks.map((stack) => `stacks/${state.project}/${stack}.*`);
  return [
    // The engine looks for files that need not be there.
    allow("s3", [bucket.arn], ["ListBucket"]),
    allow("s3", ["meta.yaml", ...states].map(bucket.object), ["GetObject"]),
  ];
}

/** ARN of everything that the state is made of; `undefined` where it is not in S3. */
export function stateObjects(state: PulumiState): string | undefined {
  return bucketOf(state)?.object("*");
}

function useSecretsKey({ secretsKeyArn }: PulumiState, actions: readonly string[]): Statement[] {
  return secretsKeyArn === undefined ? [] : [allow("kms", [secretsKeyArn], actions)];
}

/** `undefined` where the state is not in S3. */
function bucketOf({ url }: PulumiState) {
  // The region follows a question mark.
  const place = parseS3Uri(url.replace(/\?.*$/, ""));
  if (place === undefined) {
    return undefined;
  }
  const arn = `arn:aws:s3:::${place.bucket}`;
  const folder = [folderOf(place), ".pulumi"].filter((part) => part !== "").join("/");
  return { arn, object: (path: string) => `${arn}/${folder}/${path}` };
}
