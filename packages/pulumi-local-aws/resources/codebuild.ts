import {
  ArtifactNamespace,
  ArtifactPackaging,
  ArtifactsType,
  BatchGetProjectsCommand,
  CacheType,
  CodeBuildClient,
  ComputeType,
  CreateProjectCommand,
  DeleteProjectCommand,
  EnvironmentType,
  EnvironmentVariableType,
  ImagePullCredentialsType,
  LogsConfigStatusType,
  type Project,
  SourceType,
  UpdateProjectCommand,
} from "@aws-sdk/client-codebuild";
import type { Aws } from "../aws";
import { block, boolean, kmsKey, list, number, oneOf, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { type Tags, tagsArgument } from "../tags";

const codeBuild = (aws: Aws) => aws.client(CodeBuildClient);

const projectArguments = {
  name: autoNamed(text, { maxLength: 150 }),
  description: withDefault(text, ""),
  serviceRole: required(text),
  source: required(block({ type: required(oneOf(SourceType)), buildspec: optional(text) })),
  artifacts: required(
    block({
      type: required(oneOf(ArtifactsType)),
      location: optional(text),
      path: optional(text),
      name: optional(text, { computed: true }),
      namespaceType: optional(oneOf(ArtifactNamespace), { computed: true }),
      packaging: optional(oneOf(ArtifactPackaging), { computed: true }),
      encryptionDisabled: withDefault(boolean, false),
      overrideArtifactName: withDefault(boolean, false),
    }),
  ),
  environment: required(
    block({
      type: required(oneOf(EnvironmentType)),
      computeType: required(oneOf(ComputeType)),
      image: required(text),
      imagePullCredentialsType: withDefault(oneOf(ImagePullCredentialsType), "CODEBUILD"),
      privilegedMode: withDefault(boolean, false),
      environmentVariables: optional(
        list(
          block({
            name: required(text),
            value: required(text),
            type: withDefault(oneOf(EnvironmentVariableType), "PLAINTEXT"),
          }),
        ),
      ),
    }),
  ),
  cache: optional(block({ type: withDefault(oneOf(CacheType), "NO_CACHE"), location: optional(text) })),
  encryptionKey: optional(kmsKey, { computed: true }),
  buildTimeout: withDefault(number, 60),
  queuedTimeout: withDefault(number, 480),
  logsConfig: optional(
    block({
      cloudwatchLogs: optional(
        block({
          status: withDefault(oneOf(LogsConfigStatusType), "ENABLED"),
          groupName: optional(text),
          streamName: optional(text),
        }),
      ),
    }),
  ),
  tags: tagsArgument,
};

const tagPairs = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));
const tagsOfPairs = (pairs: Project["tags"] = []): Tags =>
  Object.fromEntries(pairs.map(({ key = "", value = "" }) => [key, value]));

/** What creation and update say alike. What is left out of the program is as in a new project: an update would leave it as it is. */
function settings(inputs: Arguments<typeof projectArguments>) {
  const { artifacts, environment, cache, logsConfig } = inputs;
  const logs = logsConfig?.cloudwatchLogs;
  return {
    name: inputs.name,
    description: inputs.description,
    serviceRole: inputs.serviceRole,
    source: inputs.source,
    artifacts,
    environment: { ...environment, environmentVariables: environment.environmentVariables ?? [] },
    cache: { type: cache?.type ?? CacheType.NO_CACHE, location: cache?.location },
    encryptionKey: inputs.encryptionKey,
    timeoutInMinutes: inputs.buildTimeout,
    queuedTimeoutInMinutes: inputs.queuedTimeout,
    logsConfig: {
      cloudWatchLogs: {
        status: logs?.status ?? LogsConfigStatusType.ENABLED,
        groupName: logs?.groupName,
        streamName: logs?.streamName,
      },
      s3Logs: { status: LogsConfigStatusType.DISABLED },
    },
  };
}

/** By name or ARN. */
async function findProject(aws: Aws, nameOrArn: string): Promise<Project | undefined> {
  const { projects = [] } = await codeBuild(aws).send(new BatchGetProjectsCommand({ names: [nameOrArn] }));
  return projects[0];
}

/** CodeBuild only knows all of a project's tags at once. */
async function changeTags(aws: Aws, arn: string, change: (tags: Tags) => Tags): Promise<void> {
  const found = await findProject(aws, arn);
  const tags = tagPairs(change(tagsOfPairs(found?.tags)));
  await codeBuild(aws).send(new UpdateProjectCommand({ name: found?.name, tags }));
}

const project = resource({
  type: "aws:codebuild/project:Project",
  inputs: projectArguments,
  outputs: ["arn"],
  identity: ["name"],
  tagging: {
    put: ({ aws, id }, put) => changeTags(aws, id, (tags) => ({ ...tags, ...put })),
    remove: ({ aws, id }, keys) =>
      changeTags(aws, id, (tags) => Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)))),
  },
  async create({ aws, inputs, tags }) {
    const made = await codeBuild(aws).send(new CreateProjectCommand({ ...settings(inputs), tags: tagPairs(tags) }));
    return made.project?.arn ?? "";
  },
  async read({ aws, id }) {
    const found = await findProject(aws, id);
    return found && { inputs: projectInputs(found), outputs: { arn: found.arn }, tags: tagsOfPairs(found.tags) };
  },
  async update({ aws, inputs }) {
    await codeBuild(aws).send(new UpdateProjectCommand(settings(inputs)));
  },
  async delete({ aws, inputs: { name } }) {
    // A project that is gone is no error to AWS.
    await codeBuild(aws).send(new DeleteProjectCommand({ name }));
  },
});

function projectInputs(found: Project) {
  const { artifacts, environment, source, cache } = found;
  const logs = found.logsConfig?.cloudWatchLogs;
  const usualLogs =
    logs === undefined || (logs.status !== "DISABLED" && logs.groupName === undefined && logs.streamName === undefined);
  return {
    name: found.name,
    description: found.description ?? "",
    serviceRole: found.serviceRole,
    source: source && { type: source.type, buildspec: source.buildspec },
    artifacts: artifacts && {
      type: artifacts.type,
      location: artifacts.location,
      path: artifacts.path,
      name: artifacts.name,
      namespaceType: artifacts.namespaceType,
      packaging: artifacts.packaging,
      encryptionDisabled: artifacts.encryptionDisabled ?? false,
      overrideArtifactName: artifacts.overrideArtifactName ?? false,
    },
    environment: environment && {
      type: environment.type,
      computeType: environment.computeType,
      image: environment.image,
      imagePullCredentialsType: environment.imagePullCredentialsType ?? "CODEBUILD",
      privilegedMode: environment.privilegedMode ?? false,
      environmentVariables: environment.environmentVariables?.map(({ name, value, type = "PLAINTEXT" }) => ({
        name,
        value,
        type,
      })),
    },
    // AWS answers "none" for what was never said.
    cache: cache?.type === "NO_CACHE" ? undefined : cache && { type: cache.type, location: cache.location },
    encryptionKey: found.encryptionKey,
    buildTimeout: found.timeoutInMinutes,
    queuedTimeout: found.queuedTimeoutInMinutes,
    logsConfig: usualLogs
      ? undefined
      : { cloudwatchLogs: { status: logs.status, groupName: logs.groupName, streamName: logs.streamName } },
  };
}

export const resources = [project];
