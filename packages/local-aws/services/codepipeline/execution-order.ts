import type {
  ExecutionTrigger,
  SourceRevisionOverride,
  StartPipelineExecutionInput,
} from "@aws-sdk/client-codepipeline";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Checked } from "../../core/operation";
import type { ExecutionOrder } from "./execution";
import { declarationOf, type Pipeline } from "./store";

/** Which revision each source provider may be told to take. */
const REVISION_TYPES: Readonly<Record<string, readonly string[]>> = {
  CodeStarSourceConnection: ["COMMIT_ID"],
  CodeCommit: ["COMMIT_ID"],
  S3: ["S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"],
};

/** @throws AwsError if AWS would not start the execution */
export function orderOf(
  pipeline: Pipeline,
  input: Checked<StartPipelineExecutionInput>,
  trigger: ExecutionTrigger,
): Omit<ExecutionOrder, "pipelineVersion" | "declaration"> {
  const sourceRevisions = input.sourceRevisions ?? [];
  sourceRevisions.forEach((revision) => checkRevision(pipeline, revision));
  return { trigger, sourceRevisions, variables: resolvedVariables(pipeline, input.variables ?? []) };
}

/**
 * The values of a pipeline's variables: those given, else their defaults.
 *
 * @throws AwsError `ValidationException` for one that is not declared, or has no value
 */
export function resolvedVariables(
  pipeline: Pipeline,
  given: Checked<NonNullable<StartPipelineExecutionInput["variables"]>>,
): Record<string, string> {
  const { variables = [] } = declarationOf(pipeline);
  const unknown = given.find((one) => !variables.some(({ name }) => name === one.name));
  if (unknown !== undefined) {
    throw new AwsError(
      "ValidationException",
      `Pipeline '${pipeline.name}' does not declare the variable '${unknown.name}'`,
    );
  }
  const values = variables.map(({ name = "", defaultValue }) => {
    const value = given.find((one) => one.name === name)?.value ?? defaultValue;
    if (value === undefined) {
      throw new AwsError("ValidationException", `The variable '${name}' has no default value and none was given`);
    }
    return [name, value] as const;
  });
  return Object.fromEntries(values);
}

function checkRevision(pipeline: Pipeline, { actionName = "", revisionType }: Partial<SourceRevisionOverride>): void {
  const source = declarationOf(pipeline).stages?.[0]?.actions?.find(({ name }) => name === actionName);
  if (source === undefined) {
    throw new AwsError("ValidationException", `Pipeline '${pipeline.name}' has no source action '${actionName}'`);
  }
  const allowed = REVISION_TYPES[source.actionTypeId?.provider ?? ""] ?? [];
  if (!allowed.includes(revisionType ?? "")) {
    throw notImplemented("CodePipeline", `source revision of type ${revisionType ?? ""} for action ${actionName}`);
  }
  if (revisionType === "S3_OBJECT_KEY" && source.configuration?.AllowOverrideForS3ObjectKey !== "true") {
    throw new AwsError(
      "ValidationException",
      `Source action '${actionName}' does not allow another key: AllowOverrideForS3ObjectKey is not true`,
    );
  }
}
