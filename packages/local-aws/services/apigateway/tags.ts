import { GetTagsCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-api-gateway";
import { operation, type Operation } from "../../core/operation";
import { notFound } from "./errors";
import type { ApiStore } from "./store";

type Tags = Readonly<Record<string, string>>;

interface Tagged {
  readonly tags: Tags;
  set(tags: Tags): void;
}

/** Tags of APIs, stages, API keys and usage plans. */
export function tagOperations(store: ApiStore): readonly Operation[] {
  return [
    operation(GetTagsCommand, (input) => ({ tags: { ...tagged(store, input.resourceArn).tags } })),
    operation(TagResourceCommand, (input) => {
      const one = tagged(store, input.resourceArn);
      one.set({ ...one.tags, ...input.tags });
      return {};
    }),
    operation(UntagResourceCommand, (input) => {
      const one = tagged(store, input.resourceArn);
      one.set(Object.fromEntries(Object.entries(one.tags).filter(([key]) => !input.tagKeys.includes(key))));
      return {};
    }),
  ];
}

/** What an ARN such as `arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/stages/Prod` names. */
function tagged(store: ApiStore, arn: string): Tagged {
  const [, kind, id = "", stageName] =
    /^arn:aws:apigateway:[^:]+::\/([a-z]+)\/([^/]+)(?:\/stages\/([^/]+))?$/.exec(arn) ?? [];
  if (kind === "restapis" && stageName !== undefined) {
    const { stages } = store.api(id);
    const stage = store.stage(id, stageName);
    return { tags: stage.tags, set: (tags) => stages.set(stageName, { ...stage, tags }) };
  }
  switch (kind) {
    case "restapis": {
      const api = store.api(id);
      return { tags: api.tags, set: (tags) => (api.tags = tags) };
    }
    case "apikeys": {
      const key = store.key(id);
      return { tags: key.tags, set: (tags) => store.keys.set(id, { ...key, tags }) };
    }
    case "usageplans": {
      const plan = store.plan(id);
      return { tags: plan.tags, set: (tags) => store.plans.set(id, { ...plan, tags }) };
    }
    default:
      throw notFound(`Invalid resource ARN specified: ${arn}`);
  }
}
