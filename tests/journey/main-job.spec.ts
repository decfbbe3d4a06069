import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { descendants } from "../../local/journey/process-tree";
import type { Summary } from "../../local/journey/summary";

const ROOT = resolve(__dirname, "../..");

/** The main job as `npm run local` starts it. */
function start(...args: readonly string[]): {
  child: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  code: Promise<number | null>;
} {
  const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, "local/journey/main.ts"), ...args], {
    cwd: ROOT,
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk.toString()));
  const code = new Promise<number | null>((done) => child.once("close", done));
  return { child, stdout: () => out.join(""), stderr: () => err.join(""), code };
}

/** Command lines of all processes below one process, by process id. */
function commandLines(pid: number): ReadonlyMap<number, string> {
  return new Map(
    descendants(pid).map((each) => [each, readFileSync(`/proc/${each}/cmdline`, "utf8").replaceAll("\0", " ")]),
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("npm run local", function () {
  this.timeout(900_000);

  it("trains, deploys, replaces under traffic and rolls back, and says so", async () => {
    const run = start("--json");

    expect(await run.code, run.stderr()).to.equal(0);

    const summary = JSON.parse(run.stdout()) as Summary;
    expect(summary.releases.map(({ outcome }) => outcome)).to.deep.equal(["replaced", "live", "rolled-back"]);
    expect(summary.releases[2]?.reason).to.match(/mlops-nyctaxi-api-release-3-model-faults/);
    expect(summary.live).to.deep.equal({ release: "release-2", endpoint: "mlops-nyctaxi-prd-release-2" });
    expect(summary.endpoints).to.have.members(["mlops-nyctaxi-dev-release-2", "mlops-nyctaxi-prd-release-2"]);
    expect(summary.traffic.failedBeforeBadRelease).to.equal(0);
    expect(summary.traffic.failedAfterRollback).to.equal(0);
    // Only the bad release's own endpoint failed anybody.
    for (const [endpoint, { failed }] of Object.entries(summary.traffic.byEndpoint)) {
      expect(failed > 0, endpoint).to.equal(endpoint === "mlops-nyctaxi-prd-release-3");
    }
    for (const { validationRmse, devTestRmse } of summary.releases) {
      expect(validationRmse).to.be.within(2.4, 3.0);
      expect(devTestRmse).to.be.within(2, 3.5);
    }
    expect(JSON.parse(readFileSync(join(ROOT, ".local/summary.json"), "utf8"))).to.deep.equal(summary);
    // Both endpoints answered in turn while release 2 came, and every request is in the log.
    const log = readFileSync(join(ROOT, ".local/run.log"), "utf8");
    expect(log).to.match(
      /200 mlops-nyctaxi-prd-release-1[^]*200 mlops-nyctaxi-prd-release-2[^]*200 mlops-nyctaxi-prd-release-1/,
    );
    expect(log.match(/\b(200|502) mlops-nyctaxi-prd-/g)).to.have.length(summary.traffic.sent);
  });

  it("stops every process it started on Ctrl-C", async function () {
    if (process.platform !== "linux") {
      this.skip();
    }
    const run = start("--rows", "4000");
    while (!/training job \S+: InProgress/.test(run.stdout()) && run.child.exitCode === null) {
      await new Promise((wake) => setTimeout(wake, 50));
    }
    const started = commandLines(run.child.pid ?? -1);
    expect(started.size).to.be.greaterThan(3);

    run.child.kill("SIGINT");

    expect(await run.code).to.equal(130);
    // What ends by itself when its pipe has closed (the compiler that runs us) takes a second or two.
    const left = () => [...started].filter(([pid]) => isAlive(pid)).map(([, commandLine]) => commandLine);
    for (let i = 0; i < 100 && left().length > 0; i++) {
      await new Promise((wake) => setTimeout(wake, 50));
    }
    expect(left()).to.deep.equal([]);
  });

  it("says what is wrong with an option", async () => {
    const run = start("--speed", "fast");

    expect(await run.code).to.equal(1);
    expect(run.stderr()).to.contain(`argument 'fast' is invalid. must be a number above 0, got "fast"`);
  });
});
