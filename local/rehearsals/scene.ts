import { endpointName } from "../../lib/release";
import type { Fault } from "local-aws/core/faults";
import type { Stack, UpResult } from "../journey/project";
import type { LocalAws } from "local-aws";
import type { Going } from "./going";
import type { Lane } from "./lane";

/** Config values of a stack over those of the local run. */
export type Values = Readonly<Record<string, string>>;

/** What a scenario plays with: blue serves, and green is the new release. */
export class Scene {
  /** The problems that were found. */
  readonly problems: string[] = [];
  /** Stacks that the scenario has updated, and whether the last update succeeded. */
  readonly stacks = new Map<Stack, boolean>();
  /** When the harm was done, in milliseconds since 1970. */
  faultAt: number | undefined;
  /** Whether prod's config has changed. */
  configChanged = false;
  private readonly afterwards: (() => Promise<void>)[] = [];

  constructor(
    readonly lane: Lane,
    /** Id of the release that serves. */
    readonly blue: string,
    /** Id of a new release. Its model's archive exists already. */
    readonly green: string,
    /** Reports the scenario's progress. */
    readonly tell: (phase: string) => void,
  ) {}

  get aws(): LocalAws {
    return this.lane.aws;
  }

  /** Name of a release's endpoint in prod. */
  endpointOf(release: string): string {
    return endpointName(this.lane.model.name, "prod", release);
  }

  /** Sets a fault, which counts as the harm. It ends with the scenario. */
  fault(fault: Fault): void {
    this.aws.faults.set(fault);
    this.harm(`fault ${fault.kind}`);
  }

  /** Records that the harm is done now. */
  harm(what: string): void {
    this.faultAt ??= Date.now();
    this.tell(what);
  }

  /** Begins `pulumi up` with green. */
  start(stack: Stack, values: Values = {}, release = this.green): Promise<Going> {
    this.configChanged ||= stack === "prod" && Object.keys(values).length > 0;
    this.tell(`pulumi up of ${stack} with ${release}`);
    return this.lane.start(stack, release, values);
  }

  /** `pulumi up` with green, or one that is under way. It must succeed. */
  async succeeds(stack: Stack, values: Values = {}, release = this.green): Promise<void> {
    await this.hasSucceeded(await this.start(stack, values, release));
  }

  async hasSucceeded(going: Going): Promise<void> {
    const { ok, errors } = await this.endOf(going);
    this.expect(ok, `the update failed:\n${errors.join("\n")}`);
  }

  /** `pulumi up` of prod with green must fail for this reason, and must tell what serves and how to go back. */
  async rolloutFails(reason: RegExp, values: Values = {}): Promise<void> {
    await this.rolloutHasFailed(await this.start("prod", values), reason);
  }

  async rolloutHasFailed(going: Going, reason: RegExp): Promise<void> {
    await this.hasFailed(going, [
      reason,
      new RegExp(`Live now: release ${this.blue}\\b`),
      new RegExp(`pulumi config set release ${this.blue} && pulumi up`),
    ]);
  }

  /** The update must fail with a message that contains all of this. */
  async hasFailed(going: Going, says: readonly RegExp[]): Promise<void> {
    const { ok, errors } = await this.endOf(going);
    const message = errors.join("\n");
    this.expect(!ok, "the update succeeded");
    for (const pattern of ok ? [] : says) {
      this.expect(pattern.test(message), `the update failed, but did not say ${String(pattern)}:\n${message}`);
    }
  }

  private async endOf(going: Going): Promise<UpResult> {
    const result = await going.ended;
    this.stacks.set(going.stack, result.ok);
    return result;
  }

  /** Begins `pulumi up` of prod with green and waits for the canary, in which a part of the requests goes to green. */
  async upToCanary(values: Values = {}): Promise<Going> {
    const going = await this.start("prod", values);
    const share = () => this.lane.watch.shares[this.green] ?? 0;
    await going.reaches("a part of the requests goes to green", () => share() > 0 && share() < 1);
    return going;
  }

  /** The same, but waits for the bake: CodeDeploy is done, and all requests go to green. */
  async upToBake(): Promise<Going> {
    const going = await this.start("prod");
    await going.says(/: baking for \d+ s/);
    return going;
  }

  /** Kills the engine and everything that it started as `kill -9` would, and removes the lock of the state as a person would. */
  async killEngine(going: Going): Promise<void> {
    this.harm("kill -9 of the engine");
    this.lane.project.kill();
    await going.ended;
    await this.lane.project.run(["cancel", "--yes", "--stack", going.stack]);
  }

  /** Notes a problem unless a condition holds. */
  expect(isSo: boolean, problem: string): void {
    if (!isSo) {
      this.problems.push(problem);
    }
  }

  /** Registers what to do after the scenario, however it ends. */
  onEnd(work: () => Promise<void>): void {
    this.afterwards.push(work);
  }

  async end(): Promise<void> {
    this.aws.faults.clear();
    for (const work of this.afterwards) {
      await work();
    }
  }
}
