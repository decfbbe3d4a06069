import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  type FunctionConfiguration,
} from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { strToU8, unzipSync, zipSync } from "fflate";
import { clientConfig, type Local } from "../../core/local";
import { pause } from "../../core/waiting";
import { invalid } from "./errors";
import type { Settings } from "./settings";
import type { CodeInput } from "./shapes";
import type { Canary, Engine } from "./store";

/** Where the zip of a canary has its scripts. */
const SCRIPTS = "nodejs/node_modules";

/**
 * The functions and layers of canaries. As on AWS they belong to the account, and Synthetics makes them by Lambda's API: a layer with the
 * script, and a function that calls it.
 */
export class Engines {
  readonly lambda: LambdaClient;
  private readonly s3: S3Client;

  constructor(private readonly local: Local) {
    this.lambda = new LambdaClient(clientConfig(local));
    this.s3 = new S3Client({ ...clientConfig(local), forcePathStyle: true });
  }

  /** @throws what Lambda refuses, and an error if the zip has no such script */
  async create({ engineName, settings }: Canary, code: CodeInput): Promise<Engine> {
    const layerVersionArn = await this.publishScript(engineName, settings, code);
    await this.lambda.send(
      new CreateFunctionCommand({
        FunctionName: engineName,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Code: { ZipFile: CALLER },
        ...configurationOf(settings, layerVersionArn),
      }),
    );
    return this.published(engineName, layerVersionArn);
  }

  /** @param code @default - the one that it has */
  async update({ engineName, settings, engine }: Canary, code?: CodeInput): Promise<Engine> {
    const before = engine?.layerVersionArn ?? "";
    const layerVersionArn = code === undefined ? before : await this.publishScript(engineName, settings, code);
    await this.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: engineName,
        ...configurationOf(settings, layerVersionArn),
      }),
    );
    return this.published(engineName, layerVersionArn);
  }

  async delete(engineName: string): Promise<void> {
    await this.lambda.send(new DeleteFunctionCommand({ FunctionName: engineName }));
    const { LayerVersions = [] } = await this.lambda.send(new ListLayerVersionsCommand({ LayerName: engineName }));
    for (const { Version: VersionNumber } of LayerVersions) {
      await this.lambda.send(new DeleteLayerVersionCommand({ LayerName: engineName, VersionNumber }));
    }
  }

  close(): void {
    this.lambda.destroy();
    this.s3.destroy();
  }

  private async publishScript(LayerName: string, { handler }: Settings, code: CodeInput): Promise<string> {
    const ZipFile = code.ZipFile ?? (await this.object(code));
    const file = `${SCRIPTS}/${moduleOf(handler)}.js`;
    if (!(file in unzipSync(ZipFile, { filter: ({ name }) => name === file }))) {
      throw invalid(`The canary's zip has no ${file}, which its handler ${handler} names`);
    }
    const made = await this.lambda.send(new PublishLayerVersionCommand({ LayerName, Content: { ZipFile } }));
    return made.LayerVersionArn ?? "";
  }

  private async object({ S3Bucket: Bucket, S3Key: Key }: CodeInput): Promise<Uint8Array> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }

  private async published(FunctionName: string, layerVersionArn: string): Promise<Engine> {
    await this.settled(FunctionName);
    const { Version = "" } = await this.lambda.send(new PublishVersionCommand({ FunctionName }));
    await this.settled(FunctionName, Version);
    return { functionName: FunctionName, version: Version, layerVersionArn };
  }

  /** Waits until Lambda has made or changed the function. */
  private async settled(FunctionName: string, Qualifier?: string): Promise<void> {
    while (!isSettled(await this.lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })))) {
      await pause(this.local.clock, 1);
    }
  }
}

const isSettled = ({ State, LastUpdateStatus }: FunctionConfiguration) =>
  State === "Active" && LastUpdateStatus !== "InProgress";

function configurationOf(settings: Settings, layerVersionArn: string) {
  return {
    Role: settings.roleArn,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memorySizeInMB,
    Environment: { Variables: { ...settings.environment } },
    Layers: [layerVersionArn],
  };
}

/** The code of each canary's function. On AWS it starts a browser too, which the local AWS has none of. */
const CALLER = zipSync({ "index.js": strToU8("exports.handler = ({ file, name }) => require(file)[name]();\n") });

/** What the function is called with. */
export function eventOf({ handler }: Settings) {
  return { file: moduleOf(handler), name: handler.slice(handler.lastIndexOf(".") + 1) };
}

const moduleOf = (handler: string) => handler.slice(0, handler.lastIndexOf("."));
