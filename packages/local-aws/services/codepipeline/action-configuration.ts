import type { ActionDeclaration } from "@aws-sdk/client-codepipeline";
import { z } from "zod";
import { AwsError, notImplemented } from "../../core/aws-error";

interface ActionType {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Least and most artifacts that it reads. */
  readonly inputs: readonly [number, number];
  readonly outputs: readonly [number, number];
  /** Values that this CodePipeline does as AWS does, where it does not do all, and the one that a missing key means. */
  readonly allowed?: Readonly<Record<string, { readonly value: string; readonly byDefault: string }>>;
}

const CODE_ZIP = { OutputArtifactFormat: { value: "CODE_ZIP", byDefault: "CODE_ZIP" } };
const CODE_BUILD: ActionType = {
  required: ["ProjectName"],
  optional: ["PrimarySource", "EnvironmentVariables", "BatchEnabled", "CombineArtifacts"],
  inputs: [1, 5],
  outputs: [0, 5],
  allowed: {
    BatchEnabled: { value: "false", byDefault: "false" },
    CombineArtifacts: { value: "false", byDefault: "false" },
  },
};

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html, as far as it goes here. */
const ACTION_TYPES: Readonly<Record<string, ActionType>> = {
  "Source/AWS/CodeStarSourceConnection/1": {
    required: ["ConnectionArn", "FullRepositoryId", "BranchName"],
    optional: ["OutputArtifactFormat", "DetectChanges"],
    inputs: [0, 0],
    outputs: [1, 1],
    allowed: CODE_ZIP,
  },
  "Source/AWS/CodeCommit/1": {
    required: ["RepositoryName", "BranchName"],
    optional: ["PollForSourceChanges", "OutputArtifactFormat"],
    inputs: [0, 0],
    outputs: [1, 1],
    allowed: CODE_ZIP,
  },
  "Source/AWS/S3/1": {
    required: ["S3Bucket", "S3ObjectKey"],
    optional: ["PollForSourceChanges", "AllowOverrideForS3ObjectKey"],
    inputs: [0, 0],
    outputs: [1, 1],
    allowed: { PollForSourceChanges: { value: "false", byDefault: "true" } },
  },
  "Build/AWS/CodeBuild/1": CODE_BUILD,
  "Test/AWS/CodeBuild/1": CODE_BUILD,
  "Approval/AWS/Manual/1": {
    required: [],
    optional: ["CustomData", "ExternalEntityLink", "NotificationArn"],
    inputs: [0, 0],
    outputs: [0, 0],
  },
};

/**
 * Refuses an action whose type or configuration is not one of those above.
 *
 * @throws AwsError `InvalidActionDeclarationException`, `NotImplemented` naming the type or the key
 */
export function checkConfiguration(action: ActionDeclaration): void {
  const { name = "", actionTypeId, configuration = {}, inputArtifacts = [], outputArtifacts = [] } = action;
  const { category = "", owner = "", provider = "", version = "" } = actionTypeId ?? {};
  const type = ACTION_TYPES[`${category}/${owner}/${provider}/${version}`];
  if (type === undefined) {
    throw notImplemented("CodePipeline", `action type ${category}/${owner}/${provider}/${version} of action ${name}`);
  }
  const unknown = Object.keys(configuration).find((key) => ![...type.required, ...type.optional].includes(key));
  if (unknown !== undefined) {
    throw invalid(`Action configuration for action '${name}' contains unknown configuration '${unknown}'`);
  }
  const missing = type.required.find((key) => configuration[key] === undefined);
  if (missing !== undefined) {
    throw invalid(`Action configuration for action '${name}' is missing required configuration '${missing}'`);
  }
  for (const [key, { value, byDefault }] of Object.entries(type.allowed ?? {})) {
    const given = configuration[key] ?? byDefault;
    if (given.toLowerCase() !== value.toLowerCase()) {
      throw notImplemented("CodePipeline", `${key} ${given} of action ${name}: only ${value}`);
    }
  }
  requireCount(name, "input", inputArtifacts.length, type.inputs);
  requireCount(name, "output", outputArtifacts.length, type.outputs);
  if (outputArtifacts.some(({ files = [] }) => files.length > 0)) {
    throw notImplemented("CodePipeline", `files of an output artifact of action ${name}`);
  }
  if (provider === "CodeBuild") {
    checkBuild(action);
  }
}

function checkBuild({ name = "", configuration = {}, inputArtifacts = [] }: ActionDeclaration): void {
  const { PrimarySource, EnvironmentVariables } = configuration;
  if (inputArtifacts.length > 1 && PrimarySource === undefined) {
    throw invalid(`Action '${name}' has more than one input artifact and needs the configuration 'PrimarySource'`);
  }
  if (PrimarySource !== undefined && !inputArtifacts.some((artifact) => artifact.name === PrimarySource)) {
    throw invalid(`PrimarySource '${PrimarySource}' of action '${name}' is not one of its input artifacts`);
  }
  if (EnvironmentVariables !== undefined) {
    const other = buildVariables(name, EnvironmentVariables).find(({ type }) => type !== "PLAINTEXT");
    if (other !== undefined) {
      throw notImplemented(
        "CodePipeline",
        `environment variable ${other.name} of type ${other.type} of action ${name}`,
      );
    }
  }
}

const variables = z.array(
  z.strictObject({ name: z.string().min(1), value: z.string(), type: z.string().default("PLAINTEXT") }),
);

/**
 * The environment variables of a build action, which travel as JSON.
 *
 * @throws AwsError `InvalidActionDeclarationException`
 */
export function buildVariables(actionName: string, json: string): z.infer<typeof variables> {
  try {
    return variables.parse(JSON.parse(json));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw invalid(`EnvironmentVariables of action '${actionName}' are not a JSON list of name, value and type: ${why}`);
  }
}

function requireCount(name: string, what: string, count: number, [least, most]: readonly [number, number]): void {
  if (count < least || count > most) {
    throw invalid(
      `Action '${name}' has ${count} ${what} artifacts, it must have ${least === most ? least : `${least} to ${most}`}`,
    );
  }
}

const invalid = (message: string) => new AwsError("InvalidActionDeclarationException", message);
