import { explained } from "../../../lib/errors";
import { counted } from "../support/words";
import { directions, named, sendsAll, type BlueGreen, type FunctionVersion } from "./alias";
import type { Attempt } from "./attempt";
import type { Deployment } from "./deployments";
import { goneBack } from "./report";

/** What a look at a release that bakes has come to. */
interface Look {
  readonly state: "baking" | "undecided" | "passed" | "too few requests" | "breach" | "moved" | "out of time";
  /** What is wrong, if anything. */
  readonly why?: string;
  readonly requests?: number;
}

/** When a bake is over, and when an undecided one is, in milliseconds since 1970. */
interface Times {
  readonly end: number;
  readonly limit: number;
}

/**
 * The time after the shift in which the new release has all traffic and the old one is still there: where something goes wrong, one
 * call brings the old one back. That nothing could be read is no good sign: it has not passed.
 */
export class Bake {
  constructor(private readonly attempt: Attempt) {}

  /**
   * @param since When the new release had all traffic: what an interrupted run has baked counts.
   * @throws where the release has not passed. The traffic is back on the old one by then, unless there was no time left to find out
   *   or somebody else has moved it.
   */
  async run(deployment: Deployment, versions: BlueGreen, since: Date): Promise<void> {
    const { bakeSeconds, undecidedSeconds, minimumRequests, timeoutSeconds } = this.attempt.inputs;
    const { blue, green } = versions;
    const now = Date.now();
    const end = since.getTime() + bakeSeconds * 1000;
    this.attempt.deployment = deployment;
    this.attempt.hadAllTraffic = true;
    if (end > now) {
      const left = Math.ceil((end - now) / 1000);
      this.attempt.waiter.tell(
        `baking for ${left} s: ${named(green)} has all traffic, ${named(blue)} stays in service`,
      );
    }
    this.attempt.judges.probe(green);
    const found = await this.follow(deployment, versions, { end, limit: Math.max(end, now) + undecidedSeconds * 1000 });
    switch (found.state) {
      case "passed":
        return;
      case "moved":
        throw new Error(
          `${named(green)} was live, and somebody else has changed the alias during its bake: it ${found.why ?? "?"}, and is left so`,
        );
      case "out of time":
        throw new Error(
          `the bake of ${named(green)} has not ended within timeoutSeconds (${timeoutSeconds}); it has all traffic, and the next ` +
            "pulumi up goes on with the bake",
        );
      case "too few requests":
        throw await goneBack(this.attempt, versions, "undecided", [
          `it was asked ${counted(found.requests ?? 0, "time")}, and ${minimumRequests} are needed for a verdict`,
        ]);
      default:
        throw await goneBack(this.attempt, versions, "it did not stand its bake", [found.why ?? ""]);
    }
  }

  private async follow(deployment: Deployment, versions: BlueGreen, times: Times): Promise<Look> {
    try {
      const followed = await this.attempt.waiter.follow({
        look: () => this.look(deployment, versions, times),
        settled: ({ state }) => state !== "baking" && state !== "undecided",
        lines: () => [],
      });
      if (!followed.settled) {
        return followed.trouble === undefined ? { state: "out of time" } : unreadable(followed.trouble);
      }
      const { seen } = followed;
      // Also what fired, and was over, between two looks or while nobody looked.
      const fired = seen.state === "passed" ? await this.attempt.judges.fired(deployment) : undefined;
      return fired === undefined ? seen : { state: "breach", why: fired };
    } catch (error) {
      return unreadable(error);
    }
  }

  private async look(deployment: Deployment, versions: BlueGreen, { end, limit }: Times): Promise<Look> {
    const { green } = versions;
    const now = Date.now();
    const alias = await this.attempt.alias.look();
    if (!sendsAll(alias, green.version)) {
      return { state: "moved", why: directions(alias) };
    }
    const why = await this.attempt.judges.lookBreach(deployment, versions);
    if (why !== undefined) {
      return { state: "breach", why };
    }
    if (now < end) {
      return { state: "baking" };
    }
    const requests = await this.attempt.judges.lookRequests(deployment, green);
    if (requests >= this.attempt.inputs.minimumRequests) {
      return { state: "passed" };
    }
    if (now >= limit) {
      return { state: "too few requests", requests };
    }
    this.tellUndecided(requests);
    return { state: "undecided" };
  }

  private isUndecided = false;

  /** Told once, with the count of that moment. */
  private tellUndecided(requests: number): void {
    const { minimumRequests, undecidedSeconds } = this.attempt.inputs;
    if (!this.isUndecided) {
      this.isUndecided = true;
      this.attempt.waiter.tell(
        `undecided: asked ${counted(requests, "time")}, and ${minimumRequests} are needed for a verdict; baking for up to ${undecidedSeconds} s more`,
      );
    }
  }
}

function unreadable(error: unknown): Look {
  return { state: "breach", why: `what it is judged by could not be read (${explained(error).message})` };
}

/** Seconds beyond the function's timeout for which the old release is kept. */
const DRAIN_MARGIN_SECONDS = 5;

/** Waits until the old version has answered what it was answering when the traffic left it. */
export async function drain({ inputs, waiter }: Attempt, old: FunctionVersion, since: Date): Promise<void> {
  const seconds = inputs.drainSeconds ?? old.timeoutSeconds + DRAIN_MARGIN_SECONDS;
  const left = seconds - (Date.now() - since.getTime()) / 1000;
  if (left > 0) {
    waiter.tell(`waiting ${Math.ceil(left)} s for the requests that the old release is answering`);
    await waiter.wait(left);
  }
}
