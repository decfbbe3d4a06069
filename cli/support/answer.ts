/** What a command answers: for people, for scripts, and by its exit status. */
export interface Answer {
  /** What `--json` prints; nothing if it is `undefined`. */
  readonly json: unknown;
  /** What is printed else. */
  readonly lines: readonly string[];
  /** @default 0 */
  readonly exitStatus?: number;
}

/** Columns side by side, each as wide as its widest cell. The first row is the header; the last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** One line for each of some facts that there are. */
export function facts(known: Readonly<Record<string, string | number | undefined>>): string[] {
  const there = Object.entries(known).filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(0, ...there.map(([name]) => name.length));
  return there.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`);
}

/** A time for people: `2026-11-30 12:51:23Z`. */
export function timeOf(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** A duration for people: `42 s`, `3 min 5 s`, `2 h 3 min`. */
export function durationOf(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
