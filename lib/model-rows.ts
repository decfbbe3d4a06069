import type { InputColumn } from "./model-format";

/** A row that the model's columns do not take. The message says where and why. */
export class WrongRow extends Error {
  override readonly name = "WrongRow";
}

/** Greatest number of 32 bits. Models count with these, and what is greater is infinite for them. */
const MAX_NUMBER = 3.4028234663852886e38;

/** No two parts of it match the same text, so that a long text takes no longer than its length. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Control characters but tab and line ends, and halves of characters: no text has them, and some readers of CSV fail on them. */
const NO_TEXT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\p{Surrogate}/u;

const ANY_NUMBER: InputColumn = {};
const ANY_TEXT: InputColumn = { type: "text", optional: true };

/** Whether a text is a number as models write and read them, and finite. */
export function isFiniteNumber(text: string): boolean {
  return NUMBER.test(text) && Number.isFinite(Number(text));
}

/** Reads the rows of a table, cell by cell, into the cells of the CSV that the model gets. Throws {@link WrongRow}. */
export class RowReader {
  /** Whether a value was one that the training data did not have. */
  isUnusual = false;
  /** Whether a column has text, so that cells may be quoted. */
  readonly hasText: boolean;
  private readonly names: ReadonlySet<string>;

  /** @param columns of the model @default - any number of columns, of numbers */
  constructor(readonly columns: readonly InputColumn[] | undefined) {
    this.hasText = columns?.some(({ type }) => type === "text") ?? false;
    this.names = new Set(columns?.flatMap(({ name }) => name ?? []));
  }

  /** Whether rows may be objects. */
  get isNamed(): boolean {
    return this.names.size > 0;
  }

  /** Rows of CSV. A cell may be in quotes where a column has text. */
  csv(text: string): string[][] {
    const lines = this.hasText ? quotedCells(text) : text.split(/\r?\n/).map((line) => line.split(","));
    return lines.map((cells, row) => cells.map((cell, at) => this.csvCell(cell.trim(), row, at)));
  }

  /** A row of JSON values, in the columns' order. */
  list(values: readonly unknown[], row: number): string[] {
    return values.map((value, at) => this.jsonCell(value, row, at));
  }

  /** A row of JSON values by the columns' names. */
  object(values: Readonly<Record<string, unknown>>, row: number): string[] {
    const unknown = Object.keys(values).find((key) => !this.names.has(key));
    if (unknown !== undefined) {
      throw new WrongRow(
        `row ${row + 1} has ${shown(unknown)}, which is no column: there are ${[...this.names].join(", ")}`,
      );
    }
    return [...this.names].map((name, at) => this.jsonCell(Object.hasOwn(values, name) ? values[name] : null, row, at));
  }

  private csvCell(cell: string, row: number, at: number): string {
    const column = this.column(at);
    if (column.type === "text") {
      return cell.startsWith('"')
        ? this.text(cell.slice(1, -1).replaceAll('""', '"'), column, row, at)
        : this.text(cell === "" ? null : cell, column, row, at);
    }
    if (cell === "" && column.optional === true) {
      return "";
    }
    if (!NUMBER.test(cell)) {
      const hint = row === 0 ? "; rows are sent without a header" : "";
      throw wrong(row, at, `is not a number: ${shown(cell)}${hint}`);
    }
    return this.number(cell, Number(cell), column, row, at);
  }

  private jsonCell(value: unknown, row: number, at: number): string {
    const column = this.column(at);
    if (column.type === "text") {
      return this.text(value, column, row, at);
    }
    if (value === null && column.optional === true) {
      return "";
    }
    if (typeof value !== "number") {
      throw wrong(row, at, `is not a number: ${shown(value)}`);
    }
    return this.number(String(value), value, column, row, at);
  }

  private number(cell: string, value: number, column: InputColumn, row: number, at: number): string {
    // A literal such as 1e999 is valid, and infinite.
    if (Math.abs(value) > MAX_NUMBER) {
      throw wrong(row, at, "is beyond the numbers of models, -3.4e38 to 3.4e38");
    }
    this.isUnusual ||= value < (column.minimum ?? -Infinity) || value > (column.maximum ?? Infinity);
    return cell;
  }

  private text(value: unknown, column: InputColumn, row: number, at: number): string {
    if (value === null && column.optional === true) {
      return "";
    }
    if (typeof value !== "string") {
      throw wrong(row, at, value === null ? "is missing" : `is not a text: ${shown(value)}`);
    }
    if (NO_TEXT.test(value)) {
      throw wrong(row, at, "has a control character or half a character");
    }
    this.isUnusual ||= column.values !== undefined && !column.values.includes(value);
    return value === "" || /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }

  /** A cell too many is read as well as it can be: its row is refused for its length. */
  private column(at: number): InputColumn {
    return this.columns?.[at] ?? (this.hasText ? ANY_TEXT : ANY_NUMBER);
  }
}

/** Cells of CSV by RFC 4180, quotes included. Takes time in proportion to the text's length. */
function quotedCells(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at <= text.length; at++) {
    const end = endOfCell(text, at, rows.length, row.length);
    row.push(text.slice(at, end));
    if (text[end] !== ",") {
      rows.push(row);
      row = [];
    }
    at = end;
  }
  return rows;
}

/** Where the comma or line end after a cell is; the text's length after the last cell. */
function endOfCell(text: string, start: number, row: number, column: number): number {
  let at = start;
  while (text[at] === " " || text[at] === "\t") {
    at += 1;
  }
  const isQuoted = text[at] === '"';
  if (isQuoted) {
    at = afterQuotes(text, at);
    if (at < 0) {
      throw wrong(row, column, "has a quote that is not closed");
    }
  }
  const closed = at;
  while (at < text.length && text[at] !== "," && text[at] !== "\n") {
    at += 1;
  }
  if (isQuoted && text.slice(closed, at).trim() !== "") {
    throw wrong(row, column, "has more text behind its closing quote");
  }
  return at;
}

/** The position behind the quote that closes the one at `opening`; -1 if none does. A doubled quote is a part of the text. */
function afterQuotes(text: string, opening: number): number {
  for (let at = text.indexOf('"', opening + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') {
      return at + 1;
    }
  }
  return -1;
}

function wrong(row: number, column: number, what: string): WrongRow {
  return new WrongRow(`row ${row + 1}, column ${column + 1} ${what}`);
}

/** Characters of a caller's value that a message shows. */
const MOST_SHOWN = 40;

/** A value from a caller, cut short for an error message. */
export function shown(value: unknown): string {
  const isText = typeof value === "string";
  const text = isText ? value : JSON.stringify(value);
  const short = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
  return isText ? JSON.stringify(short) : short;
}
