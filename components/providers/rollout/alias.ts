import {
  CreateAliasCommand,
  DeleteAliasCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateAliasCommand,
  type AliasConfiguration,
} from "@aws-sdk/client-lambda";
import { answered, caller, clientSettings, type Caller } from "../support/aws";
import { Waiter } from "../support/waiter";
import { VARIABLES } from "../../../lib/contract";
import type { LambdaRolloutInputs } from "./inputs";

/** Where an alias sends its requests. */
export interface AliasState {
  readonly arn: string;
  /** Version that it points to. */
  readonly version: string;
  /** Shares, between 0 and 1, that other versions get; empty but while traffic is being shifted. */
  readonly weights: Readonly<Record<string, number>>;
  /** Changes with each update of the alias. */
  readonly revisionId: string | undefined;
}

/** A published version of the function. */
export interface FunctionVersion {
  readonly version: string;
  /** Its environment variable `RELEASE`, or "" without one. If the version is the release, the version itself. */
  readonly release: string;
  /** Name of the endpoint that it asks: its environment variable `ENDPOINT_NAME`. @default - it asks none */
  readonly endpointName?: string;
  readonly codeSha256: string;
  /** Longest time that the function may take for a request. */
  readonly timeoutSeconds: number;
}

/** The versions between which a rollout moves the traffic: from blue to green. */
export interface BlueGreen {
  readonly blue: FunctionVersion;
  readonly green: FunctionVersion;
}

/** Seconds for going back, apart from those of the rollout: going back must not fail because the rollout has used up its time. */
const TIMEOUT_SECONDS = 300;

/** How many times somebody else may change the alias first. */
const ATTEMPTS = 3;

/** The alias of a rollout and the versions that it may point to. */
export class Alias {
  private readonly lambda: Caller<LambdaClient>;

  constructor(
    private readonly inputs: Pick<LambdaRolloutInputs, "region" | "functionName" | "aliasName" | "releaseFrom">,
    private readonly waiter: Waiter,
  ) {
    this.lambda = caller(() => new LambdaClient(clientSettings(inputs.region)));
  }

  /** The alias as it is now; `undefined` if the alias or its function does not exist. */
  read(): Promise<AliasState | undefined> {
    return this.waiter.call(() => this.look());
  }

  /** A single look without retries, for callers that look again themselves. */
  async look(): Promise<AliasState | undefined> {
    const { functionName: FunctionName, aliasName: Name } = this.inputs;
    try {
      return aliasState(await this.lambda((client) => client.send(new GetAliasCommand({ FunctionName, Name }))));
    } catch (error) {
      if (answered(error, "ResourceNotFoundException")) {
        return undefined;
      }
      throw error;
    }
  }

  /** Creates the alias; `undefined` if it exists already. */
  async create(version: string, description: string | undefined): Promise<AliasState | undefined> {
    const { functionName: FunctionName, aliasName: Name } = this.inputs;
    const command = new CreateAliasCommand({
      FunctionName,
      Name,
      FunctionVersion: version,
      Description: description,
    });
    try {
      return aliasState(await this.waiter.call(() => this.lambda((client) => client.send(command))));
    } catch (error) {
      if (answered(error, "ResourceConflictException")) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Sends all requests to one version, at once.
   *
   * @param revisionId If given, the alias is only moved if it has not changed since; else the result is `undefined`.
   */
  async pointTo(version: string, revisionId?: string): Promise<AliasState | undefined> {
    try {
      return await this.update({
        FunctionVersion: version,
        RoutingConfig: { AdditionalVersionWeights: {} },
        RevisionId: revisionId,
      });
    } catch (error) {
      if (answered(error, "PreconditionFailedException")) {
        return undefined;
      }
      throw error;
    }
  }

  async describe(description: string): Promise<void> {
    await this.update({ Description: description });
  }

  /** Deletes the alias if it exists. */
  async remove(): Promise<void> {
    const { functionName: FunctionName, aliasName: Name } = this.inputs;
    try {
      await this.waiter.call(() =>
        this.lambda((client) => client.send(new DeleteAliasCommand({ FunctionName, Name }))),
      );
    } catch (error) {
      if (!answered(error, "ResourceNotFoundException")) {
        throw error;
      }
    }
  }

  /** @throws if the version does not exist, or its environment may not be read: what it serves would be a guess. */
  async version(version: string): Promise<FunctionVersion> {
    const { functionName: FunctionName } = this.inputs;
    const found = await this.waiter.call(() =>
      this.lambda((client) => client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier: version }))),
    );
    const byVersion = this.inputs.releaseFrom === "version";
    if (!byVersion && found.Environment?.Error !== undefined) {
      const { ErrorCode, Message } = found.Environment.Error;
      throw new Error(
        `the environment of ${FunctionName} version ${version} cannot be read (${ErrorCode ?? "?"}: ${Message ?? "?"}), which says ` +
          "which release it serves: allow kms:Decrypt on the function's key",
      );
    }
    return {
      version,
      release: byVersion ? version : (found.Environment?.Variables?.[VARIABLES.release] ?? ""),
      endpointName: found.Environment?.Variables?.[VARIABLES.endpointName],
      codeSha256: found.CodeSha256 ?? "",
      timeoutSeconds: found.Timeout ?? 0,
    };
  }

  private async update(change: Partial<UpdateAliasCommand["input"]>): Promise<AliasState> {
    const { functionName: FunctionName, aliasName: Name } = this.inputs;
    const command = new UpdateAliasCommand({ ...change, FunctionName, Name });
    return aliasState(await this.waiter.call(() => this.lambda((client) => client.send(command))));
  }
}

/**
 * Sends all traffic of the alias from one version to another in one call, and reads the alias back to make sure.
 *
 * @throws if the alias sends anything to a third version. Somebody else has moved it, and their change is left alone.
 */
export async function flip(
  inputs: LambdaRolloutInputs,
  from: FunctionVersion,
  to: FunctionVersion,
  tell: (line: string) => void,
): Promise<AliasState> {
  const { functionName, aliasName, pollSeconds } = inputs;
  const waiter = new Waiter(`${functionName}:${aliasName}`, { pollSeconds, timeoutSeconds: TIMEOUT_SECONDS });
  const alias = new Alias(inputs, waiter);
  for (let attempt = 1; ; attempt++) {
    const found = await alias.read();
    if (found !== undefined && sendsAll(found, to.version)) {
      return found;
    }
    if (
      found === undefined ||
      !versionsOf(found).every((version) => version === from.version || version === to.version)
    ) {
      throw new Error(`somebody else has changed the alias: it ${directions(found)}`);
    }
    if (attempt > ATTEMPTS) {
      throw new Error(`the alias ${directions(found)}, though it was told to point to version ${to.version}`);
    }
    tell(`sending all traffic to ${named(to)}`);
    await alias.pointTo(to.version, found.revisionId);
  }
}

/** The share of the requests, between 0 and 1, that an alias sends to a version. */
export function shareOf({ version, weights }: AliasState, of: string): number {
  const elsewhere = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return of === version ? 1 - elsewhere : (weights[of] ?? 0);
}

export function isShifting({ weights }: AliasState): boolean {
  return Object.values(weights).some((weight) => weight > 0);
}

/** Whether an alias sends everything to a version. */
export function sendsAll(alias: AliasState | undefined, version: string): boolean {
  return alias?.version === version && !isShifting(alias);
}

/** Where an alias sends its requests, in words. */
export function directions(alias: AliasState | undefined): string {
  if (alias === undefined) {
    return "is gone";
  }
  const shares = Object.entries(alias.weights).filter(([, weight]) => weight > 0);
  const also = shares.map(([version, weight]) => `, and ${percent(weight)} to version ${version}`);
  return `points to version ${alias.version}${also.join("")}`;
}

/** A version as it is called in messages. */
export function named({ release, version }: FunctionVersion): string {
  return `release ${release || "?"} (version ${version})`;
}

export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function aliasState(alias: AliasConfiguration): AliasState {
  return {
    arn: alias.AliasArn ?? "",
    version: alias.FunctionVersion ?? "",
    weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {},
    revisionId: alias.RevisionId,
  };
}

function versionsOf({ version, weights }: AliasState): string[] {
  return [version, ...Object.keys(weights).filter((other) => (weights[other] ?? 0) > 0)];
}
