/**
 * Families of instances with disks of their own (NVMe): a `d` after the number, GPUs from G4 and P4 on, AWS's own chips for training.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html
 */
const LOCAL_STORAGE = /^ml\.(?:[a-z]+\d+[a-z]*d[a-z]*|g[4-9]\w*|p[4-9][\w-]*|trn\d\w*|dl\d\w*)\./;

/** Whether SageMaker refuses a KMS key for the volume of an instance type. Its disks are encrypted by the hardware. */
export function hasLocalStorage(instanceType: string): boolean {
  return LOCAL_STORAGE.test(instanceType);
}
