import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { scenarios } from "../../local/rehearsals/scenarios";
import { plays, rehearse, REPEATED } from "../support/rehearsals";

const ROOT = resolve(__dirname, "../..");

describe("npm run local -- rehearse", function () {
  this.timeout(1_200_000);

  describe("what no other test proves", () => {
    plays(scenarios.filter(({ name }) => !(name in REPEATED)));
  });

  it("leaves to the repeats only what another test proves", () => {
    const names = scenarios.map(({ name }) => name);
    for (const [scenario, [file, test]] of Object.entries(REPEATED)) {
      expect(names).to.include(scenario);
      expect(readFileSync(join(ROOT, file), "utf8").replaceAll("it(`", 'it("'), scenario).to.contain(`it("${test}`);
    }
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
