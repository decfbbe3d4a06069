import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { notebookFile } from "../../support/notebook-file";

const { cells } = notebookFile.parse(
  JSON.parse(readFileSync(join(__dirname, "../../../notebook/mlops.ipynb"), "utf8")),
);
const code = cells.filter(({ cell_type }) => cell_type === "code");
const text = cells.filter(({ cell_type }) => cell_type === "markdown");

describe("notebook/mlops.ipynb", () => {
  it("is kept without what its cells have shown: clear all outputs before you commit it", () => {
    const run = code.filter(({ outputs, execution_count }) => outputs?.length !== 0 || execution_count !== null);
    expect(run.map(({ id }) => id)).to.deep.equal([]);
  });

  it("has the eight steps, and cleaning up", () => {
    const headings = text.flatMap(({ source }) => source.match(/^## .*/m) ?? []);
    expect(headings.map((heading) => heading.slice(3, 5))).to.deep.equal([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((step) => `${step}.`),
      "Cl",
    ]);
  });

  it("has short cells, each with a name of its own", () => {
    expect(code.filter(({ source }) => source.split("\n").length > 25).map(({ id }) => id)).to.deep.equal([]);
    expect(new Set(cells.map(({ id }) => id)).size).to.equal(cells.length);
  });
});
