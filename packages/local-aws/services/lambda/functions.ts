import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  type FunctionConfiguration,
} from "@aws-sdk/client-lambda";
import { AwsError } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import { configurationOf, SETTLING_MS, versionArn } from "./configuration";
import type { LambdaContext } from "./context";
import { functionArn } from "./names";
import { checkRole } from "./role";
import { invalid, newSettings, notPlayed, page } from "./settings";
import { aliasesOf, isVersion, LATEST, newRevision } from "./store";
import { publish } from "./versions";

/** Creating, showing and deleting functions. */
export function functionOperations(context: LambdaContext): readonly Operation[] {
  const { local, store, code, layers, pools } = context;
  const { account, clock } = local;

  /** A function, version or alias's version, under the ARN by which it was asked for. */
  const shown = (text: string, qualifier: string | undefined): FunctionConfiguration => {
    const reference = store.reference(text, qualifier);
    const owner = store.get(reference);
    const qualified = store.qualified(owner, reference.qualifier);
    const version = qualified.kind === "version" ? qualified.version : store.version(owner, qualified.alias.version);
    return configurationOf(version, functionArn(account, owner.name, reference.qualifier), clock.now());
  };

  return [
    operation(CreateFunctionCommand, async (input) => {
      const { name } = store.reference(input.FunctionName);
      const settings = newSettings(input);
      layers.check(settings.layers);
      await checkRole(local, settings);
      const now = clock.now();
      const owner = store.add(
        {
          functionName: name,
          version: LATEST,
          settings,
          code: code.unpack(zipOf(input.Code)),
          revisionId: newRevision(),
          lastModified: now,
          readyAt: new Date(now.getTime() + clock.real(SETTLING_MS)),
        },
        input.Tags ?? {},
      );
      const version = input.Publish === true ? publish(context, owner) : owner.latest;
      return configurationOf(version, versionArn(account, version), now);
    }),

    // Without `Code.Location`: nothing here would answer under such an address.
    operation(GetFunctionCommand, (input) => {
      const owner = store.get(store.reference(input.FunctionName, input.Qualifier));
      return {
        Configuration: shown(input.FunctionName, input.Qualifier),
        Code: { RepositoryType: "S3" },
        Tags: owner.tags.record(),
        ...(owner.reservedConcurrency === undefined
          ? {}
          : { Concurrency: { ReservedConcurrentExecutions: owner.reservedConcurrency } }),
      };
    }),

    operation(GetFunctionConfigurationCommand, (input) => shown(input.FunctionName, input.Qualifier)),

    operation(ListFunctionsCommand, (input) => {
      const versions = store
        .list()
        .flatMap((owner) => (input.FunctionVersion === "ALL" ? [owner.latest, ...owner.published] : [owner.latest]));
      const { items, nextToken } = page(versions, input.Marker, input.MaxItems);
      const qualifier = (version: string) => (input.FunctionVersion === "ALL" ? version : undefined);
      return {
        Functions: items.map((version) =>
          configurationOf(version, functionArn(account, version.functionName, qualifier(version.version)), clock.now()),
        ),
        NextMarker: nextToken,
      };
    }),

    operation(DeleteFunctionCommand, (input) => {
      const reference = store.reference(input.FunctionName, input.Qualifier);
      const owner = store.get(reference);
      if (reference.qualifier === undefined) {
        store.remove(owner.name);
        [owner.latest, ...owner.published].forEach((version) => pools.retire(version));
        return {};
      }
      if (reference.qualifier === LATEST) {
        throw invalid("$LATEST version cannot be deleted without deleting the function.");
      }
      if (!isVersion(reference.qualifier)) {
        throw invalid(`${reference.qualifier} is not the number of a version; an alias is deleted by DeleteAlias`);
      }
      const version = store.version(owner, reference.qualifier);
      const aliases = aliasesOf(owner, version.version).map((alias) => alias.name);
      if (aliases.length > 0) {
        throw new AwsError(
          "ResourceConflictException",
          `Unable to delete version because the following aliases reference it: [${aliases.join(", ")}]`,
          409,
          { Type: "User" },
        );
      }
      owner.published.splice(owner.published.indexOf(version), 1);
      owner.policies.delete(version.version);
      owner.provisioned.delete(version.version);
      pools.retire(version);
      return {};
    }),
  ];
}

/**
 * The zip of a request.
 *
 * @throws NotImplemented for code in S3 or an image, InvalidParameterValueException where there is none
 */
export function zipOf(source: {
  readonly ZipFile?: Uint8Array;
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly ImageUri?: string;
}): Uint8Array {
  if (source.S3Bucket !== undefined) {
    throw notPlayed("Code.S3Bucket", `${source.S3Bucket}/${source.S3Key ?? ""}`);
  }
  if (source.ImageUri !== undefined) {
    throw notPlayed("Code.ImageUri", source.ImageUri);
  }
  if (source.ZipFile === undefined) {
    throw invalid("Please provide a source for function code.");
  }
  return source.ZipFile;
}
