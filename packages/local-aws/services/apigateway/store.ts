import { randomBytes } from "node:crypto";
import type {
  AccessLogSettings,
  EndpointType,
  Integration,
  MethodSetting,
  ThrottleSettings,
} from "@aws-sdk/client-api-gateway";
import type { Account } from "../../core/account";
import { pager } from "../../core/paging";
import type { Tags } from "../../core/tags";
import { badRequest, notFound } from "./errors";

/** What answers one HTTP method of a resource. */
export interface Method {
  readonly httpMethod: string;
  readonly authorizationType: "NONE" | "AWS_IAM";
  readonly apiKeyRequired: boolean;
  readonly operationName: string | undefined;
  readonly integration: Integration | undefined;
}

/** A node of an API's tree of paths. */
export interface Resource {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly pathPart: string | undefined;
  readonly path: string;
  readonly methods: Map<string, Method>;
}

/** A method with its path, as it was when it was deployed. */
export interface Route {
  readonly resourceId: string;
  readonly path: string;
  readonly method: Method;
}

/** All methods of an API at one moment: what a stage serves until it is given another deployment. */
export interface Deployment {
  readonly id: string;
  readonly description: string | undefined;
  readonly createdDate: Date;
  readonly routes: readonly Route[];
  readonly binaryMediaTypes: readonly string[];
}

export interface Stage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly description: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** By `<path without its first slash>/<method>`; all methods under `*` `/*`. */
  readonly methodSettings: Readonly<Record<string, Required<MethodSetting>>>;
  readonly accessLogSettings: AccessLogSettings | undefined;
  readonly tracingEnabled: boolean;
  readonly tags: Tags;
  readonly createdDate: Date;
  readonly lastUpdatedDate: Date;
}

export interface RestApi {
  readonly id: string;
  readonly createdDate: Date;
  readonly rootResourceId: string;
  settings: RestApiSettings;
  readonly tags: Tags;
  readonly resources: Map<string, Resource>;
  readonly deployments: Map<string, Deployment>;
  readonly stages: Map<string, Stage>;
}

interface RestApiSettings {
  readonly name: string;
  readonly description: string | undefined;
  readonly version: string | undefined;
  readonly binaryMediaTypes: readonly string[];
  readonly endpointTypes: readonly EndpointType[];
  readonly disableExecuteApiEndpoint: boolean;
}

export interface ApiKey {
  readonly id: string;
  readonly value: string;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly customerId: string | undefined;
  readonly enabled: boolean;
  readonly createdDate: Date;
  readonly lastUpdatedDate: Date;
  readonly tags: Tags;
}

export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly apiStages: readonly { readonly apiId: string; readonly stage: string }[];
  readonly throttle: ThrottleSettings | undefined;
  readonly tags: Tags;
  readonly keyIds: ReadonlySet<string>;
}

/** Everything that API Gateway keeps. */
export class ApiStore {
  readonly apis = new Map<string, RestApi>();
  readonly keys = new Map<string, ApiKey>();
  readonly plans = new Map<string, UsagePlan>();
  cloudwatchRoleArn: string | undefined;

  constructor(readonly account: Account) {}

  api(id: string): RestApi {
    return found(this.apis.get(id), `Invalid API identifier specified ${this.account.accountId}:${id}`);
  }

  resource(apiId: string, id: string): Resource {
    return found(this.api(apiId).resources.get(id), "Invalid Resource identifier specified");
  }

  method(apiId: string, resourceId: string, httpMethod: string): { resource: Resource; method: Method } {
    const resource = this.resource(apiId, resourceId);
    return { resource, method: found(resource.methods.get(httpMethod), "Invalid Method identifier specified") };
  }

  deployment(apiId: string, id: string): Deployment {
    return found(this.api(apiId).deployments.get(id), "Invalid Deployment identifier specified");
  }

  stage(apiId: string, name: string): Stage {
    return found(this.api(apiId).stages.get(name), "Invalid stage identifier specified");
  }

  key(id: string): ApiKey {
    return found(this.keys.get(id), "Invalid API Key identifier specified");
  }

  plan(id: string): UsagePlan {
    return found(this.plans.get(id), "Invalid Usage Plan ID specified");
  }
}

function found<T>(value: T | undefined, message: string): T {
  if (value === undefined) {
    throw notFound(message);
  }
  return value;
}

/** An id in AWS's alphabet, such as `a1b2c3d4e5`. */
export function newId(length = 10): string {
  return [...randomBytes(length)].map((byte) => (byte % 36).toString(36)).join("");
}

/** One page of a list. */
export const page = pager(25, (position) => badRequest(`Invalid position parameter specified: ${position}`));
