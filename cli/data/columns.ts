import { cellsOf, linesOf } from "./test-rows";
import { histogram, quantile, sorted, type Bin } from "../support/numbers";

/** A column of numbers. */
export interface NumberColumn {
  readonly name: string;
  readonly missing: number;
  readonly quantiles: Readonly<Record<QuantileName, number>>;
  /** In spans of equal width from the 1st to the 99th percentile, with what is outside in the first and the last. */
  readonly histogram: readonly Bin[];
}

/** A column of texts. */
export interface TextColumn {
  readonly name: string;
  readonly missing: number;
  /** How many rows have each value, the most frequent first. */
  readonly values: readonly (readonly [value: string, rows: number])[];
}

type QuantileName = "least" | "p5" | "p25" | "median" | "p75" | "p95" | "greatest";

const BINS = 20;

/** Describes the columns of a CSV with a header. */
export function describeColumns(csv: string): (NumberColumn | TextColumn)[] {
  const [header = "", ...lines] = linesOf(csv);
  const names = cellsOf(header);
  const columns: string[][] = names.map(() => []);
  for (const line of lines) {
    // Quotes are rare, and a plain split is ten times as fast.
    const cells = line.includes('"') ? cellsOf(line) : line.split(",");
    columns.forEach((column, at) => column.push(cells[at] ?? ""));
  }
  return names.map((name, at) => describe(name, columns[at] ?? []));
}

function describe(name: string, cells: readonly string[]): NumberColumn | TextColumn {
  const there = cells.filter((cell) => cell !== "");
  const missing = cells.length - there.length;
  const numbers = there.map(Number);
  if (!numbers.every(Number.isFinite)) {
    return { name, missing, values: countsOf(there) };
  }
  const ascending = sorted(numbers);
  const of = (share: number) => quantile(ascending, share);
  const middle = { p5: of(0.05), p25: of(0.25), median: of(0.5), p75: of(0.75), p95: of(0.95) };
  const quantiles = { least: of(0), ...middle, greatest: of(1) };
  const [low, high] = [of(0.01), of(0.99)];
  const within = ascending.map((value) => Math.min(high, Math.max(low, value)));
  return { name, missing, quantiles, histogram: histogram(within, BINS) };
}

function countsOf(values: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  values.forEach((value) => counts.set(value, (counts.get(value) ?? 0) + 1));
  return [...counts].sort(([, a], [, b]) => b - a);
}
