import { CreateAliasCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { AccountSetup } from "./account";
import type { PulumiProject } from "./project";

/** Where Pulumi keeps the state of all stacks, and the secrets provider. */
export interface PulumiState {
  readonly bucket: string;
  readonly url: string;
  readonly alias: string;
  readonly secretsProvider: string;
}

const outputs = z.looseObject({
  pipelineName: z.string(),
  dataSourceUri: z.string(),
  topicArn: z.string(),
});
export type PipelineOutputs = z.infer<typeof outputs>;

export function stateOf({ account, endpoint }: Pick<LocalAws, "account" | "endpoint">): PulumiState {
  const { accountId, region } = account;
  const bucket = `pulumi-state-${accountId}`;
  const alias = "alias/pulumi-state";
  const query = `region=${region}&endpoint=${new URL(endpoint).host}&disableSSL=true&s3ForcePathStyle=true`;
  return { bucket, url: `s3://${bucket}?${query}`, alias, secretsProvider: `awskms:///${alias}?region=${region}` };
}

/** Creates the bucket of the state, and an alias for the account's key. */
export async function setUpState(aws: LocalAws, { kmsKeyArn }: AccountSetup): Promise<void> {
  const { bucket, alias } = stateOf(aws);
  await new S3Client(clientConfig(aws)).send(new CreateBucketCommand({ Bucket: bucket }));
  await new KMSClient(clientConfig(aws)).send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: kmsKeyArn }));
}

/** Creates the pipeline, as a person would with `pulumi up --stack pipeline`. */
export async function makePipeline(
  project: PulumiProject,
  config: Readonly<Record<string, string>>,
  onProgress: (line: string) => void,
): Promise<PipelineOutputs> {
  await project.configure("pipeline", config);
  const { ok, errors } = await project.up("pipeline", onProgress);
  if (!ok) {
    throw new Error(errors.join("\n"));
  }
  return outputs.parse(await project.outputs("pipeline"));
}
