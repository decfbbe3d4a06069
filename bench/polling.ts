import { poll, type PollClock } from "../lib/poll";
import type { Benchmark, Figure } from "./measure";

const INTERVAL_SECONDS = 120;
const JOB_MINUTES = 60;
const JOBS = [1, 100, 1000] as const;

/**
 * AWS publishes no rate of its `Describe` calls. The only rate of SageMaker's that users have seen in their quotas is that of
 * `ListTrainingJobs`: https://github.com/aws-solutions/deepracer-on-aws/issues/87
 */
const CALLS_PER_SECOND = 2;

/** How many calls SageMaker gets from jobs that are started at once and followed for an hour, each by itself. */
export const polling: Benchmark = {
  tells:
    "calls to SageMaker while 1, 100 and 1000 jobs run: in step, with the jitter of lib/poll.ts, and where SageMaker throttles",
  async run() {
    const figures: Figure[] = [];
    for (const jobs of JOBS) {
      const inStep = await callsOf(jobs, { random: () => 0.5 });
      const cases = [
        { name: "in step", calls: inStep },
        { name: "with jitter", calls: await callsOf(jobs, {}) },
        {
          name: `throttled at ${CALLS_PER_SECOND} a second`,
          calls: await callsOf(jobs, { perSecond: CALLS_PER_SECOND }),
        },
      ];
      for (const { name, calls } of cases) {
        figures.push(...inFigures(`${jobs} jobs, ${name}`, calls, inStep));
      }
    }
    return figures;
  },
};

/** Calls a second in the first hour, on average and at most. The ratio is to what the same jobs would do in step. */
function inFigures(name: string, calls: readonly number[], inStep: readonly number[]): Figure[] {
  const rates = ratesOf(calls);
  const compared = ratesOf(inStep);
  return (["average", "most"] as const).map((kind) => ({
    name: `${name}, ${kind}`,
    unit: "1/s",
    median: rates[kind],
    least: rates[kind],
    rounds: 1,
    ...(calls === inStep ? {} : { baseline: "in step", ratio: rates[kind] / compared[kind] }),
  }));
}

/** Calls a second in the first hour, on average and at most. */
export function ratesOf(seconds: readonly number[]): { readonly average: number; readonly most: number } {
  const counts = new Map<number, number>();
  const inTheHour = seconds.filter((second) => second < JOB_MINUTES * 60);
  for (const second of inTheHour) {
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  return { average: inTheHour.length / (JOB_MINUTES * 60), most: Math.max(...counts.values()) };
}

interface Calling {
  /** @default Math.random */
  readonly random?: () => number;
  /** Calls that SageMaker answers; what comes beside them in the same second is throttled. @default - all */
  readonly perSecond?: number;
}

class Throttled extends Error {}

/** The seconds of the calls of so many jobs that run for an hour. */
export async function callsOf(
  jobs: number,
  { random = Math.random, perSecond = Infinity }: Calling,
): Promise<number[]> {
  const time = new SimulatedTime(random);
  const end = JOB_MINUTES * 60_000;
  const calls: number[] = [];
  const answered = new Map<number, number>();
  const look = async (): Promise<boolean> => {
    const second = Math.floor(time.now() / 1000);
    calls.push(second);
    const taken = answered.get(second) ?? 0;
    if (taken >= perSecond) {
      throw new Throttled();
    }
    answered.set(second, taken + 1);
    return time.now() >= end;
  };
  const all = Array.from({ length: jobs }, () =>
    poll({
      look,
      settled: (isOver) => isOver,
      passes: (error) => error instanceof Throttled,
      intervalSeconds: INTERVAL_SECONDS,
      deadline: 10 * end,
      clock: time,
    }),
  );
  await time.until(Promise.all(all));
  return calls;
}

/** Time that passes only while all sleep. */
class SimulatedTime implements PollClock {
  private at = 0;
  private readonly sleepers = new Map<number, (() => void)[]>();

  constructor(readonly random: () => number) {}

  now(): number {
    return this.at;
  }

  sleep(milliseconds: number): Promise<void> {
    const end = this.at + Math.round(milliseconds);
    return new Promise((wake) => {
      this.sleepers.set(end, [...(this.sleepers.get(end) ?? []), wake]);
    });
  }

  /** Lets time pass until some work is done. */
  async until(work: Promise<unknown>): Promise<void> {
    const over = work.then(() => true);
    const asleep = () => new Promise<false>((turn) => setImmediate(() => turn(false)));
    while (!(await Promise.race([over, asleep()]))) {
      this.at = Math.min(...this.sleepers.keys());
      const woken = this.sleepers.get(this.at) ?? [];
      this.sleepers.delete(this.at);
      woken.forEach((wake) => wake());
    }
  }
}
