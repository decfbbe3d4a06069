import type { InputColumn } from "../lib/model-format";
import { RowReader, shown, WrongRow } from "../lib/model-rows";
import { RequestError, type Format } from "./http";

/** Rows for the model. */
export interface Rows {
  readonly count: number;
  /** Number of cells in each row. */
  readonly columns: number;
  /** One row per line, without header. */
  readonly csv: string;
  /** Whether a value is one that the training data did not have. */
  readonly isUnusual: boolean;
}

/** Rows that could be read, and that this release's model does not take: another release's might. */
export class RefusedRows extends RequestError {
  constructor(
    message: string,
    readonly count?: number,
  ) {
    super(400, message);
  }
}

/** Most rows of one request. XGBoost answers so many in a fraction of the function's time. */
export const MAX_ROWS = 10_000;

/** Most cells of one request: with more, a model takes seconds to say no. */
const MAX_CELLS = 500_000;

/** Deepest nesting of JSON. Rows need 3, members beside `instances` may have more. */
const MAX_DEPTH = 8;

/**
 * Reads the rows of a request body:
 *
 * - `text/csv`: a row per line, no header, and quotes only where a column has text;
 * - `application/json`: `{"instances": [...]}`, `[...]`, or a single row, where a row is a list or, if the columns have names, an object;
 * - `application/jsonlines`: such a row per line.
 *
 * All rows must be of the same length. Takes time in proportion to the text's length, and refuses what is too much before it builds
 * anything. Throws {@link RequestError} with what is wrong and where: {@link RefusedRows} if that is for the columns alone.
 *
 * @param columns of the model @default - any number of columns, of numbers
 */
export function parseRows(text: string, format: Format, columns?: readonly InputColumn[]): Rows {
  refuseTooMuch(SIZES[format](text));
  const reader = new RowReader(columns);
  const rows = taken(columns, () => READERS[format](text, reader));
  if (rows.length === 0) {
    throw new RequestError(400, "no rows: send at least one");
  }
  refuseTooMuch({ rows: rows.length, cells: 0 });
  const width = rows[0]?.length ?? 0;
  for (const [index, row] of rows.entries()) {
    if (row.length !== width) {
      throw new RequestError(400, `row ${index + 1} has ${counted(row.length)}, but row 1 has ${width}`);
    }
  }
  if (columns !== undefined && width !== columns.length) {
    throw new RefusedRows(`row 1 has ${counted(width)}, the model takes ${columns.length}`, rows.length);
  }
  const csv = rows.map((row) => row.join(",")).join("\n");
  return { count: rows.length, columns: width, csv, isUnusual: reader.isUnusual };
}

/** The rows, or the caller's mistake. Without columns, nothing but the request decides what is one. */
function taken(columns: readonly InputColumn[] | undefined, read: () => string[][]): string[][] {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongRow) {
      throw columns === undefined ? new RequestError(400, error.message) : new RefusedRows(error.message);
    }
    throw error;
  }
}

/** So many columns, in words. */
function counted(columns: number): string {
  return columns === 1 ? "1 column" : `${columns} columns`;
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

const SIZES: Readonly<Record<Format, (text: string) => Size>> = {
  "text/csv": csvSize,
  "application/json": jsonSize,
  "application/jsonlines": (text) => ({ ...csvSize(text), cells: jsonSize(text).cells + count(text, "\n") }),
};

function csvSize(text: string): Size {
  const lines = count(text.trimEnd(), "\n") + 1;
  return { rows: lines, cells: count(text, ",") + lines };
}

/**
 * The lists and objects inside of others are the rows, or more than the rows. Throws 400 for JSON that is nested too deep to be read safely.
 */
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
      rows += depth > 0 ? 1 : 0;
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

const READERS: Readonly<Record<Format, (text: string, reader: RowReader) => string[][]>> = {
  "text/csv": (text, reader) => reader.csv(withoutMark(text).trimEnd()),
  "application/json": jsonRows,
  "application/jsonlines": (text, reader) =>
    withoutMark(text)
      .trimEnd()
      .split(/\r?\n/)
      .map((line, index) => jsonRow(parsed(line, `line ${index + 1}`), index, reader)),
};

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError(400, `${what} is not valid JSON`);
  }
}

function jsonRows(text: string, reader: RowReader): string[][] {
  const body = parsed(text, "the body");
  const value = isRecord(body) && "instances" in body ? body.instances : body;
  if (reader.isNamed && value === body && isRecord(value)) {
    return [reader.object(value, 0)];
  }
  if (!Array.isArray(value)) {
    throw new RequestError(400, 'JSON must be {"instances": [[...], ...]}, [[...], ...], or [...] for a single row');
  }
  const list: readonly unknown[] = value;
  const isSingle = value === body && list.length > 0 && !list.some((one) => Array.isArray(one) || isRecord(one));
  return (isSingle ? [list] : list).map((row, index) => jsonRow(row, index, reader));
}

function jsonRow(row: unknown, index: number, reader: RowReader): string[] {
  if (Array.isArray(row) && row.length > 0) {
    return reader.list(row, index);
  }
  if (reader.isNamed && isRecord(row)) {
    return reader.object(row, index);
  }
  const rule = reader.isNamed ? "an object or a list of values" : "a list of numbers";
  throw new RequestError(400, `row ${index + 1} must be ${rule}, got ${shown(row)}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
