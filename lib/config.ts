import { z } from "zod";
import {
  atLeastOne,
  bucketName,
  fallback,
  flag,
  inForm,
  inWords,
  json,
  number,
  positive,
  s3Uri,
  text,
  wholeNumber,
} from "./config-values";
import { hyperparameters } from "./hyperparameters";
import { gateLimits, MODEL_FOLDER } from "./model";
import { pipelineConfig, withRules } from "./pipeline-config";
import { canary, drift, quality } from "./monitoring-config";
import { nearest } from "./nearest";
import { modelName, releaseId } from "./release";
import { apiKnobs } from "./rollout-knobs";
import { KINDS, type Kind } from "./stack-name";

const ofModel = {
  /** What the stack is: `train`, `dev`, `prod` or `pipeline`. @default - the stack's name, if it is one of these */
  kind: z.enum(KINDS).optional(),
  /** Folder of the model, from the project's own. `docs/model.md` says what it must have. */
  modelFolder: fallback(text, MODEL_FOLDER),
  /** Model name, 1 to 15 lower-case characters. @default - the one that the model's folder defines */
  model: modelName.optional(),
  /** Bucket for data, archives, captures. @default - SageMaker's own, sagemaker-<region>-<account> */
  bucket: bucketName.optional(),
  /** ARN of the KMS key for volumes, archives, captures and environments. @default - keys that AWS manages */
  kmsKeyArn: z
    .string()
    // Lambda takes no alias.
    .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/./, "must be the ARN of a KMS key, not of an alias")
    .optional(),
};

const common = {
  ...ofModel,
  /** Id of the release that is to be trained or live, at most 36 characters. */
  release: releaseId,
  /** ARN of the permissions boundary of the stack's roles. @default - none; the pipeline sets its own */
  permissionsBoundaryArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:policy\/.+/, "must be the ARN of a policy of the account")
    .optional(),
  /** Git branch, commit and data version of the release, for the tags. @default - no tag */
  gitBranch: text.optional(),
  gitCommit: text.optional(),
  dataVersion: text.optional(),
};

const endpoint = {
  /** Instance type of the endpoint. */
  instanceType: text,
  /** Fewest instances. */
  minInstances: fallback(atLeastOne, "1"),
  /** Most instances. @default - minInstances: no scaling */
  maxInstances: atLeastOne.optional(),
  /** Seconds that the endpoint's role outlives it where `kmsKeyArn` encrypts its volumes, so that SageMaker can take back its grants. */
  grantRetirementSeconds: fallback(number.pipe(z.number().nonnegative("must be 0 or more")), "300"),
};

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 digest of 64 hexadecimal digits");
/** Fewest and most instances must fit together. */
const inOrder = ({ minInstances, maxInstances }: { readonly minInstances: number; readonly maxInstances?: number }) =>
  maxInstances === undefined || maxInstances >= minInstances;
const IN_ORDER = "must not be below minInstances";

/** The stacks that a release goes through. */
const deployed = {
  train: z.strictObject({
    ...common,
    /** S3 URIs of the folders of the data. @default - the place in `bucket` where the worked example keeps it */
    trainingDataUri: s3Uri.optional(),
    validationDataUri: s3Uri.optional(),
    baselineDataUri: s3Uri.optional(),
    /** Hyperparameters that differ from the model's own. */
    hyperparameters: fallback(
      json("an object", "pulumi config set --path 'hyperparameters.eta' 0.2", hyperparameters),
      "{}",
    ),
    /** Instance types of the two jobs. */
    trainingInstanceType: fallback(text, "ml.m4.xlarge"),
    baselineInstanceType: fallback(text, "ml.m5.xlarge"),
    /** Seconds after which SageMaker stops the jobs, at most its own limits: 28 days and 9 days. */
    trainingMaxRuntimeSeconds: fallback(wholeNumber(1, 2_419_200), "3600"),
    baselineMaxRuntimeSeconds: fallback(wholeNumber(1, 777_600), "1800"),
    /** Whether the containers of the jobs are cut off from the network and have no credentials. Another value is another job. */
    networkIsolation: fallback(flag, "true"),
    /** Limits of the model's quality gate that differ from its own: `minimum`, `maximum` or both. */
    qualityGate: fallback(json("an object", "pulumi config set --path 'qualityGate.maximum' 10", gateLimits), "{}"),
    /** What this key was before every model had a gate of its own. */
    maximumRmse: z.undefined("is now qualityGate: pulumi config set --path 'qualityGate.maximum' <value>").optional(),
    /** Seconds between two looks at a job. */
    pollSeconds: fallback(positive, "120"),
  }),
  dev: z.strictObject({ ...common, ...endpoint }),
  prod: z.strictObject({
    ...common,
    ...endpoint,
    ...apiKnobs,
    /** SHA-256 digest that the release's model archive must have. @default - whatever it has; the pipeline sets the approved one */
    modelArchiveSha256: sha256.optional(),
    /** SHA-256 digests that the files of the release's baseline must have, which `driftMonitor` reads. @default - as with the archive */
    baselineSha256: json(
      "an object of statistics and constraints",
      "pulumi config set --path 'baselineSha256.statistics' <digest>",
      z.strictObject({ statistics: sha256, constraints: sha256 }),
    ).optional(),
    /** How many earlier live releases are kept warm, 0 to 9. Each keeps one instance, and going back to it takes seconds. */
    keepReleases: fallback(wholeNumber(0, 9), "0"),
    /** Target of scaling: invocations per instance and minute. */
    targetInvocationsPerInstance: fallback(positive, "750"),
    /** Seconds of rest after adding or removing instances. */
    scalingCooldownSeconds: fallback(atLeastOne, "60"),
    /** Share of requests that are captured, 1 to 100. */
    capturePercentage: fallback(number.pipe(z.number().min(1, "must be 1 to 100").max(100, "must be 1 to 100")), "100"),
    /** Who may call the API. */
    auth: fallback(z.enum(["iam", "apiKey", "none"]), "iam"),
    /** Requests per second in the long run, and at once. */
    rateLimit: fallback(positive, "50"),
    burstLimit: fallback(atLeastOne, "100"),
    /** How the traffic is watched for drift, `{}` as usual; `false` if it is not. See the arguments of `DriftMonitor`. */
    driftMonitor: fallback(
      json("false or an object", "pulumi config set --path 'driftMonitor.threshold' 0.2", drift),
      "false",
    ),
    /** How a canary watches the API, `{}` as usual; `false` if there is none. See the arguments of `ApiCanary`. */
    canary: fallback(
      json("false or an object", "pulumi config set --path 'canary.intervalMinutes' 10", canary),
      "false",
    ),
    /** Folder of a private bucket for the canary's script and artifacts. @default - a bucket of the stack's own; the pipeline sets its own */
    canaryFolderUri: s3Uri.optional(),
    /** How the predictions are measured once labels arrive, `{}` as usual; `false` if not. See the arguments of `ModelQualityMonitor`. */
    qualityMonitor: fallback(
      json("false or an object", "pulumi config set --path 'qualityMonitor.limit' 5", quality),
      "false",
    ),
    /** Whether there is a dashboard of it all. An account has three for nothing. See `Dashboard`. */
    dashboard: fallback(flag, "false"),
    /** Whether this stack gives API Gateway the role for its logs, if it has none. There is one per account and region. */
    createAccountLogRole: fallback(flag, "true"),
  }),
};

/** The config of each kind of stack: every key with its unit, rule and default. */
export const configSchemas = {
  train: deployed.train,
  dev: deployed.dev.refine(inOrder, { path: ["maxInstances"], error: IN_ORDER }),
  prod: deployed.prod.refine(inOrder, { path: ["maxInstances"], error: IN_ORDER }),
  pipeline: withRules(z.strictObject({ ...ofModel, ...pipelineConfig(deployed) })),
};

/** A stack's config, with the name of its model. */
export type StackConfig<K extends Kind> = z.output<(typeof configSchemas)[K]> & { readonly model: string };

/**
 * Reads a stack's config by its schema.
 *
 * @param furtherProblems Lines about what else is wrong. @default - nothing else
 * @throws {Error} that lists everything that is wrong, one line per key.
 */
export function parseConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  values: Readonly<Record<string, string>>,
  furtherProblems: readonly string[] = [],
): z.output<z.ZodObject<Shape, z.core.$strict>> {
  const given = Object.entries(values).map(([key, value]) => [key, inForm(schema.shape[key], value)]);
  const result = schema.safeParse(Object.fromEntries(given), { error: inWords });
  if (result.success && furtherProblems.length === 0) {
    return result.data;
  }
  const issues = result.error?.issues ?? [];
  const found = issues.flatMap((issue) => problems(Object.keys(schema.shape), issue, values));
  const lines = [...found, ...furtherProblems];
  throw new Error(`the stack's config cannot be used:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}

function problems(
  known: readonly string[],
  issue: z.core.$ZodIssue,
  values: Readonly<Record<string, string>>,
): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.path.length === 0
      ? issue.keys.map((key) => `${key}: is not a key of this stack; ${insteadOf(key, known)}`)
      : issue.keys.map((key) => `${[...issue.path, key].join(".")}: is not a field of ${issue.path.join(".")}`);
  }
  // Of "false or an object", somebody who gives an object is told what is wrong in it.
  const within = issue.code === "invalid_union" ? issue.errors.find(isWithin) : undefined;
  if (within !== undefined) {
    return within.flatMap((one) => problems(known, { ...one, path: [...issue.path, ...one.path] }, values));
  }
  const key = issue.path.join(".");
  const given = values[String(issue.path[0])];
  if (given === undefined) {
    return [`${key}: is missing; set it with: pulumi config set ${key} <value>`];
  }
  // A rule about a part of a structured value names that part itself.
  return [issue.message.includes(", got ") ? `${key}: ${issue.message}` : `${key}: ${issue.message}, got "${given}"`];
}

const isWithin = (issues: readonly z.core.$ZodIssue[]) =>
  issues.every(({ code, path }) => typeof path[0] === "string" || code === "unrecognized_keys");

function insteadOf(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
}
