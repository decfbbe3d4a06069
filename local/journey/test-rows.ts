import type { Model } from "../../lib/model";
import type { CallerRequest } from "./traffic";

/** A row of a model's test file. */
export interface TestRow {
  /** What is to be predicted. */
  readonly target: number;
  /** The rest of the line. */
  readonly inputs: string;
}

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

/** The request of a caller who wants a prediction for a row, as the callers of the model's local run send it. */
export function requestOf(
  { columns, local: { sends } }: Pick<Model, "columns" | "local">,
  { inputs }: TestRow,
): CallerRequest {
  const headers = { "content-type": sends };
  if (sends === "text/csv") {
    return { body: inputs, headers };
  }
  const cells = cellsOf(inputs);
  const values = columns.inputs.map(({ name, type }, i) => [name, valueOf(cells[i] ?? "", type)]);
  return { body: JSON.stringify({ instances: [Object.fromEntries(values)] }), headers };
}

/** The cells of a line, as Python's `csv` writes them: a cell with a comma or a quote is quoted, and quotes in it are doubled. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}

function valueOf(cell: string, type: "number" | "text"): string | number | null {
  if (cell === "") {
    return null;
  }
  return type === "number" ? Number(cell) : cell;
}
