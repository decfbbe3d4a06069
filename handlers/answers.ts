import type { LabelAnswer, NumberAnswer, SaneAnswer, VectorAnswer } from "../lib/model-format";
import { isFiniteNumber } from "../lib/model-rows";
import type { Format } from "./http";

/** What a model has answered to rows: for each row one number or label, or the numbers of a vector, as the model wrote them. */
export interface Predictions {
  readonly type: "number" | "vector" | "label";
  readonly rows: readonly (readonly string[])[];
}

/** What is wrong with a model's answer. */
interface Problem {
  readonly problem: string;
}

/**
 * Reads a model's answer to `count` rows sent as CSV: numbers and labels with commas, blanks or line ends between them (SageMaker's
 * containers differ in this), vectors with one line for each row. Gives what is wrong with an answer that is no such.
 */
export function parsePredictions(
  { type }: NumberAnswer | VectorAnswer | LabelAnswer,
  text: string,
  count: number,
): Predictions | Problem {
  const rows = READERS[type](text, count);
  const wrong = type === "label" ? -1 : rows.findIndex((row) => row.length === 0 || !row.every(isFiniteNumber));
  if (wrong >= 0) {
    const what = type === "number" ? "a finite number" : "a list of finite numbers";
    return { problem: `prediction ${wrong + 1} of the model's answer is not ${what}` };
  }
  if (rows.length !== count) {
    return { problem: `the model answered ${rows.length} predictions to ${count} rows` };
  }
  return { type, rows };
}

const READERS: Readonly<Record<Predictions["type"], (text: string, count: number) => string[][]>> = {
  number: (text) => tokens(text).map((token) => [token]),
  vector: (text) => lines(text).map((line) => tokens(line.replace(/^\s*\[|\]\s*$/g, ""))),
  label(text, count) {
    const labels = lines(text);
    const all = labels.length === 1 && count > 1 ? (labels[0] ?? "").split(",") : labels;
    return all.map((label) => [unquoted(label.trim())]);
  },
};

function tokens(text: string): string[] {
  return text.split(/[\s,]+/).filter((token) => token !== "");
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

function unquoted(label: string): string {
  return /^".*"$/.test(label) ? label.slice(1, -1).replaceAll('""', '"') : label;
}

/** Predictions in the format that the caller wants: a line for each in CSV and JSON Lines, `{"predictions": [...]}` in JSON. */
export function formatPredictions({ type, rows }: Predictions, format: Format): string {
  if (format === "text/csv") {
    return rows.map((row) => `${row.map((cell) => (type === "label" ? quoted(cell) : cell)).join(",")}\n`).join("");
  }
  const values = rows.map((row) => (type === "vector" ? row.map(Number) : type === "label" ? row[0] : Number(row[0])));
  return format === "application/json"
    ? JSON.stringify({ predictions: values })
    : values.map((prediction) => `${JSON.stringify({ prediction })}\n`).join("");
}

function quoted(label: string): string {
  return /[",\r\n]|^\s|\s$/.test(label) ? `"${label.replaceAll('"', '""')}"` : label;
}

/** Whether a row's prediction is sane. */
export function isSane(accept: NumberAnswer | VectorAnswer | LabelAnswer, row: readonly string[]): boolean {
  switch (accept.type) {
    case "number":
      return isWithin(Number(row[0]), accept);
    case "label":
      return accept.labels?.includes(row[0] ?? "") ?? true;
    case "vector": {
      const numbers = row.map(Number);
      const { length = numbers.length, sum } = accept;
      const total = numbers.reduce((all, one) => all + one, 0);
      const isSum = sum === undefined || Math.abs(total - sum) <= 0.01 * Math.max(Math.abs(sum), 1);
      return numbers.length === length && numbers.every((number) => isWithin(number, accept)) && isSum;
    }
  }
}

function isWithin(number: number, { minimum = -Infinity, maximum = Infinity }: NumberAnswer | VectorAnswer): boolean {
  return number >= minimum && number <= maximum;
}

/** What an answer must be, in words. */
export function inWords(accept: SaneAnswer): string {
  switch (accept.type) {
    case "number":
      return `${accept.minimum ?? "any"} to ${accept.maximum ?? "any"}`;
    case "label":
      return accept.labels?.join(" or ") ?? "any label";
    case "vector": {
      const { length, minimum, maximum, sum } = accept;
      const each = minimum === undefined && maximum === undefined ? [] : [`${minimum ?? "any"} to ${maximum ?? "any"}`];
      const rest = sum === undefined ? [] : [`that sum to ${sum}`];
      return [`${length ?? "any number of"} numbers`, ...each, ...rest].join(" ");
    }
    case "json":
      return accept.value === undefined ? "JSON" : `${inWords(accept.value)} at ${accept.path ?? ""}`;
  }
}

/**
 * The predictions at a path of a model's own JSON, such as `predictions.*.score`, each as a row. A value that is not of the wanted kind is a
 * row that is not sane; so is a path that leads nowhere.
 */
export function predictionsAt(
  json: unknown,
  path: string,
  type: Predictions["type"],
): (readonly string[] | undefined)[] {
  const found = path
    .split(".")
    .reduce<unknown[]>((values, key) => values.flatMap((value) => membersOf(value, key)), [json]);
  return found.length === 0 ? [undefined] : found.map((value) => asRow(value, type));
}

function membersOf(value: unknown, key: string): unknown[] {
  if (typeof value !== "object" || value === null) {
    return [undefined];
  }
  if (key === "*") {
    return Object.values(value);
  }
  return [Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined];
}

function asRow(value: unknown, type: Predictions["type"]): readonly string[] | undefined {
  const values: readonly unknown[] = type === "vector" ? (Array.isArray(value) ? value : []) : [value];
  const kind = type === "label" ? "string" : "number";
  return values.length > 0 && values.every((one) => typeof one === kind) ? values.map(String) : undefined;
}
