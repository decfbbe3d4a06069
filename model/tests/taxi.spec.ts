import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { DATA_FILES, hyperparameterTexts, readModel } from "../../lib/model";
import { programs, scratchFolder } from "../../tests/model/programs";

const MODEL = join(__dirname, "..");
const model = readModel(MODEL);

/** What the definition says, held against what the programs do and against a model that is really trained. */
describe("the taxi model's definition", function () {
  this.timeout(120_000);
  const folder = scratchFolder();
  const python = programs(MODEL);

  it("names the columns that the data is prepared with, and the files", async () => {
    const ended = await python.runText("import prepare; print(','.join(prepare.COLUMNS))", []);
    expect(ended.stdout.trim()).to.equal(
      [model.columns.target, ...model.columns.inputs.map(({ name }) => name)].join(","),
    );
    await python.run("prepare.py", ["--rows", "500", "--out", folder.path]);
    expect((await readdir(folder.path)).sort()).to.deep.equal(Object.values(DATA_FILES).sort());
  });

  it("names the ranges that the data is prepared with", async () => {
    const program =
      "import json, math, prepare; print(json.dumps({c: [None if math.isinf(b) else b for b in bounds] for c, bounds in prepare.BOUNDS.items()}))";
    const all = JSON.parse((await python.runText(program, [])).stdout) as Record<string, [number, number | null]>;
    const bounds = Object.fromEntries(Object.entries(all).filter(([name]) => name !== model.columns.target));
    const ranges = model.columns.inputs.map(({ name, minimum, maximum }) => [name, [minimum, maximum ?? null]]);
    expect(Object.fromEntries(ranges)).to.deep.equal(bounds);
  });

  it("trains to a validation RMSE between 2.4 and 3.0 on the default trips, and predicts the known rows sanely", async () => {
    const ended = await python.run("prepare.py", ["--out", folder.path]);
    expect(ended, ended.stderr).to.include({ code: 0 });
    const program = `
import json, sys, numpy, pandas, xgboost
folder, parameters, known = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
def matrix(name):
    table = pandas.read_csv(f"{folder}/{name}.csv", header=None).to_numpy()
    return xgboost.DMatrix(table[:, 1:], table[:, 0])
rounds, patience = int(parameters.pop("num_round")), int(parameters.pop("early_stopping_rounds"))
results = {}
booster = xgboost.train(
    parameters, matrix("train"), rounds, evals=[(matrix("validation"), "validation")],
    early_stopping_rounds=patience, evals_result=results, verbose_eval=False,
)
rows = numpy.array([[float(cell) for cell in row.split(",")] for row in known])
print(json.dumps({"rmse": results["validation"]["rmse"][-1], "predictions": booster.predict(xgboost.DMatrix(rows)).tolist()}))
`;
    const { requests, acceptKnown } = model.check;
    const { minimum = NaN, maximum = NaN } = acceptKnown?.type === "number" ? acceptKnown : {};
    const trained = await python.runText(program, [
      folder.path,
      JSON.stringify(hyperparameterTexts(model, {})),
      JSON.stringify(requests),
    ]);
    expect(trained, trained.stderr).to.include({ code: 0 });
    const { rmse, predictions } = JSON.parse(trained.stdout) as { rmse: number; predictions: number[] };
    expect(rmse).to.be.within(2.4, 3.0);
    expect(rmse).to.be.at.most(model.qualityGate.maximum!);
    for (const prediction of predictions) {
      // Not just inside: with room for a model of other years.
      expect(prediction).to.be.within(minimum * 1.5, maximum / 2);
    }
  });
});
