import { GetTagsCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-api-gateway";
import { operation, type Operation } from "../../core/operation";
import type { Tags } from "../../core/tags";
import { notFound } from "./errors";
import type { ApiStore } from "./store";

/** Tags of APIs, stages, API keys and usage plans. */
export function tagOperations(store: ApiStore): readonly Operation[] {
  return [
    operation(GetTagsCommand, (input) => ({ tags: tagsOf(store, input.resourceArn).record() })),
    operation(TagResourceCommand, (input) => {
      tagsOf(store, input.resourceArn).add(input.tags);
      return {};
    }),
    operation(UntagResourceCommand, (input) => {
      tagsOf(store, input.resourceArn).remove(input.tagKeys);
      return {};
    }),
  ];
}

/** The tags of what an ARN such as `arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/stages/Prod` names. */
function tagsOf(store: ApiStore, arn: string): Tags {
  const [, kind, id = "", stageName] =
    /^arn:aws:apigateway:[^:]+::\/([a-z]+)\/([^/]+)(?:\/stages\/([^/]+))?$/.exec(arn) ?? [];
  if (kind === "restapis" && stageName !== undefined) {
    return store.stage(id, stageName).tags;
  }
  switch (kind) {
    case "restapis":
      return store.api(id).tags;
    case "apikeys":
      return store.key(id).tags;
    case "usageplans":
      return store.plan(id).tags;
    default:
      throw notFound(`Invalid resource ARN specified: ${arn}`);
  }
}
