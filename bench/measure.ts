/** One thing that was measured, in comparison with its baseline. */
export interface Figure {
  readonly name: string;
  readonly unit: "s" | "ms" | "CPU-s" | "MB" | "1/s" | "1";
  /** Median of the rounds. */
  readonly median: number;
  /** Least of the rounds, which a busy machine disturbs least. */
  readonly least: number;
  /** Median divided by that of the baseline in the same rounds; the baseline itself has none. */
  readonly ratio?: number;
  /** What it is compared with. */
  readonly baseline?: string;
  readonly rounds: number;
}

/** A benchmark. */
export interface Benchmark {
  /** What it measures, in a line. */
  readonly tells: string;
  readonly run: (options: BenchmarkOptions) => Promise<readonly Figure[]>;
}

export interface BenchmarkOptions {
  readonly rounds: number;
  /** Tells what is being done. */
  readonly progress: (line: string) => void;
}

/** Thrown by a benchmark that this machine cannot run, with the reason. */
export class Skipped extends Error {}

/** What one round of a case gave, by the figure's unit. */
export type Sample = Readonly<Partial<Record<Figure["unit"], number>>>;

/** Something that can be measured again and again. */
export interface Case {
  readonly name: string;
  readonly round: () => Promise<Sample>;
}

/**
 * Plays all cases in turn, as many times as there are rounds, so that a slow minute hits all of them. The first is the baseline of the
 * others. A round before the first one is not counted: it fills caches.
 */
export async function compare(
  [baseline, ...others]: readonly [Case, ...Case[]],
  { rounds, progress }: BenchmarkOptions,
): Promise<Figure[]> {
  const cases = [baseline, ...others];
  const samples = new Map<string, Sample[]>(cases.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    progress(round === 0 ? "a round to fill caches" : `round ${round} of ${rounds}`);
    for (const { name, round: play } of cases) {
      const sample = await play();
      if (round > 0) {
        samples.get(name)?.push(sample);
      }
    }
  }
  return cases.flatMap(({ name }) => figuresOf(name, baseline.name, samples));
}

const UNITS: readonly Figure["unit"][] = ["s", "ms", "CPU-s", "MB", "1/s", "1"];

function figuresOf(name: string, baseline: string, samples: ReadonlyMap<string, readonly Sample[]>): Figure[] {
  return UNITS.flatMap((unit) => {
    const values = valuesOf(samples.get(name), unit);
    if (values.length === 0) {
      return [];
    }
    const figure = { name, unit, median: median(values), least: Math.min(...values), rounds: values.length };
    const compared = { baseline, ratio: figure.median / median(valuesOf(samples.get(baseline), unit)) };
    return [name === baseline ? figure : { ...figure, ...compared }];
  });
}

function valuesOf(samples: readonly Sample[] = [], unit: Figure["unit"]): number[] {
  return samples.flatMap((sample) => sample[unit] ?? []);
}

/** The middle of the values, or the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
