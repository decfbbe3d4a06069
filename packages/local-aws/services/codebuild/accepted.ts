import type { EnvironmentVariable, Project, ProjectArtifacts, StartBuildInput } from "@aws-sdk/client-codebuild";
import { AwsError, notImplemented } from "../../core/aws-error";

/** Arguments that would change what a build does, and that this CodeBuild does nothing about. */
const PROJECT = [
  "secondarySources",
  "sourceVersion",
  "secondarySourceVersions",
  "vpcConfig",
  "fileSystemLocations",
  "buildBatchConfig",
  "autoRetryLimit",
] as const;
const SOURCE = [
  "location",
  "gitCloneDepth",
  "gitSubmodulesConfig",
  "auth",
  "reportBuildStatus",
  "buildStatusConfig",
  "insecureSsl",
] as const;
const ENVIRONMENT = [
  "certificate",
  "registryCredential",
  "fleet",
  "dockerServer",
  "privilegedMode",
  "computeConfiguration",
  "hostKernel",
] as const;
const OVERRIDES = [
  "sourceAuthOverride",
  "gitCloneDepthOverride",
  "gitSubmodulesConfigOverride",
  "insecureSslOverride",
  "reportBuildStatusOverride",
  "buildStatusConfigOverride",
  "environmentTypeOverride",
  "certificateOverride",
  "privilegedModeOverride",
  "registryCredentialOverride",
  "debugSessionEnabled",
  "fleetOverride",
  "autoRetryLimitOverride",
  "hostKernelOverride",
  "secondarySourcesVersionOverride",
] as const;

/**
 * Refuses a project that this CodeBuild would build otherwise than AWS does.
 *
 * @throws AwsError `NotImplemented` naming the argument; `InvalidInputException` where AWS refuses it too
 */
export function checkProject(project: Project & { badgeEnabled?: boolean }): void {
  const { source = { type: undefined }, environment, artifacts, secondaryArtifacts = [], logsConfig } = project;
  refuse("project", project, [...PROJECT, "badgeEnabled"]);
  refuse("source", source, SOURCE);
  if (source.type !== "CODEPIPELINE" && source.type !== "NO_SOURCE") {
    throw notImplemented("CodeBuild", `source of type ${source.type ?? "(none)"}`);
  }
  if (source.buildspec?.startsWith("arn:") === true) {
    throw notImplemented("CodeBuild", "buildspec in S3");
  }
  if (source.type === "NO_SOURCE" && !isInline(source.buildspec)) {
    throw invalid("Buildspec must be inline when source type is NO_SOURCE");
  }
  if (environment !== undefined) {
    refuse("environment", environment, ENVIRONMENT);
    if (environment.type !== "LINUX_CONTAINER" && environment.type !== "ARM_CONTAINER") {
      throw notImplemented("CodeBuild", `environment of type ${environment.type ?? "(none)"}`);
    }
    checkVariables(environment.environmentVariables);
  }
  for (const one of [artifacts, ...secondaryArtifacts]) {
    checkArtifacts(one);
  }
  if ((source.type === "CODEPIPELINE") !== (artifacts?.type === "CODEPIPELINE")) {
    throw invalid(
      "Invalid artifacts: artifact type CODEPIPELINE must go with source type CODEPIPELINE, and only with it",
    );
  }
  if (logsConfig?.s3Logs?.status === "ENABLED") {
    throw notImplemented("CodeBuild", "logsConfig.s3Logs");
  }
}

/** @throws AwsError `NotImplemented` naming the argument */
export function checkOverrides(input: Partial<StartBuildInput>): void {
  refuse("StartBuild", input, OVERRIDES);
  checkVariables(input.environmentVariablesOverride);
}

/** A buildspec is either a file's name or the buildspec itself. */
export function isInline(buildspec: string | undefined): buildspec is string {
  return buildspec !== undefined && /^\s*(version|['"]?\w+['"]?)\s*:|^\s*\{|\n/.test(buildspec);
}

export const invalid = (message: string) => new AwsError("InvalidInputException", message);

function checkVariables(variables: readonly EnvironmentVariable[] = []): void {
  const other = variables.find(({ type = "PLAINTEXT" }) => type !== "PLAINTEXT");
  if (other !== undefined) {
    throw notImplemented("CodeBuild", `environment variable ${other.name ?? ""} of type ${other.type ?? ""}`);
  }
}

function checkArtifacts(artifacts: ProjectArtifacts | undefined): void {
  if (artifacts?.bucketOwnerAccess !== undefined) {
    throw notImplemented("CodeBuild", "artifacts.bucketOwnerAccess");
  }
  if (artifacts?.type === "S3") {
    if (artifacts.location === undefined) {
      throw invalid("Invalid artifacts: location must be the bucket's name when type is S3");
    }
    if (artifacts.packaging !== "ZIP") {
      throw notImplemented("CodeBuild", `artifacts.packaging ${artifacts.packaging ?? "NONE"}`);
    }
  }
}

function refuse<T extends object>(where: string, given: T, names: readonly (keyof T & string)[]): void {
  const name = names.find((each) => asksForSomething(given[each]));
  if (name !== undefined) {
    throw notImplemented("CodeBuild", `${where} with ${name}`);
  }
}

/** What a client sends that fills in every argument asks for nothing. */
function asksForSomething(value: unknown): boolean {
  const empty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "" && !empty;
}
