import {
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  DeleteUsagePlanCommand,
  DeleteUsagePlanKeyCommand,
  GetUsagePlanCommand,
  GetUsagePlanKeyCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
  UpdateUsagePlanCommand,
  type ApiStage,
  type UsagePlan as ShownUsagePlan,
  type UsagePlanKey,
} from "@aws-sdk/client-api-gateway";
import { Tags } from "../../core/tags";
import { operation, type Operation } from "../../core/operation";
import { badRequest, conflict, notFound, notPlayed, refuse } from "./errors";
import { patch, patchedNumber } from "./patch";
import { newId, page, type ApiStore, type UsagePlan } from "./store";

/** Usage plans: which keys open which stages, and how often. Quotas are not played. */
export function usagePlanOperations(store: ApiStore): readonly Operation[] {
  return [
    operation(CreateUsagePlanCommand, (input) => {
      refuse({ quota: input.quota });
      const plan: UsagePlan = {
        id: newId(6),
        name: input.name,
        description: input.description,
        apiStages: (input.apiStages ?? []).map((stage) => existingStage(store, stage)),
        throttle: input.throttle,
        tags: new Tags(input.tags),
        keyIds: new Set(),
      };
      store.plans.set(plan.id, plan);
      return shown(plan);
    }),

    operation(GetUsagePlanCommand, (input) => shown(store.plan(input.usagePlanId))),

    operation(GetUsagePlansCommand, (input) => {
      const { keyId } = input;
      const all = [...store.plans.values()].filter((plan) => keyId === undefined || plan.keyIds.has(keyId));
      const { items, nextToken } = page(all, input.position, input.limit);
      return { items: items.map(shown), position: nextToken };
    }),

    operation(UpdateUsagePlanCommand, (input) => {
      const draft = { ...store.plan(input.usagePlanId) };
      patch(input.patchOperations, [
        { path: /^\/name$/, apply: (value = "") => (draft.name = value) },
        { path: /^\/description$/, apply: (value) => (draft.description = value) },
        {
          path: /^\/throttle\/rateLimit$/,
          apply: (value) => (draft.throttle = { ...draft.throttle, rateLimit: patchedNumber(value) }),
        },
        {
          path: /^\/throttle\/burstLimit$/,
          apply: (value) => (draft.throttle = { ...draft.throttle, burstLimit: patchedNumber(value) }),
        },
        { path: /^\/throttle$/, apply: () => (draft.throttle = undefined) },
        {
          path: /^\/apiStages$/,
          apply: (_value, _groups, op, named = "") => {
            draft.apiStages = changedStages(store, draft.apiStages, named, op);
          },
        },
      ]);
      store.plans.set(draft.id, draft);
      return shown(draft);
    }),

    operation(DeleteUsagePlanCommand, (input) => {
      const plan = store.plan(input.usagePlanId);
      if (plan.apiStages.length > 0) {
        throw badRequest(
          `Cannot delete usage plan ${plan.name} because it still has API stages: ${plan.apiStages.map(stageName).join(", ")}`,
        );
      }
      store.plans.delete(plan.id);
      return {};
    }),

    ...usagePlanKeyOperations(store),
  ];
}

function usagePlanKeyOperations(store: ApiStore): readonly Operation[] {
  const shownKey = (id: string): UsagePlanKey => {
    const { name, value } = store.key(id);
    return { id, type: "API_KEY", name, value };
  };
  const keyOf = (planId: string, keyId: string): UsagePlan => {
    const plan = store.plan(planId);
    if (!plan.keyIds.has(keyId)) {
      throw notFound("Invalid API Key identifier specified");
    }
    return plan;
  };
  return [
    operation(CreateUsagePlanKeyCommand, (input) => {
      const plan = store.plan(input.usagePlanId);
      if (input.keyType !== "API_KEY") {
        throw badRequest(`Invalid key type specified: ${input.keyType}, must be API_KEY`);
      }
      const { id } = store.key(input.keyId);
      if (plan.keyIds.has(id)) {
        throw conflict("Usage Plan already has this API Key");
      }
      store.plans.set(plan.id, { ...plan, keyIds: new Set([...plan.keyIds, id]) });
      return shownKey(id);
    }),

    operation(GetUsagePlanKeyCommand, (input) => {
      keyOf(input.usagePlanId, input.keyId);
      return shownKey(input.keyId);
    }),

    operation(GetUsagePlanKeysCommand, (input) => {
      const { items, nextToken } = page([...store.plan(input.usagePlanId).keyIds], input.position, input.limit);
      return { items: items.map(shownKey), position: nextToken };
    }),

    operation(DeleteUsagePlanKeyCommand, (input) => {
      const plan = keyOf(input.usagePlanId, input.keyId);
      store.plans.set(plan.id, { ...plan, keyIds: new Set([...plan.keyIds].filter((id) => id !== input.keyId)) });
      return {};
    }),
  ];
}

type PlanStage = UsagePlan["apiStages"][number];

const stageName = ({ apiId, stage }: PlanStage) => `${apiId}:${stage}`;

function existingStage(store: ApiStore, { apiId = "", stage = "", throttle }: ApiStage): PlanStage {
  if (throttle !== undefined && Object.keys(throttle).length > 0) {
    throw notPlayed("usage plan throttle of a single method");
  }
  return { apiId: store.api(apiId).id, stage: store.stage(apiId, stage).stageName };
}

/** @param named such as `a1b2c3d4e5:Prod` */
function changedStages(
  store: ApiStore,
  before: readonly PlanStage[],
  named: string,
  op: "add" | "replace" | "remove",
): readonly PlanStage[] {
  const [apiId = "", stage = ""] = named.split(":");
  const others = before.filter((one) => stageName(one) !== named);
  return op === "remove" ? others : [...others, existingStage(store, { apiId, stage })];
}

function shown({ id, name, description, apiStages, throttle, tags }: UsagePlan): ShownUsagePlan {
  return { id, name, description, apiStages: [...apiStages], throttle, tags: tags.record() };
}
