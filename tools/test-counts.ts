import { z } from "zod";

/** The variable that names the file into which the reporter of a run of tests writes its {@link Counts}. */
export const COUNTS_FILE = "SAFE_DEPLOY_TEST_COUNTS";

export const countsSchema = z.object({ passed: z.number(), failed: z.number(), skipped: z.number() });

/** How a run of tests came out. */
export type Counts = z.infer<typeof countsSchema>;

/** The last line of a run, in a form that never changes. */
export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
