import { expect } from "chai";
import fc from "fast-check";
import { Tracking, type TrackingTarget } from "../../services/autoscaling/target-tracking";

const target: TrackingTarget = {
  value: 100,
  scaleOutCooldownSeconds: 60,
  scaleInCooldownSeconds: 120,
  scaleInDisabled: false,
  min: 2,
  max: 10,
};

/** Feeds minutes of invocations to a fleet that follows every decision; returns its size after each. */
function sizes(minutes: readonly number[], changes: Partial<TrackingTarget> = {}, start = 2): readonly number[] {
  const tracking = new Tracking();
  let instances = start;
  return minutes.map((invocations, minute) => {
    const measured = { atSeconds: minute * 60, invocations, instances };
    instances = tracking.next({ ...target, ...changes }, measured)?.instances ?? instances;
    return instances;
  });
}

describe("Target tracking", () => {
  it("scales out to what the load needs after three minutes above the target", () => {
    expect(sizes([500, 500, 500, 500])).to.deep.equal([2, 2, 5, 5]);
    expect(sizes([500, 500, 100, 500, 500])).to.deep.equal([2, 2, 2, 2, 2]);
  });

  it("scales in only after fifteen minutes below nine tenths of the target", () => {
    const quiet = Array.from({ length: 16 }, () => 250);
    expect(sizes(quiet, {}, 8).slice(12)).to.deep.equal([8, 8, 3, 3]);
    const near = Array.from({ length: 20 }, () => 760);
    expect(new Set(sizes(near, {}, 8))).to.deep.equal(new Set([8]));
  });

  it("waits for the cooldown before it scales out again", () => {
    expect(sizes([300, 300, 300, 900, 900, 900], { scaleOutCooldownSeconds: 600 })).to.deep.equal([2, 2, 3, 3, 3, 3]);
    expect(sizes([300, 300, 300, 900, 900, 900], { scaleOutCooldownSeconds: 60 })).to.deep.equal([2, 2, 3, 9, 9, 9]);
  });

  it("never scales in where that is disabled", () => {
    const silence = Array.from({ length: 30 }, () => 0);
    expect(new Set(sizes(silence, { scaleInDisabled: true }, 6))).to.deep.equal(new Set([6]));
    expect(sizes(silence, {}, 6).at(-1)).to.equal(2);
  });

  it("never leaves the bounds, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 }), (minutes) => {
        for (const size of sizes(minutes)) {
          expect(size).to.be.within(2, 10);
        }
      }),
    );
  });
});
