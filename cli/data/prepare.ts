import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DATA_FILES, type Model } from "../../lib/model";
import { table, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { counted, inShort } from "../support/numbers";
import { bars, sparkline, spanOf } from "../support/text-chart";
import { describeColumns, type NumberColumn, type TextColumn } from "./columns";
import { prepareData, type Prepared } from "./program";
import { checkPython } from "./python";
import { uploadData } from "./upload";

export interface PrepareOptions {
  readonly rows?: number;
  readonly month?: string;
  readonly out: string;
  readonly upload?: true;
  readonly python: string;
}

/** Most values of a text that are told. */
const MOST_VALUES = 5;

/** `safe-deploy data prepare` */
export async function prepare(context: Context, files: readonly string[], options: PrepareOptions): Promise<Answer> {
  const { definition: model, project, terminal } = context;
  if (files.length > 0 && options.rows !== undefined) {
    throw new Error("--rows is how many rows to make up, and files were given: leave out one of them");
  }
  if (files.length === 0 && options.month !== undefined) {
    throw new Error(`--month ${options.month} is of rows in files, and none was given`);
  }
  await checkPython(options.python, files);
  const out = resolve(project.folder, options.out);
  const rows = options.rows ?? model.local.rows;
  terminal.progress(
    files.length > 0
      ? `${model.dataProgram} reads ${files.join(", ")}`
      : `making up ${counted(rows)} ${model.local.rowsAre}`,
  );
  const paths = files.map((file) => resolve(file));
  const prepared = await prepareData(options.python, model, { files: paths, rows, month: options.month }, out);
  const columns = describeColumns(await readFile(join(out, DATA_FILES.baseline), "utf8"));
  const uploadedTo = options.upload === true ? await upload(context, model, out) : undefined;
  return {
    json: { ...prepared, out, columns, ...(uploadedTo === undefined ? {} : { uploadedTo }) },
    lines: [
      ...countsInWords(prepared, model.local.rowsAre),
      "",
      ...columnsInWords(columns),
      ...targetInWords(columns, model.columns.target),
      "",
      `in ${out}:`,
      `  ${[DATA_FILES.training, DATA_FILES.validation, DATA_FILES.test].join(", ")}: without a header, the target first`,
      `  ${DATA_FILES.baseline}: the rows to train with a header`,
      uploadedTo === undefined
        ? "To upload them: add --upload"
        : `uploaded to ${uploadedTo}. To train with them: safe-deploy release start`,
    ],
  };
}

/** Returns the folder in S3. */
async function upload(context: Context, model: Model, dir: string): Promise<string> {
  const bucket = await context.bucket();
  context.terminal.progress(`uploading to ${bucket}`);
  await uploadData(context.aws, bucket, model, dir);
  return `s3://${bucket}/${model.dataPrefix}`;
}

function countsInWords({ rowsRead, rowsKept, rowsDropped = {}, splits }: Prepared, rowsAre: string): string[] {
  const share = ((100 * rowsKept) / rowsRead).toFixed(1);
  const dropped = Object.entries(rowsDropped).sort(([, a], [, b]) => b - a);
  return [
    `${counted(rowsRead)} ${rowsAre} read, ${counted(rowsKept)} kept (${share} %): ${counted(splits.train)} to train, ` +
      `${counted(splits.validation)} to validate, ${counted(splits.test)} to test`,
    ...dropped.map(([why, rows]) => `${counted(rows)} dropped: ${why}`),
  ];
}

function columnsInWords(columns: readonly (NumberColumn | TextColumn)[]): string[] {
  const numbers = columns.filter((column) => "quantiles" in column);
  const texts = columns.filter((column) => "values" in column);
  return [
    ...(numbers.length === 0
      ? []
      : table([
          [
            "rows to train",
            "missing",
            "least",
            "5 %",
            "25 %",
            "median",
            "75 %",
            "95 %",
            "greatest",
            "from 1 % to 99 %",
          ],
          ...numbers.map(({ name, missing, quantiles, histogram }) => [
            ...[name, counted(missing)],
            ...Object.values(quantiles).map(inShort),
            sparkline(histogram.map(({ count }) => count)),
          ]),
        ])),
    ...texts.map(({ name, missing, values }) => {
      const some = values.slice(0, MOST_VALUES).map(([value, rows]) => `${value} ${counted(rows)}`);
      const more = values.length > MOST_VALUES ? [`${values.length - MOST_VALUES} other values`] : [];
      return `${name}: ${[...some, ...more, `missing ${counted(missing)}`].join(", ")}`;
    }),
  ];
}

function targetInWords(columns: readonly (NumberColumn | TextColumn)[], target: string): string[] {
  const found = columns.find(({ name }) => name === target);
  return found !== undefined && "histogram" in found
    ? ["", `${target}, from 1 % to 99 %`, ...bars(found.histogram.map((bin) => [spanOf(bin), bin.count]))]
    : [];
}
