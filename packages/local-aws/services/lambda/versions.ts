import { isDeepStrictEqual } from "node:util";
import { ListVersionsByFunctionCommand, PublishVersionCommand } from "@aws-sdk/client-lambda";
import { operation, type Operation } from "../../core/operation";
import { configurationOf, SETTLING_MS, versionArn } from "./configuration";
import type { LambdaContext } from "./context";
import { functionArn } from "./names";
import { invalid, page } from "./settings";
import { checkRevision, checkSettled, newRevision, type FunctionVersion, type LambdaFunction } from "./store";

/** Publishing and listing versions. */
export function versionOperations(context: LambdaContext): readonly Operation[] {
  const { local, store } = context;
  const { account, clock } = local;
  return [
    operation(PublishVersionCommand, (input) => {
      const owner = store.get(store.reference(input.FunctionName));
      const { latest } = owner;
      checkSettled(owner, clock.now());
      checkRevision(input.RevisionId, latest.revisionId, "GetFunction");
      if (input.CodeSha256 !== undefined && input.CodeSha256 !== latest.code.sha256) {
        throw invalid(
          `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${latest.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      }
      const version = publish(context, owner, input.Description);
      return configurationOf(version, versionArn(account, version), clock.now());
    }),

    operation(ListVersionsByFunctionCommand, (input) => {
      const owner = store.get(store.reference(input.FunctionName));
      const { items, nextToken } = page([owner.latest, ...owner.published], input.Marker, input.MaxItems);
      return {
        Versions: items.map((version) =>
          configurationOf(version, functionArn(account, owner.name, version.version), clock.now()),
        ),
        NextMarker: nextToken,
      };
    }),
  ];
}

/**
 * Makes a version of `$LATEST`, or returns the last one where nothing has changed since: neither code nor configuration.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 *
 * @param description of the version; the function's own where there is none
 */
export function publish(context: LambdaContext, owner: LambdaFunction, description?: string): FunctionVersion {
  const { clock } = context.local;
  const { latest } = owner;
  const last = owner.published.at(-1);
  if (last?.version === String(owner.nextVersion - 1) && isUnchanged(owner.publishedFrom, latest)) {
    return last;
  }
  const now = clock.now();
  const version: FunctionVersion = {
    ...latest,
    version: String(owner.nextVersion),
    settings: { ...latest.settings, description: description ?? latest.settings.description },
    revisionId: newRevision(),
    lastModified: now,
    readyAt: new Date(now.getTime() + clock.real(SETTLING_MS)),
    updateOf: undefined,
  };
  owner.published.push(version);
  owner.publishedFrom = latest;
  owner.nextVersion += 1;
  return version;
}

function isUnchanged(before: FunctionVersion | undefined, now: FunctionVersion): boolean {
  return before?.code.sha256 === now.code.sha256 && isDeepStrictEqual(before.settings, now.settings);
}
