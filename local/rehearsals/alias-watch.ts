import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { LIVE_ALIAS } from "../../lib/contract";
import { modelPrefix } from "../../lib/release";
import { ownModel } from "../journey/models";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { waitFor } from "../journey/wait-for";

/** The state of the live alias from a moment on. */
export interface AliasMoment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Share of the requests that each release got, 0 to 1; `undefined` if there was no alias. */
  readonly shares: Readonly<Record<string, number>> | undefined;
}

/** Function of the prod stack. */
export const API_NAME = `${modelPrefix(ownModel().name)}-api`;
const LOOK_EVERY_MS = 100;

/** Reads the alias all the time, independently of the rollout, and records each change. */
export class AliasWatch {
  /** Each change, oldest first. */
  readonly timeline: AliasMoment[] = [];
  private readonly client: LambdaClient;
  private readonly releases = new Map<string, string>();
  private readonly watching: Promise<void>;
  private stopped = false;

  constructor(aws: LocalAws) {
    this.client = new LambdaClient({ ...clientConfig(aws), maxAttempts: 1 });
    this.watching = this.watch();
  }

  /** The releases that get requests now, with their shares; none if there is no alias. */
  get shares(): Readonly<Record<string, number>> {
    return this.timeline.at(-1)?.shares ?? {};
  }

  /** Waits until a release gets at least so much of the requests. */
  async until(release: string, share: number): Promise<void> {
    await waitFor(`${share * 100} % of the requests go to ${release}`, () => (this.shares[release] ?? 0) >= share);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.watching;
    this.client.destroy();
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      const began = Date.now();
      try {
        this.note({ at: began, shares: await this.look() });
      } catch {
        // A fault troubles AWS, so the last known state of the alias counts.
      }
      await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS - (Date.now() - began)));
    }
  }

  private note(moment: AliasMoment): void {
    const last = this.timeline.at(-1);
    if (last === undefined || JSON.stringify(last.shares) !== JSON.stringify(moment.shares)) {
      this.timeline.push(moment);
    }
  }

  private async look(): Promise<AliasMoment["shares"]> {
    try {
      const alias = await this.client.send(new GetAliasCommand({ FunctionName: API_NAME, Name: LIVE_ALIAS }));
      const weights = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
      const rest = 1 - weights.reduce((sum, [, weight]) => sum + weight, 0);
      const byVersion = [...weights, [alias.FunctionVersion ?? "", rest] as const];
      const shares: Record<string, number> = {};
      for (const [version, share] of byVersion) {
        const release = await this.releaseOf(version);
        shares[release] = (shares[release] ?? 0) + share;
      }
      return shares;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) {
        return undefined;
      }
      throw error;
    }
  }

  private async releaseOf(version: string): Promise<string> {
    const known = this.releases.get(version);
    if (known !== undefined) {
      return known;
    }
    const { Environment } = await this.client.send(
      new GetFunctionConfigurationCommand({ FunctionName: API_NAME, Qualifier: version }),
    );
    const release = Environment?.Variables?.RELEASE ?? `version ${version}`;
    this.releases.set(version, release);
    return release;
  }
}
