import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { DATA_FILES, readModel } from "../../lib/model";
import { prepareData } from "../../cli/data/program";
import { testRows } from "../../cli/data/test-rows";
import { scratchFolder } from "./programs";

const ROOT = resolve(__dirname, "../..");
const isModel = (folder: string) => existsSync(join(ROOT, folder, "model.yaml"));
const FOLDERS = ["model", ...readdirSync(join(ROOT, "examples")).map((name) => `examples/${name}`)].filter(isModel);
/** Rows enough for each split to have some. */
const ROWS = { files: [], rows: 400 };

/** What `docs/model.md` asks of every model. */
for (const name of FOLDERS) {
  describe(`the model in ${name}`, function () {
    this.timeout(60_000);
    const folder = scratchFolder();
    const model = readModel(join(ROOT, name));
    const linesOf = async (file: string) => (await readFile(join(folder.path, file), "utf8")).trimEnd().split("\n");

    it("has a data program that makes up rows, and writes as many as it says, the target and then the inputs", async () => {
      const { rowsRead, rowsKept, splits } = await prepareData(testPython(), model, ROWS, folder.path);

      expect(rowsRead).to.equal(ROWS.rows);
      expect(splits.train + splits.validation + splits.test).to.equal(rowsKept);
      for (const split of ["train", "validation", "test"] as const) {
        expect(await linesOf(`${split}.csv`), split).to.have.length(splits[split]);
      }
      const [header, ...rows] = await linesOf(DATA_FILES.baseline);
      expect(header?.split(",")).to.include.members(model.columns.inputs.map((column) => column.name));
      expect(rows).to.have.length(splits.train);
    });

    it("has a test file whose rows a caller can send", async () => {
      for (const { target, inputs } of testRows(await readFile(join(folder.path, DATA_FILES.test), "utf8"))) {
        expect(target).to.satisfy(Number.isFinite);
        if (!inputs.includes('"')) {
          expect(inputs.split(","), inputs).to.have.length(model.columns.inputs.length);
        }
      }
    });

    it("makes up the same rows again", async () => {
      const before = await linesOf(DATA_FILES.training);
      await prepareData(testPython(), model, ROWS, folder.path);
      expect(await linesOf(DATA_FILES.training)).to.deep.equal(before);
    });

    const own = existsSync(join(model.folder, "tests")) ? readdirSync(join(model.folder, "tests")) : [];
    const tests = own.filter((file) => /^test_.*\.py$/.test(file)).map((file) => `tests/${file}`);
    if (tests.length > 0) {
      it("passes its own tests", async () => {
        await promisify(execFile)(testPython(), ["-B", "-m", "unittest", ...tests], { cwd: model.folder });
      });
    }
  });
}
