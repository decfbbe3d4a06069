import type { Row } from "./verdict";

const HEAD = ["scenario", "live", "expected", "requests failed", "seconds to safety", "verdict"];
/** Columns of numbers, which are aligned to the right. */
const NUMBERS = new Set([3, 4]);

/** The rows as lines of text, each problem on a line of its own below its row. */
export function tableOf(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [
    row.scenario,
    row.live,
    row.expected,
    `${row.failedRequests} of ${row.totalRequests}`,
    row.secondsToSafety.toFixed(1),
    row.ok ? "ok" : "NOT OK",
  ]);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...cells.map((line) => (line[i] ?? "").length)));
  const padded = (line: readonly string[]) =>
    line
      .map((cell, i) => (NUMBERS.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [
    padded(HEAD),
    widths.map((width) => "-".repeat(width)).join("  "),
    ...rows.flatMap((row, i) => [
      padded(cells[i] ?? []),
      ...(row.problems ?? []).flatMap((problem) => problem.split("\n").map((line) => `    ${line}`)),
    ]),
  ];
}
