import { RequestError, shorten, type Format } from "./http";

/** Rows of numbers for the model. */
export interface Rows {
  readonly count: number;
  /** One row per line, without header. */
  readonly csv: string;
}

/** Most rows of one request. XGBoost answers so many in a fraction of the function's time. */
export const MAX_ROWS = 10_000;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads the rows of a request body:
 *
 * - `text/csv`: a row per line, no header, no quotes;
 * - `application/json`: `{"instances": [[1, 2, 3], ...]}`, `[[1, 2, 3], ...]`, or `[1, 2, 3]` for a single row.
 *
 * Every cell must be a number and all rows must be of the same length; only the model knows which length is right. Throws {@link
 * RequestError} with what is wrong and where.
 */
export function parseRows(text: string, format: Format): Rows {
  const rows = format === "text/csv" ? csvRows(text) : jsonRows(text);
  if (rows.length === 0) {
    throw new RequestError(400, "no rows: send at least one");
  }
  if (rows.length > MAX_ROWS) {
    throw new RequestError(413, `${rows.length} rows, at most ${MAX_ROWS} are taken in one request`);
  }
  const columns = rows[0]?.length ?? 0;
  for (const [index, row] of rows.entries()) {
    if (row.length !== columns) {
      throw new RequestError(400, `row ${index + 1} has ${row.length} columns, but row 1 has ${columns}`);
    }
  }
  return { count: rows.length, csv: rows.map((row) => row.join(",")).join("\n") };
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

/** The range of plausible predictions, both ends included. */
export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** Index of the first prediction outside of a range; -1 if all are inside. */
export function firstOutside(predictions: readonly string[], { minimum, maximum }: Range): number {
  return predictions.findIndex((prediction) => Number(prediction) < minimum || Number(prediction) > maximum);
}

/** Predictions in the format that the caller wants: CSV has one per line, JSON is `{"predictions": [...]}`. */
export function formatPredictions(predictions: readonly string[], format: Format): string {
  return format === "text/csv"
    ? predictions.map((prediction) => `${prediction}\n`).join("")
    : JSON.stringify({ predictions: predictions.map(Number) });
}

function csvRows(text: string): string[][] {
  const lines = text
    .replace(/^\uFEFF/, "")
    .trimEnd()
    .split(/\r?\n/);
  return lines.map((line, index) =>
    line.split(",").map((cell, column) => {
      const trimmed = cell.trim();
      if (!isFiniteNumber(trimmed)) {
        const hint = index === 0 ? "; rows are sent without a header" : "";
        const place = `row ${index + 1}, column ${column + 1}`;
        throw new RequestError(400, `${place} is not a number: ${JSON.stringify(shorten(trimmed))}${hint}`);
      }
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
    // A literal such as 1e999 is valid JSON but infinite.
    if (typeof cell !== "number" || !Number.isFinite(cell)) {
      const got = shorten(JSON.stringify(cell));
      throw new RequestError(400, `row ${index + 1}, column ${column + 1} is not a number: ${got}`);
    }
    return String(cell);
  });
}

function isFiniteNumber(text: string): boolean {
  return NUMBER.test(text) && Number.isFinite(Number(text));
}
