import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants, killTree } from "local-aws/core/process-tree";

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
