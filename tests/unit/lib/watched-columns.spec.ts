import { expect } from "chai";
import { watchedColumnProblems } from "../../../lib/watched-columns";

describe("the columns that a drift monitor watches", () => {
  const model = { columns: { target: "fare", inputs: [{ name: "distance" }, { name: "passengers" }] } };

  it("are those of the model, the target among them", () => {
    expect(watchedColumnProblems({}, model)).to.deep.equal([]);
    expect(
      watchedColumnProblems({ watched: ["fare", "distance"], thresholds: { passengers: 0.3 } }, model),
    ).to.deep.equal([]);
  });

  it("are told, all of them, where the model does not have them, with the one that was meant", () => {
    expect(watchedColumnProblems({ watched: ["distanse"], thresholds: { weather: 0.3 } }, model)).to.deep.equal([
      'driftMonitor.watched: the model has no column "distanse"; did you mean distance?',
      'driftMonitor.thresholds: the model has no column "weather"; it has fare, distance, passengers',
    ]);
  });
});
