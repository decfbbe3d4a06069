import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { ModelAccount } from "./model-account";

describe("safe-deploy, with the project's model", function () {
  this.timeout(60_000);
  let account: ModelAccount;
  let test: string;

  before(async () => {
    account = await ModelAccount.start();
    test = join(account.folder, "test.csv");
    await writeFile(test, "11,5,1,2\n20,10,1,4\n31,15,2,6\n39,20,1,8\n");
  });
  after(() => account.close());

  describe("data prepare", () => {
    it("tells what was dropped and how the rows are spread, and uploads the files", async () => {
      const out = join(account.folder, "prepared");
      const { status, stdout } = await account.run("data", "prepare", "--rows", "2000", "--out", out, "--upload");

      expect(status, stdout).to.equal(0);
      expect(stdout)
        .to.match(/^2,000 trips read, 1,9\d\d kept \(9\d\.\d %\): 1,5\d\d to train, \d+ to validate, \d+ to test/)
        .and.match(/dropped: trip_distance is not above 0 and below 121\n/)
        .and.match(/total_amount +0 +\d/)
        .and.contain("█")
        .and.contain(`uploaded to s3://${account.bucket}/nyc-tlc/v1/data`);
      const { Contents = [] } = await new S3Client(clientConfig(account.aws)).send(
        new ListObjectsV2Command({ Bucket: account.bucket, Prefix: "nyc-tlc/v1/data/" }),
      );
      expect(Contents.map(({ Key }) => Key?.slice("nyc-tlc/v1/data/".length))).to.have.members([
        "baseline/baseline.csv",
        "test/test.csv",
        "training/train.csv",
        "validation/validation.csv",
      ]);
      const baseline = await readFile(join(out, "baseline.csv"), "utf8");
      expect(baseline.split("\n")[0]).to.equal("total_amount,duration_minutes,passenger_count,trip_distance");
    });

    it("says what the program says of a file that it cannot read", async () => {
      const { status, stderr } = await account.run("data", "prepare", "none.csv");
      expect(status).to.equal(1);
      expect(stderr).to.match(/error: prepare\.py: .*none\.csv: No such file or directory\n$/);
    });

    it("says what a Python lacks, and that there is none", async () => {
      const python = join(account.folder, "python");
      await writeFile(python, "#!/bin/sh\necho numpy pandas\n", { mode: 0o755 });
      expect((await account.run("data", "prepare", "--python", python)).stderr).to.contain(
        `${python} has no numpy, pandas: ${python} -m pip install numpy pandas`,
      );
      expect((await account.run("data", "prepare", "--python", "no-python")).stderr).to.contain(
        "no-python cannot be started: install Python",
      );
      expect((await account.run("data", "prepare", "a.csv", "--rows", "3")).stderr).to.contain("leave out one of them");
    });
  });

  describe("endpoint test", () => {
    interface Tested {
      asked: string;
      value: number;
      bias: number;
      latencyMs: { p50: number };
      worst: { target: number; error: number }[];
    }

    it("asks dev's endpoint, measures its answers and draws them", async () => {
      const chart = join(account.folder, "chart.svg");
      const tested = await account.json<Tested>("endpoint", "test", "--test", test, "--worst", "2", "--chart", chart);

      expect(tested).to.deep.include({ asked: "mlops-nyctaxi-dev-r1", bias: -0.25 });
      expect(tested.value).to.be.closeTo(Math.sqrt(3 / 4), 1e-9);
      expect(tested.worst.map(({ target, error }) => [target, error])).to.deep.equal([
        [11, -1],
        [31, -1],
      ]);
      expect(tested.latencyMs.p50).to.be.above(0);
      const svg = await readFile(chart, "utf8");
      expect(svg).to.match(/^<svg/).and.contain("predicted total_amount").and.contain("mlops-nyctaxi-dev-r1");
    });

    it("asks the API of production, some rows at a time", async () => {
      const args = ["endpoint", "test", "--stack", "prod", "--test", test, "--rows-per-request", "3"];
      const { status, stdout, stderr } = await account.run(...args);

      expect(status).to.equal(0);
      expect(stderr.trimEnd().split("\n"), "a line for each answer").to.have.length(1);
      expect(stdout)
        .to.contain(account.api.url)
        .and.match(/trips +4 of 4 answered\nrmse +0\.866\nbias +-0\.25\nlatency +p50 [\d.]+ ms/)
        .and.match(
          /total_amount +predicted +error +duration_minutes,passenger_count,trip_distance\n11 +10 +-1 +5,1,2\n/,
        )
        .and.contain("│");
    });

    it("says which requests were not answered, and fails", async () => {
      const far = join(account.folder, "far.csv");
      await writeFile(far, "20,10,1,4\n130,60,1,4\n");
      for (const [stack, failure] of [
        ["dev", /ModelError: .*too far/],
        ["prod", /status 502: too far/],
      ] as const) {
        const { status, stdout } = await account.run("endpoint", "test", "--stack", stack, "--test", far);
        expect(status).to.equal(1);
        expect(stdout)
          .to.contain("1 of 2 answered")
          .and.match(/failures +1 requests, the first: /)
          .and.match(failure);
      }
    });

    it("says what there is where something else is asked for", async () => {
      const errorOf = async (...args: readonly string[]) => (await account.run("endpoint", "test", ...args)).stderr;
      expect(await errorOf("--test", test, "--release", "r2")).to.contain(
        "no endpoint mlops-nyctaxi-dev-r2: there are mlops-nyctaxi-dev-r1 (InService)",
      );
      expect(await errorOf("--test", test, "--stack", "train")).to.contain('got "train", which is of kind train');
      expect(await errorOf("--test", test, "--stack", "live")).to.contain('nothing says what stack "live" is');
      expect(await errorOf("--test", `s3://${account.bucket}/other`)).to.contain("other/test.csv: safe-deploy data");
      const wrong = join(account.folder, "header.csv");
      await writeFile(wrong, "total_amount,duration_minutes\n1,2\n");
      expect(await errorOf("--test", wrong)).to.contain("line 1 must begin with the target");
    });
  });

  describe("traffic send", () => {
    it("sends at a rate for a while, signed as the API wants it, and tells who answered", async () => {
      const args = ["traffic", "send", "--test", test, "--rate", "20", "--duration", "0.6"];
      const sent = await account.json<{ auth: string; sent: number; totals: object[] }>(...args);

      expect(sent.auth).to.equal("iam");
      expect(sent.sent).to.be.within(6, 14);
      expect(sent.totals).to.deep.equal([{ endpoint: "mlops-nyctaxi-prd-r1", status: 200, requests: sent.sent }]);
    });

    it("sends the key of an API that wants one, and tells it nobody", async () => {
      const value = await account.makeApiWithKey("mlops-nyctaxi-keyed-api");
      const args = ["traffic", "send", "--stack", "keyed", "--test", test, "--rate", "20", "--duration", "0.2"];
      const { status, stdout, stderr } = await account.run(...args);
      expect(status, stdout + stderr).to.equal(0);
      expect(stdout + stderr).to.not.contain(value);
    });

    it("counts what is not answered, by why, and fails", async () => {
      const args = [
        "traffic",
        "send",
        "--test",
        test,
        "--rate",
        "20",
        "--duration",
        "0.2",
        "--url",
        "http://127.0.0.1:1/api",
      ];
      const { status, stdout } = await account.run(...args);
      expect(status).to.equal(1);
      expect(stdout).to.match(/\(no endpoint\) +none +\d/);
    });

    it("takes no rate and no duration that a timer cannot keep", async () => {
      for (const wrong of [
        ["--rate", "1001"],
        ["--rate", "1e-8"],
        ["--duration", "3000000"],
      ] as const) {
        const { status, stderr } = await account.run("traffic", "send", "--test", test, ...wrong);
        expect(status).to.equal(1);
        expect(stderr).to.match(/must be at most (1000 a second|2147482 seconds)/);
      }
    });

    it("sends no other model the rows of this one", async () => {
      const { stderr } = await account.run("traffic", "send", "--model", "other");
      expect(stderr).to.contain("is that of model nyctaxi, whose data and columns are not those of other");
    });

    it("names the API that was meant", async () => {
      const { stderr } = await account.run("traffic", "send", "--test", test, "--stack", "keyd");
      expect(stderr).to.contain("there is no API mlops-nyctaxi-keyd-api: did you mean mlops-nyctaxi-keyed-api?");
    });
  });
});
