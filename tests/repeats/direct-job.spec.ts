import { expect } from "chai";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { Summary } from "../../local/journey/summary";

const ROOT = resolve(__dirname, "../..");

describe("npm run local -- --direct", function () {
  this.timeout(1_200_000);

  it("brings three releases by pulumi up alone, and rolls the bad one back", async () => {
    const args = ["--import", "tsx", "local/journey/main.ts", "--json", "--direct", "--rows", "4000"];

    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, maxBuffer: 2 ** 26 });

    const summary = JSON.parse(stdout) as Summary;
    expect(summary.releases.map(({ outcome }) => outcome)).to.deep.equal(["replaced", "live", "rolled-back"]);
    expect(summary.releases[2]?.reason).to.match(/mlops-nyctaxi-api-release-3-model-faults/);
    expect(summary.live).to.deep.equal({ release: "release-2", endpoint: "mlops-nyctaxi-prd-release-2" });
    expect(summary.endpoints).to.have.members(["mlops-nyctaxi-dev-release-2", "mlops-nyctaxi-prd-release-2"]);
    expect(summary).not.to.have.property("pipeline");
  });
});
