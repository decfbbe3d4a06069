import { expect } from "chai";
import { xgboostList } from "../../lib/hyperparameters";
import { programs } from "./programs";

describe("a list of hyperparameters as SageMaker's XGBoost reads it", () => {
  const python = programs(__dirname);

  it("is a tuple of numbers, a list of lists, or names with commas between them", () => {
    expect(xgboostList([1, 0, -1])).to.equal("(1,0,-1)");
    expect(xgboostList([1])).to.equal("(1,)");
    expect(xgboostList([[1, 2], [3]])).to.equal("[[1,2],[3]]");
    expect(xgboostList(["rmse", "mae"])).to.equal("rmse,mae");
    expect(xgboostList(["rmse"])).to.equal("rmse");
  });

  it("is to Python what it was", async () => {
    const lists = [[1, 0, -1], [1], [[1, 2], [3]], [[7]]];
    const program = "import json, sys\nprint(json.dumps([eval(text) for text in json.loads(sys.argv[1])]))";

    const { stdout } = await python.runText(program, [JSON.stringify(lists.map(xgboostList))]);

    expect(JSON.parse(stdout)).to.deep.equal(lists);
  });
});
