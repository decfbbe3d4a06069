import { expect } from "chai";
import { callsOf, ratesOf } from "../polling";

const inStep = () => 0.5;

describe("the polling of jobs in simulated time", () => {
  it("looks at each job every two minutes for an hour, all at once if they are in step", async () => {
    const calls = await callsOf(3, { random: inStep });

    expect(calls).to.have.length(3 * 31);
    expect(new Set(calls)).to.have.property("size", 31);
    expect(ratesOf(calls)).to.deep.equal({ average: 90 / 3600, most: 3 });
  });

  it("looks about as often with jitter, and spreads after the first look", async () => {
    const calls = await callsOf(100, {});
    const later = calls.filter((second) => second >= 1800);

    expect(ratesOf(calls).average).to.be.within(0.75, 0.92);
    expect(ratesOf(calls).most).to.equal(100);
    expect(ratesOf(later).most).to.be.lessThan(20);
  });

  it("comes again soon where a call was throttled", async () => {
    const calls = await callsOf(3, { random: inStep, perSecond: 2 });

    // The third waits a second, and is beside the others from then on.
    expect(calls.filter((second) => second < 120)).to.deep.equal([0, 0, 0, 1]);
    expect(ratesOf(calls).most).to.equal(3);
  });
});
