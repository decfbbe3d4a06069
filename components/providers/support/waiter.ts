import { explained } from "../../../lib/errors";
import { poll, type Polled } from "../../../lib/poll";
import { passes } from "./aws";
import { engineClock } from "./engine-clock";

/** How long a resource is waited for. The engine's `customTimeouts` do not reach dynamic resources, so these are inputs. */
export interface Timing {
  /** Seconds between two looks at what is going on in AWS. */
  readonly pollSeconds: number;
  /** Seconds after which waiting is given up. What was waited for goes on, and the next `pulumi up` takes it up again. */
  readonly timeoutSeconds: number;
}

/** What to look at until it has settled, and how to tell what is seen. */
export interface Following<T> {
  readonly look: () => Promise<T>;
  readonly settled: (seen: T) => boolean;
  /** Lines about what is seen; each is told once. */
  readonly lines: (seen: T) => readonly string[];
}

/**
 * The waiting of one call of a provider, all of it under one deadline: makes AWS calls that outlast throttling, server errors,
 * dropped connections and expired credentials, follows what takes time, and tells what happens, in lines that the host shows
 * in the output of `pulumi up`.
 */
export class Waiter {
  private readonly deadline: number;
  private readonly told = new Set<string>();

  /** @param subject What the lines begin with, such as `training job mlops-nyctaxi-r1`. */
  constructor(
    private readonly subject: string,
    private readonly timing: Timing,
  ) {
    this.deadline = engineClock.now() + timing.timeoutSeconds * 1000;
  }

  /** Tells one line, unless it was told before. */
  tell(line: string): void {
    if (!this.told.has(line)) {
      this.told.add(line);
      console.log(`${this.subject}: ${line}`);
    }
  }

  /**
   * Makes an AWS call, again where it failed in a way that passes by itself.
   *
   * @throws what the call threw last when the deadline is reached, and at once what does not pass.
   */
  async call<T>(look: () => Promise<T>): Promise<T> {
    const polled = await this.poll({ look, settled: () => true, lines: () => [] });
    if (!polled.settled) {
      throw explained(polled.trouble);
    }
    return polled.seen;
  }

  /** Looks until what is seen has settled. Where the deadline comes first, tells what was seen last, if anything. */
  follow<T>(following: Following<T>): Promise<Polled<T>> {
    return this.poll(following);
  }

  /** Waits so long, whatever the deadline. */
  wait(seconds: number): Promise<void> {
    return engineClock.sleep(seconds * 1000);
  }

  private poll<T>({ look, settled, lines }: Following<T>): Promise<Polled<T>> {
    let inTrouble = false;
    return poll({
      look,
      settled,
      passes,
      onLook: (seen) => {
        if (inTrouble) {
          inTrouble = false;
          console.log(`${this.subject}: AWS answers again`);
        }
        lines(seen).forEach((line) => this.tell(line));
      },
      onTrouble: (error) => {
        inTrouble = true;
        console.log(`${this.subject}: AWS has trouble (${explained(error).message}); trying again`);
      },
      intervalSeconds: this.timing.pollSeconds,
      deadline: this.deadline,
      clock: engineClock,
    });
  }
}
