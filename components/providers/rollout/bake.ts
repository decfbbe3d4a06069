import { explained } from "../../../lib/errors";
import { counted } from "../support/words";
import { directions, named, sendsAll, type BlueGreen, type FunctionVersion } from "./alias";
import type { Attempt } from "./attempt";
import type { Deployment } from "./deployments";
import { goneBack } from "./report";

/** The result of a look at a release that bakes. */
interface Look {
  readonly state: "baking" | "undecided" | "passed" | "too few requests" | "breach" | "moved" | "out of time";
  /** What is wrong, if anything. */
  readonly why?: string;
  readonly requests?: number;
}

/** When a bake begins and ends, and when an undecided bake ends, in milliseconds since 1970. */
interface Times {
  readonly begin: number;
  readonly end: number;
  readonly limit: number;
}

/** Lambda's own count of requests may reach CloudWatch later than the function's metrics, but by then it is there. */
const LATEST_SECONDS = 300;

/**
 * The time after the shift in which the new release has all traffic and the old one is still there. If something goes wrong, one call
 * brings the old one back. If nothing could be read, the release has not passed.
 */
export class Bake {
  constructor(private readonly attempt: Attempt) {}

  /**
   * @param since Since when the new release has all traffic. The time that an interrupted run has baked counts.
   * @throws if the release has not passed. The traffic is back on the old one by then, unless no time was left to find out or somebody else
   *   has moved it.
   */
  async run(deployment: Deployment, versions: BlueGreen, since: Date): Promise<void> {
    const { bakeSeconds, undecidedSeconds, minimumRequests, timeoutSeconds } = this.attempt.inputs;
    const { blue, green } = versions;
    const now = Date.now();
    const begin = since.getTime();
    const end = begin + bakeSeconds * 1000;
    this.attempt.deployment = deployment;
    this.attempt.hadAllTraffic = true;
    if (end > now) {
      const left = Math.ceil((end - now) / 1000);
      this.attempt.waiter.tell(
        `baking for ${left} s: ${named(green)} has all traffic, ${named(blue)} stays in service`,
      );
    }
    this.attempt.judges.probe(green);
    const limit = Math.max(end, now) + undecidedSeconds * 1000;
    const found = await this.follow(deployment, versions, { begin, end, limit });
    switch (found.state) {
      case "passed":
        return;
      case "moved":
        throw new Error(
          `${named(green)} was live, and somebody else has changed the alias during its bake: it ${found.why ?? "?"}, and is left like that`,
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
        throw await goneBack(this.attempt, versions, "it did not pass its bake", [found.why ?? ""]);
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
      // This includes alarms that fired and were over between two looks, or while nobody looked.
      const fired = seen.state === "passed" ? await this.attempt.judges.fired(deployment) : undefined;
      return fired === undefined ? seen : { state: "breach", why: fired };
    } catch (error) {
      return unreadable(error);
    }
  }

  private async look(deployment: Deployment, versions: BlueGreen, times: Times): Promise<Look> {
    const { green } = versions;
    const { end, limit } = times;
    const now = Date.now();
    const alias = await this.attempt.alias.look();
    if (!sendsAll(alias, green.version)) {
      return { state: "moved", why: directions(alias) };
    }
    const why = await this.attempt.judges.lookBreach(deployment, versions);
    if (why !== undefined) {
      return { state: "breach", why };
    }
    const forged = await this.lookForged(deployment, versions, times, now);
    if (forged?.isSure === true) {
      return { state: "breach", why: `somebody else writes the metrics that judge it: ${forged.line}` };
    }
    if (now < end) {
      return { state: "baking" };
    }
    const { minimumRequests } = this.attempt.inputs;
    const requests = await this.attempt.judges.lookRequests(deployment, green);
    if (requests < minimumRequests) {
      const asked = `asked ${counted(requests, "time")}, and ${minimumRequests} are needed for a verdict`;
      return now < limit ? this.undecided(asked) : { state: "too few requests", requests };
    }
    return forged === undefined ? { state: "passed" } : this.undecided(forged.line);
  }

  /** Looks for metrics of somebody else: in the shift's once they are complete, and in all of them at the end. */
  private async lookForged(deployment: Deployment, versions: BlueGreen, { begin, end }: Times, now: number) {
    const lateMs = Math.min(LATEST_SECONDS, this.attempt.inputs.undecidedSeconds) * 1000;
    const until = now < end ? begin : end;
    const isSure = now >= until + lateMs;
    const isTime = isSure || now >= end;
    const line = isTime ? await this.attempt.judges.lookForged(deployment, versions, new Date(until)) : undefined;
    return line === undefined ? undefined : { line, isSure };
  }

  private isUndecided = false;

  /** Told once, with what is known by then. */
  private undecided(why: string): Look {
    if (!this.isUndecided) {
      this.isUndecided = true;
      const { undecidedSeconds } = this.attempt.inputs;
      this.attempt.waiter.tell(`undecided: ${why}; baking for up to ${undecidedSeconds} s more`);
    }
    return { state: "undecided" };
  }
}

function unreadable(error: unknown): Look {
  return { state: "breach", why: `its alarms and metrics could not be read (${explained(error).message})` };
}

/** Seconds that the old release is kept in addition to the function's timeout. */
const DRAIN_MARGIN_SECONDS = 5;

/** Waits until the old version has answered the requests that it had when the traffic left it. */
export async function drain({ inputs, waiter }: Attempt, old: FunctionVersion, since: Date): Promise<void> {
  const seconds = inputs.drainSeconds ?? old.timeoutSeconds + DRAIN_MARGIN_SECONDS;
  const left = seconds - (Date.now() - since.getTime()) / 1000;
  if (left > 0) {
    waiter.tell(`waiting ${Math.ceil(left)} s for the requests that the old release is answering`);
    await waiter.wait(left);
  }
}
