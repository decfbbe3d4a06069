import { CreateGrantCommand, KMSClient, RevokeGrantCommand } from "@aws-sdk/client-kms";
import { AwsError } from "../../core/aws-error";
import { clientConfig, type Local } from "../../core/local";
import type { RunControl } from "../../core/run-control";
import { ExecutionRole } from "./execution-role";

/** AWS says "a few minutes": https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpoint.html */
const RETIREMENT_SECONDS = 120;

/** The grant of a customer's key by which the volumes of an endpoint's instances are encrypted. */
export class VolumeGrant {
  private constructor(
    private readonly local: Local,
    private readonly key: { readonly KeyId: string; readonly GrantId: string | undefined },
    private readonly roleArn: string,
  ) {}

  /** Makes it in the name of a role, which must be allowed to. */
  static async make(local: Local, KeyId: string, role: ExecutionRole): Promise<VolumeGrant> {
    const { GrantId } = await withKms(local, (kms) =>
      kms.send(
        new CreateGrantCommand({
          KeyId,
          GranteePrincipal: "sagemaker.amazonaws.com",
          RetiringPrincipal: role.arn,
          Operations: ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"],
        }),
      ),
    );
    return new VolumeGrant(local, { KeyId, GrantId }, role.arn);
  }

  /** Takes it back some time after the endpoint has gone. Where the role is gone or may not use the key any more, it stays, and nobody is told. */
  async retire(control: RunControl): Promise<void> {
    await control.pause(RETIREMENT_SECONDS);
    if (await this.roleMayStill()) {
      await withKms(this.local, (kms) => kms.send(new RevokeGrantCommand(this.key)));
    }
  }

  private async roleMayStill(): Promise<boolean> {
    try {
      const role = await ExecutionRole.assume(this.local, this.roleArn, "the role is gone");
      try {
        return (await role.volumeKeyRefusal(this.key.KeyId)) === undefined;
      } finally {
        role.close();
      }
    } catch (error) {
      if (error instanceof AwsError) {
        return false;
      }
      throw error;
    }
  }
}

async function withKms<T>(local: Local, work: (kms: KMSClient) => Promise<T>): Promise<T> {
  const kms = new KMSClient(clientConfig(local));
  try {
    return await work(kms);
  } finally {
    kms.destroy();
  }
}
