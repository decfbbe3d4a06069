import type { Model } from "../../lib/model";
import type { CallerRequest } from "./traffic";

/** A row of a model's test file. */
export interface TestRow {
  /** What is to be predicted. */
  readonly target: number;
  /** The rest of the line. */
  readonly inputs: string;
}

/** How callers' rows change in a while. */
export type Shift = NonNullable<Model["local"]["shifted"]>;

/** The rows of a test file: no header, the target first, then the model's inputs in their order. */
export function testRows(testCsv: string): TestRow[] {
  return testCsv
    .trim()
    .split("\n")
    .map((line) => {
      const comma = line.indexOf(",");
      return { target: Number(line.slice(0, comma)), inputs: line.slice(comma + 1) };
    });
}

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

/** The row with a number so many times as great. A value that is missing stays so. */
export function shifted(
  { columns }: Pick<Model, "columns">,
  { column, times }: Shift,
  { target, inputs }: TestRow,
): TestRow {
  const at = columns.inputs.findIndex(({ name }) => name === column);
  const cells = cellsOf(inputs).map((cell, i) => (i === at && cell !== "" ? String(Number(cell) * times) : cell));
  return { target, inputs: cells.map(quoted).join(",") };
}

/** The cells of a line, as Python's `csv` writes them: a cell with a comma or a quote is quoted, and quotes in it are doubled. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}

const quoted = (cell: string) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

function valueOf(cell: string, type: "number" | "text"): string | number | null {
  if (cell === "") {
    return null;
  }
  return type === "number" ? Number(cell) : cell;
}
