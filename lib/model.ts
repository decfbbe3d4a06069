/** The contract between the project and a model: what the file `model.yaml` of a model's folder may say. `docs/model.md` tells the rest. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { asText, hyperparameters, jsonList, xgboostList, type Hyperparameters } from "./hyperparameters";
import { answerRules } from "./model-format-rules";
import { modelName } from "./release";

/** Folder of the project's model, where no other one is configured. */
export const MODEL_FOLDER = "model";

/** The file that defines a model, in the model's folder. */
const DEFINITION = "model.yaml";

/** The files that a model's data program writes, each by its folder in the data bucket: `<dataPrefix>/<folder>/<file>`. */
export const DATA_FILES = {
  training: "train.csv",
  validation: "validation.csv",
  test: "test.csv",
  baseline: "baseline.csv",
} as const;
export type DataFolder = keyof typeof DATA_FILES;

const text = z.string("must be a text").min(1, "must not be empty");
const number = z.number("must be a number");
const path = text.regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))/, "must be a path within the model's folder");

interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
}
const limits = { minimum: number.optional(), maximum: number.optional() };
const isRightWay = ({ minimum = -Infinity, maximum = Infinity }: Limits) => minimum < maximum;
const isLimit = ({ minimum, maximum }: Limits) => minimum !== undefined || maximum !== undefined;
const WRONG_WAY = "must have a minimum below its maximum";
/** Least and greatest value that a quality gate lets pass. */
export const gateLimits = z.strictObject(limits).refine(isRightWay, WRONG_WAY);

const image = z.union(
  [
    // One of SageMaker's own. Its registry depends on the region and is looked up.
    z.strictObject({ repository: text, tag: z.union([text, z.number()]).transform(String) }),
    z.strictObject({ uri: text }),
  ],
  "must be the repository and the tag of one of SageMaker's own images, or the uri of another one",
);

const inputColumn = z
  .strictObject({
    name: text,
    type: z.enum(["number", "text"], "must be number or text").default("number"),
    optional: z.boolean("must be true or false").default(false),
    values: z.array(text).optional(),
    ...limits,
  })
  .refine(isRightWay, WRONG_WAY)
  .refine((column) => column.type === "number" || !isLimit(column), "must be a number where it has a range")
  .refine((column) => column.type === "text" || column.values === undefined, "must be text where it has values");

/** A request: a row as CSV, or the values of a row by column, `null` where one is missing. */
const request = z.union(
  [text, z.record(z.string(), z.union([z.string(), z.number(), z.null()]))],
  "must be a row as CSV, or values by column",
);

const localRelease = z.strictObject({ hyperparameters: hyperparameters.default({}) }).prefault({});

const definition = z.strictObject({
  name: modelName,
  columns: z.strictObject({ target: text, inputs: z.array(inputColumn).min(1, "must have at least one column") }),
  dataPrefix: text.regex(/^[^/](.*[^/])?$/, "must not begin or end with a slash").optional(),
  dataProgram: path,
  image,
  script: z.strictObject({ folder: path, entryPoint: path }).optional(),
  hyperparameters: hyperparameters.default({}),
  metrics: z.array(z.strictObject({ name: text, regex: text })).default([]),
  qualityGate: z
    .strictObject({ metric: text, ...limits })
    .refine(isLimit, "must have a minimum or a maximum")
    .refine(isRightWay, WRONG_WAY),
  check: z.strictObject({
    requests: z.array(request).min(1, "must have at least one request"),
    accept: z.optional(answerRules),
    acceptKnown: z.optional(answerRules),
  }),
  baseline: z
    .strictObject({ image, script: path.optional() })
    .prefault({ image: { repository: "sagemaker-scikit-learn", tag: "1.2-1-cpu-py3" } }),
  local: z.strictObject({
    rows: z.int("must be a whole number").min(10, "must be 10 or more"),
    rowsAre: text.default("rows"),
    measure: z.enum(["rmse", "auc"], "must be rmse or auc"),
    expected: z.strictObject(limits).refine(isLimit, "must have a minimum or a maximum").optional(),
    sends: z.enum(["text/csv", "application/json"], "must be text/csv or application/json").default("text/csv"),
    better: localRelease,
    bad: localRelease,
    shifted: z
      .strictObject({ column: text, times: z.number("must be a number").positive("must be above 0") })
      .optional(),
  }),
});
type Definition = z.output<typeof definition>;

/** A model as its folder defines it. */
export interface Model extends Definition {
  /** Path of the model's folder. */
  readonly folder: string;
  /** Folder of its data in the data bucket. */
  readonly dataPrefix: string;
}
export type ModelImage = Definition["image"];

/**
 * Reads a model's definition.
 *
 * @param folder path of the model's folder
 * @throws an error that lists everything that is wrong with the folder
 */
export function readModel(folder: string): Model {
  const file = join(folder, DEFINITION);
  const { data, error } = definition.safeParse(parsed(file), { reportInput: true });
  const problems =
    data === undefined ? error.issues.flatMap(inWords) : [...rowProblems(data), ...fileProblems(folder, data)];
  if (data === undefined || problems.length > 0) {
    throw new Error(`${file} cannot be used:\n${problems.map((line) => `  ${line}`).join("\n")}`);
  }
  return { ...data, folder, dataPrefix: data.dataPrefix ?? `${data.name}/data` };
}

/** A model's hyperparameters as SageMaker takes them, with other values over its own. */
export function hyperparameterTexts({ image: own, script, ...model }: Model, over: Hyperparameters) {
  const isXgboost = "repository" in own && own.repository === "sagemaker-xgboost" && script === undefined;
  return asText({ ...model.hyperparameters, ...over }, isXgboost ? xgboostList : jsonList);
}

function parsed(file: string): unknown {
  if (!existsSync(file)) {
    throw new Error(`there is no ${file}: a model's folder must have one, which docs/model.md describes`);
  }
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw error instanceof YAMLParseError ? new Error(`${file} is no YAML: ${error.message}`) : error;
  }
}

function inWords(issue: z.core.$ZodIssue): string[] {
  const at = (key: PropertyKey) => [...issue.path, key].join(".");
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => `${at(key)}: there is no such field`);
    default:
      return [`${issue.path.join(".") || "the file"}: ${issue.input === undefined ? "is missing" : issue.message}`];
  }
}

/** What does not fit the columns. */
function rowProblems({ columns, check: { requests }, local: { shifted } }: Definition): string[] {
  const names = columns.inputs.map(({ name }) => name);
  const numbers = columns.inputs.flatMap(({ name, type }) => (type === "number" ? [name] : []));
  const all = [columns.target, ...names];
  const twice = all.filter((name, index) => all.indexOf(name) !== index);
  return [
    ...twice.map((name) => `columns: ${name} is there twice`),
    ...(shifted === undefined || numbers.includes(shifted.column)
      ? []
      : [`local.shifted.column: must be an input of numbers (${numbers.join(", ")}), got ${shifted.column}`]),
    ...requests.flatMap((given, index) => {
      const at = `check.requests.${index}`;
      if (typeof given !== "string") {
        const others = Object.keys(given).filter((name) => !names.includes(name));
        return others.map((name) => `${at}.${name}: there is no such input; there are ${names.join(", ")}`);
      }
      const cells = given.split(",").length;
      return cells === names.length
        ? []
        : [`${at}: must have ${names.length} values, one for each input, got ${cells}`];
    }),
  ];
}

/** The programs that are not there. */
function fileProblems(folder: string, { dataProgram, script, baseline }: Definition): string[] {
  const entry = script === undefined ? undefined : join(script.folder, script.entryPoint);
  const files = { dataProgram, "script.entryPoint": entry, "baseline.script": baseline.script };
  return Object.entries(files).flatMap(([key, file]) =>
    file === undefined || existsSync(join(folder, file)) ? [] : [`${key}: there is no ${file} in the folder`],
  );
}
