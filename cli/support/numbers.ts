/** Four significant digits. */
export const inShort = (value: number) => String(Number(value.toPrecision(4)));

/** A count for people: `12,345`. */
export const counted = (count: number) => count.toLocaleString("en-US");

export const meanOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Numbers from the least to the greatest. */
export const sorted = (values: readonly number[]) => Float64Array.from(values).sort();

/** The value that a share of numbers lies below, with what is between two of them in proportion, as NumPy has it; `NaN` of none. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const at = share * (ascending.length - 1);
  const [below, above] = [ascending[Math.floor(at)] ?? NaN, ascending[Math.ceil(at)] ?? NaN];
  return below + (above - below) * (at - Math.floor(at));
}

/** How many values a span has. Its end belongs to it only in the last span of a histogram. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Values counted in spans of equal width, from the least value to the greatest. */
export function histogram(ascending: ArrayLike<number>, bins: number): Bin[] {
  const [least = NaN, greatest = NaN] = [ascending[0], ascending[ascending.length - 1]];
  const width = (greatest - least) / bins;
  if (!(width > 0)) {
    return ascending.length === 0 ? [] : [{ from: least, to: greatest, count: ascending.length }];
  }
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < ascending.length; i++) {
    const at = Math.min(bins - 1, Math.floor(((ascending[i] ?? NaN) - least) / width));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((count, at) => ({ from: least + at * width, to: least + (at + 1) * width, count }));
}
