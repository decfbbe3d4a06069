import type { InputColumn, ModelCheck } from "../../lib/model-format";
import { apiKnobs } from "../../lib/rollout-knobs";
import { unknownKeys } from "../support/problems";
import type { BlueGreenApiArgs } from "./arguments";
import type { Cors, CustomDomain } from "./front-options";
import type { OwnHandler, VpcPlace } from "./function-options";

/** A problem for each argument, or member of one, that there is not. */
export function unknownArguments(args: BlueGreenApiArgs): string[] {
  const { request = {}, check, handler, vpc, cors, customDomain } = args;
  const columns: readonly object[] = "columns" in request && Array.isArray(request.columns) ? request.columns : [];
  const within = (key: string, value: object | undefined, known: object) =>
    value === undefined ? [] : unknownKeys(value, Object.keys(known), key);
  return [
    ...unknownKeys(args, [...Object.keys(OWN), ...Object.keys(apiKnobs)]),
    ...within("request", request, REQUEST),
    ...columns.flatMap((column, index) => within(`request.columns[${index}]`, column, COLUMN)),
    ...within("check", check, CHECK),
    ...within("handler", handler, HANDLER),
    ...within("vpc", vpc, VPC),
    ...within("cors", cors, CORS),
    ...within("customDomain", customDomain, DOMAIN),
  ];
}

type Known<T> = Record<keyof Required<T>, true>;

const OWN: Record<Exclude<keyof BlueGreenApiArgs, keyof typeof apiKnobs>, true> = {
  apiName: true,
  release: true,
  endpoint: true,
  request: true,
  check: true,
  dataCaptureUri: true,
  preTrafficHook: true,
  postTrafficHook: true,
  handler: true,
  memorySize: true,
  timeout: true,
  environment: true,
  vpc: true,
  reservedConcurrency: true,
  provisionedConcurrency: true,
  layers: true,
  front: true,
  auth: true,
  throttling: true,
  cors: true,
  customDomain: true,
  wafAclArn: true,
  createAccountLogRole: true,
  standbyReleases: true,
  kmsKeyArn: true,
  logRetentionDays: true,
  tags: true,
  transform: true,
};
const REQUEST: Record<"columns" | "contentType" | "accept", true> = { columns: true, contentType: true, accept: true };
const COLUMN: Known<InputColumn> = {
  name: true,
  type: true,
  optional: true,
  minimum: true,
  maximum: true,
  values: true,
};
const CHECK: Known<ModelCheck> = { requests: true, accept: true, acceptKnown: true };
const HANDLER: Known<OwnHandler> = {
  code: true,
  handler: true,
  runtime: true,
  architecture: true,
  writesMetrics: true,
};
const VPC: Known<VpcPlace> = { subnetIds: true, securityGroupIds: true };
const CORS: Known<Cors> = { allowOrigin: true, allowHeaders: true, maxAge: true };
const DOMAIN: Known<CustomDomain> = { domainName: true, certificateArn: true, basePath: true, hostedZoneId: true };
