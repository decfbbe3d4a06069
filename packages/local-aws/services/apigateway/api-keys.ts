import {
  CreateApiKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
  GetApiKeysCommand,
  UpdateApiKeyCommand,
  type ApiKey as ShownApiKey,
} from "@aws-sdk/client-api-gateway";
import type { Clock } from "../../core/clock";
import { Tags } from "../../core/tags";
import { operation, type Operation } from "../../core/operation";
import { badRequest, conflict, refuse } from "./errors";
import { patch, patchedBoolean } from "./patch";
import { newId, page, type ApiKey, type ApiStore } from "./store";

const MINIMUM_VALUE_LENGTH = 20;

/** API keys; a key's value is shown only to who asks for it. */
export function apiKeyOperations(store: ApiStore, clock: Clock): readonly Operation[] {
  return [
    operation(CreateApiKeyCommand, (input) => {
      refuse({ stageKeys: input.stageKeys?.length === 0 ? undefined : input.stageKeys });
      const value = input.value ?? newId(40);
      if (value.length < MINIMUM_VALUE_LENGTH) {
        throw badRequest(`API Key value should be at least ${MINIMUM_VALUE_LENGTH} characters`);
      }
      if ([...store.keys.values()].some((key) => key.value === value)) {
        throw conflict("API Key already exists");
      }
      const now = clock.now();
      const key: ApiKey = {
        id: newId(),
        value,
        name: input.name,
        description: input.description,
        customerId: input.customerId,
        enabled: input.enabled ?? false,
        createdDate: now,
        lastUpdatedDate: now,
        tags: new Tags(input.tags),
      };
      store.keys.set(key.id, key);
      return shown(key, true);
    }),

    operation(GetApiKeyCommand, (input) => shown(store.key(input.apiKey), input.includeValue ?? false)),

    operation(GetApiKeysCommand, (input) => {
      const all = [...store.keys.values()].filter(
        (key) =>
          (input.nameQuery === undefined || (key.name ?? "").startsWith(input.nameQuery)) &&
          (input.customerId === undefined || key.customerId === input.customerId),
      );
      const { items, nextToken } = page(all, input.position, input.limit);
      return { items: items.map((key) => shown(key, input.includeValues ?? false)), position: nextToken };
    }),

    operation(UpdateApiKeyCommand, (input) => {
      const draft = { ...store.key(input.apiKey), lastUpdatedDate: clock.now() };
      patch(input.patchOperations, [
        { path: /^\/name$/, apply: (value) => (draft.name = value) },
        { path: /^\/description$/, apply: (value) => (draft.description = value) },
        { path: /^\/customerId$/, apply: (value) => (draft.customerId = value) },
        { path: /^\/enabled$/, apply: (value) => (draft.enabled = patchedBoolean(value)) },
      ]);
      store.keys.set(draft.id, draft);
      return shown(draft, false);
    }),

    operation(DeleteApiKeyCommand, (input) => {
      const { id } = store.key(input.apiKey);
      store.keys.delete(id);
      for (const plan of store.plans.values()) {
        store.plans.set(plan.id, { ...plan, keyIds: new Set([...plan.keyIds].filter((one) => one !== id)) });
      }
      return {};
    }),
  ];
}

function shown({ value, tags, ...key }: ApiKey, withValue: boolean): ShownApiKey {
  return { ...key, ...(withValue ? { value } : {}), stageKeys: [], tags: tags.record() };
}
