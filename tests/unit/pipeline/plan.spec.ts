import { expect } from "chai";
import { exceeds, parsePlan } from "../../../pipeline/plan";

const URN = "urn:pulumi:prod::sagemaker-safe-deploy::aws:iam/role:Role::api-role";
const planOf = (steps: string[], inputDiff: object = {}) =>
  parsePlan(JSON.stringify({ resourcePlans: { [URN]: { goal: { inputDiff }, steps } } }));

describe("a plan against what would be done now", () => {
  it("holds where the same is done, whatever names and ciphers each preview makes anew", () => {
    const one = planOf(["create"], { adds: { name: "api-role-5385c3b", key: { ciphertext: "a" } } });
    const other = planOf(["create"], { adds: { name: "api-role-0a1b2c3", key: { ciphertext: "b" } } });

    expect(exceeds(one, other)).to.deep.equal([]);
  });

  it("holds where what was not known before is known now, and not the other way round", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const previewed = planOf(["create"], { adds: { policy: unknown, tags: { a: unknown, b: "b" }, names: [unknown] } });
    const known = { policy: "{}", tags: { a: "a", b: "b" }, names: ["one"] };

    expect(exceeds(previewed, planOf(["create"], { adds: known }))).to.deep.equal([]);
    expect(exceeds(previewed, planOf(["create"], { adds: { ...known, tags: { a: "a", b: "c" } } }))).to.deep.equal([
      "Role api-role: create with another tags",
    ]);
    expect(exceeds(planOf(["create"], { adds: known }), previewed)).to.have.length(1);
  });

  it("holds where less is left to do, as after an update that was interrupted", () => {
    expect(exceeds(planOf(["create"], { adds: { path: "/" } }), planOf(["same"]))).to.deep.equal([]);
    expect(exceeds(planOf(["create-replacement", "replace", "delete-replaced"]), planOf(["same"]))).to.deep.equal([]);
    expect(exceeds(planOf(["delete"]), {})).to.deep.equal([]);
  });

  it("does not hold where a resource would be changed that was not to be, or changed more", () => {
    expect(exceeds({}, planOf(["delete"]))).to.deep.equal(["Role api-role: delete; previewed was no change"]);
    expect(exceeds(planOf(["update"]), planOf(["create-replacement", "replace", "delete-replaced"]))).to.deep.equal([
      "Role api-role: create-replacement, replace, delete-replaced; previewed was update",
    ]);
    expect(exceeds(planOf(["create"]), planOf(["update"]))).to.deep.equal([
      "Role api-role: update; previewed was create",
    ]);
  });

  it("does not hold where the same change would set something else", () => {
    const previewed = planOf(["update"], { updates: { description: "one" } });

    expect(exceeds(previewed, planOf(["update"], { updates: { description: "other" } }))).to.deep.equal([
      "Role api-role: update with another description",
    ]);
    expect(
      exceeds(previewed, planOf(["update"], { updates: { description: "one" }, deletes: ["path"] })),
    ).to.deep.equal(["Role api-role: update with another path"]);
  });
});
