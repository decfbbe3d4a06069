import { RequestError, shorten, type Format } from "./http";

/** Rows of numbers for the model. */
export interface Rows {
  readonly count: number;
  /** Number of cells in each row. */
  readonly columns: number;
  /** One row per line, without header. */
  readonly csv: string;
}

/** Most rows of one request. XGBoost answers so many in a fraction of the function's time. */
export const MAX_ROWS = 10_000;

/** Most cells of one request: with more, a model takes seconds to say no. */
const MAX_CELLS = 500_000;

/** Deepest nesting of JSON. Rows need 3, members beside `instances` may have more. */
const MAX_DEPTH = 8;

/** Greatest number of 32 bits. Models count with these, and what is greater is infinite for them. */
const MAX_NUMBER = 3.4028234663852886e38;

/** No two parts of it match the same text, so that a long text takes no longer than its length. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Reads the rows of a request body:
 *
 * - `text/csv`: a row per line, no header, no quotes;
 * - `application/json`: `{"instances": [[1, 2, 3], ...]}`, `[[1, 2, 3], ...]`, or `[1, 2, 3]` for a single row.
 *
 * Every cell must be a number and all rows must be of the same length. Takes time in proportion to the text's length, and refuses what is too
 * much before it builds anything. Throws {@link RequestError} with what is wrong and where.
 */
export function parseRows(text: string, format: Format): Rows {
  refuseTooMuch(format === "text/csv" ? csvSize(text) : jsonSize(text));
  const rows = format === "text/csv" ? csvRows(text) : jsonRows(text);
  if (rows.length === 0) {
    throw new RequestError(400, "no rows: send at least one");
  }
  refuseTooMuch({ rows: rows.length, cells: 0 });
  const columns = rows[0]?.length ?? 0;
  for (const [index, row] of rows.entries()) {
    if (row.length !== columns) {
      throw new RequestError(400, `row ${index + 1} has ${counted(row.length)}, but row 1 has ${columns}`);
    }
  }
  return { count: rows.length, columns, csv: rows.map((row) => row.join(",")).join("\n") };
}

/** So many columns, in words. */
export function counted(columns: number): string {
  return columns === 1 ? "1 column" : `${columns} columns`;
}

/**
 * Reads a model's answer to `count` rows sent as CSV: one number per row, separated by commas, blanks or line ends (SageMaker's containers
 * differ in this). Returns the numbers as the model wrote them, or what is wrong with the answer.
 */
export function parsePredictions(
  text: string,
  count: number,
): { readonly predictions: string[] } | { readonly problem: string } {
  const predictions = text.split(/[\s,]+/).filter((token) => token !== "");
  const wrong = predictions.findIndex((token) => !isFiniteNumber(token));
  if (wrong >= 0) {
    return { problem: `prediction ${wrong + 1} of the model's answer is not a finite number` };
  }
  if (predictions.length !== count) {
    return { problem: `the model answered ${predictions.length} predictions to ${count} rows` };
  }
  return { predictions };
}

/** A range of numbers, both ends included. */
export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** Index of the first number outside of a range; -1 if all are inside. */
export function firstOutside(numbers: readonly string[], range: Range): number {
  return numbers.findIndex((number) => isOutside(number, range));
}

/** How many numbers are outside of a range. */
export function countOutside(numbers: readonly string[], range: Range): number {
  return numbers.filter((number) => isOutside(number, range)).length;
}

/** Whether any cell is outside of its column's range. */
export function hasCellOutside({ csv }: Pick<Rows, "csv">, ranges: readonly Range[]): boolean {
  const isCellOutside = (cell: string, column: number) => {
    const range = ranges[column];
    return range !== undefined && isOutside(cell, range);
  };
  return csv.split("\n").some((row) => row.split(",").some(isCellOutside));
}

function isOutside(number: string, { minimum, maximum }: Range): boolean {
  return Number(number) < minimum || Number(number) > maximum;
}

/** Predictions in the format that the caller wants: CSV has one per line, JSON is `{"predictions": [...]}`. */
export function formatPredictions(predictions: readonly string[], format: Format): string {
  return format === "text/csv"
    ? predictions.map((prediction) => `${prediction}\n`).join("")
    : JSON.stringify({ predictions: predictions.map(Number) });
}

/** How much a body contains, by a count of its separators. It may be less than that. */
interface Size {
  readonly rows: number;
  readonly cells: number;
}

function refuseTooMuch({ rows, cells }: Size): void {
  if (rows > MAX_ROWS) {
    throw new RequestError(413, `${rows} rows, at most ${MAX_ROWS} are taken in one request`);
  }
  if (cells > MAX_CELLS) {
    throw new RequestError(413, `${cells} numbers, at most ${MAX_CELLS} are taken in one request`);
  }
}

function csvSize(text: string): Size {
  const lines = count(text.trimEnd(), "\n") + 1;
  return { rows: lines, cells: count(text, ",") + lines };
}

/** The lists inside of others are the rows, or more than the rows. Throws 400 for JSON that is nested too deep to be read safely. */
function jsonSize(text: string): Size {
  let depth = 0;
  let rows = 0;
  let cells = 1;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isText) {
      at += character === "\\" ? 1 : 0;
      isText = character !== '"';
    } else if (character === '"') {
      isText = true;
    } else if (character === "[" || character === "{") {
      rows += depth > 0 && character === "[" ? 1 : 0;
      depth += 1;
      if (depth > MAX_DEPTH) {
        throw new RequestError(400, `the JSON is nested deeper than ${MAX_DEPTH} levels: send rows of numbers`);
      }
    } else if (character === "]" || character === "}") {
      depth -= 1;
    } else if (character === ",") {
      cells += 1;
    }
  }
  // The list of rows itself lies within an object.
  return { rows: text.trimStart().startsWith("{") ? rows - 1 : rows, cells };
}

function count(text: string, separator: string): number {
  let found = 0;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) {
    found += 1;
  }
  return found;
}

function csvRows(text: string): string[][] {
  const lines = text
    .replace(/^\uFEFF/, "")
    .trimEnd()
    .split(/\r?\n/);
  return lines.map((line, index) =>
    line.split(",").map((cell, column) => {
      const trimmed = cell.trim();
      if (!NUMBER.test(trimmed)) {
        const hint = index === 0 ? "; rows are sent without a header" : "";
        throw notANumber(index, column, trimmed, hint);
      }
      refuseTooGreat(Number(trimmed), index, column);
      return trimmed;
    }),
  );
}

function jsonRows(text: string): string[][] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RequestError(400, "the body is not valid JSON");
  }
  const value = typeof body === "object" && body !== null && "instances" in body ? body.instances : body;
  if (!Array.isArray(value)) {
    throw new RequestError(400, 'JSON must be {"instances": [[...], ...]}, [[...], ...], or [...] for a single row');
  }
  const list: readonly unknown[] = value;
  const single = value === body && list.length > 0 && !list.some(Array.isArray);
  return (single ? [list] : list).map(jsonRow);
}

function jsonRow(row: unknown, index: number): string[] {
  if (!Array.isArray(row) || row.length === 0) {
    throw new RequestError(400, `row ${index + 1} must be a list of numbers, got ${shorten(JSON.stringify(row))}`);
  }
  return row.map((cell: unknown, column) => {
    if (typeof cell !== "number") {
      throw notANumber(index, column, cell);
    }
    refuseTooGreat(cell, index, column);
    return String(cell);
  });
}

function notANumber(row: number, column: number, cell: unknown, hint = ""): RequestError {
  const got = typeof cell === "string" ? JSON.stringify(shorten(cell)) : shorten(JSON.stringify(cell));
  return new RequestError(400, `row ${row + 1}, column ${column + 1} is not a number: ${got}${hint}`);
}

/** A literal such as 1e999 is valid, and infinite. */
function refuseTooGreat(cell: number, row: number, column: number): void {
  if (Math.abs(cell) > MAX_NUMBER) {
    throw new RequestError(
      400,
      `row ${row + 1}, column ${column + 1} is beyond the numbers of models, -3.4e38 to 3.4e38`,
    );
  }
}

function isFiniteNumber(text: string): boolean {
  return NUMBER.test(text) && Number.isFinite(Number(text));
}
