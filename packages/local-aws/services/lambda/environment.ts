import { delimiter, join } from "node:path";
import { clientEnvironment, type Local } from "../../core/local";
import type { ExecutionLog } from "./execution-log";
import type { FunctionVersion } from "./store";

/** What a process of a function has around it. */
interface Surroundings {
  readonly log: ExecutionLog;
  /** Folders of its layers. On AWS they are merged into `/opt`. */
  readonly layers: readonly string[];
  /** Host and port of Lambda's Runtime API. */
  readonly runtimeApi: string;
}

/**
 * Variables that AWS sets for a function, and here those that lead its SDK clients to the local AWS.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function environmentOf(
  local: Local,
  of: FunctionVersion,
  { log, layers, runtimeApi }: Surroundings,
): Record<string, string> {
  const { settings } = of;
  const session = local.functionsUseRoles === true ? local.sessions.assume(settings.role, of.functionName) : undefined;
  return {
    ...settings.environment,
    ...clientEnvironment(local, session),
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: of.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: of.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memorySizeInMB),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: log.group,
    AWS_LAMBDA_LOG_STREAM_NAME: log.stream,
    AWS_LAMBDA_LOG_FORMAT: settings.logging.LogFormat,
    ...(settings.logging.ApplicationLogLevel === undefined
      ? {}
      : { AWS_LAMBDA_LOG_LEVEL: settings.logging.ApplicationLogLevel }),
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: of.code.folder,
    ...(layers.length === 0
      ? {}
      : { NODE_PATH: layers.map((folder) => join(folder, "nodejs", "node_modules")).join(delimiter) }),
    _HANDLER: settings.handler,
    LANG: "en_US.UTF-8",
    TZ: "UTC",
  };
}

/**
 * Names that a function's own variables may not have: those that AWS reserves, and those by which its clients find the local AWS.
 * Returns the ones that `variables` use.
 */
export function reservedNames(variables: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(variables).filter(
    (name) => RESERVED.has(name) || (name.startsWith("AWS_LAMBDA_") && !SETTABLE.has(name)),
  );
}

const RESERVED = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);
const SETTABLE = new Set(["AWS_LAMBDA_EXEC_WRAPPER"]);

/**
 * Node's memory for JavaScript objects, in the proportions in which AWS's runtime sets it from the function's memory; a small
 * young generation also keeps a process small that is seldom called.
 */
export function nodeFlags(memorySizeInMB: number): readonly string[] {
  return [
    `--max-old-space-size=${Math.floor(memorySizeInMB * 0.9)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(memorySizeInMB * 0.05))}`,
  ];
}
