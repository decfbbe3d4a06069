import * as z from "zod/mini";
import { VARIABLES, type GovernorSettings, type KnownBody } from "../lib/contract";
import type { ModelRequest, SaneAnswer } from "../lib/model-format";
import { answerRules, requestRules } from "../lib/model-format-rules";

/** A setting of the function: an environment variable that must exist. Throws an error that names the variable. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`the function's environment has no ${name}`);
  }
  return value;
}

/** A setting that is a number. Throws an error that names the variable and its value. */
export function numberSetting(name: string): number {
  const value = Number(setting(name));
  if (!Number.isFinite(value)) {
    throw new Error(`${name} in the function's environment must be a number, got ${JSON.stringify(setting(name))}`);
  }
  return value;
}

/** What a function knows of its model: what it is asked and what it must answer. */
export interface ModelFormat {
  readonly request: ModelRequest;
  /** @default - any answer is right */
  readonly accept: SaneAnswer | undefined;
}

/** The format that was read last, with the texts that it was read from. */
let lastFormat: { readonly texts: string; readonly format: ModelFormat } | undefined;

/**
 * What the model is asked and answers: the settings `MODEL_REQUEST` and `ACCEPT`. They are read anew only if they have changed, since each
 * request asks for them. Throws an error that names the variable.
 */
export function modelFormat(): ModelFormat {
  const texts = JSON.stringify([process.env[VARIABLES.request], process.env[VARIABLES.accept]]);
  if (lastFormat?.texts !== texts) {
    lastFormat = { texts, format: readFormat() };
  }
  return lastFormat.format;
}

function readFormat(): ModelFormat {
  const { contentType, accept, columns } = jsonSetting(VARIABLES.request, requestRules) ?? {};
  return {
    request: contentType === undefined ? { columns } : { contentType, accept },
    accept: jsonSetting(VARIABLES.accept, answerRules),
  };
}

/** The setting `KNOWN_REQUESTS`. Throws an error that names it. */
export function knownRequests(): readonly KnownBody[] {
  const known = jsonSetting(VARIABLES.knownRequests, KNOWN_BODIES);
  if (known === undefined) {
    throw new Error(`the function's environment has no ${VARIABLES.knownRequests}`);
  }
  return known;
}

/** The setting `GOVERNOR`. Throws an error that names it. */
export function governorSettings(): GovernorSettings {
  const settings = jsonSetting(VARIABLES.governor, GOVERNOR_SETTINGS);
  if (settings === undefined) {
    throw new Error(`the function's environment has no ${VARIABLES.governor}`);
  }
  return settings;
}

const GOVERNOR_SETTINGS = z.object({
  pipelineName: z.string(),
  dataBucket: z.string(),
  dataKey: z.string(),
  dataAction: z.string(),
  rolloutApplication: z.string(),
  decisionsUri: z.string(),
  topicArn: z.string(),
  alarmNames: z.array(z.string()),
  cooldownHours: z.number(),
  maximumPerDay: z.number(),
  requireNewData: z.boolean(),
  settleMinutes: z.number(),
});

const KNOWN_BODIES = z
  .array(z.object({ body: z.string(), isBase64Encoded: z.optional(z.boolean()) }))
  .check(z.minLength(1));

/** A setting that is JSON; `undefined` if there is none. */
export function jsonSetting<T extends z.ZodMiniType>(name: string, rules: T): z.output<T> | undefined {
  if ((process.env[name] ?? "") === "") {
    return undefined;
  }
  const parsed = rules.safeParse(json(setting(name)));
  if (!parsed.success) {
    throw new Error(`${name} in the function's environment is not what it must be, got ${setting(name)}`);
  }
  return parsed.data;
}

/** A setting that is `true` or `false`. Throws an error that names the variable and its value. */
export function booleanSetting(name: string): boolean {
  const value = setting(name);
  if (value !== "true" && value !== "false") {
    throw new Error(`${name} in the function's environment must be "true" or "false", got ${JSON.stringify(value)}`);
  }
  return value === "true";
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON is never what it must be
  }
}
