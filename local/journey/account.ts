import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";

/** What the stacks expect to find in the account. */
export interface AccountSetup {
  readonly bucket: string;
  readonly kmsKeyArn: string;
}

/** Creates the bucket that SageMaker's own tools would create, and a key. */
export async function setUpAccount(aws: LocalAws): Promise<AccountSetup> {
  const { region, accountId } = aws.account;
  const bucket = `sagemaker-${region}-${accountId}`;
  await new S3Client(clientConfig(aws)).send(new CreateBucketCommand({ Bucket: bucket }));
  const { KeyMetadata } = await new KMSClient(clientConfig(aws)).send(
    new CreateKeyCommand({ Description: "Volumes, archives, captures and environments of the model's releases" }),
  );
  return { bucket, kmsKeyArn: KeyMetadata?.Arn ?? "" };
}
