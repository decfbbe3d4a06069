import { expect } from "chai";
import type { Scenario } from "../../rehearsals/scenario";
import { scenarios } from "../../rehearsals/scenarios";
import { selected } from "../../rehearsals/selection";

const all: readonly Scenario[] = ["model-errors", "slow-model", "no-traffic"].map((name) => ({
  name,
  tells: "",
  expected: "blue",
  play: () => Promise.resolve(),
}));
const names = (chosen: readonly Scenario[]) => chosen.map(({ name }) => name);

describe("the choice of scenarios", () => {
  it("is all of them where none is named, or all", () => {
    expect(selected(all, [])).to.equal(all);
    expect(selected(all, ["slow-model", "all"])).to.equal(all);
  });

  it("has each of the named ones once", () => {
    expect(names(selected(all, ["no-traffic", "model-errors", "no-traffic"]))).to.deep.equal([
      "model-errors",
      "no-traffic",
    ]);
  });

  it("tells the names that are near an unknown one, nearest first", () => {
    expect(() => selected(all, ["slow-modell"])).to.throw(
      'there is no scenario "slow-modell"; near it: slow-model, model-errors',
    );
  });

  it("tells every unknown name, and how to see all where none is near", () => {
    expect(() => selected(all, ["xyz", "no-trafic"])).to.throw(
      'there is no scenario "xyz"; --list prints them all\nthere is no scenario "no-trafic"; near it: no-traffic',
    );
  });
});

describe("the scenarios", () => {
  it("have names of their own that releases can be called after, with room for a number", () => {
    expect(new Set(names(scenarios)).size).to.equal(scenarios.length);
    for (const { name } of scenarios) {
      expect(name).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(name.length, name).to.be.at.most(31);
    }
  });
});
