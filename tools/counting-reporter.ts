import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** The variable that names the file into which {@link CountingReporter} writes. */
export const COUNTS_FILE = "SAFE_DEPLOY_TEST_COUNTS";

/** How a run of tests came out. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Mocha's usual report, and the counts in a file for the program that has started it. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const path = process.env[COUNTS_FILE];
      if (path !== undefined) {
        const { passes: passed, failures: failed, pending: skipped } = this.stats;
        writeFileSync(path, JSON.stringify({ passed, failed, skipped } satisfies Counts));
      }
    });
  }
}
