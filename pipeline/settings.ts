import { join } from "node:path";
import { z } from "zod";
import { trainBuildMinutes, USUAL_JOB_SECONDS } from "../lib/build-times";
import { modelName, releaseId } from "../lib/release";

/** An empty variable counts as not set: the pipeline may resolve it to nothing, or a project may leave it empty. */
const optional = z
  .string()
  .optional()
  .transform((value) => (value === "" ? undefined : value));
const text = z.string({ error: "is not set" }).min(1, "is empty");

/** The stacks that a release goes through, in their order. */
export const STACKS = ["train", "dev", "prod"] as const;
export type StackName = (typeof STACKS)[number];

const stackConfig = z
  .string()
  .transform((json, context): unknown => {
    try {
      return JSON.parse(json);
    } catch {
      context.addIssue({ code: "custom", message: "is not JSON" });
      return z.NEVER;
    }
  })
  .pipe(z.partialRecord(z.enum(STACKS), z.record(z.string(), z.unknown())));

/** What stage Train tells of the archive: its digest and, where the bucket has versions, its version. An empty text is none. */
const modelArchive = z
  .string()
  .regex(/^([0-9a-f]{64}( version \S+)?)?$/, "must be a SHA-256 digest, as stage Train tells it")
  .transform((value) => value.slice(0, 64) || undefined);

/** What stage Train tells of the baseline: the digests of `statistics.json` and `constraints.json`. An empty text is none. */
const modelBaseline = z
  .string()
  .regex(/^([0-9a-f]{64} [0-9a-f]{64})?$/, "must be two SHA-256 digests, as stage Train tells them")
  .transform((value) => {
    const [statistics, constraints] = value.split(" ");
    return statistics === undefined || constraints === undefined ? undefined : { statistics, constraints };
  });

/** The environment variables that the pipeline's projects and actions set for a build. */
const variables = z.object({
  MODEL_NAME: z.string({ error: "is not set" }).pipe(modelName),
  MODEL_BUCKET: text,
  KMS_KEY_ARN: optional,
  PIPELINE_NAME: text,
  ARTIFACT_BUCKET: text,
  STATE_URL: text,
  SECRETS_PROVIDER: text,
  NOTIFICATION_TOPIC_ARN: optional,
  RELEASE: z.string({ error: "is not set" }).pipe(releaseId),
  GIT_COMMIT: text,
  GIT_BRANCH: optional,
  DATA_VERSION: optional,
  STACK_CONFIG: stackConfig.optional(),
  CHECKS: optional,
  MODEL_ARCHIVE: modelArchive.optional(),
  MODEL_BASELINE: modelBaseline.optional(),
  TRAIN_BUILD_MINUTES: z.coerce.number().int().positive().default(trainBuildMinutes(USUAL_JOB_SECONDS)),
  CODEBUILD_BUILD_ID: optional,
  CODEBUILD_SRC_DIR_ReleaseData: optional,
});

/** The settings of a build. */
export interface Settings {
  /** Folder of the project as it was checked out. The build writes to it. */
  readonly root: string;
  readonly model: string;
  /** Bucket for archives, baselines and captured traffic. */
  readonly bucket: string;
  readonly kmsKeyArn: string | undefined;
  readonly pipelineName: string;
  readonly artifactBucket: string;
  /** Where Pulumi keeps the state of the stacks, such as `s3://bucket?region=us-east-1`. */
  readonly stateUrl: string;
  /** The secrets provider of the state, such as `awskms:///alias/name?region=us-east-1`. */
  readonly secretsProvider: string;
  readonly notificationTopicArn: string | undefined;
  /** Id of the pipeline's execution. */
  readonly release: string;
  readonly gitCommit: string;
  readonly gitBranch: string | undefined;
  /** Version id of `data-source.zip`; none if the pipeline has no data source. */
  readonly dataVersion: string | undefined;
  /** Config values by stack, over those of the tree's own files. */
  readonly stackConfig: Readonly<Partial<Record<StackName, Readonly<Record<string, unknown>>>>>;
  /** Shell command of the project's checks. */
  readonly checks: string;
  /** SHA-256 digest of the release's model archive, as somebody has approved it; none before that. */
  readonly modelArchiveSha256: string | undefined;
  /** The same of the release's baseline. */
  readonly baselineSha256: { readonly statistics: string; readonly constraints: string } | undefined;
  /** Minutes after which the build that trains ends. */
  readonly trainBuildMinutes: number;
  /** CodeBuild's id of this build; none if a person runs the program. */
  readonly buildId: string | undefined;
  /** Folder of the unpacked `data-source.zip`. */
  readonly dataDir: string | undefined;
}

/**
 * Reads the environment of a build.
 *
 * @throws Error naming every variable that is missing or wrong
 */
export function readSettings(environment: NodeJS.ProcessEnv, root: string): Settings {
  const set = parsed(variables, environment);
  return {
    root,
    model: set.MODEL_NAME,
    bucket: set.MODEL_BUCKET,
    kmsKeyArn: set.KMS_KEY_ARN,
    pipelineName: set.PIPELINE_NAME,
    artifactBucket: set.ARTIFACT_BUCKET,
    stateUrl: set.STATE_URL,
    secretsProvider: set.SECRETS_PROVIDER,
    notificationTopicArn: set.NOTIFICATION_TOPIC_ARN,
    release: set.RELEASE,
    gitCommit: set.GIT_COMMIT,
    gitBranch: set.GIT_BRANCH,
    dataVersion: set.DATA_VERSION,
    stackConfig: set.STACK_CONFIG ?? {},
    checks: set.CHECKS ?? "npm run check",
    modelArchiveSha256: set.MODEL_ARCHIVE,
    baselineSha256: set.MODEL_BASELINE,
    trainBuildMinutes: set.TRAIN_BUILD_MINUTES,
    buildId: set.CODEBUILD_BUILD_ID,
    dataDir: set.CODEBUILD_SRC_DIR_ReleaseData,
  };
}

/** The stack of a deployment. @throws Error if the environment does not name it */
export function readStack(environment: NodeJS.ProcessEnv): StackName {
  return parsed(z.object({ STACK: z.enum(STACKS, `must be ${STACKS.join(", ")}`) }), environment).STACK;
}

function parsed<Schema extends z.ZodType>(schema: Schema, environment: NodeJS.ProcessEnv): z.output<Schema> {
  const result = schema.safeParse(environment);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
    throw new Error(`this does not look like a build of the pipeline:\n${problems.join("\n")}`);
  }
  return result.data;
}

/** The build's files for the approval and the deployments, below `out/`, which goes into the artifact `Release`. */
export function outFiles(root: string) {
  const out = join(root, "out");
  return {
    /** The content of `data-source.zip`, see `release-input.ts`. */
    releaseInput: join(out, "release-input.json"),
    /** Releases that may be live when this release is deployed, see `succession.ts`. */
    succession: join(out, "succession.json"),
    /** All summaries, in words. */
    summary: join(out, "previews", "summary.txt"),
    preview: (stack: StackName, kind: "txt" | "json") => join(out, "previews", `${stack}.${kind}`),
    plan: (stack: StackName) => join(out, "plans", `${stack}.json`),
    /** File with the value of a variable that the buildspec exports. */
    exported: (variable: "PREVIEW_SUMMARY" | "MODEL_METRICS" | "MODEL_ARCHIVE" | "MODEL_BASELINE") =>
      join(out, "exported", variable),
  };
}
