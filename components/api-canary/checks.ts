import type * as pulumi from "@pulumi/pulumi";
import { knownRowProblems } from "../blue-green-api/known-requests";
import { refuse, unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import { s3UriProblems } from "../support/s3-uris";
import type { ApiCanaryArgs } from "./arguments";

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
export function checkCanary(args: ApiCanaryArgs, on: pulumi.Resource): void {
  refuse(canaryProblems(args), on);
}

function canaryProblems(args: ApiCanaryArgs): string[] {
  const { canaryName, auth, request, check, folderUri } = args;
  const isName = /^[0-9a-z_-]{1,255}$/.test(canaryName);
  return [
    ...unknownKeys(args, Object.keys(KNOWN)),
    ...unknownKeys(auth, Object.keys(AUTH[auth.type]), "auth"),
    ...(isName
      ? []
      : [`canaryName must be 1 to 255 lower-case letters, digits, hyphens and underscores, got "${canaryName}"`]),
    ...wholeNumberProblems("intervalMinutes", args.intervalMinutes, 1, 60),
    ...wholeNumberProblems("mostLatencyMs", args.mostLatencyMs, 1, 30_000),
    ...s3UriProblems({ folderUri }),
    ...(check.requests.length === 0 ? ["check.requests must have at least one request, got none"] : []),
    ...(request !== undefined && "contentType" in request ? [] : knownRowProblems(request?.columns, check.requests)),
  ];
}

const KNOWN: Record<keyof Required<ApiCanaryArgs>, true> = {
  canaryName: true,
  url: true,
  auth: true,
  request: true,
  check: true,
  intervalMinutes: true,
  mostLatencyMs: true,
  runtimeVersion: true,
  folderUri: true,
  kmsKeyArn: true,
  notificationTopicArn: true,
  tags: true,
  transform: true,
};
const AUTH: Record<ApiCanaryArgs["auth"]["type"], Readonly<Record<string, true>>> = {
  iam: { type: true, executionArn: true },
  apiKey: { type: true, apiKeyId: true },
  none: { type: true },
};
