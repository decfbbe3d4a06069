import {
  CreateAliasCommand,
  DeleteAliasCommand,
  GetAliasCommand,
  ListAliasesCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { AwsError } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import { aliasConfiguration } from "./configuration";
import type { LambdaContext } from "./context";
import { functionArn } from "./names";
import { RoutedShare } from "./routing";
import { invalid, page } from "./settings";
import {
  aliasesOf,
  checkRevision,
  LATEST,
  newRevision,
  type Alias,
  type FunctionStore,
  type LambdaFunction,
} from "./store";

/** Aliases and the shares of their requests. https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html */
export function aliasOperations({ store }: LambdaContext): readonly Operation[] {
  const { account } = store;
  const owner = (name: string) => store.get(store.reference(name));
  return [
    operation(CreateAliasCommand, (input) => {
      const of = owner(input.FunctionName);
      if (/^\d+$/.test(input.Name)) {
        throw invalid(`An alias may not be a number, as versions are, got ${input.Name}`);
      }
      if (of.aliases.has(input.Name)) {
        const arn = functionArn(account, of.name, input.Name);
        throw new AwsError("ResourceConflictException", `Alias already exists: ${arn}`, 409, { Type: "User" });
      }
      const alias = makeAlias(store, of, {
        name: input.Name,
        version: input.FunctionVersion,
        description: input.Description ?? "",
        weights: input.RoutingConfig?.AdditionalVersionWeights ?? {},
      });
      of.aliases.set(alias.name, alias);
      return aliasConfiguration(account, of, alias);
    }),

    operation(GetAliasCommand, (input) => {
      const of = owner(input.FunctionName);
      return aliasConfiguration(account, of, store.alias(of, input.Name));
    }),

    // A routing that is not given stays; an empty one ends it.
    operation(UpdateAliasCommand, (input) => {
      const of = owner(input.FunctionName);
      const before = store.alias(of, input.Name);
      checkRevision(input.RevisionId, before.revisionId, "GetAlias");
      const { additional } = before;
      const kept = additional === undefined ? {} : { [additional.version]: additional.weight };
      const alias = makeAlias(store, of, {
        name: before.name,
        version: input.FunctionVersion ?? before.version,
        description: input.Description ?? before.description,
        weights: input.RoutingConfig === undefined ? kept : (input.RoutingConfig.AdditionalVersionWeights ?? {}),
      });
      of.aliases.set(alias.name, alias);
      return aliasConfiguration(account, of, alias);
    }),

    // AWS does not mind an alias that is not there.
    operation(DeleteAliasCommand, (input) => {
      const of = owner(input.FunctionName);
      of.aliases.delete(input.Name);
      of.policies.delete(input.Name);
      of.provisioned.delete(input.Name);
      return {};
    }),

    operation(ListAliasesCommand, (input) => {
      const of = owner(input.FunctionName);
      const all =
        input.FunctionVersion === undefined ? [...of.aliases.values()] : [...aliasesOf(of, input.FunctionVersion)];
      all.sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, nextToken } = page(all, input.Marker, input.MaxItems);
      return { Aliases: items.map((alias) => aliasConfiguration(account, of, alias)), NextMarker: nextToken };
    }),
  ];
}

interface Wanted {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly weights: Readonly<Record<string, number>>;
}

/** An alias by AWS's rules, whose requests are counted anew. */
function makeAlias(store: FunctionStore, owner: LambdaFunction, wanted: Wanted): Alias {
  const { name, version, description } = wanted;
  store.version(owner, version);
  const additional = additionalVersion(store, owner, wanted);
  return {
    name,
    version,
    description,
    additional,
    share: new RoutedShare(additional?.weight ?? 0),
    revisionId: newRevision(),
  };
}

function additionalVersion(store: FunctionStore, owner: LambdaFunction, wanted: Wanted): Alias["additional"] {
  const weights = Object.entries(wanted.weights);
  const [first] = weights;
  if (first === undefined) {
    return undefined;
  }
  const [version, weight] = first;
  if (weights.length > 1) {
    throw invalid("Number of items in AdditionalVersionWeights cannot be greater than 1.");
  }
  if (version === LATEST || wanted.version === LATEST) {
    throw invalid("$LATEST is not supported for an alias pointing to more than 1 version");
  }
  if (version === wanted.version) {
    throw invalid(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  }
  if (!(weight >= 0 && weight <= 1)) {
    throw invalid(`Weight of version ${version} must be between 0.0 and 1.0, got ${weight}`);
  }
  const { settings } = store.version(owner, version);
  if (settings.role !== store.version(owner, wanted.version).settings.role) {
    throw invalid(`Versions ${wanted.version} and ${version} of one alias must have the same execution role`);
  }
  return { version, weight };
}
