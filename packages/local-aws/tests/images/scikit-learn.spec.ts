import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { freePort } from "../../services/sagemaker/container";
import { optMl, run, serveModel } from "./programs";

const CONFIG = {
  "input/config/inputdataconfig.json": JSON.stringify({ train: { ContentType: "text/csv" } }),
  "input/config/resourceconfig.json": JSON.stringify({
    current_host: "algo-1",
    hosts: ["algo-1"],
    network_interface_name: "lo",
  }),
};
const hyperparameters = (given: Readonly<Record<string, unknown>>) => ({
  "input/config/hyperparameters.json": JSON.stringify(
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, JSON.stringify(value)])),
  ),
});
const TOOLKIT = { sagemaker_program: "train.py", sagemaker_submit_directory: "/opt/ml/input/data/code" };
const trained = (folder: string) => run("sagemaker-scikit-learn/train.py", [], folder);

describe("The scikit-learn image in script mode", function () {
  this.timeout(60_000);

  it("runs the script with its hyperparameters as arguments, and folders as variables", async () => {
    const script = [
      "import argparse, json, os, helper",
      "parser = argparse.ArgumentParser()",
      "parser.add_argument('--max-depth', type=int)",
      "parser.add_argument('--kind')",
      "given = vars(parser.parse_args())",
      "names = ('SM_CHANNELS', 'SM_HP_MAX-DEPTH', 'SM_CURRENT_HOST', 'SM_USER_ENTRY_POINT')",
      "told = {**given, **{name: os.environ[name] for name in names}, 'helper': helper.NAME}",
      "told['row'] = open(os.path.join(os.environ['SM_CHANNEL_TRAIN'], 'a.csv')).read()",
      "json.dump(told, open(os.path.join(os.environ['SM_MODEL_DIR'], 'told.json'), 'w'))",
    ].join("\n");
    const folder = optMl({
      ...CONFIG,
      ...hyperparameters({ "max-depth": 3, kind: "tree", ...TOOLKIT }),
      "input/data/code/train.py": script,
      "input/data/code/helper.py": "NAME = 'helper'",
      "input/data/train/a.csv": "1,2",
      "model/.keep": "",
    });

    const { status, output } = await trained(folder);

    expect(status, output).to.equal(0);
    expect(JSON.parse(readFileSync(join(folder, "model", "told.json"), "utf8"))).to.deep.equal({
      max_depth: 3,
      kind: "tree",
      SM_CHANNELS: '["train"]',
      "SM_HP_MAX-DEPTH": "3",
      SM_CURRENT_HOST: "algo-1",
      SM_USER_ENTRY_POINT: "train.py",
      helper: "helper",
      row: "1,2",
    });
  });

  for (const [what, script, reason] of [
    ["fails", "raise ValueError('no such column')", 'ErrorMessage "ValueError: no such column"'],
    ["ends with a code of its own", "import sys; sys.exit(3)", "ExitCode 3"],
  ] as const) {
    it(`fails with the reason where the script ${what}`, async () => {
      const folder = optMl({ ...CONFIG, ...hyperparameters(TOOLKIT), "input/data/code/train.py": script });

      const { status } = await trained(folder);

      expect(status).to.equal(1);
      const failure = readFileSync(join(folder, "output", "failure"), "utf8");
      expect(failure).to.match(/^ExecuteUserScriptError:/);
      expect(failure).to.contain(reason);
    });
  }

  it("says what is missing, and what only SageMaker would install", async () => {
    const told = async (files: Readonly<Record<string, string>>) => {
      const folder = optMl({ ...CONFIG, ...files });
      await trained(folder);
      expect(existsSync(join(folder, "output", "failure"))).to.equal(true);
      return readFileSync(join(folder, "output", "failure"), "utf8");
    };
    const code = { "input/data/code/other.py": "pass" };

    expect(await told({ ...hyperparameters({}), ...code })).to.equal(
      "hyperparameter sagemaker_program must name the script to run, as JSON text",
    );
    expect(await told({ ...hyperparameters(TOOLKIT), ...code })).to.equal(
      "train.py is not in /opt/ml/input/data/code, which has other.py",
    );
    expect(
      await told({
        ...hyperparameters(TOOLKIT),
        "input/data/code/train.py": "pass",
        "input/data/code/requirements.txt": "polars",
      }),
    ).to.match(/^requirements\.txt: SageMaker would install it, the local AWS does not/);
  });
});

describe("The scikit-learn image serving a script", function () {
  this.timeout(60_000);

  const MODEL = [
    "import numpy as np",
    "class Sum:",
    "    def predict(self, rows): return np.asarray(rows, dtype=float).sum(axis=1)",
    "def model_fn(model_dir):",
    "    print('loaded from', model_dir.endswith('model'))",
    "    return Sum()",
  ].join("\n");

  const servers: { kill(signal: "SIGKILL"): boolean }[] = [];
  after(() => servers.forEach((server) => server.kill("SIGKILL")));

  async function asking(script: string) {
    const port = await freePort();
    const folder = optMl({ "model/code/inference.py": script });
    const server = await serveModel(folder, port, "sagemaker-scikit-learn", { SAGEMAKER_PROGRAM: "inference.py" });
    servers.push(server);
    return async (body: string, headers: Readonly<Record<string, string>> = {}) => {
      const answer = await fetch(`http://127.0.0.1:${port}/invocations`, { method: "POST", body, headers });
      return { status: answer.status, type: answer.headers.get("content-type"), body: await answer.text() };
    };
  }

  it("reads and writes JSON and CSV by itself, and refuses all else", async () => {
    const ask = await asking(MODEL);
    const csv = { "Content-Type": "text/csv" };

    expect(await ask("[[1, 2], [3, 4]]", { "Content-Type": "application/json" })).to.deep.equal({
      status: 200,
      type: "application/json",
      body: "[3.0, 7.0]",
    });
    expect(await ask("1,2\n3,4\n", { ...csv, Accept: "text/csv" })).to.deep.include({
      type: "text/csv",
      body: "3.0\n7.0\n",
    });
    expect(await ask("x", { "Content-Type": "text/plain" })).to.deep.include({ status: 415 });
    expect(await ask("1,2\n3,4\n", { ...csv, Accept: "image/png" })).to.deep.include({ status: 406 });
    const single = await ask("1,2\n", csv);
    expect(single.status, "a single row is a vector, as in the container").to.equal(500);
    expect(single.body).to.contain("500 Internal Server Error");
  });

  it("has the script's own functions read, predict and write", async () => {
    const own = [
      MODEL,
      "def input_fn(data, content_type): return [[len(data)]]",
      "def predict_fn(data, model): return float(model.predict(data)[0])",
      "def output_fn(prediction, accept): return f'{prediction} as {accept}', 'text/plain'",
    ].join("\n");
    const ask = await asking(own);

    expect(await ask("abc", { "Content-Type": "text/plain", Accept: "text/plain" })).to.deep.equal({
      status: 200,
      type: "text/plain",
      body: "3.0 as text/plain",
    });
  });

  for (const [what, script, reason] of [
    ["has no model_fn", "pass", "Please provide a model_fn implementation."],
    ["fails", "raise RuntimeError('broken')", "broken"],
    [
      "has transform_fn beside others",
      "def model_fn(d): return 1\ndef transform_fn(m, d, c, a): return d\ndef input_fn(d, c): return d",
      "Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn",
    ],
  ] as const) {
    it(`does not start where the script ${what}`, async () => {
      const folder = optMl({ "model/code/inference.py": script });
      const { status, output } = await run("sagemaker-scikit-learn/serve.py", [], folder, {
        SAGEMAKER_PROGRAM: "inference.py",
      });
      expect(status).to.equal(1);
      expect(output).to.contain(reason);
    });
  }
});
