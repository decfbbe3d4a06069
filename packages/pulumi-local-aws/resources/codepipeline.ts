import {
  ActionCategory,
  type ActionDeclaration,
  ActionOwner,
  ArtifactStoreType,
  CodePipelineClient,
  CreatePipelineCommand,
  DeletePipelineCommand,
  EncryptionKeyType,
  ExecutionMode,
  GetPipelineCommand,
  ListTagsForResourceCommand,
  type PipelineDeclaration,
  PipelineType,
  Result,
  type StageDeclaration,
  StageRetryMode,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePipelineCommand,
} from "@aws-sdk/client-codepipeline";
import { type Aws, PROPAGATION } from "../aws";
import { errorMessage, errorName, unlessGone } from "../failures";
import { block, list, map, number, oneOf, single, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { type Tags, tagsArgument } from "../tags";
import { fromTriggers, gitTriggers, toTriggers } from "./codepipeline-triggers";

const codePipeline = (aws: Aws) => aws.client(CodePipelineClient);

const action = block({
  name: required(text),
  category: required(oneOf(ActionCategory)),
  owner: required(oneOf(ActionOwner)),
  provider: required(text),
  version: required(text),
  runOrder: withDefault(number, 1),
  namespace: optional(text),
  configuration: optional(map(text)),
  inputArtifacts: optional(list(text)),
  outputArtifacts: optional(list(text)),
  roleArn: optional(text),
  region: optional(text, { computed: true }),
  timeoutInMinutes: optional(number),
});

const stage = block({
  name: required(text),
  actions: required(list(action)),
  onFailure: optional(
    block({
      result: optional(oneOf(Result)),
      retryConfiguration: optional(block({ retryMode: optional(oneOf(StageRetryMode)) })),
    }),
  ),
});

const pipelineArguments = {
  name: autoNamed(text, { maxLength: 100 }),
  roleArn: required(text),
  pipelineType: withDefault(oneOf(PipelineType), "V1"),
  executionMode: withDefault(oneOf(ExecutionMode), "SUPERSEDED"),
  // Of several, each has a region of its own; of a single one the AWS provider does not allow to say which.
  artifactStores: required(
    single(
      block({
        location: required(text),
        type: required(oneOf(ArtifactStoreType)),
        encryptionKey: optional(block({ id: required(text), type: required(oneOf(EncryptionKeyType)) })),
      }),
    ),
  ),
  stages: required(list(stage)),
  triggers: gitTriggers,
  variables: optional(list(block({ name: required(text), defaultValue: optional(text), description: optional(text) }))),
  tags: tagsArgument,
};

type PipelineArguments = Arguments<typeof pipelineArguments>;
type StageArguments = PipelineArguments["stages"][number];
type ActionArguments = StageArguments["actions"][number];

/** An update declares the whole pipeline again. */
function declaration(inputs: PipelineArguments): PipelineDeclaration {
  const [artifactStore] = inputs.artifactStores;
  return {
    name: inputs.name,
    roleArn: inputs.roleArn,
    pipelineType: inputs.pipelineType,
    executionMode: inputs.executionMode,
    artifactStore,
    stages: inputs.stages.map(stageDeclaration),
    triggers: toTriggers(inputs.triggers),
    variables: inputs.variables,
  };
}

function stageDeclaration({ name, actions, onFailure }: StageArguments): StageDeclaration {
  return { name, actions: actions.map(actionDeclaration), onFailure };
}

function actionDeclaration(inputs: ActionArguments): ActionDeclaration {
  const { category, owner, provider, version, inputArtifacts, outputArtifacts, ...rest } = inputs;
  const named = (artifacts: readonly string[] = []) => artifacts.map((name) => ({ name }));
  return {
    ...rest,
    actionTypeId: { category, owner, provider, version },
    inputArtifacts: named(inputArtifacts),
    outputArtifacts: named(outputArtifacts),
  };
}

function pipelineInputs(found: PipelineDeclaration) {
  const { name, roleArn, pipelineType = "V1", executionMode = "SUPERSEDED", artifactStore, variables } = found;
  return {
    name,
    roleArn,
    pipelineType,
    executionMode,
    artifactStores: artifactStore && [artifactStore],
    stages: found.stages?.map(stageArgument),
    triggers: fromTriggers(found.triggers),
    variables,
  };
}

function stageArgument({ name, actions = [], onFailure }: StageDeclaration) {
  return { name, actions: actions.map(actionArgument), onFailure };
}

function actionArgument(found: ActionDeclaration) {
  const { actionTypeId, inputArtifacts = [], outputArtifacts = [], ...rest } = found;
  return {
    ...rest,
    ...actionTypeId,
    inputArtifacts: inputArtifacts.map(({ name }) => name),
    outputArtifacts: outputArtifacts.map(({ name }) => name),
  };
}

const tagPairs = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));

const pipeline = resource({
  type: "aws:codepipeline/pipeline:Pipeline",
  inputs: pipelineArguments,
  outputs: ["arn"],
  identity: ["name"],
  tagging: {
    put: ({ aws, arn: resourceArn }, tags) =>
      codePipeline(aws).send(new TagResourceCommand({ resourceArn, tags: tagPairs(tags) })),
    remove: ({ aws, arn: resourceArn }, tagKeys) =>
      codePipeline(aws).send(new UntagResourceCommand({ resourceArn, tagKeys })),
  },
  async create({ aws, inputs, tags }) {
    const request = new CreatePipelineCommand({ pipeline: declaration(inputs), tags: tagPairs(tags) });
    const roleIsNew = (error: unknown) =>
      errorName(error) === "InvalidStructureException" && errorMessage(error).includes("not authorized");
    await aws.retried(roleIsNew, PROPAGATION, () => codePipeline(aws).send(request));
    return inputs.name;
  },
  async read({ aws, id: name }) {
    const found = await unlessGone(["PipelineNotFoundException"], () =>
      codePipeline(aws).send(new GetPipelineCommand({ name })),
    );
    if (found?.pipeline === undefined) {
      return undefined;
    }
    const arn = found.metadata?.pipelineArn;
    const { tags = [] } = await codePipeline(aws).send(new ListTagsForResourceCommand({ resourceArn: arn }));
    return {
      inputs: pipelineInputs(found.pipeline),
      outputs: { arn },
      tags: Object.fromEntries(tags.map(({ key = "", value = "" }) => [key, value])),
    };
  },
  async update({ aws, inputs }) {
    await codePipeline(aws).send(new UpdatePipelineCommand({ pipeline: declaration(inputs) }));
  },
  async delete({ aws, id: name }) {
    // A pipeline that is gone is no error to AWS.
    await codePipeline(aws).send(new DeletePipelineCommand({ name }));
  },
});

export const resources = [pipeline];
