import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants, killTree } from "local-aws/core/process-tree";
import type { Summary } from "../../local/journey/summary";

const ROOT = resolve(__dirname, "../..");

/** What the tests have started and has not ended. */
const running = new Set<ChildProcess>();

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
  running.add(child);
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk.toString()));
  const code = new Promise<number | null>((done) => child.once("close", done)).finally(() => running.delete(child));
  return { child, stdout: () => out.join(""), stderr: () => err.join(""), code };
}

/** Command lines of processes, by process id. */
function commandLines(pids: readonly number[]): ReadonlyMap<number, string> {
  return new Map(
    pids.flatMap((each) => {
      try {
        return [[each, readFileSync(`/proc/${each}/cmdline`, "utf8").replaceAll("\0", " ")]];
      } catch {
        // It has ended in this very moment.
        return [];
      }
    }),
  );
}

/** Command lines of all processes of the machine that work on what a run has made for its builds. */
function onPipelineFiles(): ReadonlyMap<number, string> {
  const all = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return new Map(
    [...commandLines(all.map(Number))].filter(([, commandLine]) => commandLine.includes(join(ROOT, ".local/pipeline"))),
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

/** The stages of an execution that goes well. */
const WELL = ["Source", "Build", "Train", "DeployDev", "Approve", "DeployProd"].map((name) => `${name}: Succeeded`);

/** Whether an engine has started the provider of AWS, as it does once it is at work. */
const hasProvider = (lines: ReadonlyMap<number, string>) =>
  [...lines.values()].some((line) => line.includes("pulumi-resource-aws"));

describe("npm run local", function () {
  this.timeout(1_200_000);

  // A test that has failed or is over its time has not waited for its run.
  afterEach(() => {
    for (const { pid } of running) {
      if (pid !== undefined) {
        killTree(pid);
      }
    }
  });

  it("sends three releases through the pipeline under traffic, rolls the bad one back, and says so", async () => {
    const run = start("--json");

    expect(await run.code, run.stderr()).to.equal(0);

    const summary = JSON.parse(run.stdout()) as Summary;
    expect(JSON.parse(readFileSync(join(ROOT, ".local/summary.json"), "utf8"))).to.deep.equal(summary);
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
    for (const { validationRmse, devTestRmse } of summary.releases) {
      expect(validationRmse).to.be.within(2.4, 3.0);
      expect(devTestRmse).to.be.within(2, 3.5);
    }
    expect(summary.seconds.slowest).to.have.length(3);
    expect(summary.seconds.byStep).to.include.keys(...summary.seconds.slowest);

    const log = readFileSync(join(ROOT, ".local/run.log"), "utf8");
    // Both endpoints answered in turn while release 2 came, and every request is in the log.
    const [one, two] = [first, second].map((id) => `200 mlops-nyctaxi-prd-${id}`);
    expect(log).to.match(new RegExp(`${one}[^]*${two}[^]*${one}`));
    expect(log.match(/\b(200|502) mlops-nyctaxi-prd-/g)).to.have.length(summary.traffic.sent);
    // What a build prints is told as it goes on, and whoever approves is told what would change and how the model does.
    expect(log).to.match(/release-1 Train: (training|processing) job \S+: InProgress/);
    expect(log).to.match(/release-2 Approve[^]*prod: \d+ to create[^]*validation:rmse [^]*release-2 DeployProd/);
  });

  it("refuses another run in its folder, and stops every process it started on Ctrl-C, those of a build too", async function () {
    if (process.platform !== "linux") {
      this.skip();
    }
    const run = start("--rows", "4000");
    while (!/release-1 Build: previews/.test(run.stdout()) && run.child.exitCode === null) {
      await sleep(50);
    }
    const second = start();
    expect(await second.code).to.equal(1);
    expect(second.stderr()).to.contain(`another run goes on in this folder: process ${run.child.pid ?? 0} on `);
    const below = () => commandLines(descendants(run.child.pid ?? -1));
    let started = below();
    while (!hasProvider(started) && run.child.exitCode === null) {
      await sleep(50);
      started = below();
    }
    expect(hasProvider(started)).to.equal(true);

    run.child.kill("SIGINT");

    expect(await run.code).to.equal(130);
    // What ends by itself when its pipe has closed (the compiler that runs us, an engine's plugin) takes a second or two.
    // Others may have been started since we looked.
    const left = () =>
      [...started, ...onPipelineFiles()].filter(([pid]) => isAlive(pid)).map(([, commandLine]) => commandLine);
    for (let i = 0; i < 100 && left().length > 0; i++) {
      await sleep(50);
    }
    expect(left()).to.deep.equal([]);
  });

  it("says what is wrong with an option", async () => {
    const run = start("--speed", "fast");

    expect(await run.code).to.equal(1);
    expect(run.stderr()).to.contain(`argument 'fast' is invalid. must be a number above 0, got "fast"`);
  });
});
