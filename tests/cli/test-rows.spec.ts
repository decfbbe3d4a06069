import { expect } from "chai";
import { describeColumns } from "../../cli/data/columns";
import { cellsOf, lineOf, requestOf, testRows } from "../../cli/data/test-rows";
import { auc, bias, rmse } from "../../cli/endpoint/measures";
import { modelIn } from "../../local/journey/models";
import { shifted, shiftedDay } from "../../local/journey/shift";

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

  it("may have line ends of Windows, and has no target where a line has none", () => {
    expect(testRows("8.3,5.98,north\r\n11,9.92,south\r\n")).to.deep.equal([
      { target: 8.3, inputs: "5.98,north" },
      { target: 11, inputs: "9.92,south" },
    ]);
    for (const line of ["12.5", ",5.98", "", " ,5.98", "fare,distance"]) {
      expect(testRows(`1,2\n${line}\n1,2`)[1]?.target, line).to.deep.equal(NaN);
    }
    expect(describeColumns("a,b\r\n1,2\r\n1,4\r\n").map(({ name }) => name)).to.deep.equal(["a", "b"]);
  });

  it("has cells, which may be empty anywhere", () => {
    for (const cells of [["", "a"], ["a", ""], ["", "", ""], [""], ['x,"', "", "y"]]) {
      expect(cellsOf(lineOf(cells)), lineOf(cells)).to.deep.equal(cells);
    }
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

describe("traffic that shifts", () => {
  it("has one column's numbers so many times as great, and all else as it was", () => {
    const inputs = (["text", "number", "number"] as const).map((type, i) => ({ name: `c${i}`, type, optional: true }));
    const columns = { target: "t", inputs };
    const shift = { column: "c1", times: 3 };

    expect(shifted({ columns }, shift, { target: 1, inputs: '"far, ""far""",1.5,4' })).to.deep.equal({
      target: 1,
      inputs: '"far, ""far""",4.5,4',
    });
    expect(shifted({ columns }, shift, { target: 1, inputs: "near,,4" }).inputs).to.equal("near,,4");
  });

  it("fills a day with requests of many rows, each row once at most", () => {
    const model = modelIn("model");
    const shift = { column: "trip_distance", times: 2 };
    const day = (rows: number) =>
      shiftedDay(model, shift, testRows(Array.from({ length: rows }, (_, i) => `9,${i},1,2`).join("\n")));
    const sent = (rows: number) => day(rows).flatMap(({ body }) => body.split("\n"));

    expect(day(10_000)).to.have.length(24);
    expect(new Set(sent(10_000)).size).to.equal(2400);
    expect(sent(10_000)[7]).to.equal("7,1,4");
    expect(sent(5)).to.deep.equal(["0,1,4", "1,1,4", "2,1,4", "3,1,4", "4,1,4"]);
  });
});

describe("how good a release's answers are", () => {
  const pairs = (...given: [number, number][]) => given.map(([target, prediction]) => ({ target, prediction }));

  it("is the root mean square error of a regression", () => {
    expect(rmse(pairs([1, 2], [2, 2], [4, 2], [4, 6]))).to.equal(1.5);
  });

  it("is the bias: by how much predictions are too great", () => {
    expect(bias(pairs([1, 2], [2, 2], [4, 3], [4, 6]))).to.equal(0.5);
  });

  it("is the area under the curve of a classifier: all right, all wrong, as good as chance", () => {
    expect(auc(pairs([1, 0.9], [0, 0.1], [1, 0.8], [0, 0.3]))).to.equal(1);
    expect(auc(pairs([1, 0.1], [0, 0.9]))).to.equal(0);
    expect(auc(pairs([1, 0.5], [0, 0.5]))).to.equal(0.5);
    expect(auc(pairs([1, 0.4], [1, 0.8], [0, 0.2], [0, 0.6]))).to.equal(0.75);
  });
});
