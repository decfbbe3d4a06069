import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startLocalAws, type LocalAws, type LocalAwsOptions } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { testPython } from "pulumi-engine/testing/python";
import { setUpAccount } from "../../../local/journey/account";

/** Fares of 2 and 1.5 per kilometre, as `fare,kilometres`. */
const ROWS = Array.from({ length: 300 }, (_, row) => `${2 + (row % 30) * 1.5},${row % 30}`).join("\n");

/** A local AWS with a bucket, and in its `fares/train/` what the programs train with. */
export async function startAwsWithData(
  options: Partial<LocalAwsOptions> = {},
): Promise<{ aws: LocalAws; bucket: string }> {
  const aws = await startLocalAws({ python: testPython(), speed: 600, functionsUseRoles: true, ...options });
  const { bucket } = await setUpAccount(aws);
  await putData(new S3Client(clientConfig(aws)), bucket);
  return { aws, bucket };
}

/** The data in a bucket of another region or account. */
export async function bucketWithData(aws: LocalAws, region: string, accountId: string): Promise<string> {
  const s3 = new S3Client({ ...clientConfig(aws), region, credentials: keysOf(aws, accountId) });
  const bucket = `sagemaker-${region}-${accountId}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await putData(s3, bucket);
  return bucket;
}

/** A role of another account that the local AWS's own account may assume, to do everything there. */
export async function roleIn(aws: LocalAws, accountId: string): Promise<string> {
  const iam = new IAMClient({ ...clientConfig(aws), credentials: keysOf(aws, accountId) });
  const principal = { AWS: `arn:aws:iam::${aws.account.accountId}:root` };
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }],
  };
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: "deployer", AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await iam.send(
    new AttachRolePolicyCommand({ RoleName: "deployer", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }),
  );
  return Role?.Arn ?? "";
}

/** An account's own keys: the id is the account's number, the secret that of this local AWS. */
export function keysOf({ account }: LocalAws, accountId: string) {
  return { accessKeyId: accountId, secretAccessKey: account.secretAccessKey };
}

async function putData(s3: S3Client, bucket: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "fares/train/train.csv", Body: ROWS }));
}
