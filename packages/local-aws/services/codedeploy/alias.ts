import { GetAliasCommand, UpdateAliasCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Clock } from "../../core/clock";
import type { AppSpec } from "./app-spec";
import { appSpecFailure, DeploymentFailure } from "./failure";
import { persistently } from "./persistently";

/** What an alias serves: a version, and shares (0 to 1) of the traffic for others. */
interface Traffic {
  readonly version: string;
  readonly shares: Readonly<Record<string, number>>;
}

/** The alias that a deployment shifts. It is only ever moved from where this deployment has left it. */
export class DeployedAlias {
  /** Where we left it, and where we last tried to put it: a call whose answer was lost may have done its work. */
  private left: Traffic | undefined;
  private attempted: Traffic | undefined;

  constructor(
    private readonly lambda: LambdaClient,
    private readonly clock: Clock,
    private readonly spec: AppSpec,
  ) {}

  /** Whether the alias has been found to be what the AppSpec says, so that it may be moved, and moved back. */
  get isOurs(): boolean {
    return this.left !== undefined;
  }

  /** @throws DeploymentFailure if the alias does not serve the AppSpec's CurrentVersion */
  async begin(signal: AbortSignal): Promise<void> {
    const { functionName, alias, currentVersion } = this.spec;
    const { traffic } = await persistently(this.clock, "Lambda GetAlias", () => this.read(), signal);
    if (traffic.version !== currentVersion) {
      throw appSpecFailure(
        `CurrentVersion is ${currentVersion}, but alias ${alias} of function ${functionName} points to version ${traffic.version}.`,
      );
    }
    this.left = traffic;
  }

  /** Gives the target version `weight` per cent of the traffic. */
  async shiftTo(weight: number, signal: AbortSignal): Promise<void> {
    const { currentVersion, targetVersion } = this.spec;
    await this.set(
      weight === 100
        ? { version: targetVersion, shares: {} }
        : { version: currentVersion, shares: { [targetVersion]: weight / 100 } },
      signal,
    );
  }

  /** Gives all traffic back to the current version. */
  async restore(signal: AbortSignal): Promise<void> {
    await this.set({ version: this.spec.currentVersion, shares: {} }, signal);
  }

  /** @throws DeploymentFailure if somebody else has moved the alias in the meantime */
  async verify(signal: AbortSignal): Promise<void> {
    const { traffic } = await persistently(this.clock, "Lambda GetAlias", () => this.read(), signal);
    this.requireOurs(traffic);
  }

  private async set(wanted: Traffic, signal: AbortSignal): Promise<void> {
    const { functionName: FunctionName, alias: Name } = this.spec;
    const move = async () => {
      const { traffic, revisionId } = await this.read();
      if (!same(traffic, wanted)) {
        this.requireOurs(traffic);
        this.attempted = wanted;
        // The revision id keeps a change that comes between reading and writing from being overwritten.
        await this.lambda.send(
          new UpdateAliasCommand({
            FunctionName,
            Name,
            FunctionVersion: wanted.version,
            RoutingConfig: { AdditionalVersionWeights: { ...wanted.shares } },
            RevisionId: revisionId,
          }),
        );
      }
      this.left = wanted;
      this.attempted = undefined;
    };
    await persistently(this.clock, "Lambda UpdateAlias", move, signal);
  }

  private async read(): Promise<{ traffic: Traffic; revisionId: string | undefined }> {
    const { functionName: FunctionName, alias: Name } = this.spec;
    const found = await this.lambda.send(new GetAliasCommand({ FunctionName, Name }));
    const shares = found.RoutingConfig?.AdditionalVersionWeights ?? {};
    return { traffic: { version: found.FunctionVersion ?? "", shares }, revisionId: found.RevisionId };
  }

  private requireOurs(traffic: Traffic): void {
    const known = [this.left, this.attempted].filter((one) => one !== undefined);
    if (!known.some((one) => same(one, traffic))) {
      const { functionName, alias } = this.spec;
      throw new AliasMoved(
        `Alias ${alias} of function ${functionName} was changed by somebody else during the deployment: it serves ${text(traffic)} instead of ${known.map(text).join(" or ")}. It is left as it is.`,
      );
    }
  }
}

/** Somebody else has moved the alias: it must not be moved again, not even back. */
export class AliasMoved extends DeploymentFailure {
  constructor(message: string) {
    super("INVALID_LAMBDA_CONFIGURATION", message);
  }
}

function same(a: Traffic, b: Traffic): boolean {
  const versions = new Set([...Object.keys(a.shares), ...Object.keys(b.shares)]);
  return (
    a.version === b.version &&
    [...versions].every((version) => Math.abs((a.shares[version] ?? 0) - (b.shares[version] ?? 0)) < 1e-9)
  );
}

function text({ version, shares }: Traffic): string {
  const others = Object.entries(shares).map(([other, share]) => `${Math.round(share * 100)} % version ${other}`);
  return [`version ${version}`, ...others].join(" with ");
}
