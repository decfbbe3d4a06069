import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ApiKnobs, CompleteThresholds } from "../../lib/knobs";
import { apiKnobs, MOST_ALARMS } from "../../lib/rollout-knobs";
import { parseS3Uri } from "../../lib/s3-uri";
import { problemLines } from "../providers/support/inputs";
import { alarmCount } from "./release-alarms";
import type { Authorization } from "./rest-front";

/** What the new release must answer before it gets traffic. */
export interface PreTrafficCheck {
  /** Input rows as CSV, sent in one request. */
  readonly knownRows: readonly string[];
  /** Least and greatest plausible prediction. */
  readonly minimumPrediction: number;
  readonly maximumPrediction: number;
}

/** A column of the model's inputs, with the least and greatest value that the training data had. @default - no limit */
export interface InputColumn {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** An endpoint with one variant. Pass outputs of the resource that creates it, so that no traffic shifts before it is in service. */
export interface EndpointReference {
  readonly endpointName: pulumi.Input<string>;
  readonly endpointArn: pulumi.Input<string>;
  readonly variantName: pulumi.Input<string>;
}

/** Arguments of `BlueGreenApi`. */
export interface BlueGreenApiArgs extends ApiKnobs<pulumi.Input<string>> {
  /**
   * Name of the function, the API and the CodeDeploy application, such as `mlops-nyctaxi-api`: letters, digits, hyphens and underscores, at
   * most 36, since the hooks are called `CodeDeployHook_<apiName>-post-traffic` and Lambda allows 64.
   */
  readonly apiName: string;
  /** The release that is to be live: lower-case letters, digits and inner hyphens, as SageMaker writes names in ARNs. */
  readonly release: string;
  /** The release's endpoint, whose name must contain the release's id: an `AutoscaledEndpoint`, or these three values of another one. */
  readonly endpoint: EndpointReference;
  readonly preTraffic: PreTrafficCheck;
  /** S3 prefix of captured traffic; captures of the new endpoint must arrive there before the rollout counts as done. */
  readonly dataCaptureUri: string;
  /**
   * The model's input columns, in this order. The function refuses rows of another number of columns. Requests with a value outside of a
   * column's range are answered, and do not judge a release: nobody knows what is right for them.
   * @default - rows of any length go to the model, and every request counts
   */
  readonly inputs?: readonly InputColumn[];
  /** Least and greatest plausible prediction for any request. Others count for the alarm `predictions`. @default - none counts */
  readonly predictionRange?: { readonly minimum: number; readonly maximum: number };
  /** Releases whose endpoints are kept warm. The API goes back to one of them at once, without a shift. @default - none */
  readonly standbyReleases?: readonly string[];
  /** Who may call the API: callers that sign with IAM credentials, callers with an API key, or everybody. @default "iam" */
  readonly auth?: Authorization;
  /** Requests per second, in the long run and at once. @default 50 and 100 */
  readonly throttling?: { readonly rateLimit: number; readonly burstLimit: number };
  /** Whether to give API Gateway the account-wide role with which it writes access logs, if it has none. @default true */
  readonly createAccountLogRole?: boolean;
  /** Key that encrypts the functions' environment. @default - a key that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Days that the logs of functions and API are kept. @default 365 */
  readonly logRetentionDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

const names = z.object({
  apiName: z
    .string()
    .max(36, "must have at most 36 characters")
    .regex(/^[a-zA-Z0-9_-]+$/, "must be letters, digits, hyphens and underscores"),
  release: z.string().regex(/^[a-z0-9](-*[a-z0-9])*$/, "must be lower-case letters, digits and inner hyphens"),
});

/** The knobs that decide which resources exist, and those that are checked before there is any. */
const plainKnobs = z.object(apiKnobs).omit({ notificationTopicArn: true });

/** The same, with defaults filled in. */
export type CheckedKnobs = Required<Omit<ApiKnobs, "notificationTopicArn" | "alarms">> & {
  readonly alarms: CompleteThresholds;
};

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
export function checkArguments(args: BlueGreenApiArgs, on: pulumi.Resource): CheckedKnobs {
  const given: z.input<typeof plainKnobs> = args;
  const { data: knobs } = plainKnobs.safeParse(given);
  const problems = [
    ...problemLines(names, { apiName: args.apiName, release: args.release }),
    ...problemLines(plainKnobs, args),
    ...alarmProblems(args),
    ...rangeProblems(args.predictionRange),
    ...inputProblems(args),
    ...captureProblems(args.dataCaptureUri),
  ];
  if (knobs === undefined || problems.length > 0) {
    throw new pulumi.ResourceError(problems.join("; "), on, true);
  }
  return knobs;
}

function alarmProblems({ alarmNames = [], alarms = {}, predictionRange }: BlueGreenApiArgs): string[] {
  const own = alarmCount(alarms, predictionRange !== undefined);
  return own + alarmNames.length > MOST_ALARMS
    ? [
        `alarmNames: CodeDeploy watches at most ${MOST_ALARMS} alarms, got ${alarmNames.length} and ${own} of the release itself`,
      ]
    : [];
}

/** A function's environment has room for 4 KB in all: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_RANGE_CHARACTERS = 3000;

function inputProblems({ inputs = [], preTraffic }: BlueGreenApiArgs): string[] {
  const wrong = inputs.flatMap(({ minimum = -Infinity, maximum = Infinity }, i) =>
    minimum < maximum ? [] : [`inputs[${i}]: minimum (${minimum}) must be below maximum (${maximum})`],
  );
  const size = inputRanges(inputs)?.length ?? 0;
  return [
    ...wrong,
    ...(size > MOST_RANGE_CHARACTERS
      ? [
          `inputs: the ranges take ${size} characters, at most ${MOST_RANGE_CHARACTERS} fit into the function's environment: leave all out`,
        ]
      : []),
    ...(inputs.length === 0 ? [] : preTraffic.knownRows.flatMap((row, i) => knownRowProblems(row, i, inputs))),
  ];
}

function knownRowProblems(row: string, index: number, inputs: readonly InputColumn[]): string[] {
  const cells = row.split(",").map(Number);
  const isUsual = cells.every(
    (cell, i) => cell >= (inputs[i]?.minimum ?? -Infinity) && cell <= (inputs[i]?.maximum ?? Infinity),
  );
  return cells.length === inputs.length && isUsual
    ? []
    : [`preTraffic.knownRows[${index}] must have ${inputs.length} columns within the ranges of inputs, got "${row}"`];
}

/** The ranges as the function reads them; `undefined` if no column has one. */
export function inputRanges(inputs: readonly InputColumn[]): string | undefined {
  return inputs.some(({ minimum, maximum }) => minimum !== undefined || maximum !== undefined)
    ? JSON.stringify(inputs.map(({ minimum = null, maximum = null }) => [minimum, maximum]))
    : undefined;
}

function captureProblems(uri: string): string[] {
  return (parseS3Uri(uri)?.key ?? "") === "" ? [`dataCaptureUri must be s3://<bucket>/<prefix>, got "${uri}"`] : [];
}

function rangeProblems(range: BlueGreenApiArgs["predictionRange"]): string[] {
  return range === undefined || range.minimum < range.maximum
    ? []
    : [`predictionRange: minimum (${range.minimum}) must be below maximum (${range.maximum})`];
}
