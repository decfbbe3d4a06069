import type * as pulumi from "@pulumi/pulumi";
import { existsSync } from "node:fs";
import { z } from "zod";
import { VARIABLES } from "../../lib/contract";
import type { ApiKnobs, CompleteThresholds } from "../../lib/knobs";
import { acceptedAnswer, formatRules, judgesAnswers } from "../../lib/model-format-rules";
import { apiKnobs, MOST_ALARMS } from "../../lib/rollout-knobs";
import { parseS3Uri } from "../../lib/s3-uri";
import { problemLines } from "../providers/support/inputs";
import { refuse } from "../support/problems";
import { unknownArguments } from "./argument-names";
import type { BlueGreenApiArgs } from "./arguments";
import { sizeProblems } from "./environment";
import { modelFormat, MOST_SECONDS } from "./functions";
import { knownBodies, knownRowProblems } from "./known-requests";
import { alarmCount } from "./release-alarms";

const wholeNumber = (minimum: number, maximum: number) => {
  const rule = `must be a whole number from ${minimum} to ${maximum}`;
  return z.int(rule).min(minimum, rule).max(maximum, rule);
};

const plain = z.object({
  apiName: z
    .string()
    .max(36, "must have at most 36 characters")
    .regex(/^[a-zA-Z0-9_-]+$/, "must be letters, digits, hyphens and underscores"),
  release: z.string().regex(/^[a-z0-9](-*[a-z0-9])*$/, "must be lower-case letters, digits and inner hyphens"),
  check: z.object({ requests: z.array(z.unknown()).min(1, "must have at least one request") }),
  memorySize: wholeNumber(128, 10_240).optional(),
  reservedConcurrency: wholeNumber(3, 1_000_000).optional(),
  provisionedConcurrency: wholeNumber(1, 1_000_000).optional(),
  layers: z.array(z.unknown()).max(5, "must name at most 5 layers").optional(),
  front: z.enum(["rest", "none"]).optional(),
  auth: z.enum(["iam", "apiKey", "none"]).optional(),
});

/** The knobs that decide which resources exist, and those that are checked before there is any. */
const plainKnobs = z.object(apiKnobs).omit({ alarmNames: true, notificationTopicArn: true });

/** The same, with defaults filled in. */
export type CheckedKnobs = Required<Omit<ApiKnobs, "alarmNames" | "notificationTopicArn" | "alarms">> & {
  readonly alarms: CompleteThresholds;
};

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
export function checkArguments(args: BlueGreenApiArgs, on: pulumi.Resource): CheckedKnobs {
  const given: z.input<typeof plainKnobs> = args;
  refuse(apiProblems(args), on);
  return plainKnobs.parse(given);
}

/** Everything that is wrong with an API's arguments, each with the value and the rule, as far as they are known in the preview. */
export function apiProblems(args: BlueGreenApiArgs): string[] {
  const shapes = [...unknownArguments(args), ...problemLines(plain, args), ...problemLines(plainKnobs, args)];
  const rest = plain.shape.check.safeParse(args.check).success ? [...alarmProblems(args), ...formatProblems(args)] : [];
  return [
    ...shapes,
    ...rest,
    ...timeoutProblems(args),
    ...concurrencyProblems(args),
    ...frontProblems(args),
    ...handlerProblems(args),
    ...captureProblems(args.dataCaptureUri),
  ];
}

function alarmProblems(args: BlueGreenApiArgs): string[] {
  const { alarmNames = [], alarms = {} } = args;
  const own = alarmCount(alarms, metricsOf(args));
  const named = alarmNames.filter((name) => typeof name === "string");
  return [
    ...(new Set(named).size < named.length ? ["alarmNames must name each alarm once"] : []),
    ...(own + alarmNames.length > MOST_ALARMS
      ? [
          `alarmNames: CodeDeploy watches at most ${MOST_ALARMS} alarms, got ${alarmNames.length} and ${own} of the release itself`,
        ]
      : []),
  ];
}

/** Which metrics of a release there are to judge it by: its own, its predictions' too, or Lambda's alone. */
export function metricsOf({ handler, check, request = {} }: BlueGreenApiArgs): "lambda" | "requests" | "answers" {
  if (handler !== undefined && handler.writesMetrics !== true) {
    return "lambda";
  }
  return judgesAnswers(acceptedAnswer(request, check.accept)) ? "answers" : "requests";
}

/** API Gateway waits no longer: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MOST_REST_SECONDS = 29;

function timeoutProblems({ front, timeout, drainSeconds }: BlueGreenApiArgs): string[] {
  if (timeout === undefined) {
    return [];
  }
  const most = front === "none" ? MOST_SECONDS : MOST_REST_SECONDS;
  const behind = front === "none" ? "" : " behind an API";
  const drain = plainKnobs.shape.drainSeconds.safeParse(drainSeconds).data ?? Infinity;
  return [
    ...(Number.isInteger(timeout) && timeout >= 1 && timeout <= most
      ? []
      : [`timeout must be a whole number from 1 to ${most}${behind}, got ${timeout}`]),
    ...(drain > timeout ? [] : [`drainSeconds (${drain}) must be longer than timeout (${timeout})`]),
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html */
function concurrencyProblems({
  reservedConcurrency = Infinity,
  provisionedConcurrency = 0,
}: BlueGreenApiArgs): string[] {
  return provisionedConcurrency > reservedConcurrency
    ? [
        `provisionedConcurrency (${provisionedConcurrency}) must be at most reservedConcurrency (${reservedConcurrency}), of which it is a part`,
      ]
    : [];
}

/** What only a REST API can have. */
const OF_REST = ["auth", "throttling", "cors", "customDomain", "wafAclArn", "createAccountLogRole"] as const;

function frontProblems(args: BlueGreenApiArgs): string[] {
  const { front, cors, customDomain } = args;
  const useless = front === "none" ? OF_REST.filter((key) => args[key] !== undefined) : [];
  return [
    ...useless.map((key) => `${key} has no effect with front: "none": leave one of them out`),
    ...(cors !== undefined && !/^(\*|https?:\/\/[^/\s]+)$/.test(cors.allowOrigin)
      ? [`cors.allowOrigin must be an origin such as https://app.example.com, or *, got "${cors.allowOrigin}"`]
      : []),
    ...(customDomain?.basePath !== undefined && !/^[\w$.+!*'()-]+$/.test(customDomain.basePath)
      ? [`customDomain.basePath must be one part of a path, without slashes, got "${customDomain.basePath}"`]
      : []),
  ];
}

function handlerProblems({ handler, environment = {} }: BlueGreenApiArgs): string[] {
  const ours: readonly string[] = Object.values(VARIABLES);
  const taken = Object.keys(environment).filter((name) => ours.includes(name));
  const { code } = handler ?? {};
  return [
    ...taken.map((name) => `environment.${name} is set by the component: choose another name`),
    ...(typeof code === "string" && !existsSync(code) ? [`handler.code is not there: ${code}`] : []),
  ];
}

/** What is wrong with what the model is asked and answers. */
function formatProblems(args: BlueGreenApiArgs): string[] {
  const { request = {}, check, apiName } = args;
  const { accept, acceptKnown, requests } = check;
  const shapes = problemLines(formatRules, { request, check });
  if (shapes.length > 0) {
    return shapes;
  }
  const isPassed = "contentType" in request;
  const isText = isPassed && accept !== undefined && accept.type !== "json";
  const usual = acceptedAnswer(request, accept);
  return [
    ...(isPassed && "columns" in request ? ["request: columns are for rows: leave them or contentType out"] : []),
    ...(isText
      ? [`check.accept must have the type "json" for bodies that are passed through, got "${accept.type}"`]
      : []),
    ...(acceptKnown !== undefined && acceptKnown.type !== usual?.type
      ? [`check.acceptKnown must have the type of check.accept, "${usual?.type ?? "none"}", got "${acceptKnown.type}"`]
      : []),
    ...(isPassed ? [] : knownRowProblems(request.columns, requests)),
    ...sizesKnownNow(args, apiName),
  ];
}

/** The sizes of the environments as far as they are known before anything is created; the rest is checked with its values. */
function sizesKnownNow({ request, check, environment = {} }: BlueGreenApiArgs, apiName: string): string[] {
  const known = Object.entries(environment).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const format = modelFormat(request, check.accept);
  try {
    const requests = JSON.stringify(knownBodies(request, check.requests));
    return [
      ...sizeProblems(apiName, { ...format, ...Object.fromEntries(known) }),
      ...sizeProblems(`CodeDeployHook_${apiName}-pre-traffic`, { ...format, [VARIABLES.knownRequests]: requests }),
    ];
  } catch {
    return []; // the rows themselves are wrong, which is told beside this
  }
}

function captureProblems(uri: BlueGreenApiArgs["dataCaptureUri"]): string[] {
  return typeof uri === "string" && (parseS3Uri(uri)?.key ?? "") === ""
    ? [`dataCaptureUri must be s3://<bucket>/<prefix>, got "${uri}"`]
    : [];
}
