import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { COUNTS_FILE, countsLine, countsSchema } from "../../../tools/test-counts";
import { temporaryFolder } from "pulumi-engine/testing/temporary-folder";

const ROOT = resolve(__dirname, "../../..");

describe("the counts of a run of tests", function () {
  this.timeout(20_000);
  const folder = temporaryFolder();

  /** Runs tests as `npm test` does and returns what the reporter wrote. */
  function count(tests: string): unknown {
    const [spec, counts] = [join(folder.path, "some.spec.js"), join(folder.path, "counts.json")];
    writeFileSync(spec, tests);
    const reporter = join(ROOT, "tools", "counting-reporter.ts");
    spawnSync(process.execPath, [require.resolve("mocha/bin/mocha.js"), "--reporter", reporter, spec], {
      cwd: ROOT,
      env: { ...process.env, [COUNTS_FILE]: counts },
    });
    return existsSync(counts) ? JSON.parse(readFileSync(counts, "utf8")) : undefined;
  }

  it("are those of mocha, with a failing hook as a failure", () => {
    const counts = count(`
      it("passes", () => undefined);
      it("passes too", () => undefined);
      it("fails", () => { throw new Error("no"); });
      it.skip("is skipped", () => undefined);
      describe("with a hook", () => { before(() => { throw new Error("no"); }); it("never runs", () => undefined); });`);
    expect(counts).to.deep.equal({ passed: 2, failed: 2, skipped: 1 });
    expect(countsLine(countsSchema.parse(counts))).to.equal("2 passed, 2 failed, 1 skipped");
  });

  it("are not there where the process has ended before the tests", () => {
    expect(count('it("ends", () => process.exit(0));')).to.equal(undefined);
  });
});
