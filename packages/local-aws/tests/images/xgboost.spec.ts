import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { freePort } from "../../services/sagemaker/container";
import { IMAGES_DIR } from "../../services/sagemaker/images";
import { planeRows } from "../sagemaker/support";
import { optMl, python, run, serveModel, XGBOOST_DIR } from "./programs";

const TRAIN = "sagemaker-xgboost/train.py";
/** Prints what is wrong with each of some jobs' hyperparameters, in one process. */
const VALIDATE = `
import json, sys
sys.path[:0] = sys.argv[1:3]
from hyperparameters import validated
from opt_ml import ClientError
for given in json.loads(sys.argv[3]):
    try:
        print(validated(given))
    except ClientError as error:
        print(error)
`;

function job(
  hyperparameters: Readonly<Record<string, string>>,
  channels: Readonly<Record<string, string>>,
  contentType = "csv",
) {
  return optMl({
    "input/config/hyperparameters.json": JSON.stringify(hyperparameters),
    "input/config/inputdataconfig.json": JSON.stringify(
      Object.fromEntries(Object.keys(channels).map((name) => [name, { ContentType: contentType }])),
    ),
    ...Object.fromEntries(Object.entries(channels).map(([name, rows]) => [`input/data/${name}/${name}.csv`, rows])),
  });
}

describe("The local XGBoost image", function () {
  this.timeout(30_000);

  it("stops early when validation gets no better, and keeps the best model", async () => {
    const noise = planeRows(60, 3).replaceAll(/^[^,]+/gm, (label) => String((Number(label) * 7919) % 50));
    const folder = job(
      { num_round: "500", early_stopping_rounds: "5", objective: "reg:linear", eta: "1", max_depth: "8" },
      { train: noise, validation: planeRows(60, 5) },
    );
    const { status, output } = await run(TRAIN, [], folder);
    expect(output).to.match(/^INFO:root:Train matrix has 60 rows$/m);
    expect(output).to.contain("reg:linear is now deprecated in favor of reg:squarederror");
    const scores = [...output.matchAll(/^\[\d+\]#011train-rmse:[\d.]+#011validation-rmse:([\d.]+)$/gm)].map((line) =>
      Number(line[1]),
    );
    expect(status).to.equal(0);
    const best = scores.indexOf(Math.min(...scores));
    expect(scores).to.have.length(best + 6);
    // UBJSON, not pickle.
    expect(
      readFileSync(join(folder, "model", "xgboost-model"))
        .subarray(0, 1)
        .toString(),
    ).to.equal("{");
  });

  it("reads an empty field as a missing value, and names the place of what is no number", async () => {
    const good = await run(TRAIN, [], job({ num_round: "1" }, { train: "1,2,\n2,,3\n3,1,1\n" }));
    expect(good.status).to.equal(0);
    expect(good.output).to.match(/^\[0\]#011train-rmse:[\d.]+$/m);

    const folder = job({ num_round: "1" }, { train: "fare,minutes\n1,2\n" });
    const header = await run(TRAIN, [], folder);
    expect(header.status).to.equal(2);
    expect(readFileSync(join(folder, "output", "failure"), "utf8")).to.match(
      /^train\.csv is not CSV of numbers without a header: could not convert string 'fare' to float/,
    );
    expect(existsSync(join(folder, "model"))).to.equal(false);
  });

  it("refuses a wrong hyperparameter by its name, and says what it must be", () => {
    const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ num_round: "2", depth: "3" }, "Extraneous hyperparameter found: depth"],
      [
        { num_round: "2", eta: "fast" },
        "Hyperparameter eta: could not parse value 'fast', it must be a number of 0 or more, at most 1",
      ],
      [{ num_round: "0" }, "Hyperparameter num_round: 0 is not in a whole number of 1 or more"],
      [{ max_depth: "3" }, "Missing required hyperparameter: num_round"],
      [
        { num_round: "2", monotone_constraints: "(1,1)" },
        "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'.",
      ],
      // Python takes it for a number.
      [
        { num_round: "2", tree_method: "hist", monotone_constraints: "(1)" },
        "Hyperparameter monotone_constraints: (1) is not in a tuple of -1, 0, 1",
      ],
      [
        { num_round: "2", monotone_constraints: "1;1" },
        "Hyperparameter monotone_constraints: could not parse value '1;1', it must be a tuple of -1, 0, 1",
      ],
      [
        { num_round: "2", tree_method: "hist", interaction_constraints: "[[0,1]]" },
        "Hyperparameter interaction_constraints: [[0,1]] is not in a list of lists of whole numbers of 1 or more",
      ],
      [
        { num_round: "2", single_precision_histogram: "1" },
        "Hyperparameter single_precision_histogram: 1 is not in true or false",
      ],
    ];
    const told = python(VALIDATE, IMAGES_DIR, XGBOOST_DIR, JSON.stringify(cases.map(([given]) => given)));
    expect(told.trim().split("\n")).to.deep.equal(cases.map(([, message]) => message));
  });

  it("holds the constraints that it is given: what falls cannot be learnt by a model that may only rise", async () => {
    const rows = Array.from({ length: 40 }, (_, x) => `${-x},${x},${x % 3}`).join("\n");
    const given = { num_round: "10", eta: "1", tree_method: "hist", single_precision_histogram: "true" };
    const { status, output } = await run(TRAIN, [], job({ ...given, monotone_constraints: "(1,0)" }, { train: rows }));
    expect(status, output).to.equal(0);
    // 11.5 is the RMSE of one that has learnt nothing.
    expect(Number(/train-rmse:([\d.]+)\n*$/.exec(output)?.[1])).to.be.greaterThan(5);
  });

  it("refuses data that it cannot read as the caller's mistake", async () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ["no train channel", job({ num_round: "1" }, { validation: "1,2\n" }), /^the job has no channel named train$/],
      [
        "libsvm",
        job({ num_round: "1" }, { train: "1 1:2\n" }, "text/libsvm"),
        /^channel train: content type 'text\/libsvm' is not/,
      ],
      [
        "labels only",
        job({ num_round: "1" }, { train: "1\n2\n" }),
        /^channel train: a row must be a label and at least one feature/,
      ],
      [
        "no classes",
        job({ num_round: "1", objective: "multi:softmax" }, { train: "1,2\n" }),
        /^Require input for parameter 'num_class'/,
      ],
    ];
    for (const [why, folder, reason] of cases) {
      const { status } = await run(TRAIN, [], folder);
      expect(status, why).to.equal(2);
      expect(readFileSync(join(folder, "output", "failure"), "utf8"), why).to.match(reason);
    }
  });

  it("tells XGBoost's own failure as the algorithm's", async () => {
    const folder = job({ num_round: "1", objective: "reg:gamma" }, { train: "-1,2\n-2,3\n" });
    const { status } = await run(TRAIN, [], folder);
    expect(status).to.equal(1);
    expect(readFileSync(join(folder, "output", "failure"), "utf8")).to.match(/^XGBoostError: /);
  });

  describe("serving", () => {
    let folder = "";
    let port = 0;
    let server: Awaited<ReturnType<typeof serveModel>>;
    const invoke = (
      body: string | Uint8Array,
      headers: Readonly<Record<string, string>> = { "content-type": "text/csv" },
    ) => fetch(`http://127.0.0.1:${port}/invocations`, { method: "POST", body, headers });

    before(async () => {
      folder = job(
        { num_round: "3", objective: "multi:softprob", num_class: "3" },
        { train: "0,1\n1,2\n2,3\n0,1\n1,2\n2,3\n" },
      );
      expect((await run(TRAIN, [], folder)).status).to.equal(0);
      port = await freePort();
      server = await serveModel(folder, port);
    });
    after(() => server.kill("SIGKILL"));

    it("answers a row of probabilities for each row, and nothing for nothing", async () => {
      const answer = await invoke("1\n3\n");
      const rows = (await answer.text())
        .trim()
        .split("\n")
        .map((row) => row.split(",").map(Number));
      expect(rows.map((row) => row.length)).to.deep.equal([3, 3]);
      expect(Math.max(...rows[0]!)).to.equal(rows[0]![0]);
      expect(Math.max(...rows[1]!)).to.equal(rows[1]![2]);
      expect((await invoke("")).status).to.equal(204);
    });

    it("takes at most 6 MB", async () => {
      expect((await invoke(Buffer.alloc(6 * 1024 * 1024 + 1, "1"))).status).to.equal(413);
    });

    it("answers several requests at a time", async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => invoke("1")));
      expect(new Set(answers.map((answer) => answer.status))).to.deep.equal(new Set([200]));
    });

    it("stays small: below 120 MB", function () {
      const status = `/proc/${server.pid ?? 0}/status`;
      if (!existsSync(status)) {
        this.skip();
      }
      const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))?.[1]);
      expect(kilobytes / 1024).to.be.within(20, 120);
    });

    it("ends when its standard input closes", async () => {
      const ended = new Promise((resolve) => server.once("close", resolve));
      server.stdin.end();
      await ended;
      expect(server.exitCode).to.equal(1);
    });
  });
});
