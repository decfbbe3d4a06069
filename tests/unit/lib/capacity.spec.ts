import { expect } from "chai";
import { capacityProblems } from "../../../lib/capacity";

const good = {
  instanceType: "ml.m5.large",
  minInstances: 2,
  maxInstances: 10,
  targetInvocationsPerInstance: 750,
  scaleInCooldownSeconds: 60,
  scaleOutCooldownSeconds: 60,
};

describe("an endpoint's capacity", () => {
  it("is accepted as the reference has it", () => {
    expect(capacityProblems(good)).to.deep.equal([]);
  });

  it("is refused with everything that is wrong at once", () => {
    const bad = {
      ...good,
      instanceType: "m5.large",
      minInstances: 0,
      maxInstances: -1,
      targetInvocationsPerInstance: 0,
    };

    expect(capacityProblems(bad)).to.deep.equal([
      'instanceType must be a SageMaker type such as ml.m5.large, got "m5.large"',
      "minInstances must be a whole number of 1 or more, got 0",
      "maxInstances must be a whole number of 1 or more, got -1",
      "maxInstances (-1) must not be below minInstances (0)",
      "targetInvocationsPerInstance must be above 0, got 0",
    ]);
  });

  it("does not scale burstable types, and accepts them where nothing scales", () => {
    expect(capacityProblems({ ...good, instanceType: "ml.t2.medium" })).to.deep.equal([
      "instanceType ml.t2.medium is burstable and cannot scale: set maxInstances to 2, or take another type",
    ]);
    expect(capacityProblems({ ...good, instanceType: "ml.t2.medium", minInstances: 1, maxInstances: 1 })).to.deep.equal(
      [],
    );
  });
});
