import { invalid } from "./errors";

/**
 * Families of instances with storage of their own (NVMe), among those that SageMaker has. Their disks encrypt by themselves, and a key for
 * the volume is refused: API_ResourceConfig, API_ProcessingClusterConfig.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html
 */
const LOCAL_STORAGE = /^ml\.(?:[a-z]+\d+[a-z]*d[a-z]*|g[4-9]\w*|p[4-9][\w-]*|trn\d\w*|dl\d\w*)\./;

/** @throws AwsError `ValidationException` where a key is given for a volume that cannot have one */
export function refuseVolumeKey(member: string, keyId: string | undefined, instanceType: string | undefined): void {
  if (keyId !== undefined && instanceType !== undefined && LOCAL_STORAGE.test(instanceType)) {
    throw invalid(
      `${member} is not supported for instance type ${instanceType}: the instance has local storage, which is encrypted by a hardware module.`,
    );
  }
}
