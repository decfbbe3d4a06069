/** How batch transform cuts its input into requests, and puts input and answers together. */
import { FilterMismatch, select, type Filter } from "./transform-filter";
import type { DataProcessing } from "./transform-job";

/** Data that cannot be transformed, in words for the job's log. */
export class RecordFailure extends Error {
  override readonly name = "RecordFailure";
}

export interface Cutting {
  readonly bySplit: "None" | "Line";
  /** Whether a request has one record, and not as many as fit. */
  readonly singly: boolean;
  readonly mostBytes: number;
}

/** The payloads of an object's requests. @throws RecordFailure where a record is larger than a payload may be */
export function payloads(object: Buffer, { bySplit, singly, mostBytes }: Cutting): Buffer[] {
  const records = bySplit === "None" ? [object] : linesOf(object.toString("utf8")).map((line) => Buffer.from(line));
  const cut: Buffer[][] = [];
  let bytes = 0;
  for (const record of records) {
    if (record.length > mostBytes) {
      throw new RecordFailure(`Too much data for max payload size: a record of ${record.length} bytes`);
    }
    const last = cut.at(-1);
    // Each record but the first follows a newline.
    if (last === undefined || singly || bytes + 1 + record.length > mostBytes) {
      cut.push([record]);
      bytes = record.length;
    } else {
      last.push(record);
      bytes += 1 + record.length;
    }
  }
  return cut.map((group) => join(group));
}

function join(records: readonly Buffer[]): Buffer {
  return Buffer.concat(records.flatMap((record, i) => (i === 0 ? [record] : [Buffer.from("\n"), record])));
}

/** What the data around a model is written in. */
export type Kind = "csv" | "json";

/** `undefined` for data that no filter can read. */
export function kindOf(contentType: string | undefined): Kind | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  const kinds: Readonly<Record<string, Kind>> = {
    "text/csv": "csv",
    "application/json": "json",
    "application/jsonlines": "json",
  };
  return kinds[type ?? ""];
}

/** How the data of a job is read: whether every line is a record, else the whole payload is one. */
export interface Reading {
  readonly kind: Kind;
  readonly byLine: boolean;
}

/** What the model gets of a payload. @throws RecordFailure */
export function filterInput(payload: string, { inputFilter }: DataProcessing, reading: Reading): string {
  const records = recordsOf(payload, reading).map((record) => read(record, reading));
  return records.map((record) => written(selected("InputFilter", inputFilter, record), reading)).join("\n");
}

/** What is kept of a payload and the answer to it. @throws RecordFailure */
export function joinOutput(payload: string, answer: string, processing: DataProcessing, reading: Reading): string {
  const { outputFilter, joins } = processing;
  const outputs = recordsOf(answer, reading).map((record) => read(record, reading));
  const inputs = joins ? recordsOf(payload, reading).map((record) => read(record, reading)) : [];
  if (joins && inputs.length !== outputs.length) {
    throw new RecordFailure("Fail to join data: mismatched line count between the input and the output");
  }
  return outputs
    .map((output, i) => (joins ? joined(inputs[i], output, reading.kind) : output))
    .map((record) => written(selected("OutputFilter", outputFilter, record), reading))
    .join("\n");
}

/** A row of CSV goes on with the model's; a JSON object gets a member more, and one is made around anything else. */
function joined(input: unknown, output: unknown, kind: Kind): unknown {
  if (kind === "csv") {
    return [input, output].flat();
  }
  return typeof input === "object" && input !== null && !Array.isArray(input)
    ? { ...input, SageMakerOutput: output }
    : { SageMakerInput: input, SageMakerOutput: output };
}

function selected(which: string, filter: Filter, record: unknown): unknown {
  try {
    return select(filter, record);
  } catch (error) {
    throw error instanceof FilterMismatch
      ? new RecordFailure(`${which} does not fit the data: ${error.message}`)
      : error;
  }
}

const recordsOf = (text: string, { byLine }: Reading) => (byLine ? linesOf(text) : [text]);

/** A record as a filter sees it: the cells of a row, as they are written there, or what JSON says. */
function read(record: string, { kind }: Reading): unknown {
  if (kind === "csv") {
    return cellsOf(record);
  }
  try {
    return JSON.parse(record);
  } catch {
    throw new RecordFailure(`a record cannot be read as JSON: ${record.slice(0, 100)}`);
  }
}

function written(record: unknown, { kind }: Reading): string {
  return kind === "csv" ? [record].flat().join(",") : JSON.stringify(record);
}

/** Cells keep their quotes: a comma within some is none that an even number of quotes follows. */
const cellsOf = (line: string) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/);

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
