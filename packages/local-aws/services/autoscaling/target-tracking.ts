/** What a target-tracking policy aims at. */
export interface TrackingTarget {
  /** Invocations per instance in a minute. */
  readonly value: number;
  readonly scaleOutCooldownSeconds: number;
  readonly scaleInCooldownSeconds: number;
  readonly scaleInDisabled: boolean;
  readonly min: number;
  readonly max: number;
}

/** What was measured over the last minute of the AWS's time. */
export interface Measured {
  /** AWS seconds since any fixed moment. */
  readonly atSeconds: number;
  readonly invocations: number;
  readonly instances: number;
}

export interface Decision {
  readonly direction: "out" | "in";
  readonly instances: number;
}

/**
 * The alarms that target tracking keeps: it scales out after 3 minutes above the target and in after 15 minutes below
 * 90 % of it.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */
const MINUTES_ABOVE = 3;
const MINUTES_BELOW = 15;
const BELOW_SHARE = 0.9;

/** The state of one policy. */
export class Tracking {
  private minutesAbove = 0;
  private minutesBelow = 0;
  private lastOut = Number.NEGATIVE_INFINITY;
  private lastIn = Number.NEGATIVE_INFINITY;

  /** Takes a minute's measurement; returns what to scale to, or nothing. */
  next(target: TrackingTarget, { atSeconds, invocations, instances }: Measured): Decision | undefined {
    const perInstance = invocations / Math.max(1, instances);
    this.minutesAbove = perInstance > target.value ? this.minutesAbove + 1 : 0;
    this.minutesBelow = perInstance < target.value * BELOW_SHARE ? this.minutesBelow + 1 : 0;
    const wanted = clamp(Math.ceil(invocations / target.value), target.min, target.max);
    if (this.minutesAbove >= MINUTES_ABOVE && wanted > instances && this.mayScaleOut(target, atSeconds)) {
      this.lastOut = atSeconds;
      return { direction: "out", instances: wanted };
    }
    if (this.minutesBelow >= MINUTES_BELOW && wanted < instances && this.mayScaleIn(target, atSeconds)) {
      this.lastIn = atSeconds;
      return { direction: "in", instances: wanted };
    }
    return undefined;
  }

  private mayScaleOut(target: TrackingTarget, atSeconds: number): boolean {
    return atSeconds - this.lastOut >= target.scaleOutCooldownSeconds;
  }

  /** Scaling in waits for both cooldowns: availability comes first. */
  private mayScaleIn(target: TrackingTarget, atSeconds: number): boolean {
    return (
      !target.scaleInDisabled &&
      atSeconds - this.lastIn >= target.scaleInCooldownSeconds &&
      atSeconds - this.lastOut >= target.scaleOutCooldownSeconds
    );
  }
}

const clamp = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value));
