import { expect } from "chai";
import { differences, remains } from "../../rehearsals/inventory";

const before = { endpoint: ["prd-1-a"], alarm: ["api-1-a-errors", "scaling-1-a"] };

describe("the inventory", () => {
  it("after going back is the same to the last name", () => {
    expect(differences(before, before)).to.deep.equal([]);
    expect(differences(before, { endpoint: ["prd-1-a", "prd-2-b"], alarm: ["scaling-1-a"] })).to.deep.equal([
      "endpoint prd-2-b was left behind",
      "alarm api-1-a-errors is gone",
    ]);
  });

  it("after a rollout has as much of each kind, and nothing of the old release", () => {
    const after = { endpoint: ["prd-2-b"], alarm: ["api-2-b-errors", "scaling-2-b"] };
    expect(remains(before, after, "1-a")).to.deep.equal([]);
    expect(remains(before, { ...after, endpoint: ["prd-1-a", "prd-2-b"] }, "1-a")).to.deep.equal([
      "endpoint prd-1-a was left behind",
    ]);
    expect(remains(before, { ...after, alarm: ["api-2-b-errors"] }, "1-a")).to.deep.equal([
      "there was 2 of alarm before and is 1 now: api-2-b-errors",
    ]);
  });
});
