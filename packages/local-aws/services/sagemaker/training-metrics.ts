import type { MetricDefinition } from "./images";

/** A metric's values over a training job. */
export interface MetricSummary {
  readonly name: string;
  readonly last: number;
  readonly at: Date;
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly average: number;
  readonly standardDeviation: number;
}

/** Reads metrics out of what a training container prints, by the job's metric definitions. */
export class MetricSeries {
  private readonly values = new Map<string, { readonly values: number[]; at: Date }>();
  private readonly definitions: readonly { readonly name: string; readonly regex: RegExp }[];

  constructor(definitions: readonly MetricDefinition[]) {
    this.definitions = definitions.map(({ Name: name, Regex: regex }) => ({ name, regex: new RegExp(regex) }));
  }

  /** Takes a line of output; returns what it tells. */
  read(line: string): readonly { readonly name: string; readonly value: number }[] {
    const found = this.definitions.flatMap(({ name, regex }) => {
      const value = Number(regex.exec(line)?.[1] ?? Number.NaN);
      return Number.isFinite(value) ? [{ name, value }] : [];
    });
    for (const { name, value } of found) {
      const series = this.values.get(name) ?? { values: [], at: new Date() };
      series.values.push(value);
      series.at = new Date();
      this.values.set(name, series);
    }
    return found;
  }

  summaries(): readonly MetricSummary[] {
    return [...this.values].map(([name, { values, at }]) => {
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
      return {
        name,
        last: values.at(-1) ?? Number.NaN,
        at,
        min: Math.min(...values),
        max: Math.max(...values),
        count: values.length,
        average,
        standardDeviation: Math.sqrt(variance),
      };
    });
  }
}
