import type { ReleaseInput } from "./release-input";
import type { Settings, StackName } from "./settings";

/** Name of the Pulumi project, as in `Pulumi.yaml`. */
export const PROJECT = "sagemaker-safe-deploy";

/** The config of a stack as in Pulumi's file. Keys are `<package>:<key>`; the project's own may also be `<key>`. */
export type Config = Readonly<Record<string, unknown>>;

/** The release of a deployment, and its sources. */
export interface ReleaseOrigin {
  readonly release: string;
  readonly gitBranch: string | undefined;
  readonly gitCommit: string | undefined;
  readonly dataVersion: string | undefined;
  /** Digest of the approved archive; only for `prod`. */
  readonly modelArchiveSha256?: string | undefined;
  /** Digests of the approved baseline, as JSON; only for `prod`. */
  readonly baselineSha256?: string | undefined;
}

/**
 * The config with which a stack is run: the values of the tree's `Pulumi.<stack>.yaml`, overridden by the pipeline's `stackConfig` and by
 * what the pipeline itself knows. Hyperparameters of `data-source.zip` override those of the file one by one.
 *
 * @param input only for `train`; without it the stack uses the data that the model's own programs have put into the bucket
 */
export function stackConfig(
  stack: StackName,
  committed: Config,
  settings: Pick<Settings, "model" | "bucket" | "kmsKeyArn" | "notificationTopicArn" | "stackConfig">,
  origin: ReleaseOrigin,
  input?: ReleaseInput,
): Record<string, unknown> {
  const { model, bucket, kmsKeyArn, notificationTopicArn } = settings;
  const own = settings.stackConfig[stack] ?? {};
  const known = {
    ...own,
    ...{ model, bucket, kmsKeyArn },
    ...(stack === "train" && input !== undefined ? dataOf(input, { ...committed, ...own }) : {}),
    ...(stack === "prod" ? { notificationTopicArn } : {}),
  };
  const set = Object.entries({ ...known, ...origin }).filter(([, value]) => value !== undefined);
  // Unknown values are set too, so that this release does not keep the tags of the one before.
  const replaced = new Set([...set.map(([key]) => key), ...Object.keys(origin)]);
  const kept = Object.entries(committed).filter(([key]) => !replaced.has(ownKey(key)));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(set) };
}

function dataOf(input: ReleaseInput, committed: Config): Record<string, unknown> {
  const own = Object.entries(committed).find(([key]) => ownKey(key) === "hyperparameters")?.[1];
  const hyperparameters = { ...object(own), ...object(input.hyperparameters) };
  return { ...input, hyperparameters: JSON.stringify(hyperparameters) };
}

/** A key without the optional name of the project. */
const ownKey = (key: string) => (key.startsWith(`${PROJECT}:`) ? key.slice(PROJECT.length + 1) : key);

function object(value: unknown): object {
  const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return typeof parsed === "object" && parsed !== null ? parsed : {};
}
