import { expect } from "chai";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Summary } from "../../local/journey/summary";

const ROOT = resolve(__dirname, "../..");

/** The main job with another model, which must end as the taxi's does. */
async function mainJob(...options: readonly string[]): Promise<Summary> {
  const args = ["--import", "tsx", "local/journey/main.ts", "--json", ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as Summary;
}
const outcomes = ({ releases }: Summary) => releases.map(({ outcome }) => outcome);
const driftOf = ({ drift = {} }: Summary) =>
  Object.entries(drift).flatMap(([name, { violated }]) => (violated ? [name] : []));

describe("npm run local -- --model", function () {
  this.timeout(1_200_000);

  it("brings houses, a regression of five features, without an edit, by pulumi up alone", async () => {
    const summary = await mainJob("--model", "examples/houses", "--direct", "--rows", "2000");

    expect(outcomes(summary)).to.deep.equal(["replaced", "live", "rolled-back"]);
    expect(summary.releases[2]?.reason).to.contain("mlops-houses-api-release-3-model-faults");
    expect(summary.live).to.deep.equal({ release: "release-2", endpoint: "mlops-houses-prd-release-2" });
    expect(summary.endpoints).to.have.members(["mlops-houses-dev-release-2", "mlops-houses-prd-release-2"]);
    expect(summary).not.to.have.property("pipeline");
    expect(driftOf(summary)).to.include("area_m2").and.not.to.include("rooms");
    // Only a pipeline has a governor.
    expect(summary).not.to.have.property("retrain");
    for (const { validationRmse, devTestRmse } of summary.releases) {
      expect(validationRmse).to.be.within(20, 60);
      expect(devTestRmse).to.be.within(20, 60);
    }
  });

  it("brings churn, which classifies text and missing values by a script, through the pipeline", async () => {
    const summary = await mainJob("--model", "examples/churn", "--rows", "2000");

    expect(outcomes(summary)).to.deep.equal(["replaced", "live", "rolled-back"]);
    const [, second, third] = summary.releases.map(({ id }) => id);
    expect(summary.releases[2]?.reason).to.contain(`mlops-churn-api-${third}-model-faults`);
    expect(summary.live).to.deep.equal({ release: second, endpoint: `mlops-churn-prd-${second}` });
    for (const { validationAuc, devTestAuc } of summary.releases) {
      expect(validationAuc).to.be.within(0.75, 0.95);
      expect(devTestAuc).to.be.within(0.75, 0.95);
    }
    expect(driftOf(summary)).to.include("monthly_charge").and.not.to.include("contract");
    expect(summary.retrain).to.deep.equal({ decision: "retrain", reason: "alarm mlops-churn-drift" });
    const log = await readFile(join(ROOT, ".local/run.log"), "utf8");
    expect(log).to.match(/2000 of 2000 customers kept/);
    expect(log).to.match(/release-2 Approve[^]*validation:auc 0\.\d+, at least 0\.75 \(live 0\.\d+, /);
    expect(log).not.to.match(/trips|rmse/i);
  });
});
