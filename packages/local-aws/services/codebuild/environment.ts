import { arn, type Account } from "../../core/account";
import { clientEnvironment, type SessionKeys } from "../../core/local";
import type { Build } from "./build";
import type { Buildspec } from "./buildspec";
import { objectArn } from "./objects";

/** What a build takes from this machine: what programs need to run and to reach their registries. Nothing of AWS. */
const OF_THE_MACHINE = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "LC_ALL",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "npm_config_registry",
  "PIP_INDEX_URL",
] as const;

export interface EnvironmentParts {
  readonly account: Account;
  readonly endpoint: string;
  readonly build: Build;
  readonly spec: Buildspec;
  readonly session: SessionKeys;
  /** Folder of the primary source. */
  readonly sourceDirectory: string;
  /** Folders of the secondary ones, by identifier. */
  readonly secondaryDirectories: ReadonlyMap<string, string>;
  /** Folder for what its programs write for a while. */
  readonly temporary: string;
  /** What the build image has. */
  readonly image: Readonly<Record<string, string>>;
}

/**
 * The environment of a build. A variable of the project wins over one of the buildspec.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 */
export function buildEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { account, endpoint, build, session } = parts;
  const { project } = build.order;
  const machine = OF_THE_MACHINE.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const variables = project.environment?.environmentVariables ?? [];
  return {
    ...Object.fromEntries(machine),
    TMPDIR: parts.temporary,
    ...parts.image,
    ...parts.spec.variables,
    ...Object.fromEntries(variables.map(({ name = "", value = "" }) => [name, value])),
    ...clientEnvironment({ account, endpoint }, session),
    ...codeBuildVariables(parts),
  };
}

function codeBuildVariables({ account, build, sourceDirectory, secondaryDirectories }: EnvironmentParts) {
  const { id, number, project, initiator, resolvedSourceVersion, source } = build.order;
  const secondary = [...secondaryDirectories].map(([name, folder]) => [`CODEBUILD_SRC_DIR_${name}`, folder] as const);
  return {
    CODEBUILD_CI: "true",
    CODEBUILD_BUILD_ARN: arn(account, "codebuild", `build/${id}`),
    CODEBUILD_BUILD_ID: id,
    CODEBUILD_BUILD_IMAGE: project.environment?.image ?? "",
    CODEBUILD_BUILD_NUMBER: String(number),
    CODEBUILD_BUILD_SUCCEEDING: "1",
    CODEBUILD_INITIATOR: initiator,
    CODEBUILD_KMS_KEY_ID: project.encryptionKey ?? "",
    CODEBUILD_LOG_PATH: build.log?.stream ?? "",
    CODEBUILD_PROJECT_ARN: project.arn ?? "",
    CODEBUILD_START_TIME: String(build.startTime.getTime()),
    CODEBUILD_SRC_DIR: sourceDirectory,
    ...Object.fromEntries(secondary),
    ...(resolvedSourceVersion === undefined ? {} : { CODEBUILD_RESOLVED_SOURCE_VERSION: resolvedSourceVersion }),
    ...(source === undefined ? {} : { CODEBUILD_SOURCE_VERSION: objectArn(source) }),
  };
}
