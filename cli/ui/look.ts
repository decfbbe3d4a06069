import { setTimeout as sleep } from "node:timers/promises";
import { failureOf } from "../support/failure";
import type { Part, PartName, Parts } from "./shown";

/** How one part of the page is had, and how often. */
export interface Reader<T> {
  readonly everySeconds: number;
  read(): Promise<T>;
}

export type Readers = { readonly [K in PartName]?: Reader<Parts[K]> };

/** Told of each part that has changed. */
export type Listener = (name: PartName, part: Part<unknown>) => void;

/** How much more seldom AWS is asked at most, where it throttles. */
const MOST_BACKOFF = 32;
/** AWS's names for asking too often, which its services do not spell alike. */
const THROTTLED = /throttl|too ?many ?requests|request ?limit|slow ?down|limit ?exceeded/i;

/**
 * Looks at AWS for all browsers at once, as long as there is one. Each part is asked for by itself, so one that AWS refuses leaves the
 * others alone. Where AWS throttles, a part is asked for more and more seldom. Nothing is kept but what was seen last.
 */
export class Look {
  private readonly parts = new Map<PartName, Part<unknown>>();
  private readonly listeners = new Set<Listener>();
  private stopped: AbortController | undefined;

  constructor(private readonly readers: Readers) {}

  /** Listens until the function that is returned is called. What is known already is told at once. */
  watch(listener: Listener): () => void {
    this.listeners.add(listener);
    this.parts.forEach((part, name) => listener(name, part));
    if (this.stopped === undefined) {
      const { signal } = (this.stopped = new AbortController());
      this.each((name, reader) => void this.follow(name, reader, signal));
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) {
        this.stopped?.abort();
        this.stopped = undefined;
      }
    };
  }

  /** Every part, asked for now. */
  async once(): Promise<ReadonlyMap<PartName, Part<unknown>>> {
    const asking: Promise<unknown>[] = [];
    this.each((name, reader) => asking.push(this.ask(name, reader, 1)));
    await Promise.all(asking);
    return this.parts;
  }

  private each(work: (name: PartName, reader: Reader<unknown>) => void): void {
    for (const name of PART_NAMES) {
      const reader = this.readers[name];
      if (reader !== undefined) {
        work(name, reader);
      }
    }
  }

  private async follow(name: PartName, reader: Reader<unknown>, signal: AbortSignal): Promise<void> {
    let backoff = 1;
    while (!signal.aborted) {
      const throttled = await this.ask(name, reader, backoff);
      backoff = throttled ? Math.min(MOST_BACKOFF, backoff * 2) : Math.max(1, backoff / 2);
      await sleep(reader.everySeconds * backoff * 1000, undefined, { signal }).catch(() => undefined); // Nobody watches any more.
    }
  }

  /** Asks for a part, and tells it. Returns whether AWS has throttled. */
  private async ask(name: PartName, reader: Reader<unknown>, backoff: number): Promise<boolean> {
    const at = new Date().toISOString();
    try {
      this.tell(name, { at, everySeconds: reader.everySeconds * backoff, value: await reader.read() });
      return false;
    } catch (error) {
      const isThrottled = error instanceof Error && THROTTLED.test(`${error.name} ${error.message}`);
      const slower = isThrottled ? Math.min(MOST_BACKOFF, backoff * 2) : backoff;
      const everySeconds = reader.everySeconds * slower;
      const problem = isThrottled ? `AWS throttles: asked again in ${everySeconds} s` : failureOf(error);
      this.tell(name, { at, everySeconds, value: this.parts.get(name)?.value, problem });
      return isThrottled;
    }
  }

  private tell(name: PartName, part: Part<unknown>): void {
    this.parts.set(name, part);
    this.listeners.forEach((listener) => listener(name, part));
  }
}

const PART_NAMES: readonly PartName[] = [
  ...(["pipeline", "rollout", "traffic", "endpoints", "alarms", "drift"] as const),
  ...(["dashboard", "retrain", "history", "faults"] as const),
];
