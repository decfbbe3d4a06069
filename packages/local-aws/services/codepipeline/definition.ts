import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from "@aws-sdk/client-codepipeline";
import type { Account } from "../../core/account";
import { AwsError, notImplemented } from "../../core/aws-error";
import { checkConfiguration } from "./action-configuration";
import { references } from "./variables";

/**
 * Refuses a declaration that AWS refuses, and by name what this CodePipeline would do otherwise than AWS does.
 *
 * @throws AwsError `InvalidStructureException`, `InvalidStageDeclarationException`, `InvalidActionDeclarationException`, `NotImplemented`
 */
export function checkDeclaration(pipeline: PipelineDeclaration, account: Account): void {
  const { stages = [], pipelineType = "V1", artifactStore, artifactStores } = pipeline;
  if (pipelineType !== "V2") {
    throw notImplemented("CodePipeline", `pipelineType ${pipelineType}: only V2`);
  }
  if (artifactStores !== undefined) {
    throw notImplemented("CodePipeline", "artifactStores: only artifactStore, for all is in one region");
  }
  if (artifactStore === undefined) {
    throw structure("Pipeline must have either artifactStore or artifactStores");
  }
  if (stages.length < 2) {
    throw structure(`Pipeline has ${stages.length} stage(s). There should be a minimum of 2 stages in a pipeline`);
  }
  requireUnique(stages.map(nameOf), (name) => structure(`Stage name '${name}' is used more than once in the pipeline`));
  stages.forEach((stage, index) => checkStage(stage, index, account));
  checkArtifacts(stages);
  checkVariables(pipeline);
  checkTriggers(pipeline);
}

/** Actions in the order in which they can run. */
export function groupsOf(stage: StageDeclaration): readonly (readonly ActionDeclaration[])[] {
  const byOrder = new Map<number, ActionDeclaration[]>();
  for (const action of stage.actions ?? []) {
    const order = action.runOrder ?? 1;
    byOrder.set(order, [...(byOrder.get(order) ?? []), action]);
  }
  return [...byOrder].sort(([a], [b]) => a - b).map(([, actions]) => actions);
}

function checkStage(stage: StageDeclaration, index: number, account: Account): void {
  const { name = "", actions = [], blockers = [], onFailure, onSuccess, beforeEntry } = stage;
  if (blockers.length > 0) {
    throw notImplemented("CodePipeline", `blockers of stage ${name}`);
  }
  if (onSuccess !== undefined || beforeEntry !== undefined || (onFailure?.conditions ?? []).length > 0) {
    throw notImplemented("CodePipeline", `conditions of stage ${name}`);
  }
  if (onFailure?.result !== undefined && onFailure.result !== "FAIL" && onFailure.result !== "RETRY") {
    throw notImplemented("CodePipeline", `onFailure.result ${onFailure.result} of stage ${name}`);
  }
  if (actions.length === 0) {
    throw new AwsError("InvalidStageDeclarationException", `Stage '${name}' has no actions`);
  }
  const isSource = (action: ActionDeclaration) => action.actionTypeId?.category === "Source";
  if (index === 0 && !actions.every(isSource)) {
    throw structure("Pipeline should start with a stage that only contains source actions");
  }
  if (index > 0 && actions.some(isSource)) {
    throw structure(`Source actions are only allowed in the first stage, found one in stage '${name}'`);
  }
  requireUnique(actions.map(nameOf), (action) =>
    invalidAction(`Action name '${action}' is used more than once in stage '${name}'`),
  );
  actions.forEach((action) => checkAction(action, account));
}

function checkAction(action: ActionDeclaration, account: Account): void {
  const { name = "", region, timeoutInMinutes, actionTypeId } = action;
  if (region !== undefined && region !== account.region) {
    throw notImplemented("CodePipeline", `action ${name} in region ${region}`);
  }
  const foreign = (["commands", "outputVariables", "environmentVariables"] as const).find(
    (key) => (action[key] ?? []).length > 0,
  );
  if (foreign !== undefined) {
    throw notImplemented("CodePipeline", `${foreign} of action ${name}`);
  }
  if (timeoutInMinutes !== undefined && actionTypeId?.category !== "Approval") {
    throw invalidAction(`timeoutInMinutes of action '${name}' is available only to manual approval actions`);
  }
  checkConfiguration(action);
}

/** What an action reads must have been written by one that has run before. */
function checkArtifacts(stages: readonly StageDeclaration[]): void {
  const written = new Set<string>();
  for (const group of stages.flatMap(groupsOf)) {
    for (const action of group) {
      const missing = (action.inputArtifacts ?? []).find(({ name = "" }) => !written.has(name));
      if (missing !== undefined) {
        throw structure(
          `Input Artifact Bundle ${missing.name ?? ""} in action ${action.name ?? ""} is not declared as Output Artifact Bundle in any of the preceding actions`,
        );
      }
    }
    for (const { name = "" } of group.flatMap((action) => action.outputArtifacts ?? [])) {
      if (written.has(name)) {
        throw structure(
          `Output Artifact Bundle name must be unique within the pipeline. ${name} has been used more than once`,
        );
      }
      written.add(name);
    }
  }
}

function checkVariables({ stages = [], variables = [] }: PipelineDeclaration): void {
  requireUnique(variables.map(nameOf), (name) => structure(`Variable '${name}' is declared more than once`));
  const actions = stages.flatMap((stage) => stage.actions ?? []);
  const namespaces = actions.flatMap(({ namespace }) => namespace ?? []);
  requireUnique(namespaces, (name) => invalidAction(`Namespace '${name}' is used by more than one action`));
  const known = new Set([...namespaces, "variables", "codepipeline"]);
  for (const stage of stages) {
    for (const action of stage.actions ?? []) {
      for (const [key, value] of Object.entries(action.configuration ?? {})) {
        const unknown = references(value).find(
          (reference) =>
            !known.has(reference.namespace) ||
            (reference.namespace === "variables" && !variables.some(({ name }) => name === reference.key)),
        );
        if (unknown !== undefined) {
          throw invalidAction(
            "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following " +
              "pipeline execution variables are referencing a namespace that does not exist. " +
              `StageName=[${nameOf(stage)}], ActionName=[${nameOf(action)}], ActionConfigurationKey=[${key}], VariableReferenceText=[${unknown.text}]`,
          );
        }
      }
    }
  }
}

function checkTriggers({ stages = [], triggers = [] }: PipelineDeclaration): void {
  const sources = (stages[0]?.actions ?? []).filter(
    ({ actionTypeId }) => actionTypeId?.provider === "CodeStarSourceConnection",
  );
  for (const { gitConfiguration } of triggers) {
    const { sourceActionName = "", push = [] } = gitConfiguration ?? { sourceActionName: undefined };
    if (!sources.some(({ name }) => name === sourceActionName)) {
      throw structure(`Trigger names source action '${sourceActionName}', which is no CodeStarSourceConnection action`);
    }
    if (push.some(({ tags }) => tags !== undefined)) {
      throw notImplemented("CodePipeline", `trigger of ${sourceActionName} on tags`);
    }
  }
}

function requireUnique(names: readonly string[], error: (name: string) => AwsError): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw error(twice);
  }
}

const nameOf = ({ name = "" }: { readonly name?: string | undefined }) => name;
const structure = (message: string) => new AwsError("InvalidStructureException", message);
const invalidAction = (message: string) => new AwsError("InvalidActionDeclarationException", message);
