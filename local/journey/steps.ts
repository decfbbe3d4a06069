import type { WriteStream } from "node:fs";
import type { Report, Step } from "pulumi-engine/report";

/** How many of the longest steps are named. */
const SLOWEST = 3;

/** How long a run and its steps took. */
export interface StepSeconds {
  readonly total: number;
  readonly byStep: Readonly<Record<string, number>>;
  /** Names of the steps that took longest, longest first. */
  readonly slowest: readonly string[];
}

/** The steps of a run: shown as they go on, written to the log, timed. */
export class Steps {
  private readonly began = performance.now();
  private readonly byStep: Record<string, number> = {};

  constructor(
    /** Where the run's helpers report their steps. */
    readonly report: Report,
    private readonly log: WriteStream,
  ) {}

  /** Does one step. Its work returns the line about it, alone or with a value. */
  run(name: string, work: (step: Pick<Step, "update">) => Promise<string>): Promise<string>;
  run<T>(name: string, work: (step: Pick<Step, "update">) => Promise<readonly [string, T]>): Promise<T>;
  async run<T>(
    name: string,
    work: (step: Pick<Step, "update">) => Promise<string | readonly [string, T]>,
  ): Promise<string | T> {
    const began = performance.now();
    const step = this.report.step(name);
    try {
      const result = await work(step);
      const [told, value] = typeof result === "string" ? [result, result] : result;
      step.done(told);
      return value;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      step.fail(reason);
      throw new Error(`${name}: ${reason}`, { cause: error });
    } finally {
      this.byStep[name] = round((performance.now() - began) / 1000);
    }
  }

  line(text: string): void {
    this.report.line(text);
  }

  /** One answer of the client. All go to the log; the terminal gets only those where something changed. */
  trafficLine(text: string, isNews: boolean): void {
    if (isNews) {
      this.report.line(text);
    } else {
      this.log.write(`${text}\n`);
    }
  }

  seconds(): StepSeconds {
    const byStep = { ...this.byStep };
    const longestFirst = Object.entries(byStep).sort(([, a], [, b]) => b - a);
    const slowest = longestFirst.slice(0, SLOWEST).map(([name]) => name);
    return { total: round((performance.now() - this.began) / 1000), byStep, slowest };
  }
}

const round = (seconds: number) => Math.round(seconds * 10) / 10;
