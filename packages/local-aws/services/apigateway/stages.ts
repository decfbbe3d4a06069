import {
  CreateStageCommand,
  DeleteStageCommand,
  GetStageCommand,
  GetStagesCommand,
  UpdateStageCommand,
  type Stage as ShownStage,
} from "@aws-sdk/client-api-gateway";
import type { Clock } from "../../core/clock";
import { Tags } from "../../core/tags";
import { operation, type Operation } from "../../core/operation";
import { badRequest, conflict, refuse } from "./errors";
import { patch } from "./patch";
import { stagePatchRules, type StageDraft } from "./stage-patch";
import type { ApiStore, Stage } from "./store";

/** Stages: a name in the URL, the deployment that it serves, and how. */
export function stageOperations(store: ApiStore, clock: Clock): readonly Operation[] {
  return [
    operation(CreateStageCommand, (input) => {
      const api = store.api(input.restApiId);
      const { canarySettings, cacheClusterEnabled, cacheClusterSize, documentationVersion } = input;
      refuse({ canarySettings, cacheClusterEnabled, cacheClusterSize, documentationVersion });
      store.deployment(api.id, input.deploymentId);
      if (api.stages.has(input.stageName)) {
        throw conflict("Stage already exists");
      }
      const stage = newStage(input, clock.now());
      api.stages.set(stage.stageName, stage);
      return shown(stage);
    }),

    operation(GetStageCommand, (input) => shown(store.stage(input.restApiId, input.stageName))),

    operation(GetStagesCommand, (input) => ({
      item: [...store.api(input.restApiId).stages.values()]
        .filter(({ deploymentId }) => input.deploymentId === undefined || deploymentId === input.deploymentId)
        .map(shown),
    })),

    operation(UpdateStageCommand, (input) => {
      const api = store.api(input.restApiId);
      const draft: StageDraft = { ...store.stage(api.id, input.stageName), lastUpdatedDate: clock.now() };
      patch(input.patchOperations, stagePatchRules(draft));
      store.deployment(api.id, draft.deploymentId);
      checkLogging(draft, store.cloudwatchRoleArn);
      api.stages.set(draft.stageName, draft);
      return shown(draft);
    }),

    operation(DeleteStageCommand, (input) => {
      const { stageName } = store.stage(input.restApiId, input.stageName);
      const used = [...store.plans.values()].some((plan) =>
        plan.apiStages.some(({ apiId, stage }) => apiId === input.restApiId && stage === stageName),
      );
      if (used) {
        throw badRequest("Stage is associated with a usage plan: remove it from the plan first");
      }
      store.api(input.restApiId).stages.delete(stageName);
      return {};
    }),
  ];
}

/** A stage as it is before anything is set. */
export function newStage(
  input: {
    readonly stageName: string;
    readonly deploymentId: string;
    readonly description?: string;
    readonly stageDescription?: string;
    readonly variables?: Readonly<Record<string, string>>;
    readonly tracingEnabled?: boolean;
    readonly tags?: Readonly<Record<string, string>>;
  },
  now: Date,
): Stage {
  return {
    stageName: input.stageName,
    deploymentId: input.deploymentId,
    description: input.stageDescription ?? input.description,
    variables: input.variables ?? {},
    methodSettings: {},
    accessLogSettings: undefined,
    tracingEnabled: input.tracingEnabled ?? false,
    tags: new Tags(input.tags),
    createdDate: now,
    lastUpdatedDate: now,
  };
}

/** AWS refuses a half-made access log, and any log as long as the account has no role to write it. */
function checkLogging({ accessLogSettings: log, methodSettings }: Stage, roleArn: string | undefined): void {
  if (log !== undefined && (log.destinationArn === undefined || log.format === undefined)) {
    throw badRequest("Access Log Settings must have both a destinationArn and a format");
  }
  if (log?.format !== undefined && !/\$context\.(?:requestId|extendedRequestId)\b/.test(log.format)) {
    throw badRequest("Access Log format must contain at least $context.requestId or $context.extendedRequestId");
  }
  const logs = log !== undefined || Object.values(methodSettings).some(({ loggingLevel }) => loggingLevel !== "OFF");
  if (logs && roleArn === undefined) {
    throw badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging");
  }
}

function shown(stage: Stage): ShownStage {
  const { methodSettings, variables, tags, ...others } = stage;
  return {
    ...others,
    cacheClusterEnabled: false,
    cacheClusterStatus: "NOT_AVAILABLE",
    methodSettings: { ...methodSettings },
    ...(Object.keys(variables).length === 0 ? {} : { variables: { ...variables } }),
    tags: tags.record(),
  };
}
