import { expect } from "chai";
import fc from "fast-check";
import { poll, type PollClock } from "../../../lib/poll";

/** A clock on which nothing takes time but sleeping. */
function madeUpClock(random: () => number = () => 0.5) {
  const sleeps: number[] = [];
  let now = 0;
  const clock: PollClock = {
    now: () => now,
    sleep: async (milliseconds) => {
      sleeps.push(milliseconds);
      now += milliseconds;
    },
    random,
  };
  return { clock, sleeps };
}

class Passing extends Error {}
const passes = (error: unknown) => error instanceof Passing;

/** Looks that see or throw, in turn, what is listed, and the last of it for ever. */
function looks<T>(...results: (T | Error)[]) {
  let taken = 0;
  return {
    count: () => taken,
    look: async (): Promise<T> => {
      const result = results[Math.min(taken, results.length - 1)]!;
      taken += 1;
      if (result instanceof Error) {
        throw result;
      }
      return result;
    },
  };
}

describe("poll", () => {
  it("returns what it saw first that has settled, and waits an interval between two looks", async () => {
    const { clock, sleeps } = madeUpClock();
    const job = looks("InProgress", "InProgress", "Completed", "never reached");
    const seen: string[] = [];

    const polled = await poll({
      look: job.look,
      settled: (status) => status === "Completed",
      passes,
      onLook: (status) => seen.push(status),
      intervalSeconds: 120,
      deadline: 3_600_000,
      clock,
    });

    expect(polled).to.deep.equal({ settled: true, seen: "Completed" });
    expect(seen).to.deep.equal(["InProgress", "InProgress", "Completed"]);
    expect(sleeps).to.deep.equal([120_000, 120_000]);
  });

  it("throws at once what does not pass by itself", async () => {
    const { clock } = madeUpClock();
    const job = looks("InProgress", new Error("AccessDenied"));
    const running = poll({
      look: job.look,
      settled: () => false,
      passes,
      intervalSeconds: 1,
      deadline: 60_000,
      clock,
    });

    expect(await running.catch((error: unknown) => String(error))).to.equal("Error: AccessDenied");
    expect(job.count()).to.equal(2);
  });

  it("tells each run of passing errors once, and retries sooner than at the next interval", async () => {
    const { clock, sleeps } = madeUpClock();
    const job = looks<string>(
      new Passing("a"),
      new Passing("b"),
      new Passing("c"),
      "InProgress",
      new Passing("d"),
      "Completed",
    );
    const told: string[] = [];

    await poll({
      look: job.look,
      settled: (status) => status === "Completed",
      passes,
      onTrouble: (error) => told.push(error instanceof Error ? error.message : "?"),
      intervalSeconds: 3,
      deadline: 60_000,
      clock,
    });

    expect(told).to.deep.equal(["a", "d"]);
    expect(sleeps).to.deep.equal([1000, 2000, 3000, 3000, 1000]);
  });

  it("gives back what was seen last, and the trouble it is in, when time runs out", async () => {
    const { clock } = madeUpClock();
    const trouble = new Passing("ThrottlingException");
    const polled = await poll({
      look: looks<string>("InProgress", trouble).look,
      settled: () => false,
      passes,
      intervalSeconds: 10,
      deadline: 25_000,
      clock,
    });

    expect(polled).to.deep.equal({ settled: false, seen: "InProgress", trouble });
  });

  it("keeps every wait within 10 % of the interval, looks for the last time on the deadline and never after it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.1, max: 600, noNaN: true }),
        fc.double({ min: 0, max: 3_600_000, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (intervalSeconds, deadline, random) => {
          fc.pre(deadline / (intervalSeconds * 1000) < 500);
          const { clock, sleeps } = madeUpClock(() => random);
          const lookedAt: number[] = [];

          await poll({
            look: async () => lookedAt.push(clock.now()),
            settled: () => false,
            passes,
            intervalSeconds,
            deadline,
            clock,
          });

          for (const sleep of sleeps.slice(0, -1)) {
            expect(sleep / (intervalSeconds * 1000)).to.be.within(0.9 - 1e-9, 1.1 + 1e-9);
          }
          expect(lookedAt.at(-1)).to.be.closeTo(deadline, 1e-3);
          expect(lookedAt[0]).to.equal(0);
        },
      ),
    );
  });

  it("never loses a look that has settled to errors that pass before it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 8 }), async (good) => {
        const { clock } = madeUpClock();
        const before = good.map((well) => (well ? "InProgress" : new Passing("500")));
        const job = looks<string>(...before, "Completed");

        const polled = await poll({
          look: job.look,
          settled: (status) => status === "Completed",
          passes,
          intervalSeconds: 1,
          deadline: 1e9,
          clock,
        });

        expect(polled).to.deep.equal({ settled: true, seen: "Completed" });
        expect(job.count()).to.equal(good.length + 1);
      }),
    );
  });
});
