import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import { COUNTS_FILE, type Counts } from "./test-counts";

/** Mocha's usual report, and the counts in a file for the program that has started it. */
class CountingReporter extends Mocha.reporters.Spec {
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

// Mocha takes what the file itself exports.
export = CountingReporter;
