/** A token bucket. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html */
class Bucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    readonly ratePerSecond: number,
    readonly burst: number,
    nowMs: number,
  ) {
    this.tokens = burst;
    this.filledAt = nowMs;
  }

  take(nowMs: number): boolean {
    const filled = ((nowMs - this.filledAt) / 1000) * this.ratePerSecond;
    this.tokens = Math.min(this.burst, this.tokens + filled);
    this.filledAt = nowMs;
    if (this.tokens < 1) {
      return false;
    }
    this.tokens -= 1;
    return true;
  }
}

/** Limits requests by token buckets, in real time: requests and what answers them are no faster here than on AWS. */
export class Throttle {
  private readonly buckets = new Map<string, Bucket>();

  /** Whether a request may pass; a limit that was changed begins with a full bucket. @param key what the limit is for */
  allows(key: string, ratePerSecond: number, burst: number, nowMs = Date.now()): boolean {
    let bucket = this.buckets.get(key);
    if (bucket?.ratePerSecond !== ratePerSecond || bucket.burst !== burst) {
      bucket = new Bucket(ratePerSecond, burst, nowMs);
      this.buckets.set(key, bucket);
    }
    return bucket.take(nowMs);
  }
}
