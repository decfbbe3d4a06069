import {
  APIGatewayClient,
  GetApiKeyCommand,
  GetMethodCommand,
  GetStagesCommand,
  paginateGetResources,
  paginateGetRestApis,
  paginateGetUsagePlanKeys,
  paginateGetUsagePlans,
} from "@aws-sdk/client-api-gateway";
import { nearest } from "../../lib/nearest";
import type { AwsSettings } from "../support/context";
import { itemsOf } from "../support/pages";
import { byKey, bySignature, OPEN, type Access } from "./access";

/** Where a model's API answers, and how it lets callers in. */
export interface Api {
  readonly url: string;
  /** As config `auth` says it. */
  readonly auth: "iam" | "apiKey" | "none";
  readonly access: Access;
}

/** The path of the model's API, and its method. */
const PATH = "/api";
const METHOD = "POST";

/**
 * Finds an API by its name.
 *
 * @param url where callers reach it, such as a domain of one's own @default - API Gateway's own address
 * @throws if there is no such API, with the names of those that there are
 */
export async function apiOf(aws: AwsSettings, name: string, url?: string): Promise<Api> {
  const client = new APIGatewayClient(aws);
  const apis = await itemsOf(paginateGetRestApis({ client }, {}), ({ items }) => items);
  const api = apis.find((one) => one.name === name);
  if (api?.id === undefined) {
    throw new Error(noApi(name, apis));
  }
  const { item: stages = [] } = await client.send(new GetStagesCommand({ restApiId: api.id }));
  const stage = stages[0]?.stageName;
  if (stage === undefined) {
    throw new Error(`API ${name} has no stage: its deployment has not come so far`);
  }
  const auth = await authOf(client, api.id);
  const access = await accessTo(client, aws, { apiId: api.id, stage }, auth);
  return { url: url ?? `${await addressOf(client, aws, api.id)}/${stage}${PATH}`, auth, access };
}

function noApi(name: string, apis: readonly { readonly name?: string }[]): string {
  const names = apis.flatMap((one) => one.name ?? []);
  const meant = nearest(name, names);
  const hint = meant === undefined ? `there are ${names.join(", ") || "none"}` : `did you mean ${meant}?`;
  return `there is no API ${name}: ${hint}. It comes with the first release in production; look at --stack, --model and --region`;
}

async function authOf(client: APIGatewayClient, restApiId: string): Promise<Api["auth"]> {
  const resources = await itemsOf(paginateGetResources({ client }, { restApiId }), ({ items }) => items);
  const resourceId = resources.find(({ path }) => path === PATH)?.id;
  const { authorizationType, apiKeyRequired } = await client.send(
    new GetMethodCommand({ restApiId, resourceId, httpMethod: METHOD }),
  );
  return apiKeyRequired === true ? "apiKey" : authorizationType === "AWS_IAM" ? "iam" : "none";
}

async function accessTo(
  client: APIGatewayClient,
  aws: AwsSettings,
  of: { readonly apiId: string; readonly stage: string },
  auth: Api["auth"],
): Promise<Access> {
  switch (auth) {
    case "none":
      return OPEN;
    case "iam":
      return bySignature(aws);
    case "apiKey":
      return byKey(await keyOf(client, of));
  }
}

/** A key of the usage plan that the API's stage belongs to. It is read for each call, so that it is kept nowhere else. */
async function keyOf(
  client: APIGatewayClient,
  of: { readonly apiId: string; readonly stage: string },
): Promise<string> {
  const plans = await itemsOf(paginateGetUsagePlans({ client }, {}), ({ items }) => items);
  const own = plans.filter(({ apiStages = [] }) =>
    apiStages.some(({ apiId, stage }) => apiId === of.apiId && stage === of.stage),
  );
  for (const { id: usagePlanId } of own) {
    const keys = await itemsOf(paginateGetUsagePlanKeys({ client }, { usagePlanId }), ({ items }) => items);
    for (const { id: apiKey } of keys) {
      const { value, enabled } = await client.send(new GetApiKeyCommand({ apiKey, includeValue: true }));
      if (value !== undefined && enabled === true) {
        return value;
      }
    }
  }
  throw new Error("the API asks for a key, and no usage plan of its stage has one that is enabled");
}

/** The local AWS answers for an API below its own address. */
async function addressOf(client: APIGatewayClient, { endpoint }: AwsSettings, apiId: string): Promise<string> {
  const local = endpoint ?? process.env.AWS_ENDPOINT_URL;
  if (local !== undefined) {
    return `${local}/_aws/execute-api/${apiId}`;
  }
  const region = await client.config.region();
  return `https://${apiId}.execute-api.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}
