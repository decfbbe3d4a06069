import { cellsOf, lineOf, requestOf, type TestRow } from "../../cli/data/test-rows";
import type { CallerRequest } from "../../cli/traffic/caller";
import type { Model } from "../../lib/model";

/** A day of traffic is one request for each of its hours. */
const REQUESTS = 24;
/** Rows of that day, where there are so many: each row comes once, since few rows again and again would be a drift of their own. */
const MOST_ROWS = 2400;

/** How callers' rows change in a while. */
export type Shift = NonNullable<Model["local"]["shifted"]>;

/** The row with a number so many times as great. A value that is missing stays so. */
export function shifted(
  { columns }: Pick<Model, "columns">,
  { column, times }: Shift,
  { target, inputs }: TestRow,
): TestRow {
  const at = columns.inputs.findIndex(({ name }) => name === column);
  const cells = cellsOf(inputs).map((cell, i) => (i === at && cell !== "" ? String(Number(cell) * times) : cell));
  return { target, inputs: lineOf(cells) };
}

/** A day of callers' requests, in which a column has shifted. */
export function shiftedDay(model: Model, shift: Shift, rows: readonly TestRow[]): CallerRequest[] {
  const some = rows.slice(0, MOST_ROWS).map((row) => shifted(model, shift, row));
  const each = Math.ceil(some.length / REQUESTS);
  const hours = Array.from({ length: Math.ceil(some.length / each) }, (_, hour) => hour * each);
  return hours.map((first) => requestOf(model, ...some.slice(first, first + each)));
}
