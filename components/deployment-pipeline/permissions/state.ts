import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../service-role";
import { DEPLOYED_STACKS, type DeployedStack } from "../names";

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
  const { project } = state;
  const bucket = bucketOf(state);
  const secrets = useSecretsKey(state, ["kms:Decrypt", "kms:Encrypt"]);
  if (bucket === undefined) {
    return secrets;
  }
  const states = DEPLOYED_STACKS.map((stack) => `stacks/${project}/${stack}.*`);
  return [
    // The engine looks for files that need not be there.
    { Action: "s3:ListBucket", Resource: bucket.arn },
    { Action: "s3:GetObject", Resource: ["meta.yaml", ...states].map((path) => bucket.object(path)) },
    ...secrets,
  ];
}

/** Reading the state of all stacks, and writing that of one: state, history, backups and the lock. */
export function writeState(state: PulumiState, stack: DeployedStack): Statement[] {
  const { project } = state;
  const bucket = bucketOf(state);
  const own = [
    `stacks/${project}/${stack}.*`,
    `history/${project}/${stack}/*`,
    `backups/${project}/${stack}/*`,
    `locks/organization/${project}/${stack}/*`,
  ];
  return [
    ...readState(state),
    ...(bucket === undefined
      ? []
      : [
          {
            Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            Resource: own.map((path) => bucket.object(path)),
          },
        ]),
    // Where the bucket is encrypted with the same key.
    ...useSecretsKey(state, ["kms:GenerateDataKey"]),
  ];
}

function useSecretsKey({ secretsKeyArn }: PulumiState, Action: readonly string[]): Statement[] {
  return secretsKeyArn === undefined ? [] : [{ Action, Resource: secretsKeyArn }];
}

/** `undefined` where the state is not in S3. */
function bucketOf({ url }: PulumiState) {
  const [, bucket, prefix = ""] = /^s3:\/\/([^/?]+)\/?([^?]*)/.exec(url) ?? [];
  if (bucket === undefined) {
    return undefined;
  }
  const arn = `arn:aws:s3:::${bucket}`;
  const folder = [prefix.replace(/\/+$/, ""), ".pulumi"].filter((part) => part !== "").join("/");
  return { arn, object: (path: string) => `${arn}/${folder}/${path}` };
}
