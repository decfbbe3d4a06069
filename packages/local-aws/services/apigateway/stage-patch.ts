import type { MethodSetting } from "@aws-sdk/client-api-gateway";
import { badRequest, notPlayed } from "./errors";
import { patchedBoolean, patchedNumber, type PatchRule } from "./patch";
import type { Stage } from "./store";

/** A stage that is being changed. */
export type StageDraft = { -readonly [K in keyof Stage]: Stage[K] };

/** AWS's defaults; the limits are the account's. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
export const DEFAULT_METHOD_SETTING: Required<MethodSetting> = {
  metricsEnabled: false,
  loggingLevel: "OFF",
  dataTraceEnabled: false,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  cachingEnabled: false,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: "SUCCEED_WITH_RESPONSE_HEADER",
};

/**
 * What a patch may change of a stage. Method settings are named `/<path>/<method>/<group>/<setting>`, with `~1` for the slashes
 * of the path, or with `*` for both; a removal of `/<path>/<method>` takes all of them away.
 */
export function stagePatchRules(draft: StageDraft): readonly PatchRule[] {
  return [
    {
      path: /^\/deploymentId$/,
      apply: (value) => {
        if (value === undefined) {
          throw badRequest("A stage must have a deployment");
        }
        draft.deploymentId = value;
      },
    },
    { path: /^\/description$/, apply: (value) => (draft.description = value) },
    { path: /^\/tracingEnabled$/, apply: (value) => (draft.tracingEnabled = patchedBoolean(value)) },
    {
      path: /^\/variables\/([^/]+)$/,
      apply: (value, [name = ""]) => {
        const others = Object.entries(draft.variables).filter(([key]) => key !== name);
        draft.variables = Object.fromEntries(value === undefined ? others : [...others, [name, value]]);
      },
    },
    { path: /^\/accessLogSettings$/, apply: (_value, _groups, op) => removeAccessLog(draft, op) },
    {
      path: /^\/accessLogSettings\/destinationArn$/,
      apply: (value) => {
        if (value !== undefined && !/^arn:aws:logs:[^:]+:\d{12}:log-group:[^:]+(?::\*)?$/.test(value)) {
          throw notPlayed(`access log destination ${value}, only the ARN of a log group`);
        }
        draft.accessLogSettings = { ...draft.accessLogSettings, destinationArn: value?.replace(/:\*$/, "") };
      },
    },
    {
      path: /^\/accessLogSettings\/format$/,
      apply: (value) => (draft.accessLogSettings = { ...draft.accessLogSettings, format: value }),
    },
    {
      path: /^\/(.+)\/([A-Z]+|\*)\/([a-z]+)\/([A-Za-z]+)$/,
      apply: (value, [path = "", method = "", group = "", name = ""]) => {
        const key = settingsKey(path, method);
        const before = draft.methodSettings[key] ?? DEFAULT_METHOD_SETTING;
        draft.methodSettings = { ...draft.methodSettings, [key]: { ...before, ...setting(`${group}/${name}`, value) } };
      },
    },
    {
      path: /^\/(.+)\/([A-Z]+|\*)$/,
      apply: (_value, [path = "", method = ""], op) => {
        if (op !== "remove") {
          throw badRequest(`Invalid patch path  '/${path}/${method}' specified for op '${op}'.`);
        }
        const key = settingsKey(path, method);
        draft.methodSettings = Object.fromEntries(Object.entries(draft.methodSettings).filter(([one]) => one !== key));
      },
    },
  ];
}

/** Under which a stage keeps the settings of one method, such as `api/POST`. */
export function settingsKey(path: string, httpMethod: string): string {
  return `${path.replace(/^\//, "")}/${httpMethod}`;
}

function removeAccessLog(draft: StageDraft, op: string): void {
  if (op !== "remove") {
    throw badRequest(`Invalid patch path  '/accessLogSettings' specified for op '${op}'.`);
  }
  draft.accessLogSettings = undefined;
}

function setting(name: string, value: string | undefined): Partial<MethodSetting> {
  switch (name) {
    case "metrics/enabled":
      return { metricsEnabled: patchedBoolean(value) };
    case "logging/loglevel":
      if (value !== undefined && !["OFF", "ERROR", "INFO"].includes(value)) {
        throw badRequest(`Invalid logging level specified: ${value}. Must be one of: OFF, ERROR, INFO`);
      }
      return { loggingLevel: value ?? "OFF" };
    case "logging/dataTrace":
      return { dataTraceEnabled: patchedBoolean(value) };
    case "throttling/burstLimit":
      return { throttlingBurstLimit: limit(value, DEFAULT_METHOD_SETTING.throttlingBurstLimit) };
    case "throttling/rateLimit":
      return { throttlingRateLimit: limit(value, DEFAULT_METHOD_SETTING.throttlingRateLimit) };
    case "caching/enabled":
      if (patchedBoolean(value)) {
        throw notPlayed("method setting caching/enabled true");
      }
      return { cachingEnabled: false };
    default:
      throw notPlayed(`method setting ${name}`);
  }
}

/** `-1`, which Terraform and Pulumi send for "not set", means the account's limit. */
function limit(value: string | undefined, account: number | undefined): number | undefined {
  return value === undefined || value === "-1" ? account : patchedNumber(value);
}
