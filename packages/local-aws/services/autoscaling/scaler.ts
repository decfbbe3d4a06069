import { randomUUID } from "node:crypto";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { VariantScaling } from "../../core/variant-scaling";
import type { ScalableTarget, ScalingActivity, ScalingPolicy, ScalingStore } from "./store";

const MINUTE_MS = 60_000;
const MAX_ACTIVITIES = 1000;
/** AWS's default for SageMaker variants. */
const DEFAULT_COOLDOWN_SECONDS = 300;

/**
 * Looks at every registered variant once in a minute of AWS's time and changes its desired instance count. A minute's
 * invocations are those that really came while it passed: at `--speed 60` a second's requests count as a minute's.
 */
export class Scaler {
  private readonly seen = new Map<string, number>();
  private readonly end: () => void;
  private readonly started = new Date();

  constructor(
    private readonly store: ScalingStore,
    private readonly variants: VariantScaling,
    private readonly clock: Clock,
  ) {
    this.end = clock.every(MINUTE_MS, () => this.tick());
  }

  close(): void {
    this.end();
  }

  private tick(): void {
    this.finishActivities();
    for (const target of this.store.targets.values()) {
      const total = this.variants.invocations(target.resourceId);
      // A total below what was seen belongs to a new endpoint of the same name.
      const before = this.seen.get(target.resourceId) ?? total;
      this.seen.set(target.resourceId, total);
      const invocations = total >= before ? total - before : total;
      this.keepWithinBounds(target);
      for (const policy of target.policies.values()) {
        this.follow(target, policy, invocations);
      }
    }
  }

  /**
   * Brings a variant that is outside its target's bounds back to them: when it is registered, and in every minute in which it is found
   * outside.
   */
  keepWithinBounds(target: ScalableTarget): void {
    const desired = this.variants.counts(target.resourceId)?.desired;
    if (desired !== undefined && desired < target.min && !target.suspended.out) {
      this.scaleTo(target, target.min, `minimum capacity was set to ${target.min}`);
    } else if (desired !== undefined && desired > target.max && !target.suspended.in) {
      this.scaleTo(target, target.max, `maximum capacity was set to ${target.max}`);
    }
  }

  private follow(target: ScalableTarget, policy: ScalingPolicy, invocations: number): void {
    const instances = this.variants.counts(target.resourceId)?.desired;
    if (instances === undefined) {
      return;
    }
    const { configuration } = policy;
    const decision = policy.tracking.next(
      {
        value: configuration.TargetValue,
        scaleOutCooldownSeconds: configuration.ScaleOutCooldown ?? DEFAULT_COOLDOWN_SECONDS,
        scaleInCooldownSeconds: configuration.ScaleInCooldown ?? DEFAULT_COOLDOWN_SECONDS,
        scaleInDisabled: configuration.DisableScaleIn ?? false,
        min: target.min,
        max: target.max,
      },
      { atSeconds: this.clock.awsSecondsSince(this.started), invocations, instances },
    );
    if (decision !== undefined && !target.suspended[decision.direction]) {
      const alarm = `TargetTracking-${target.resourceId}-${decision.direction === "out" ? "AlarmHigh" : "AlarmLow"}`;
      this.scaleTo(target, decision.instances, `monitor alarm ${alarm} in state ALARM triggered policy ${policy.name}`);
    }
  }

  private scaleTo(target: ScalableTarget, instances: number, cause: string): void {
    const activity = {
      id: randomUUID(),
      resourceId: target.resourceId,
      description: `Setting desired instance count to ${instances}.`,
      cause,
      startedAt: new Date(),
      desired: instances,
    };
    try {
      this.variants.setDesired(target.resourceId, instances);
      const message = `Successfully set desired instance count to ${instances}. Waiting for change to be fulfilled by sagemaker.`;
      this.keep({ ...activity, endedAt: undefined, status: "InProgress", message });
    } catch (error) {
      if (!(error instanceof AwsError)) {
        throw error;
      }
      // The endpoint is being updated; the next minute tries again.
      const message = `Failed to set desired instance count to ${instances}. Reason: ${error.message}`;
      this.keep({ ...activity, endedAt: new Date(), status: "Failed", message });
    }
  }

  private keep(activity: ScalingActivity): void {
    this.store.activities.unshift(activity);
    this.store.activities.splice(MAX_ACTIVITIES);
  }

  private finishActivities(): void {
    for (const activity of this.store.activities.filter((one) => one.status === "InProgress")) {
      const counts = this.variants.counts(activity.resourceId);
      if (counts === undefined || counts.current === activity.desired || counts.desired !== activity.desired) {
        activity.status = counts === undefined ? "Failed" : "Successful";
        activity.endedAt = new Date();
      }
    }
  }
}
