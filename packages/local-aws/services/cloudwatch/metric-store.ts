import type { Clock } from "../../core/clock";
import type { MetricSink, MetricValue } from "../../core/local";
import { Distribution, type StatisticTotals } from "./distribution";

/** A metric is its namespace, its name and *exactly* these dimensions: CloudWatch never adds up over dimensions by itself. */
export interface MetricKey {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values of one span of a metric's time. */
export interface MetricSpan {
  /** Start of the span in milliseconds since 1970, with a fraction where AWS's second is shorter than a real millisecond. */
  readonly at: number;
  readonly values: Distribution;
  readonly unit: string;
}

/** A metric with a value, or with the totals of several. */
export interface MetricSample extends MetricKey {
  readonly timestamp: Date;
  readonly unit: string;
  readonly content: { readonly value: number; readonly count: number } | StatisticTotals;
}

interface Cell {
  /** Milliseconds since 1970 at which the cell begins. */
  at: number;
  readonly values: Distribution;
}

interface Series extends MetricKey {
  readonly unit: string;
  /** In order of time. */
  cells: Cell[];
}

/** Span of a cell while it is young, and after {@link FINE_HOURS} hours. AWS's time, like all here. */
const FINE_SECONDS = 1;
const COARSE_SECONDS = 60;
/**
 * How long values are kept by the second, and by the minute: CloudWatch's own retention of its two finest resolutions.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */
const FINE_HOURS = 3;
const COARSE_HOURS = 15 * 24;
const PRUNE_SECONDS = 600;

/**
 * The values of all metrics. Their time stamps are real, the spans into which they are put are AWS's: at speed 60 a second of AWS
 * is a sixtieth of a real one. Kept by the second for 3 hours of AWS's time, then by the minute for 15 days, then forgotten.
 */
export class MetricStore implements MetricSink {
  private readonly series = new Map<string, Series>();
  private listener: (metric: string, timestamp: Date) => void = () => undefined;

  constructor(private readonly clock: Clock) {
    clock.every(PRUNE_SECONDS * 1000, () => this.prune(clock.now()));
  }

  put(values: readonly MetricValue[]): void {
    const now = this.clock.now();
    for (const { namespace, name, dimensions, value, unit = "None", timestamp = now } of values) {
      this.add({ namespace, name, dimensions, unit, timestamp, content: { value, count: 1 } });
    }
  }

  /** Calls `listener` with the {@link metricId} and time stamp of each sample from now on. */
  onAdded(listener: (metric: string, timestamp: Date) => void): void {
    this.listener = listener;
  }

  add(sample: MetricSample): void {
    const { values } = this.cellFor(sample);
    if ("value" in sample.content) {
      values.add(sample.content.value, sample.content.count);
    } else {
      values.addStatisticSet(sample.content);
    }
    this.listener(metricId(sample), sample.timestamp);
  }

  /** What is kept of a metric, in order of time, from `from` on and before `to` (milliseconds). Without `unit`, of all its units. */
  read(key: MetricKey, from: number, to: number, unit?: string): readonly MetricSpan[] {
    const matching = [...this.series.values()].filter(
      (series) => metricId(series) === metricId(key) && (unit === undefined || series.unit === unit),
    );
    const spans = matching.flatMap((series) =>
      cellsBetween(series.cells, from, to).map(({ at, values }) => ({
        at,
        values,
        unit: series.unit,
      })),
    );
    return spans.sort((a, b) => a.at - b.at);
  }

  /** All metrics that are known, each once, with the time of its last value. */
  list(): readonly (MetricKey & { readonly lastAt: Date })[] {
    const byKey = new Map<string, MetricKey & { lastAt: Date }>();
    for (const { namespace, name, dimensions, cells } of this.series.values()) {
      const key = metricId({ namespace, name, dimensions });
      const lastAt = Math.max(cells.at(-1)?.at ?? 0, byKey.get(key)?.lastAt.getTime() ?? 0);
      byKey.set(key, { namespace, name, dimensions, lastAt: new Date(lastAt) });
    }
    return [...byKey.values()];
  }

  /** Aggregates what is older than 3 hours of AWS's time, and forgets what is older than 15 days. */
  prune(now: Date): void {
    const forgetBefore = now.getTime() - this.clock.real(COARSE_HOURS * 3_600_000);
    const coarseBefore = now.getTime() - this.clock.real(FINE_HOURS * 3_600_000);
    const coarse = this.clock.real(COARSE_SECONDS * 1000);
    for (const [key, series] of this.series) {
      series.cells = aggregate(series.cells, forgetBefore, coarseBefore, coarse);
      if (series.cells.length === 0) {
        this.series.delete(key);
      }
    }
  }

  private cellFor(sample: MetricSample): Cell {
    const key = seriesKey(sample, sample.unit);
    const { namespace, name, dimensions, unit } = sample;
    const series = this.series.get(key) ?? { namespace, name, dimensions, unit, cells: [] };
    this.series.set(key, series);
    const span = this.clock.real(FINE_SECONDS * 1000);
    const at = slotOf(sample.timestamp.getTime(), span) * span;
    // Values mostly arrive in order, so the search begins at the end.
    let index = series.cells.length;
    while (index > 0 && (series.cells[index - 1]?.at ?? 0) > at) {
      index -= 1;
    }
    const existing = series.cells[index - 1];
    if (existing?.at === at) {
      return existing;
    }
    const cell = { at, values: new Distribution() };
    series.cells.splice(index, 0, cell);
    return cell;
  }
}

/** One text for a metric, in whatever order its dimensions come. */
export function metricId({ namespace, name, dimensions }: MetricKey): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

const seriesKey = (key: MetricKey, unit: string) => `${unit} ${metricId(key)}`;

/** Reads from the end, where what is asked for mostly lies. */
function cellsBetween(cells: readonly Cell[], from: number, to: number): readonly Cell[] {
  let end = cells.length;
  while (end > 0 && (cells[end - 1]?.at ?? 0) >= to) {
    end -= 1;
  }
  let start = end;
  while (start > 0 && (cells[start - 1]?.at ?? 0) >= from) {
    start -= 1;
  }
  return cells.slice(start, end);
}

/** Number of the span of `length` milliseconds that `at` lies in. The start of a span must not fall into the one before by rounding. */
export function slotOf(at: number, length: number): number {
  return Math.floor(at / length + 1e-6);
}

function aggregate(cells: readonly Cell[], forgetBefore: number, coarseBefore: number, coarse: number): Cell[] {
  const kept: Cell[] = [];
  for (const cell of cells.filter(({ at }) => at >= forgetBefore)) {
    const at = cell.at < coarseBefore ? slotOf(cell.at, coarse) * coarse : cell.at;
    const last = kept.at(-1);
    if (last?.at === at) {
      last.values.merge(cell.values);
    } else {
      kept.push(cell.at === at ? cell : { at, values: cell.values });
    }
  }
  return kept;
}
