import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { apiKnobs, MOST_ALARMS } from "../../lib/rollout-knobs";
import { parseS3Uri } from "../../lib/s3-uri";
import type { KnobArguments } from "../knobs";
import { problemLines } from "../providers/support/inputs";
import { alarmCount } from "./release-alarms";
import type { Authorization } from "./rest-front";

/** What the new release must answer before it gets traffic. */
export interface PreTrafficCheck {
  /** Input rows as CSV, sent in one request. */
  readonly knownRows: readonly string[];
  /** Least and greatest prediction that is believed. */
  readonly minimumPrediction: number;
  readonly maximumPrediction: number;
}

/** An endpoint with one variant. Outputs of what makes it, so that nothing shifts before it is in service. */
export interface EndpointReference {
  readonly endpointName: pulumi.Input<string>;
  readonly endpointArn: pulumi.Input<string>;
  readonly endpointConfigArn: pulumi.Input<string>;
  readonly variantName: pulumi.Input<string>;
}

/** Arguments of `BlueGreenApi`. */
export interface BlueGreenApiArgs extends KnobArguments<typeof apiKnobs, "notificationTopicArn"> {
  /** Name of the function, the API and the CodeDeploy application, such as `mlops-nyctaxi-api`. At most 40 characters. */
  readonly apiName: string;
  /** The release that is to be live. */
  readonly release: string;
  /** Its endpoint, with the release's id in its name: an `AutoscaledEndpoint`, or the same four facts of another one. */
  readonly endpoint: EndpointReference;
  readonly preTraffic: PreTrafficCheck;
  /** S3 prefix of captured traffic; captures of the new endpoint must arrive there before the rollout counts as done. */
  readonly dataCaptureUri: string;
  /** Least and greatest prediction that is believed of any request; others count for the alarm `predictions`. @default - none counts */
  readonly predictionRange?: { readonly minimum: number; readonly maximum: number };
  /** Releases whose endpoints are warm: the API goes back to one of them at once, without a shift. @default - none */
  readonly standbyReleases?: readonly string[];
  /** Who may call the API: callers that sign with IAM credentials, callers with an API key, or everybody. @default "iam" */
  readonly auth?: Authorization;
  /** Requests per second, in the long run and at once. @default 50 and 100 */
  readonly throttling?: { readonly rateLimit: number; readonly burstLimit: number };
  /** Whether this API sets the account-wide role that API Gateway writes access logs under. @default true */
  readonly createAccountLogRole?: boolean;
  /** Key that encrypts the functions' environment. @default - a key that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Days that the logs of functions and API are kept. @default 365 */
  readonly logRetentionDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The knobs that decide which resources there are, or are checked before there is one. */
const plainKnobs = z.object(apiKnobs).omit({ notificationTopicArn: true });

/** The same, with defaults filled in. */
export type ApiKnobs = z.output<typeof plainKnobs>;

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
export function checkArguments(args: BlueGreenApiArgs, on: pulumi.Resource): ApiKnobs {
  const { data: knobs } = plainKnobs.safeParse(args);
  const problems = [
    ...problemLines(plainKnobs, args),
    ...alarmProblems(args),
    ...rangeProblems(args.predictionRange),
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
        `alarmNames: CodeDeploy watches ${MOST_ALARMS} alarms at most, and these are ${alarmNames.length} beside ${own} of the release`,
      ]
    : [];
}

function captureProblems(uri: string): string[] {
  return (parseS3Uri(uri)?.key ?? "") === "" ? [`dataCaptureUri must be s3://<bucket>/<prefix>, got "${uri}"`] : [];
}

function rangeProblems(range: BlueGreenApiArgs["predictionRange"]): string[] {
  return range === undefined || range.minimum < range.maximum
    ? []
    : [`predictionRange: minimum (${range.minimum}) must be below maximum (${range.maximum})`];
}
