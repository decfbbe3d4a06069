/** Distinct values kept exactly; beyond that all are rounded, as CloudWatch groups the values of a busy metric into bins. */
const MAX_EXACT_VALUES = 1000;
const ROUNDED_DIGITS = 3;

/** What CloudWatch keeps of the values that a metric had in one span of time. */
export class Distribution {
  sampleCount = 0;
  sum = 0;
  minimum = Infinity;
  maximum = -Infinity;
  /** How often each value occurred; `undefined` once a statistic set came in, whose single values nobody knows. */
  private occurrences: Map<number, number> | undefined = new Map();
  private isRounded = false;

  add(value: number, count = 1): void {
    this.addTotals({ sampleCount: count, sum: value * count, minimum: value, maximum: value });
    this.count(value, count);
  }

  /** Adds values of which only the totals are known (`StatisticValues` of `PutMetricData`). */
  addStatisticSet(set: StatisticTotals): void {
    if (set.minimum === set.maximum) {
      this.add(set.minimum, set.sampleCount);
      return;
    }
    this.addTotals(set);
    this.occurrences = undefined;
  }

  merge(other: Distribution): void {
    this.addTotals(other);
    if (other.occurrences === undefined) {
      this.occurrences = undefined;
      return;
    }
    for (const [value, count] of other.occurrences) {
      this.count(value, count);
    }
  }

  /**
   * The smallest value that at least `percent` per cent of the samples do not exceed. `undefined` if it cannot be told: with no
   * samples, or with statistic sets among them.
   */
  percentile(percent: number): number | undefined {
    const wanted = (percent / 100) * this.sampleCount;
    let seen = 0;
    for (const [value, count] of [...(this.occurrences ?? [])].sort(([a], [b]) => a - b)) {
      seen += count;
      // The product above may miss a whole number by a rounding error, which must not skip to the next value.
      if (seen >= wanted - 1e-9 * this.sampleCount) {
        return value;
      }
    }
    return undefined;
  }

  private addTotals(totals: StatisticTotals): void {
    this.sampleCount += totals.sampleCount;
    this.sum += totals.sum;
    this.minimum = Math.min(this.minimum, totals.minimum);
    this.maximum = Math.max(this.maximum, totals.maximum);
  }

  private count(value: number, count: number): void {
    const { occurrences } = this;
    if (occurrences === undefined) {
      return;
    }
    const bin = this.isRounded ? Number(value.toPrecision(ROUNDED_DIGITS)) : value;
    occurrences.set(bin, (occurrences.get(bin) ?? 0) + count);
    if (!this.isRounded && occurrences.size > MAX_EXACT_VALUES) {
      this.isRounded = true;
      this.occurrences = new Map();
      occurrences.forEach((times, exact) => this.count(exact, times));
    }
  }
}

/** The totals of a set of values. */
export interface StatisticTotals {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}
