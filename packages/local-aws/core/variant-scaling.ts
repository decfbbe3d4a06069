/** Instance counts of a production variant. */
interface InstanceCounts {
  readonly current: number;
  readonly desired: number;
}

/** What Application Auto Scaling needs from SageMaker. A resource id is `endpoint/NAME/variant/NAME`. */
export interface VariantScaling {
  /** Undefined if there is no such variant. */
  counts(resourceId: string): InstanceCounts | undefined;
  /** Requests to the variant since its endpoint was created. */
  invocations(resourceId: string): number;
  /**
   * Sets the desired instance count. @throws AwsError if the endpoint is not in service, for example while it is being updated.
   */
  setDesired(resourceId: string, instances: number): void;
  /** Calls `listener` with the resource id of each variant whose endpoint is being deleted. */
  onDelete(listener: (resourceId: string) => void): void;
}
