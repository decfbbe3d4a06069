import type { AliasConfiguration, FunctionConfiguration } from "@aws-sdk/client-lambda";
import type { Account } from "../../core/account";
import { functionArn } from "./names";
import { LATEST, type Alias, type FunctionVersion, type LambdaFunction } from "./store";

/**
 * How a function takes a few seconds to be ready after it was created or changed, in AWS's time; it is `Pending` or its update
 * `InProgress` meanwhile. https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
export const SETTLING_MS = 3_000;

/** Id of the one VPC: that of a subnet is nothing that is known here. */
const VPC = "vpc-0123456789abcdef0";

/**
 * A version as AWS shows it.
 *
 * @param arn by which it was asked for: that of `$LATEST` bears no version unless the caller named it
 */
export function configurationOf(version: FunctionVersion, arn: string, now: Date): FunctionConfiguration {
  const { settings, code } = version;
  return {
    FunctionName: version.functionName,
    FunctionArn: arn,
    Runtime: settings.runtime,
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: code.sizeInBytes,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memorySizeInMB,
    LastModified: version.lastModified.toISOString().replace("Z", "+0000"),
    CodeSha256: code.sha256,
    Version: version.version,
    Environment: settings.environment === undefined ? undefined : { Variables: { ...settings.environment } },
    KMSKeyArn: settings.kmsKeyArn,
    TracingConfig: { Mode: settings.tracingMode },
    RevisionId: version.revisionId,
    PackageType: "Zip",
    Architectures: [...settings.architectures],
    EphemeralStorage: { Size: settings.ephemeralStorageInMB },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: settings.logging,
    ...(settings.vpc === undefined ? {} : { VpcConfig: { ...settings.vpc, VpcId: VPC } }),
    ...(settings.layers.length === 0 ? {} : { Layers: settings.layers.map((Arn) => ({ Arn })) }),
    ...statusOf(version, now),
  };
}

function statusOf(version: FunctionVersion, now: Date): Partial<FunctionConfiguration> {
  if (version.readyAt <= now) {
    return { State: "Active", LastUpdateStatus: "Successful" };
  }
  return version.updateOf === undefined
    ? { State: "Pending", StateReason: "The function is being created.", StateReasonCode: "Creating" }
    : {
        State: "Active",
        LastUpdateStatus: "InProgress",
        LastUpdateStatusReason: "The function is being updated.",
      };
}

/** An alias as AWS shows it. */
export function aliasConfiguration(account: Account, owner: LambdaFunction, alias: Alias): AliasConfiguration {
  const { additional } = alias;
  return {
    AliasArn: functionArn(account, owner.name, alias.name),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    RevisionId: alias.revisionId,
    ...(additional === undefined
      ? {}
      : { RoutingConfig: { AdditionalVersionWeights: { [additional.version]: additional.weight } } }),
  };
}

/** A published version's own ARN; `$LATEST` goes by the function's. */
export function versionArn(account: Account, version: FunctionVersion): string {
  return functionArn(account, version.functionName, version.version === LATEST ? undefined : version.version);
}
