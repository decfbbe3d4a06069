import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { outputDir } from "../../../local/journey/run";
import type { Use } from "./fixture";

/** The stages of an execution that goes well. */
const WELL = ["Source", "Build", "Train", "DeployDev", "Approve", "DeployProd"].map((name) => `${name}: Succeeded`);

export function mainJob(use: Use): void {
  it("sends three releases through the pipeline under traffic, the last for drift, rolls that one back, and says so", () => {
    const { broken, result } = use().played;
    const { summary } = result;
    expect(broken).to.deep.equal([]);
    expect(JSON.parse(readFileSync(join(outputDir, "summary.json"), "utf8"))).to.deep.equal(summary);
    const [first = "", second = "", third = ""] = summary.releases.map(({ id }) => id);
    expect(summary.pipeline?.map(({ execution }) => execution)).to.deep.equal([first, second, third]);
    expect(summary.pipeline?.map(({ stages }) => stages.map(({ name, status }) => `${name}: ${status}`))).to.deep.equal(
      [WELL, WELL, [...WELL.slice(0, -1), "DeployProd: Failed"]],
    );
    expect(summary.releases.map(({ outcome }) => outcome)).to.deep.equal(["replaced", "live", "rolled-back"]);
    expect(summary.releases[2]?.reason).to.contain(`mlops-nyctaxi-api-${third}-model-faults`);
    expect(summary.live).to.deep.equal({ release: second, endpoint: `mlops-nyctaxi-prd-${second}` });
    // The bad release was fine on dev, where nobody takes it away.
    expect(summary.endpoints).to.have.members([`mlops-nyctaxi-dev-${third}`, `mlops-nyctaxi-prd-${second}`]);
    expect(summary.traffic.failedBeforeBadRelease).to.equal(0);
    expect(summary.traffic.failedAfterRollback).to.equal(0);
    // Only the bad release's own endpoint failed anybody.
    for (const [endpoint, { failed }] of Object.entries(summary.traffic.byEndpoint)) {
      expect(failed > 0, endpoint).to.equal(endpoint === `mlops-nyctaxi-prd-${third}`);
    }
    // Longer trips are longer, and the model predicts more for them.
    const drifted = Object.entries(summary.drift ?? {}).filter(([, { violated }]) => violated);
    expect(drifted.map(([name]) => name)).to.have.members(["total_amount", "trip_distance"]);
    expect(Object.keys(summary.drift ?? {})).to.include.members(["duration_minutes", "passenger_count"]);
    expect(summary.retrain).to.deep.equal({ decision: "retrain", reason: "alarm mlops-nyctaxi-drift" });
    for (const { validationRmse, devTestRmse } of summary.releases) {
      expect(validationRmse).to.be.within(2.4, 3.0);
      expect(devTestRmse).to.be.within(2, 3.5);
    }
    expect(summary.seconds.slowest).to.have.length(3);
    expect(summary.seconds.byStep).to.include.keys(...summary.seconds.slowest);

    const log = readFileSync(join(outputDir, "run.log"), "utf8");
    // Both endpoints answered in turn while release 2 came, and every request is in the log.
    const [one, two] = [first, second].map((id) => `200 mlops-nyctaxi-prd-${id}`);
    expect(log).to.match(new RegExp(`${one}[^]*${two}[^]*${one}`));
    expect(log.match(/\b(200|502) mlops-nyctaxi-prd-/g)).to.have.length(summary.traffic.sent);
    // What a build prints is told as it goes on, and whoever approves is told what would change and how the model does.
    expect(log).to.match(/release-1 Train: (training|processing) job \S+: InProgress/);
    expect(log).to.match(/release-2 Approve[^]*prod: \d+ to create[^]*validation:rmse [^]*release-2 DeployProd/);
    // And what has started it.
    expect(log).to.match(new RegExp(`${second}, started by a push, new data or a person\\.`));
    expect(log).to.match(new RegExp(`${third}, started by alarm mlops-nyctaxi-drift\\.`));
  });
}
