import { notPartOfLocal } from "../../core/aws-error";
import { invalid } from "./errors";
import { checkRuntime } from "./runtimes";
import type { CanaryInput, CreateCanaryInput, RunConfigInput, ScheduleInput } from "./shapes";

/** What a canary is configured to be, its code apart. */
export interface Settings {
  readonly roleArn: string;
  /** Such as `index.handler`. */
  readonly handler: string;
  readonly runtime: string;
  readonly expression: string;
  readonly timeoutSeconds: number;
  readonly memorySizeInMB: number;
  readonly environment: Readonly<Record<string, string>>;
  /** As it was given. */
  readonly artifacts: string;
  readonly successRetentionDays: number;
  readonly failureRetentionDays: number;
  readonly cleanup: "AUTOMATIC" | "OFF";
}

/** What an operation may set and this emulator does not play. */
const NOT_PLAYED: readonly (readonly [in_: string | undefined, names: readonly string[]])[] = [
  [
    undefined,
    [
      "VpcConfig",
      "ResourcesToReplicateTags",
      "BrowserConfigs",
      "AddReplicaLocations",
      "RemoveReplicaLocations",
      "ArtifactConfig",
      "KmsKeyArn",
      "VisualReference",
      "VisualReferences",
      "DryRunId",
    ],
  ],
  ["Code", ["S3Version", "BlueprintTypes", "Dependencies"]],
  ["Schedule", ["DurationInSeconds", "RetryConfig"]],
  ["RunConfig", ["ActiveTracing", "EphemeralStorage"]],
];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LONGEST_TIMEOUT_SECONDS = 840;
const MEMORY_STEP_IN_MB = 64;
const RETENTION_DAYS = 31;

/** @throws ValidationException, or NotImplemented with the name of what is not played here */
export function newSettings(input: CreateCanaryInput): Settings {
  refuseNotPlayed(input);
  checkRuntime(input.RuntimeVersion);
  const handler = checkCode(input);
  return checked({
    roleArn: input.ExecutionRoleArn,
    handler,
    runtime: input.RuntimeVersion,
    expression: input.Schedule.Expression,
    ...run(input.RunConfig, input.Schedule),
    environment: input.RunConfig?.EnvironmentVariables ?? {},
    artifacts: input.ArtifactS3Location,
    successRetentionDays: input.SuccessRetentionPeriodInDays ?? RETENTION_DAYS,
    failureRetentionDays: input.FailureRetentionPeriodInDays ?? RETENTION_DAYS,
    cleanup: input.ProvisionedResourceCleanup ?? "AUTOMATIC",
  });
}

/**
 * Settings after an update; what the input does not name stays.
 *
 * @throws ValidationException, or NotImplemented with the name of what is not played here
 */
export function changedSettings(before: Settings, input: CanaryInput): Settings {
  refuseNotPlayed(input);
  if (input.RuntimeVersion !== undefined && input.RuntimeVersion !== before.runtime) {
    checkRuntime(input.RuntimeVersion);
  }
  return checked({
    roleArn: input.ExecutionRoleArn ?? before.roleArn,
    handler: input.Code === undefined ? before.handler : checkCode(input),
    runtime: input.RuntimeVersion ?? before.runtime,
    expression: input.Schedule?.Expression ?? before.expression,
    timeoutSeconds: input.RunConfig?.TimeoutInSeconds ?? before.timeoutSeconds,
    memorySizeInMB: input.RunConfig?.MemoryInMB ?? before.memorySizeInMB,
    environment: input.RunConfig?.EnvironmentVariables ?? before.environment,
    artifacts: input.ArtifactS3Location ?? before.artifacts,
    successRetentionDays: input.SuccessRetentionPeriodInDays ?? before.successRetentionDays,
    failureRetentionDays: input.FailureRetentionPeriodInDays ?? before.failureRetentionDays,
    cleanup: input.ProvisionedResourceCleanup ?? before.cleanup,
  });
}

/** Without a time-out a run may last as long as the schedule leaves it. */
function run({ TimeoutInSeconds, MemoryInMB = 960 }: RunConfigInput = {}, { Expression }: ScheduleInput) {
  const longest = Math.min(LONGEST_TIMEOUT_SECONDS, intervalMs(Expression) / 1000);
  return { timeoutSeconds: TimeoutInSeconds ?? longest, memorySizeInMB: MemoryInMB };
}

function checked(settings: Settings): Settings {
  const { timeoutSeconds, expression, memorySizeInMB, artifacts } = settings;
  if (timeoutSeconds * 1000 > intervalMs(expression)) {
    throw invalid(
      `TimeoutInSeconds (${timeoutSeconds}) must not be longer than the frequency of the runs, ${expression}`,
    );
  }
  if (memorySizeInMB % MEMORY_STEP_IN_MB !== 0) {
    throw invalid(`MemoryInMB must be a multiple of ${MEMORY_STEP_IN_MB}, got ${memorySizeInMB}`);
  }
  const [, bucket = ""] = /^(?:s3:\/\/)?([^/]+)/.exec(artifacts) ?? [];
  if (bucket === "" || bucket.includes(".")) {
    throw invalid(`ArtifactS3Location must name a bucket without periods, got "${artifacts}"`);
  }
  return settings;
}

/** The handler of a code that can be had. */
function checkCode({ Code: code = {} }: CanaryInput): string {
  const places = [code.ZipFile, code.S3Bucket].filter((place) => place !== undefined);
  if (places.length !== 1 || (code.S3Bucket === undefined) !== (code.S3Key === undefined)) {
    throw invalid("Code must have either ZipFile, or S3Bucket and S3Key");
  }
  if (code.Handler === undefined || code.Handler === "") {
    throw invalid("Code must have a Handler");
  }
  return code.Handler;
}

/**
 * Milliseconds from one run to the next: one minute to one hour.
 *
 * @throws NotImplemented for schedules by `cron` and for canaries that run once
 */
export function intervalMs(expression: string): number {
  if (expression.startsWith("cron(") || /^rate\(0 /.test(expression)) {
    throw notPartOfLocal(`Synthetics Schedule.Expression ${expression}`);
  }
  const [, count, unit] = /^rate\(([1-9]\d*) (minutes?|hour)\)$/.exec(expression) ?? [];
  const ms = Number(count) * (unit === "hour" ? HOUR_MS : MINUTE_MS);
  if (!(ms >= MINUTE_MS && ms <= HOUR_MS)) {
    throw invalid(`Schedule.Expression must be rate(1 minute) to rate(1 hour), got ${expression}`);
  }
  return ms;
}

function refuseNotPlayed(input: CanaryInput): void {
  for (const [within, names] of NOT_PLAYED) {
    const given = membersOf(within === undefined ? input : membersOf(input)[within]);
    const found = names.find((name) => !isNone(given[name]));
    if (found !== undefined) {
      throw notPartOfLocal(`Synthetics ${within === undefined ? "" : `${within}.`}${found}`);
    }
  }
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

/** Clients send such values to say "none". */
const isNone = (value: unknown) => value === undefined || value === null || value === false || value === 0;
