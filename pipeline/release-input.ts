import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { s3Uri } from "../lib/config-values";
import { hyperparameters } from "../lib/hyperparameters";

/** `inputData.json`: where the release's data is. `TestUri` is for the notebook. */
const inputData = z.strictObject({
  TrainingUri: s3Uri,
  ValidationUri: s3Uri,
  BaselineUri: s3Uri,
  TestUri: s3Uri.optional(),
});

/** The content of `data-source.zip` as config values of stack `train`. */
export interface ReleaseInput {
  readonly trainingDataUri: string;
  readonly validationDataUri: string;
  readonly baselineDataUri: string;
  /** Values that differ from the model's own, of the optional `hyperparameters.json`, as JSON. */
  readonly hyperparameters: string;
}

/**
 * Reads an unpacked `data-source.zip`.
 *
 * @throws an error that lists everything that is wrong in both files.
 */
export async function readReleaseInput(dir: string): Promise<ReleaseInput> {
  const data = await parse(dir, "inputData.json", inputData);
  const own = await parse(dir, "hyperparameters.json", hyperparameters, {});
  const problems = [...data.problems, ...own.problems];
  if (data.value === undefined || own.value === undefined) {
    throw new Error(`data-source.zip cannot be used:\n${problems.map((line) => `  ${line}`).join("\n")}`);
  }
  const { TrainingUri, ValidationUri, BaselineUri } = data.value;
  return {
    trainingDataUri: TrainingUri,
    validationDataUri: ValidationUri,
    baselineDataUri: BaselineUri,
    hyperparameters: JSON.stringify(own.value),
  };
}

const saved = z.object({
  trainingDataUri: s3Uri,
  validationDataUri: s3Uri,
  baselineDataUri: s3Uri,
  hyperparameters: z.string(),
});

/** The input that an earlier build has read and written to a file as JSON; `undefined` without one. */
export async function savedReleaseInput(file: string): Promise<ReleaseInput | undefined> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  });
  return text === undefined ? undefined : saved.parse(JSON.parse(text));
}

const isMissing = (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT";

interface Read<T> {
  readonly value: T | undefined;
  readonly problems: readonly string[];
}

async function parse<T>(dir: string, file: string, schema: z.ZodType<T>, otherwise?: T): Promise<Read<T>> {
  let text: string;
  try {
    text = await readFile(join(dir, file), "utf8");
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
    return otherwise === undefined
      ? { value: undefined, problems: [`${file} is missing`] }
      : { value: otherwise, problems: [] };
  }
  const json = z.string().transform((content, context): unknown => {
    try {
      return JSON.parse(content);
    } catch {
      context.addIssue({ code: "custom", message: "is not JSON" });
      return z.NEVER;
    }
  });
  const result = json.pipe(schema).safeParse(text);
  return result.success
    ? { value: result.data, problems: [] }
    : {
        value: undefined,
        problems: result.error.issues.map(({ path, message }) => `${[file, ...path].join(".")}: ${message}`),
      };
}
