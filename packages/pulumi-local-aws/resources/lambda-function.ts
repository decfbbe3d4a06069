import {
  Architecture,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionCommand,
  type GetFunctionCommandOutput,
  LambdaClient,
  ListVersionsByFunctionCommand,
  LogFormat,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  Runtime,
  TagResourceCommand,
  TracingMode,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { type Aws, type Patience, PROPAGATION } from "../aws";
import { errorMessage, errorName, unlessGone } from "../failures";
import { archive, block, boolean, list, map, number, oneOf, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { tagMap, tagsArgument } from "../tags";

const GONE = ["ResourceNotFoundException"];
const lambda = (aws: Aws) => aws.client(LambdaClient);

/** What `reservedConcurrentExecutions` is where nothing is reserved. */
const UNRESERVED = -1;

const functionArguments = {
  name: autoNamed(text, { maxLength: 64 }),
  role: required(text),
  runtime: required(oneOf(Runtime)),
  handler: required(text),
  code: required(archive, { unread: true }),
  description: withDefault(text, ""),
  timeout: withDefault(number, 3),
  memorySize: withDefault(number, 128),
  // AWS does not tell: it is a matter of the calls that are made.
  publish: withDefault(boolean, false, { unread: true }),
  kmsKeyArn: optional(text),
  environment: optional(block({ variables: optional(map(text)) })),
  architectures: optional(list(oneOf(Architecture)), { computed: true }),
  loggingConfig: optional(
    block({ logFormat: required(oneOf(LogFormat)), logGroup: optional(text, { computed: true }) }),
    { computed: true },
  ),
  tracingConfig: optional(block({ mode: required(oneOf(TracingMode)) }), { computed: true }),
  vpcConfig: optional(block({ subnetIds: required(list(text)), securityGroupIds: required(list(text)) })),
  reservedConcurrentExecutions: withDefault(number, UNRESERVED),
  tags: tagsArgument,
};

type FunctionArguments = Arguments<typeof functionArguments>;

/** Arguments that are not part of a function's configuration. */
const NOT_CONFIGURATION = ["code", "architectures", "publish", "reservedConcurrentExecutions", "tags"];
const isCode = (key: string) => key === "code" || key === "architectures";
const isConfiguration = (key: string) => !NOT_CONFIGURATION.includes(key);

/** What AWS calls a function's configuration. An update needs `""` and `{}` to take something away. */
function configuration(inputs: FunctionArguments) {
  return {
    FunctionName: inputs.name,
    Role: inputs.role,
    Runtime: inputs.runtime,
    Handler: inputs.handler,
    Description: inputs.description,
    Timeout: inputs.timeout,
    MemorySize: inputs.memorySize,
    KMSKeyArn: inputs.kmsKeyArn ?? "",
    Environment: { Variables: inputs.environment?.variables ?? {} },
    LoggingConfig: inputs.loggingConfig && {
      LogFormat: inputs.loggingConfig.logFormat,
      LogGroup: inputs.loggingConfig.logGroup,
    },
    TracingConfig: inputs.tracingConfig && { Mode: inputs.tracingConfig.mode },
    VpcConfig: {
      SubnetIds: inputs.vpcConfig?.subnetIds ?? [],
      SecurityGroupIds: inputs.vpcConfig?.securityGroupIds ?? [],
    },
  };
}

const lambdaFunction = resource({
  type: "aws:lambda/function:Function",
  inputs: functionArguments,
  outputs: [
    "arn",
    "codeSha256",
    "invokeArn",
    "lastModified",
    "qualifiedArn",
    "qualifiedInvokeArn",
    "sourceCodeHash",
    "sourceCodeSize",
    "version",
  ],
  identity: ["name"],
  timeoutSeconds: 600,
  tagging: {
    put: ({ aws, arn: Resource }, tags) => lambda(aws).send(new TagResourceCommand({ Resource, Tags: { ...tags } })),
    remove: ({ aws, arn: Resource }, TagKeys) => lambda(aws).send(new UntagResourceCommand({ Resource, TagKeys })),
  },
  async create({ aws, inputs, tags }) {
    const request = new CreateFunctionCommand({
      ...configuration(inputs),
      Code: { ZipFile: inputs.code.zip() },
      Architectures: inputs.architectures,
      Publish: inputs.publish,
      Tags: tagMap(tags),
    });
    await aws.retried(roleIsNew, PROPAGATION, () => lambda(aws).send(request));
    return inputs.name;
  },
  async settle({ aws, id, inputs, patience }) {
    await atRest(aws, id, patience);
    await reserve(aws, id, inputs.reservedConcurrentExecutions, UNRESERVED);
  },
  async read({ aws, id, inputs }) {
    const found = await unlessGone(GONE, () => lambda(aws).send(new GetFunctionCommand({ FunctionName: id })));
    return found && liveFunction(aws, id, found, inputs.publish === true);
  },
  async update({ aws, id: FunctionName, inputs, olds, changed, patience }) {
    const keys = [...changed];
    if (keys.some(isConfiguration)) {
      const passes = (error: unknown) => isBusy(error) || roleIsNew(error);
      await aws.retried(passes, patience, () =>
        lambda(aws).send(new UpdateFunctionConfigurationCommand(configuration(inputs))),
      );
      await atRest(aws, FunctionName, patience);
    }
    if (keys.some(isCode)) {
      const { architectures: Architectures } = inputs;
      await aws.retried(isBusy, patience, () =>
        lambda(aws).send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: inputs.code.zip(), Architectures })),
      );
      await atRest(aws, FunctionName, patience);
    }
    await reserve(aws, FunctionName, inputs.reservedConcurrentExecutions, olds.reservedConcurrentExecutions);
    if (inputs.publish && keys.some(makesVersion)) {
      await lambda(aws).send(new PublishVersionCommand({ FunctionName }));
    }
  },
  async delete({ aws, id }) {
    await unlessGone(GONE, () => lambda(aws).send(new DeleteFunctionCommand({ FunctionName: id })));
  },
  // As the AWS provider does: whoever uses the version sees in the preview that there will be another one.
  unknownAfter(changed, { publish }) {
    const keys = [...changed];
    const version = publish === true && keys.some(makesVersion);
    return [
      ...(version ? ["version", "qualifiedArn", "qualifiedInvokeArn"] : []),
      ...(keys.some(isCode) ? ["codeSha256", "sourceCodeHash", "sourceCodeSize"] : []),
      ...(keys.some((key) => isCode(key) || isConfiguration(key)) ? ["lastModified"] : []),
    ];
  },
});

/** A role or a policy that was made a moment ago is not known everywhere yet. */
const roleIsNew = (error: unknown) =>
  errorName(error) === "InvalidParameterValueException" &&
  /cannot be assumed by Lambda|execution role does not have permissions|KMS key is invalid for CreateGrant/.test(
    errorMessage(error),
  );

/** Another update is still under way: perhaps an earlier attempt of this very one. */
const isBusy = (error: unknown) =>
  errorName(error) === "ResourceConflictException" && /in progress/i.test(errorMessage(error));

const makesVersion = (key: string) => isCode(key) || isConfiguration(key) || key === "publish";

async function liveFunction(aws: Aws, id: string, found: GetFunctionCommandOutput, publishes: boolean) {
  const { Configuration: live = {}, Concurrency, Tags } = found;
  const arn = live.FunctionArn ?? "";
  const version = publishes ? await latestVersion(aws, id) : "$LATEST";
  const invoke = (qualifier: string) =>
    `arn:aws:apigateway:${aws.region}:lambda:path/2015-03-31/functions/${arn}${qualifier}/invocations`;
  return {
    inputs: {
      name: live.FunctionName,
      role: live.Role,
      runtime: live.Runtime,
      handler: live.Handler,
      description: live.Description ?? "",
      timeout: live.Timeout,
      memorySize: live.MemorySize,
      kmsKeyArn: live.KMSKeyArn === "" ? undefined : live.KMSKeyArn,
      environment: live.Environment?.Variables && { variables: live.Environment.Variables },
      architectures: live.Architectures,
      loggingConfig: live.LoggingConfig && {
        logFormat: live.LoggingConfig.LogFormat,
        logGroup: live.LoggingConfig.LogGroup,
      },
      tracingConfig: live.TracingConfig && { mode: live.TracingConfig.Mode },
      vpcConfig: live.VpcConfig?.SubnetIds?.length
        ? { subnetIds: live.VpcConfig.SubnetIds, securityGroupIds: live.VpcConfig.SecurityGroupIds }
        : undefined,
      reservedConcurrentExecutions: Concurrency?.ReservedConcurrentExecutions ?? UNRESERVED,
    },
    outputs: {
      arn,
      codeSha256: live.CodeSha256,
      invokeArn: invoke(""),
      lastModified: live.LastModified,
      qualifiedArn: `${arn}:${version}`,
      qualifiedInvokeArn: invoke(`:${version}`),
      sourceCodeHash: live.CodeSha256,
      sourceCodeSize: live.CodeSize,
      version,
    },
    tags: Tags,
    broken: live.State === "Failed" ? `function ${id} failed: ${live.StateReason ?? "no reason given"}` : undefined,
  };
}

async function latestVersion(aws: Aws, FunctionName: string): Promise<string> {
  const numbers: number[] = [];
  let Marker: string | undefined;
  do {
    const page = await lambda(aws).send(new ListVersionsByFunctionCommand({ FunctionName, Marker }));
    numbers.push(...(page.Versions ?? []).map(({ Version }) => Number(Version)).filter(Number.isInteger));
    Marker = page.NextMarker;
  } while (Marker !== undefined && Marker !== "");
  return numbers.length === 0 ? "$LATEST" : String(Math.max(...numbers));
}

/** Waits until the function is active and its last update has been taken over. */
async function atRest(aws: Aws, FunctionName: string, patience: Patience): Promise<void> {
  await aws.until(`function ${FunctionName} to be active`, patience, async () => {
    const { Configuration = {} } = await lambda(aws).send(new GetFunctionCommand({ FunctionName }));
    const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = Configuration;
    if (State === "Failed" || LastUpdateStatus === "Failed") {
      const reason = StateReason ?? LastUpdateStatusReason ?? "no reason given";
      throw new Error(`function ${FunctionName} failed: ${reason}`);
    }
    return State !== "Pending" && LastUpdateStatus !== "InProgress" ? true : undefined;
  });
}

async function reserve(aws: Aws, FunctionName: string, wanted: number, current: number): Promise<void> {
  if (wanted === current) {
    return;
  }
  await (wanted === UNRESERVED
    ? lambda(aws).send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
    : lambda(aws).send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: wanted })));
}

export const resources = [lambdaFunction];
