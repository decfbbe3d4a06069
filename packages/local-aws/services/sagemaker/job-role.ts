import type { Local } from "../../core/local";
import type { Context } from "./context";
import { invalid } from "./errors";
import { ExecutionRole } from "./execution-role";
import { isDenied, isMissing, noObjects, s3Place } from "./object-store";

/** What a job asks of its role before SageMaker takes it. */
export interface JobNeeds {
  readonly roleArn: string;
  readonly image: string;
  /** S3 prefixes that must be there already. */
  readonly inputUris: readonly string[];
  readonly outputUris: readonly string[];
  readonly outputKeyId: string | undefined;
  readonly volumeKeyId: string | undefined;
  readonly vpc: { readonly Subnets: readonly string[]; readonly SecurityGroupIds: readonly string[] } | undefined;
}

/**
 * Looks, in the name of a job's role, at all that the job will need. The beginnings of the messages are AWS's: the AWS provider knows by
 * them that a role is too new (`internal/service/sagemaker/training_job.go`).
 *
 * @throws AwsError `ValidationException`
 */
export async function checkJobRole({ local }: Context, needs: JobNeeds): Promise<void> {
  const { roleArn } = needs;
  await actingAs(local, roleArn, async (role) => {
    refuse(`Access denied for repository of image ${needs.image}`, await role.pullRefusal(needs.image));
    refuse("Access denied to VolumeKmsKeyId", await role.volumeKeyRefusal(needs.volumeKeyId));
    refuse("Access denied to OutputDataConfig KmsKeyId", await role.outputKeyRefusal(needs.outputKeyId));
    refuse("Access denied to VpcConfig", await role.vpcRefusal(needs.vpc));
    for (const uri of needs.outputUris) {
      await checkOutput(role, uri);
    }
    for (const uri of needs.inputUris) {
      await checkInput(role, uri, local.account.region);
    }
  });
}

/**
 * Does something as the role of a job.
 *
 * @throws AwsError `ValidationException` if the role cannot be assumed
 */
export async function actingAs(
  local: Local,
  roleArn: string,
  work: (role: ExecutionRole) => Promise<void>,
): Promise<void> {
  const refused = `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`;
  const role = await ExecutionRole.assume(local, roleArn, refused);
  try {
    await work(role);
  } finally {
    role.close();
  }
}

async function checkOutput(role: ExecutionRole, uri: string): Promise<void> {
  const { bucket } = s3Place(uri);
  try {
    await role.objects.checkBucket(uri);
  } catch (error) {
    if (isDenied(error)) {
      throw invalid(`Access denied to OutputDataConfig S3 bucket ${bucket}: ${error.message}`);
    }
    throw isMissing(error) ? invalid(`OutputDataConfig S3 bucket ${bucket} does not exist`) : error;
  }
}

function refuse(what: string, refusal: string | undefined): void {
  if (refusal !== undefined) {
    throw invalid(`${what}: ${refusal}`);
  }
}

async function checkInput(role: ExecutionRole, uri: string, region: string): Promise<void> {
  let keys: readonly string[];
  try {
    keys = await role.objects.keys(uri);
  } catch (error) {
    if (isDenied(error)) {
      throw invalid(`Unauthorized to List objects under S3 URL: ${uri}. ${error.message}`);
    }
    throw error;
  }
  if (keys.length === 0) {
    throw invalid(noObjects(uri, region, role.arn));
  }
}
