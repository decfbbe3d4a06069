import type { Model } from "../../lib/model";
import type { CallerRequest } from "../traffic/caller";

/** A row of a model's test file. */
export interface TestRow {
  /** What is to be predicted. */
  readonly target: number;
  /** The rest of the line. */
  readonly inputs: string;
}

/** The rows of a test file: no header, the target first, then the model's inputs in their order. The target is `NaN` where there is none. */
export function testRows(testCsv: string): TestRow[] {
  return linesOf(testCsv).map((line) => {
    const [, target = "", inputs = ""] = /^\s*([^,\s]+)\s*,(.*)$/s.exec(line) ?? [];
    return { target: target === "" ? NaN : Number(target), inputs };
  });
}

/** The lines of a file, of Windows too. */
export const linesOf = (text: string) => text.trimEnd().split(/\r?\n/);

/** The request of a caller who wants predictions for rows, as the callers of the model's local run send it. */
export function requestOf(
  { columns, local: { sends } }: Pick<Model, "columns" | "local">,
  ...rows: readonly TestRow[]
): CallerRequest {
  const headers = { "content-type": sends };
  if (sends === "text/csv") {
    return { body: rows.map(({ inputs }) => inputs).join("\n"), headers };
  }
  const instances = rows.map(({ inputs }) => {
    const cells = cellsOf(inputs);
    return Object.fromEntries(columns.inputs.map(({ name, type }, i) => [name, valueOf(cells[i] ?? "", type)]));
  });
  return { body: JSON.stringify({ instances }), headers };
}

/** The cells of a line, as Python's `csv` writes them: a cell with a comma or a quote is quoted, and quotes in it are doubled. */
export function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^,]*))(?=,|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}

/** The line of these cells, as {@link cellsOf} reads it. */
export function lineOf(cells: readonly string[]): string {
  return cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

function valueOf(cell: string, type: "number" | "text"): string | number | null {
  if (cell === "") {
    return null;
  }
  return type === "number" ? Number(cell) : cell;
}
