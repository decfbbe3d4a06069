import { expect } from "chai";
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import type { Row } from "../../local/rehearsals/verdict";
import { scenarios } from "../../local/rehearsals/scenarios";

const ROOT = resolve(__dirname, "../..");

/** `npm run local -- rehearse` with these arguments, to its end. */
async function rehearse(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const main = join(ROOT, "local/journey/main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", main, "rehearse", ...args], { cwd: ROOT });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, stdout, stderr };
}

describe("npm run local -- rehearse", function () {
  this.timeout(1_200_000);

  describe("all", () => {
    let rows: readonly Row[] = [];
    let run = { code: null as number | null, stdout: "", stderr: "" };
    before(async () => {
      run = await rehearse("all", "--json");
      rows = JSON.parse(run.stdout) as Row[];
    });

    for (const { name, tells, expected } of scenarios) {
      it(`${name}: ${tells}`, () => {
        const row = rows.find(({ scenario }) => scenario === name);

        expect(row?.problems ?? []).to.deep.equal([]);
        expect(row).to.deep.include({ live: expected, expected, ok: true });
      });
    }

    it("prints a table on stderr, and exits with 0 as all rows are as expected", () => {
      expect(run.stderr).to.match(/scenario +live +expected +requests failed +seconds to safety +verdict/);
      expect(rows.map(({ scenario }) => scenario)).to.deep.equal(scenarios.map(({ name }) => name));
      expect(run.code).to.equal(0);
    });
  });

  it("lists the scenarios", async () => {
    const { code, stdout } = await rehearse("--list", "--json");

    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal(
      scenarios.map(({ name, tells, expected }) => ({ scenario: name, tells, expected })),
    );
  });

  it("refuses an unknown scenario, and tells those that are near it", async () => {
    const { code, stderr } = await rehearse("model-eror");

    expect(code).to.equal(1);
    expect(stderr).to.contain('there is no scenario "model-eror"; near it: model-errors');
  });
});
