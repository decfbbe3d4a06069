import { expect } from "chai";
import { auc, rmse } from "../../journey/dev-test";
import { requestOf, testRows } from "../../journey/test-rows";
import { modelIn } from "../../journey/models";

describe("a model's test file", () => {
  it("has the target first, and the rest is what a caller sends", () => {
    const rows = testRows("8.3,5.98,1,1.03\n11,9.92,1,1.84\n");

    expect(rows).to.deep.equal([
      { target: 8.3, inputs: "5.98,1,1.03" },
      { target: 11, inputs: "9.92,1,1.84" },
    ]);
    expect(requestOf(modelIn("model"), rows[0]!)).to.deep.equal({
      body: "5.98,1,1.03",
      headers: { "content-type": "text/csv" },
    });
  });

  it("becomes JSON by column where the model's callers send that: texts as they are, missing values as null", () => {
    const model = modelIn("model");
    const inputs = ["text", "text", "number", "number"].map((type, i) => ({ name: `c${i}`, type, optional: true }));
    const columns = { target: "t", inputs } as typeof model.columns;
    const json = { columns, local: { ...model.local, sends: "application/json" } as const };
    const row = { target: 1, inputs: '"Fibre, ""fast""",,0.5,' };

    expect(JSON.parse(requestOf(json, row).body)).to.deep.equal({
      instances: [{ c0: 'Fibre, "fast"', c1: null, c2: 0.5, c3: null }],
    });
  });
});

describe("how good a release's answers are", () => {
  const pairs = (...given: [number, number][]) => given.map(([target, prediction]) => ({ target, prediction }));

  it("is the root mean square error of a regression", () => {
    expect(rmse(pairs([1, 2], [2, 2], [4, 2], [4, 6]))).to.equal(1.5);
  });

  it("is the area under the curve of a classifier: all right, all wrong, as good as chance", () => {
    expect(auc(pairs([1, 0.9], [0, 0.1], [1, 0.8], [0, 0.3]))).to.equal(1);
    expect(auc(pairs([1, 0.1], [0, 0.9]))).to.equal(0);
    expect(auc(pairs([1, 0.5], [0, 0.5]))).to.equal(0.5);
    expect(auc(pairs([1, 0.4], [1, 0.8], [0, 0.2], [0, 0.6]))).to.equal(0.75);
  });
});
