import { z } from "zod";
import { table, timeOf } from "../support/answer";
import { counted, inShort } from "../support/numbers";

const reportSchema = z.object({
  endpoint: z.string().nullish(),
  release: z.string().nullish(),
  from: z.string(),
  to: z.string(),
  outcome: z.string(),
  rows: z.number(),
  leastRows: z.number(),
  brokenLines: z.number(),
  features: z.record(
    z.string(),
    z.object({
      distance: z.number().nullable(),
      threshold: z.number(),
      psi: z.number().nullable(),
      violated: z.boolean(),
    }),
  ),
});

/** What a drift job has found: `drift.json`, as `docs/monitoring/drift.md` describes it. */
export type DriftReport = z.infer<typeof reportSchema>;

/** @param where the report lies, for the message @throws if this is none */
export function driftReport(json: unknown, where: string): DriftReport {
  const { data, error } = reportSchema.safeParse(json);
  if (data === undefined) {
    throw new Error(`${where} is no report of a drift job: ${z.prettifyError(error)}`);
  }
  return data;
}

/** Names of the columns that have drifted. */
export function driftedIn({ features }: DriftReport): string[] {
  return Object.entries(features).flatMap(([name, { violated }]) => (violated ? [name] : []));
}

/** Reports side by side. */
export function reportsInWords(reports: readonly DriftReport[]): string[] {
  const rows = reports.map((report) => {
    const { endpoint, from, to, rows: compared, brokenLines } = report;
    const counts = [counted(compared), counted(brokenLines)];
    return [timeOf(new Date(from)), timeOf(new Date(to)), endpoint ?? "", ...counts, outcomeOf(report)];
  });
  return table([["from", "to", "endpoint", "rows", "broken", "outcome"], ...rows]);
}

/** The columns of a report that was compared. */
export function featuresInWords({ features }: DriftReport): string[] {
  const number = (value: number | null) => (value === null ? "none" : inShort(value));
  const rows = Object.entries(features).map(([name, { distance, threshold, psi, violated }]) => [
    ...[name, number(distance), number(threshold), number(psi)],
    violated ? "drifted" : "",
  ]);
  return rows.length === 0 ? [] : table([["column", "distance", "threshold", "PSI", ""], ...rows]);
}

function outcomeOf(report: DriftReport): string {
  const drifted = driftedIn(report);
  switch (report.outcome) {
    case "compared":
      return drifted.length === 0 ? "no drift" : `drift in ${drifted.join(", ")}`;
    case "tooFewRows":
      return `fewer rows than the ${counted(report.leastRows)} that a comparison needs`;
    case "noData":
      return "no traffic";
    default:
      return report.outcome;
  }
}
