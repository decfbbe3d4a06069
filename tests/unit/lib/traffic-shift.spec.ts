import { expect } from "chai";
import fc from "fast-check";
import {
  describeShift,
  predefinedConfigName,
  shiftMinutes,
  shiftProblems,
  type TrafficShift,
} from "../../../lib/traffic-shift";

const canary = (percent: number, intervalMinutes: number): TrafficShift => ({
  type: "canary",
  percent,
  intervalMinutes,
});
const linear = (percent: number, intervalMinutes: number): TrafficShift => ({
  type: "linear",
  percent,
  intervalMinutes,
});

describe("a traffic shift", () => {
  for (const [shift, name, words, minutes] of [
    [canary(10, 5), "CodeDeployDefault.LambdaCanary10Percent5Minutes", "10 % for 5 minutes, then all", 5],
    [canary(10, 30), "CodeDeployDefault.LambdaCanary10Percent30Minutes", "10 % for 30 minutes, then all", 30],
    [canary(10, 1), undefined, "10 % for 1 minute, then all", 1],
    [canary(20, 5), undefined, "20 % for 5 minutes, then all", 5],
    [linear(10, 1), "CodeDeployDefault.LambdaLinear10PercentEvery1Minute", "10 % more every minute", 9],
    [linear(10, 3), "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes", "10 % more every 3 minutes", 27],
    [linear(10, 5), undefined, "10 % more every 5 minutes", 45],
    [linear(30, 2), undefined, "30 % more every 2 minutes", 6],
    [{ type: "allAtOnce" }, "CodeDeployDefault.LambdaAllAtOnce", "all at once", 0],
    [{ deploymentConfigName: "mine" }, "mine", "as mine says", undefined],
  ] as const) {
    it(`${words}: ${name ?? "no configuration of AWS's"}`, () => {
      expect(shiftProblems(shift)).to.deep.equal([]);
      expect(predefinedConfigName(shift)).to.equal(name);
      expect(describeShift(shift)).to.equal(words);
      expect(shiftMinutes(shift)).to.equal(minutes);
    });
  }

  it("has every problem named at once, with value and rule", () => {
    expect(shiftProblems(linear(0, 2.5))).to.deep.equal([
      "percent must be a whole number from 1 to 99, got 0",
      "intervalMinutes must be a whole number of 1 or more, got 2.5",
    ]);
    expect(shiftProblems({ deploymentConfigName: "no spaces" })).to.have.length(1);
  });

  it("takes 48 hours at most from first to last step", () => {
    expect(shiftProblems(canary(1, 2880))).to.deep.equal([]);
    expect(shiftProblems(canary(1, 2881))).to.deep.equal([
      "a canary shift of 1 % every 2881 minutes takes 2881 minutes, but may take at most 2880",
    ]);
    expect(shiftProblems(linear(1, 30))).to.have.length(1);
  });

  it("is accepted with any whole percentage and interval that fits", () => {
    const shifts = fc.record({
      type: fc.constantFrom("canary" as const, "linear" as const),
      percent: fc.integer({ min: 1, max: 99 }),
      intervalMinutes: fc.integer({ min: 1, max: 29 }),
    });
    fc.assert(fc.property(shifts, (shift) => shiftProblems(shift).length === 0));
  });
});
