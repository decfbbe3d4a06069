import { ApiCanary, INTERVAL_MINUTES } from "../components/api-canary";
import type { CanaryAuthorization } from "../components/api-canary/arguments";
import { knownBodies } from "../components/blue-green-api/known-requests";
import type { SafeModel } from "../components/safe-model";
import type { StackConfig } from "../lib/config";
import type { Model } from "../lib/model";
import { monitoring } from "./monitoring";

/** What asks the API for a known prediction, as a caller would. It comes after the first release, and changes with none. */
export function apiCanary(config: StackConfig<"prod">, model: Model, bucket: string, after: SafeModel) {
  const { front } = after.nodes.api.nodes;
  if (config.canary === false || front === undefined) {
    return undefined;
  }
  const { names, args } = monitoring(config, model, bucket);
  return new ApiCanary(
    "canary",
    {
      ...config.canary,
      canaryName: names.canary,
      url: after.url,
      auth: authorization(config, front),
      request: { columns: model.columns.inputs },
      check: model.check,
      folderUri: config.canaryFolderUri,
      kmsKeyArn: args.kmsKeyArn,
      notificationTopicArn: args.notificationTopicArn,
      tags: args.tags,
    },
    { dependsOn: after },
  );
}

/** A role that a pipeline deploys by may make no bucket: an older pipeline, which has made none for the canary, is updated first. */
export function canaryProblems({ canary, canaryFolderUri, permissionsBoundaryArn }: StackConfig<"prod">): string[] {
  return canary !== false && permissionsBoundaryArn !== undefined && canaryFolderUri === undefined
    ? [
        "canary: the pipeline has no place for its artifacts yet: pulumi up --stack pipeline, and start the release anew",
      ]
    : [];
}

/** What the canary sends and how often, by which the drift monitor leaves it out. */
export function sentByCanary({ canary }: StackConfig<"prod">, { columns, check }: Model) {
  if (canary === false) {
    return undefined;
  }
  const [sent] = knownBodies({ columns: columns.inputs }, check.requests.slice(0, 1));
  return sent && { row: sent.body, intervalMinutes: canary.intervalMinutes ?? INTERVAL_MINUTES };
}

type Front = NonNullable<SafeModel["nodes"]["api"]["nodes"]["front"]>;

/** How the API lets the canary in. */
function authorization({ auth }: StackConfig<"prod">, { restApi, apiKey }: Front): CanaryAuthorization {
  if (auth === "iam") {
    return { type: "iam", executionArn: restApi.executionArn };
  }
  return apiKey === undefined ? { type: "none" } : { type: "apiKey", apiKeyId: apiKey.id };
}
