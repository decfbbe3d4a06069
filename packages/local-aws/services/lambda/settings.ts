import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest, VpcConfig } from "@aws-sdk/client-lambda";
import { AwsError, notPartOfLocal } from "../../core/aws-error";
import { pager } from "../../core/paging";
import { reservedNames } from "./environment";
import type { Settings } from "./store";

/** AWS's own defaults. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const DEFAULTS = {
  description: "",
  timeoutSeconds: 3,
  memorySizeInMB: 128,
  environment: undefined,
  kmsKeyArn: undefined,
  tracingMode: "PassThrough",
  architectures: ["x86_64"],
  ephemeralStorageInMB: 512,
  vpc: undefined,
  layers: [],
} as const satisfies Partial<Settings>;

/** What these two operations may set and this emulator does not play. An empty value changes nothing and passes. */
const NOT_PLAYED = [
  "DeadLetterConfig",
  "FileSystemConfigs",
  "CodeSigningConfigArn",
  "ImageConfig",
  "SnapStart",
  "TenancyConfig",
  "CapacityProviderConfig",
  "DurableConfig",
  "PublishTo",
] as const;

type Input = Partial<Omit<CreateFunctionRequest, "Code">> | UpdateFunctionConfigurationRequest;

/**
 * Settings of a new function.
 *
 * @throws InvalidParameterValueException, or NotImplemented with the name of what is not played here
 */
export function newSettings(input: CreateFunctionRequest): Settings {
  const { FunctionName: name = "", Runtime: runtime, Handler: handler, Role: role = "" } = input;
  if (input.PackageType === "Image") {
    throw notPlayed("PackageType", "Image");
  }
  if (runtime === undefined || handler === undefined) {
    throw invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  }
  const logging = { LogFormat: "Text", LogGroup: `/aws/lambda/${name.slice(name.lastIndexOf(":") + 1)}` } as const;
  return changedSettings({ ...DEFAULTS, runtime, handler, role, logging }, input);
}

/**
 * Settings after a change; what the input does not name stays.
 *
 * @throws InvalidParameterValueException, or NotImplemented with the name of what is not played here
 */
export function changedSettings(before: Settings, input: Input): Settings {
  refuseNotPlayed(input);
  const settings: Settings = {
    runtime: input.Runtime ?? before.runtime,
    handler: input.Handler ?? before.handler,
    role: input.Role ?? before.role,
    description: input.Description ?? before.description,
    timeoutSeconds: input.Timeout ?? before.timeoutSeconds,
    memorySizeInMB: input.MemorySize ?? before.memorySizeInMB,
    environment: input.Environment === undefined ? before.environment : input.Environment.Variables,
    kmsKeyArn: input.KMSKeyArn === undefined ? before.kmsKeyArn : input.KMSKeyArn || undefined,
    tracingMode: input.TracingConfig?.Mode ?? before.tracingMode,
    architectures: ("Architectures" in input ? input.Architectures : undefined) ?? before.architectures,
    ephemeralStorageInMB: input.EphemeralStorage?.Size ?? before.ephemeralStorageInMB,
    logging: logging(before.logging, input.LoggingConfig),
    vpc: input.VpcConfig === undefined ? before.vpc : vpc(input.VpcConfig),
    layers: input.Layers ?? before.layers,
  };
  checkRuntime(settings.runtime);
  checkEnvironment(settings.environment ?? {});
  return settings;
}

function logging(before: Settings["logging"], input: Input["LoggingConfig"]): Settings["logging"] {
  const logging = { ...before, ...input };
  if (logging.LogFormat === "Text") {
    if (input?.ApplicationLogLevel !== undefined || input?.SystemLogLevel !== undefined) {
      throw invalid("To set log levels, LogFormat must be JSON; with Text, every level is logged.");
    }
    return { LogFormat: "Text", LogGroup: logging.LogGroup };
  }
  const { SystemLogLevel = "INFO", ApplicationLogLevel = "INFO" } = logging;
  if (SystemLogLevel !== "INFO") {
    throw notPlayed("LoggingConfig.SystemLogLevel", SystemLogLevel);
  }
  return { ...logging, SystemLogLevel, ApplicationLogLevel };
}

/** Where in a VPC the function is to be; nowhere if both lists are empty, as SDKs and Pulumi say "none". */
function vpc({ SubnetIds = [], SecurityGroupIds = [], Ipv6AllowedForDualStack }: VpcConfig): Settings["vpc"] {
  if (Ipv6AllowedForDualStack === true) {
    throw notPlayed("VpcConfig.Ipv6AllowedForDualStack", "true");
  }
  if ((SubnetIds.length === 0) !== (SecurityGroupIds.length === 0)) {
    throw invalid("SubnetIds and SecurityIds must coexist or be both empty list.");
  }
  return SubnetIds.length === 0 ? undefined : { SubnetIds, SecurityGroupIds };
}

function checkRuntime(runtime: string): void {
  if (!runtime.startsWith("nodejs")) {
    throw notPlayed("Runtime", runtime);
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function checkEnvironment(variables: Readonly<Record<string, string>>): void {
  const trouble =
    "Lambda was unable to configure your environment variables because the environment variables you have provided";
  const reserved = reservedNames(variables);
  if (reserved.length > 0) {
    throw invalid(
      `${trouble} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  const text = JSON.stringify(variables);
  const LIMIT_BYTES = 4096;
  if (Buffer.byteLength(text) > LIMIT_BYTES) {
    throw invalid(`${trouble} exceeded the 4KB limit. String measured: ${text}`);
  }
}

function refuseNotPlayed(input: Input): void {
  const given: Readonly<Record<string, unknown>> = { ...input };
  for (const name of NOT_PLAYED) {
    if (!isEmpty(given[name])) {
      throw notPlayed(name, JSON.stringify(given[name]));
    }
  }
}

/** SDKs and Pulumi send such values to say "none", as `VpcConfig: { SubnetIds: [], SecurityGroupIds: [] }`. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === "None") {
    return true;
  }
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

export function notPlayed(argument: string, value: string): AwsError {
  return notPartOfLocal(`Lambda ${argument} ${value}`);
}

export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message, 400, { Type: "User" });
}
/** One page of a list. */
export const page = pager(50, (marker) => invalid(`Invalid Marker: ${marker} was not given out by this operation`));
