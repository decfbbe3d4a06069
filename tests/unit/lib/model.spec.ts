import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect } from "chai";
import { stringify } from "yaml";
import { hyperparameterTexts, readModel } from "../../../lib/model";

const ROOT = resolve(__dirname, "../../..");
const EXAMPLES = readdirSync(join(ROOT, "examples")).filter((name) =>
  existsSync(join(ROOT, "examples", name, "model.yaml")),
);

const LEAST = {
  name: "small",
  columns: { target: "y", inputs: [{ name: "a" }, { name: "b", maximum: 3 }] },
  dataProgram: "prepare.py",
  image: { repository: "sagemaker-xgboost", tag: "1.7-1" },
  qualityGate: { metric: "validation:auc", minimum: 0.8 },
  check: { requests: ["1,2"] },
  local: { rows: 100, measure: "auc" },
};

describe("a model's definition", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "model-"));
    writeFileSync(join(folder, "prepare.py"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (definition: unknown, files: readonly string[] = []) => {
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), "");
    }
    writeFileSync(join(folder, "model.yaml"), stringify(definition));
    return readModel(folder);
  };
  const refusal = (definition: unknown) => {
    try {
      read(definition);
    } catch (error) {
      return String(error)
        .split("\n")
        .slice(1)
        .map((line) => line.trim());
    }
    return [];
  };

  for (const name of ["model", ...EXAMPLES.map((example) => `examples/${example}`)]) {
    it(`of ${name} can be used`, () => {
      expect(() => readModel(join(ROOT, name))).not.to.throw();
    });
  }

  it("needs little, and the rest has defaults", () => {
    expect(read(LEAST)).to.deep.include({
      folder,
      dataPrefix: "small/data",
      hyperparameters: {},
      baseline: { image: { repository: "sagemaker-scikit-learn", tag: "1.2-1-cpu-py3" } },
    });
    expect(read(LEAST).local).to.deep.include({ rowsAre: "rows", sends: "text/csv", better: { hyperparameters: {} } });
  });

  it("takes hyperparameters as people write them, and gives SageMaker the text that the program reads", () => {
    const hyperparameters = {
      eta: 0.2,
      objective: "binary:logistic",
      eval_metric: ["auc", "logloss"],
      monotone: [1, 0],
    };
    const other = { eta: "0.1" };

    expect(hyperparameterTexts(read({ ...LEAST, hyperparameters }), other)).to.deep.equal({
      eta: "0.1",
      objective: "binary:logistic",
      eval_metric: "auc,logloss",
      monotone: "(1,0)",
    });
    const script = { folder: "training", entryPoint: "train.py" };
    const own = read({ ...LEAST, hyperparameters, script }, ["training/train.py"]);
    expect(hyperparameterTexts(own, {})).to.include({ eval_metric: '["auc","logloss"]', monotone: "[1,0]" });
  });

  it("is refused with everything that is wrong, by field", () => {
    const { dataProgram, ...rest } = LEAST;
    const columns = {
      target: "y",
      inputs: [
        { name: "a", minimum: 2, maximum: 1 },
        { name: "b", type: "date" },
      ],
    };

    expect(
      refusal({
        ...rest,
        columns,
        name: "Small_One",
        image: { repository: "sagemaker-xgboost" },
        qualityGate: { metric: "validation:auc" },
        local: { rows: "many", measure: "f1" },
        gate: {},
      }),
    ).to.have.members([
      "name: must be lower-case letters, digits and inner hyphens, such as nyctaxi",
      "columns.inputs.0: must have a minimum below its maximum",
      "columns.inputs.1.type: must be number or text",
      "dataProgram: is missing",
      "image: must be the repository and the tag of one of SageMaker's own images, or the uri of another one",
      "qualityGate: must have a minimum or a maximum",
      "local.rows: must be a whole number",
      "local.measure: must be rmse or auc",
      "gate: there is no such field",
    ]);
    expect(dataProgram).to.equal("prepare.py");
  });

  it("is refused where what shifts is no input of numbers", () => {
    const columns = { target: "t", inputs: [{ name: "a" }, { name: "b", type: "text" }] };
    for (const column of ["b", "t", "c"]) {
      const local = { ...LEAST.local, shifted: { column, times: 2 } };
      expect(refusal({ ...LEAST, columns, local })).to.include(
        `local.shifted.column: must be an input of numbers (a), got ${column}`,
      );
    }
    const local = { ...LEAST.local, shifted: { column: "a", times: 0 } };
    expect(refusal({ ...LEAST, local })).to.include("local.shifted.times: must be above 0");
  });

  it("is refused where requests do not fit the columns, or a program is not there", () => {
    expect(
      refusal({
        ...LEAST,
        columns: { target: "a", inputs: LEAST.columns.inputs },
        check: { requests: ["1,2,3", { a: 1, c: "x" }] },
        dataProgram: "data.py",
        script: { folder: "training", entryPoint: "train.py" },
      }),
    ).to.deep.equal([
      "columns: a is there twice",
      "check.requests.0: must have 2 values, one for each input, got 3",
      "check.requests.1.c: there is no such input; there are a, b",
      "dataProgram: there is no data.py in the folder",
      "script.entryPoint: there is no training/train.py in the folder",
    ]);
    expect(refusal({ ...LEAST, dataProgram: "../model/prepare.py" })).to.deep.equal([
      "dataProgram: must be a path within the model's folder",
    ]);
  });

  it("is missed by its path, and read as YAML", () => {
    expect(() => readModel(folder)).to.throw(
      `there is no ${join(folder, "model.yaml")}: a model's folder must have one`,
    );
    writeFileSync(join(folder, "model.yaml"), "name: [");
    expect(() => readModel(folder)).to.throw(`${join(folder, "model.yaml")} is no YAML: `);
  });
});
