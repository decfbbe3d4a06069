import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { strToU8, zipSync } from "fflate";
import { parseS3Uri } from "../../lib/s3-uri";
import { hyperparameters, type Hyperparameters } from "../../lib/hyperparameters";
import type { DataFolder } from "../../lib/model";
import { dataPlaceOf } from "../pipeline/source";
import { PipelineWatch } from "../pipeline/watch";
import { facts, type Answer } from "../support/answer";
import type { AwsSettings, Context } from "../support/context";

export interface StartOptions {
  readonly training?: string;
  readonly validation?: string;
  readonly baseline?: string;
  readonly test?: string;
  readonly hyperparameter?: readonly string[];
}

/** S3 folders of a release's data. */
export type DataFolders = Readonly<Record<DataFolder, string>>;

/** What has been started. */
export interface Started {
  /** Id of the execution, which is the release's too. */
  readonly execution: string;
  /** Version of `data-source.zip`. */
  readonly dataVersion: string | undefined;
  /** Where it was put. */
  readonly dataSourceUri: string;
}

/** `safe-deploy release start` */
export async function start(context: Context, options: StartOptions): Promise<Answer> {
  const own = hyperparametersOf(options.hyperparameter ?? []);
  const folders = await foldersOf(context, options);
  context.terminal.progress(`putting data-source.zip, and waiting for ${context.pipelineName} to start`);
  const started = await startRelease(context.aws, context.pipelineName, dataSource(folders, own));
  return {
    json: { ...started, data: folders, hyperparameters: own },
    lines: [
      ...facts({
        execution: started.execution,
        "data version": started.dataVersion,
        "data source": started.dataSourceUri,
      }),
      "",
      `To follow it: safe-deploy release watch ${started.execution}`,
    ],
  };
}

/** Puts `data-source.zip`, and waits until it has started an execution. */
export async function startRelease(aws: AwsSettings, pipelineName: string, zip: Uint8Array): Promise<Started> {
  const place = await dataPlaceOf(aws, pipelineName);
  const s3 = new S3Client(aws);
  let dataVersion: string | undefined;
  const execution = await new PipelineWatch(aws, pipelineName).startedBy(async () => {
    const put = await s3.send(new PutObjectCommand({ ...place, Body: zip, ContentType: "application/zip" }));
    dataVersion = put.VersionId;
  });
  return { execution, dataVersion, dataSourceUri: `s3://${place.Bucket}/${place.Key}` };
}

/** `data-source.zip`: which data a release is trained with, and how. */
export function dataSource(folders: DataFolders, own: Hyperparameters): Uint8Array {
  const inputData = {
    TrainingUri: folders.training,
    ValidationUri: folders.validation,
    BaselineUri: folders.baseline,
    TestUri: folders.test,
  };
  const json = (value: unknown) => strToU8(`${JSON.stringify(value, undefined, 2)}\n`);
  return zipSync({ "inputData.json": json(inputData), "hyperparameters.json": json(own) });
}

/** The folders where a model's data lie by default. */
export function dataFolders(bucket: string, dataPrefix: string): DataFolders {
  const of = (folder: DataFolder) => `s3://${bucket}/${dataPrefix}/${folder}`;
  return { training: of("training"), validation: of("validation"), baseline: of("baseline"), test: of("test") };
}

async function foldersOf(
  context: Context,
  { training, validation, baseline, test }: StartOptions,
): Promise<DataFolders> {
  const given = { training, validation, baseline, test };
  const wrong = Object.entries(given).filter(([, uri]) => uri !== undefined && parseS3Uri(uri) === undefined);
  if (wrong.length > 0) {
    throw new Error(
      wrong.map(([name, uri]) => `--${name} must be an S3 URI such as s3://bucket/folder, got "${uri}"`).join("\n"),
    );
  }
  if (training !== undefined && validation !== undefined && baseline !== undefined && test !== undefined) {
    return { training, validation, baseline, test };
  }
  const usual = dataFolders(await context.bucket(), context.definition.dataPrefix);
  return {
    training: training ?? usual.training,
    validation: validation ?? usual.validation,
    baseline: baseline ?? usual.baseline,
    test: test ?? usual.test,
  };
}

/** `name=value`, where a value that is JSON is that. @throws an error that lists all that are wrong */
function hyperparametersOf(given: readonly string[]): Hyperparameters {
  const pairs = given.map((text) => ({ text, at: text.indexOf("=") }));
  const wrong = pairs.filter(({ at }) => at < 1);
  if (wrong.length > 0) {
    throw new Error(
      wrong.map(({ text }) => `--hyperparameter must be name=value such as num_round=200, got "${text}"`).join("\n"),
    );
  }
  const { data, error } = hyperparameters.safeParse(
    Object.fromEntries(pairs.map(({ text, at }) => [text.slice(0, at), valueOf(text.slice(at + 1))])),
  );
  if (data === undefined) {
    throw new Error(
      error.issues.map(({ path, message }) => `--hyperparameter ${path.join(".")} ${message}`).join("\n"),
    );
  }
  return data;
}

function valueOf(text: string): unknown {
  if (!text.startsWith("[")) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`--hyperparameter: a list must be JSON such as [1,0,1], got "${text}"`);
  }
}
