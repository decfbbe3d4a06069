/**
 * How many instances of which type may serve. These are plain values, since they decide which resources exist and are checked before
 * anything is created.
 */
export interface Capacity {
  /** Such as `ml.m5.large`; burstable `ml.t` types cannot scale. A change makes another configuration, without downtime. @default - must be given, unless `serverless` is */
  readonly instanceType: string;
  /** Minimum number of instances, 1 or more. @default 1 */
  readonly minInstances?: number;
  /** Maximum number of instances, at least `minInstances`. @default - `minInstances`: no scaling */
  readonly maxInstances?: number;
  /** Target of scaling: invocations per instance and minute. @default 750 */
  readonly targetInvocationsPerInstance?: number;
  /** Seconds between removing instances and the next change. @default 60 */
  readonly scaleInCooldownSeconds?: number;
  /** Seconds between adding instances and the next change. @default 60 */
  readonly scaleOutCooldownSeconds?: number;
}

/** The same with the defaults. An instance type that is missing is "". */
export function capacityOf(args: Partial<Capacity>): Required<Capacity> {
  const minInstances = args.minInstances ?? 1;
  return {
    instanceType: args.instanceType ?? "",
    minInstances,
    maxInstances: args.maxInstances ?? minInstances,
    targetInvocationsPerInstance: args.targetInvocationsPerInstance ?? 750,
    scaleInCooldownSeconds: args.scaleInCooldownSeconds ?? 60,
    scaleOutCooldownSeconds: args.scaleOutCooldownSeconds ?? 60,
  };
}

/** Burstable types cannot scale: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html */
export function isBurstable({ instanceType }: Pick<Capacity, "instanceType">): boolean {
  return instanceType.startsWith("ml.t");
}

/** Everything that is wrong with a capacity, each with the value and the rule. */
export function capacityProblems(capacity: Required<Capacity>): string[] {
  const { instanceType, minInstances, maxInstances, targetInvocationsPerInstance } = capacity;
  const whole = (name: string, value: number, least: number) =>
    Number.isInteger(value) && value >= least
      ? []
      : [`${name} must be a whole number of ${least} or more, got ${value}`];
  return [
    ...(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(instanceType)
      ? []
      : [`instanceType must be a SageMaker type such as ml.m5.large, got "${instanceType}"`]),
    ...whole("minInstances", minInstances, 1),
    ...whole("maxInstances", maxInstances, 1),
    ...(maxInstances < minInstances
      ? [`maxInstances (${maxInstances}) must not be below minInstances (${minInstances})`]
      : []),
    ...(targetInvocationsPerInstance > 0
      ? []
      : [`targetInvocationsPerInstance must be above 0, got ${targetInvocationsPerInstance}`]),
    ...whole("scaleInCooldownSeconds", capacity.scaleInCooldownSeconds, 0),
    ...whole("scaleOutCooldownSeconds", capacity.scaleOutCooldownSeconds, 0),
    ...(maxInstances > minInstances && isBurstable(capacity)
      ? [
          `instanceType ${instanceType} is burstable and cannot scale: set maxInstances to ${minInstances}, or take another type`,
        ]
      : []),
  ];
}
