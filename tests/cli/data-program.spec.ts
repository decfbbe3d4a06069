import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { prepareData } from "../../cli/data/program";

describe("preparing the data of a run", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "prepare data "));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** What is said about a data program. */
  async function refusalOf(program: string): Promise<string> {
    await writeFile(join(folder, "prepare.py"), program);
    const model = { folder, dataProgram: "prepare.py" };
    return prepareData(testPython(), model, { files: ["none.csv"], rows: 1 }, folder).then(
      () => expect.fail("was prepared"),
      (error: unknown) => (error as Error).message,
    );
  }

  it("fails with what the model's program says, and not with how it was called", async () => {
    expect(await refusalOf('import sys\nsys.exit("prepare.py: none.csv: No such file")\n')).to.equal(
      "prepare.py: none.csv: No such file",
    );
  });

  it("says what the program must print and write", async () => {
    const must = `${join(folder, "prepare.py")} must print {"rowsRead", "rowsKept", "splits"} for --json: `;

    expect(await refusalOf('print("done")'))
      .to.contain(must)
      .and.to.contain("something else than JSON");
    expect(await refusalOf("print({})"))
      .to.contain(must)
      .and.to.contain("rowsRead");
    const summary = { rowsRead: 1, rowsKept: 1, splits: { train: 1, validation: 0, test: 0 } };
    expect(await refusalOf(`print('${JSON.stringify(summary)}')`)).to.equal(
      `${join(folder, "prepare.py")} has not written train.csv, validation.csv, test.csv, baseline.csv into ${folder}`,
    );
  });
});
