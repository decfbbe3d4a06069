import { randomUUID } from "node:crypto";
import type { Architecture, LoggingConfig, Runtime, TracingMode, VpcConfig } from "@aws-sdk/client-lambda";
import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { Tags } from "../../core/tags";
import type { FunctionCode } from "./code";
import { functionArn, functionReference, type FunctionReference } from "./names";
import type { RoutedShare } from "./routing";

/** What a function is configured to be: all that a new version is published for when it changes. */
export interface Settings {
  readonly runtime: Runtime;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memorySizeInMB: number;
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly kmsKeyArn: string | undefined;
  readonly tracingMode: TracingMode;
  readonly architectures: readonly Architecture[];
  readonly ephemeralStorageInMB: number;
  readonly logging: Required<Pick<LoggingConfig, "LogFormat" | "LogGroup">> & LoggingConfig;
  /** It is kept and shown. Functions run on this machine, in its network. */
  readonly vpc: Required<Pick<VpcConfig, "SubnetIds" | "SecurityGroupIds">> | undefined;
  /** ARNs of the versions of layers that it has. */
  readonly layers: readonly string[];
}

/** `$LATEST` as it is now, or a published version, which never changes. */
export interface FunctionVersion {
  readonly functionName: string;
  readonly version: string;
  readonly settings: Settings;
  readonly code: FunctionCode;
  readonly revisionId: string;
  readonly lastModified: Date;
  /** When it stops being `Pending`, or its update `InProgress`. */
  readonly readyAt: Date;
  /** What `$LATEST` was before the update that is in progress: it answers until the update is done. */
  readonly updateOf?: FunctionVersion;
}

/** A name for one version, or for two between which requests are split. */
export interface Alias {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly additional: { readonly version: string; readonly weight: number } | undefined;
  readonly share: RoutedShare;
  readonly revisionId: string;
}

/** A statement of a resource policy, as `GetPolicy` shows it. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: string | Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Who may call a function, or one of its versions or aliases. */
export interface Policy {
  readonly statements: readonly Statement[];
  readonly revisionId: string;
}

/** One function with everything that belongs to it. */
export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  latest: FunctionVersion;
  /** In the order of their publication; numbers are never used again. */
  readonly published: FunctionVersion[];
  nextVersion: number;
  /** What `$LATEST` was when the last version was published. */
  publishedFrom: FunctionVersion | undefined;
  readonly aliases: Map<string, Alias>;
  /** By qualifier; the function's own under `""`. */
  readonly policies: Map<string, Policy>;
  readonly tags: Tags;
  reservedConcurrency: number | undefined;
  /** By alias or version. */
  readonly provisioned: Map<string, ProvisionedConcurrency>;
}

/** Environments that are kept ready for an alias or a version. */
export interface ProvisionedConcurrency {
  readonly executions: number;
  /** For which they were made: that of an alias changes. */
  readonly version: string;
  readonly lastModified: Date;
  readonly readyAt: Date;
}

export const LATEST = "$LATEST";

/** What a qualifier stands for. */
export type Qualified =
  { readonly kind: "version"; readonly version: FunctionVersion } | { readonly kind: "alias"; readonly alias: Alias };

/** All functions of the local AWS. */
export class FunctionStore {
  private readonly functions = new Map<string, LambdaFunction>();

  constructor(readonly account: Account) {}

  reference(text: string, qualifier?: string): FunctionReference {
    return functionReference(this.account, text, qualifier);
  }

  list(): readonly LambdaFunction[] {
    return [...this.functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws ResourceConflictException if there is one of that name */
  add(latest: FunctionVersion, tags: Readonly<Record<string, string>>): LambdaFunction {
    const name = latest.functionName;
    if (this.functions.has(name)) {
      throw new AwsError("ResourceConflictException", `Function already exist: ${name}`, 409, { Type: "User" });
    }
    const added: LambdaFunction = {
      name,
      arn: functionArn(this.account, name),
      latest,
      published: [],
      nextVersion: 1,
      publishedFrom: undefined,
      aliases: new Map(),
      policies: new Map(),
      tags: new Tags(tags),
      reservedConcurrency: undefined,
      provisioned: new Map(),
    };
    this.functions.set(name, added);
    return added;
  }

  remove(name: string): void {
    this.functions.delete(name);
  }

  /** @throws ResourceNotFoundException */
  get(reference: FunctionReference): LambdaFunction {
    const found = this.functions.get(reference.name);
    if (found === undefined) {
      throw this.notFound(reference.name, reference.qualifier);
    }
    return found;
  }

  /** @throws ResourceNotFoundException */
  version(owner: LambdaFunction, version: string): FunctionVersion {
    const found = version === LATEST ? owner.latest : owner.published.find((one) => one.version === version);
    if (found === undefined) {
      throw this.notFound(owner.name, version);
    }
    return found;
  }

  /** @throws ResourceNotFoundException */
  alias(owner: LambdaFunction, name: string): Alias {
    const found = owner.aliases.get(name);
    if (found === undefined) {
      throw new AwsError(
        "ResourceNotFoundException",
        `Cannot find alias arn: ${functionArn(this.account, owner.name, name)}`,
        404,
        { Type: "User" },
      );
    }
    return found;
  }

  /** @throws ResourceNotFoundException */
  qualified(owner: LambdaFunction, qualifier: string | undefined): Qualified {
    return qualifier === undefined || isVersion(qualifier)
      ? { kind: "version", version: this.version(owner, qualifier ?? LATEST) }
      : { kind: "alias", alias: this.alias(owner, qualifier) };
  }

  private notFound(name: string, qualifier: string | undefined): AwsError {
    return new AwsError(
      "ResourceNotFoundException",
      `Function not found: ${functionArn(this.account, name, qualifier)}`,
      404,
      { Type: "User" },
    );
  }
}

/** Whether a qualifier is a version's; an alias may not consist of digits only. */
export function isVersion(qualifier: string): boolean {
  return qualifier === LATEST || /^\d+$/.test(qualifier);
}

/** Whether an alias sends requests to this version, be it with a weight of nought. */
export function isAliased(owner: LambdaFunction, version: string): boolean {
  return aliasesOf(owner, version).length > 0;
}

/** The aliases that point at a version, as their first or their additional one. */
export function aliasesOf(owner: LambdaFunction, version: string): readonly Alias[] {
  return [...owner.aliases.values()].filter(
    (alias) => alias.version === version || alias.additional?.version === version,
  );
}

export const newRevision = (): string => randomUUID();

/**
 * Refuses a change that was decided on an older state.
 *
 * @throws PreconditionFailedException if `wanted` is given and is not the latest
 */
export function checkRevision(wanted: string | undefined, latest: string, operation: string): void {
  if (wanted !== undefined && wanted !== latest) {
    throw new AwsError(
      "PreconditionFailedException",
      `The Revision Id provided does not match the latest Revision Id. Call the ${operation} API to retrieve the latest Revision Id`,
      412,
      { Type: "User" },
    );
  }
}

/**
 * Refuses what may not be done to a function that is being created or changed.
 *
 * @throws ResourceConflictException
 */
export function checkSettled({ arn, latest }: LambdaFunction, now: Date): void {
  if (latest.readyAt > now) {
    const why =
      latest.updateOf === undefined
        ? "The function is currently in the following state: Pending"
        : `An update is in progress for resource: ${arn}`;
    throw new AwsError("ResourceConflictException", `The operation cannot be performed at this time. ${why}`, 409, {
      Type: "User",
    });
  }
}
