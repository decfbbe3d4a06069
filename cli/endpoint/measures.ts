import type { Model } from "../../lib/model";
import { meanOf } from "../support/numbers";

/** What was to be predicted, and what was. */
export interface Pair {
  readonly target: number;
  readonly prediction: number;
}

/** How the answers of an endpoint are measured, by what the model's definition says. */
export const MEASURES: Readonly<Record<Model["local"]["measure"], (pairs: readonly Pair[]) => number>> = { rmse, auc };

/** Root mean square error, in the target's unit. */
export function rmse(pairs: readonly Pair[]): number {
  return Math.sqrt(meanOf(pairs.map(({ target, prediction }) => (target - prediction) ** 2)));
}

/** By how much predictions are too great on average; negative where they are too small. */
export function bias(pairs: readonly Pair[]): number {
  return meanOf(pairs.map(({ target, prediction }) => prediction - target));
}

/**
 * Area under the ROC curve: how often a row whose target is 1 is predicted higher than one whose target is 0; equal ones count half. It is
 * reckoned by the ranks of those whose target is 1.
 */
export function auc(pairs: readonly Pair[]): number {
  const ascending = [...pairs].sort((a, b) => a.prediction - b.prediction);
  const ones = pairs.filter(({ target }) => target === 1).length;
  let ranks = 0;
  for (let from = 0; from < ascending.length;) {
    let to = from;
    while (to < ascending.length && ascending[to]?.prediction === ascending[from]?.prediction) {
      to += 1;
    }
    // Those that are equal share the mean of their ranks, which begin at 1.
    const rank = (from + 1 + to) / 2;
    ranks += rank * ascending.slice(from, to).filter(({ target }) => target === 1).length;
    from = to;
  }
  return (ranks - (ones * (ones + 1)) / 2) / (ones * (pairs.length - ones));
}
