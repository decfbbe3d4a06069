/** Instance counts of a production variant. */
interface InstanceCounts {
  readonly current: number;
  readonly desired: number;
}

/** What Application Auto Scaling needs of SageMaker. A resource id is `endpoint/NAME/variant/NAME`. */
export interface VariantScaling {
  /** Undefined where there is no such variant. */
  counts(resourceId: string): InstanceCounts | undefined;
  /** Requests that the variant was given since its endpoint was created. */
  invocations(resourceId: string): number;
  /**
   * Sets the desired instance count. @throws AwsError where the endpoint is not in service, as while it is being
   * updated.
   */
  setDesired(resourceId: string, instances: number): void;
  /** Has `listener` told the resource id of each variant whose endpoint is being deleted. */
  onDelete(listener: (resourceId: string) => void): void;
}
