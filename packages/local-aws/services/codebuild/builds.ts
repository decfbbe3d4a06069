import { randomUUID } from "node:crypto";
import {
  BatchGetBuildsCommand,
  ListBuildsCommand,
  ListBuildsForProjectCommand,
  StartBuildCommand,
  StopBuildCommand,
  type EnvironmentVariable,
  type ProjectArtifacts,
  type StartBuildInput,
} from "@aws-sdk/client-codebuild";
import { AwsError } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import { checkOverrides, checkProject, invalid } from "./accepted";
import { Build, type ArtifactTarget, type BuildOrder } from "./build";
import type { CodeBuildLocal } from "./context";
import { s3Object } from "./objects";
import { page, type ProjectRecord, type Store } from "./store";

/** What the operations on builds work with. */
export interface BuildParts {
  readonly store: Store;
  readonly local: CodeBuildLocal;
  /** Who makes the present request, such as `codepipeline/release`. */
  readonly initiator: () => string | undefined;
  readonly launch: (build: Build) => void;
  readonly stop: (build: Build) => void;
}

/** Operations on builds. */
export function buildOperations({ store, local, initiator, launch, stop }: BuildParts): readonly Operation[] {
  const { account, clock } = local;
  return [
    operation(StartBuildCommand, (input) => {
      const record = store.project(input.projectName);
      const known = store.builds.get(store.tokens.get(input.idempotencyToken ?? "") ?? "");
      if (known !== undefined) {
        return { build: known.info(account) };
      }
      checkOverrides(input);
      const build = new Build(orderOf(record, input, initiator()), clock.now());
      checkQuota(store, local.faults.accountLimit("codebuild-concurrent-builds"));
      checkLimit(store, record);
      record.builds += 1;
      store.builds.set(build.order.id, build);
      if (input.idempotencyToken !== undefined) {
        store.tokens.set(input.idempotencyToken, build.order.id);
      }
      launch(build);
      return { build: build.info(account) };
    }),

    operation(BatchGetBuildsCommand, (input) => {
      const ids = input.ids.map((id) => store.idOf(id));
      return {
        builds: ids.flatMap((id) => store.builds.get(id)?.info(account) ?? []),
        buildsNotFound: ids.filter((id) => !store.builds.has(id)),
      };
    }),

    operation(StopBuildCommand, (input) => {
      const build = store.build(input.id);
      stop(build);
      return { build: build.info(account) };
    }),

    operation(ListBuildsForProjectCommand, (input) => {
      const { name } = store.project(input.projectName).project;
      return list(
        [...store.builds.values()].filter(({ order }) => order.project.name === name),
        input,
      );
    }),

    operation(ListBuildsCommand, (input) => list([...store.builds.values()], input)),
  ];
}

function list(
  builds: readonly Build[],
  { sortOrder = "DESCENDING", nextToken: token }: Checked<{ sortOrder?: string; nextToken?: string }>,
) {
  const ids = builds.map(({ order }) => order.id);
  const { items, nextToken } = page(sortOrder === "DESCENDING" ? ids.toReversed() : ids, token);
  return { ids: items, nextToken };
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html */
function checkQuota(store: Store, quota: number | undefined): void {
  const running = [...store.builds.values()].filter(({ hasEnded }) => !hasEnded);
  if (quota !== undefined && running.length >= quota) {
    throw new AwsError(
      "AccountLimitExceededException",
      `Cannot have more than ${quota} builds in queue for the account`,
    );
  }
}

function checkLimit(store: Store, { project }: ProjectRecord): void {
  const running = [...store.builds.values()].filter(
    ({ order, hasEnded }) => order.project.name === project.name && !hasEnded,
  );
  const limit = project.concurrentBuildLimit;
  if (limit !== undefined && limit > 0 && running.length >= limit) {
    throw new AwsError(
      "AccountLimitExceededException",
      `Cannot have more than ${limit} active builds for the project ${project.name}`,
    );
  }
}

/** @throws AwsError if the build would not be what AWS makes of it */
function orderOf(record: ProjectRecord, input: Checked<StartBuildInput>, initiator: string | undefined): BuildOrder {
  const project = overridden(record.project, input);
  checkProject(project);
  const isPipelines = project.source?.type === "CODEPIPELINE";
  if (isPipelines !== (input.sourceTypeOverride === "CODEPIPELINE")) {
    throw invalid(
      isPipelines
        ? "Build can not be started: a project whose source type is CODEPIPELINE is started by CodePipeline"
        : "Project source type must be CODEPIPELINE to be built by CodePipeline",
    );
  }
  const uuid = randomUUID();
  const { artifacts, secondaryArtifacts = [] } = project;
  return {
    id: `${project.name}:${uuid}`,
    uuid,
    number: record.builds + 1,
    project,
    initiator: initiator ?? "local",
    resolvedSourceVersion: input.sourceVersion,
    source: input.sourceLocationOverride === undefined ? undefined : s3Object(input.sourceLocationOverride),
    secondarySources: new Map(
      (input.secondarySourcesOverride ?? []).map(
        ({ sourceIdentifier = "", location = "" }) => [sourceIdentifier, s3Object(location)] as const,
      ),
    ),
    artifact: artifacts === undefined ? undefined : targetOf(artifacts, project.name, uuid, false),
    secondaryArtifacts: secondaryArtifacts.flatMap((one) => targetOf(one, project.name, uuid, true) ?? []),
  };
}

function overridden(project: ProjectRecord["project"], input: Checked<StartBuildInput>): ProjectRecord["project"] {
  const { environment } = project;
  return {
    ...project,
    source: project.source && { ...project.source, buildspec: input.buildspecOverride ?? project.source.buildspec },
    environment: environment && {
      ...environment,
      image: input.imageOverride ?? environment.image,
      computeType: input.computeTypeOverride ?? environment.computeType,
      environmentVariables: merged(environment.environmentVariables, input.environmentVariablesOverride),
    },
    artifacts: input.artifactsOverride ?? project.artifacts,
    secondaryArtifacts: input.secondaryArtifactsOverride ?? project.secondaryArtifacts,
    serviceRole: input.serviceRoleOverride ?? project.serviceRole,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? project.timeoutInMinutes,
    queuedTimeoutInMinutes: input.queuedTimeoutInMinutesOverride ?? project.queuedTimeoutInMinutes,
    encryptionKey: input.encryptionKeyOverride ?? project.encryptionKey,
    logsConfig: input.logsConfigOverride ?? project.logsConfig,
    cache: input.cacheOverride ?? project.cache,
  };
}

/** Variables given for one build replace those of the project by name. */
function merged(own: readonly EnvironmentVariable[] = [], given: readonly EnvironmentVariable[] = []) {
  const names = new Set(given.map(({ name }) => name));
  return [...own.filter(({ name }) => !names.has(name)), ...given];
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html */
function targetOf(
  artifacts: ProjectArtifacts,
  projectName: string,
  uuid: string,
  isSecondary: boolean,
): ArtifactTarget | undefined {
  const { type, location, path = "", name = projectName, artifactIdentifier: identifier } = artifacts;
  if (type === "NO_ARTIFACTS" || location === undefined) {
    return undefined;
  }
  const folders = [path.replace(/^\/+|\/+$/g, ""), artifacts.namespaceType === "BUILD_ID" ? uuid : "", name];
  return {
    identifier,
    isSecondary,
    object: { bucket: location, key: folders.filter((part) => part !== "").join("/") },
    encrypted: artifacts.encryptionDisabled !== true,
    overrideName: artifacts.overrideArtifactName === true,
  };
}
