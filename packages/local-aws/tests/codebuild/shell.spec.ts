import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { BuildShell } from "../../services/codebuild/shell";

describe("A build's shell", function () {
  this.timeout(30_000);
  let folder: string;
  const lines: string[] = [];
  const variables = { PATH: process.env.PATH ?? "", CODEBUILD_BUILD_ID: `release:${randomUUID()}` };
  const shell = () =>
    BuildShell.start({
      folder: join(folder, "shell's own"),
      directory: folder,
      environment: { ...variables, QUOTED: 'it\'s "two"\nlines', "no-name": "lost" },
      onLine: (line) => lines.push(line),
    });

  beforeEach(async () => {
    lines.length = 0;
    folder = await mkdtemp(join(tmpdir(), "shell test "));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("prints what commands print, in order and without their last line's end, and tells their exit codes", async () => {
    const one = await shell();
    expect(await one.run("echo out; echo err >&2; printf end")).to.equal(0);
    expect(await one.run('printf "%s" "$QUOTED"; exit 7')).to.equal(7);
    expect(await one.run("if")).not.to.equal(0);
    expect(await one.run("kill -KILL $$")).to.equal(137);
    expect(await one.run("echo again")).to.equal(0);
    await one.stop();
    expect(lines.slice(0, 5)).to.deep.equal(["out", "err", "end", 'it\'s "two"', "lines"]);
    expect(lines.at(-1)).to.equal("again");
    expect(await one.run("echo never")).to.equal(137);
  });

  it("keeps what is exported, what is set for a command and the folder, also after a failure", async () => {
    const one = await shell();
    await one.run("export A=1; unset QUOTED; mkdir 'a b'; cd 'a b'; false", { B: "2" });
    await one.run('echo "$A $B ${QUOTED-gone} ${PWD##*/}"');
    expect(lines).to.deep.equal(["1 2 gone a b"]);
    expect(await one.environment()).to.include({ A: "1", B: "2" });
    await one.stop();
  });

  it("stops what has left for a session of its own, whether or not it holds on to the output", async () => {
    const one = await shell();
    await one.run("setsid sleep 60 & echo $!; setsid sleep 60 >/dev/null 2>&1 & echo $!; sleep 0.1");
    const pids = lines.map(Number).filter((pid) => pid > 0);
    expect(pids.map(isRunning)).to.deep.equal([true, true]);
    await one.stop();
    for (let attempt = 0; attempt < 500 && pids.some(isRunning); attempt += 1) {
      await sleep(10);
    }
    expect(pids.map(isRunning)).to.deep.equal([false, false]);
  });

  it("gives what it runs the time to end by itself that it is told", async () => {
    const one = await shell();
    const running = one.run("trap 'sleep 0.3; echo cleaned; exit 3' TERM; echo up; sleep 60 & wait");
    while (!lines.includes("up")) {
      await sleep(10);
    }
    const began = performance.now();
    await one.stop(20_000);
    expect(performance.now() - began).to.be.lessThan(10_000);
    expect(lines).to.include("cleaned");
    expect(await running).to.equal(137);
  });

  it("ends with all that it runs when the process that started it is killed", async () => {
    const module = JSON.stringify(require.resolve("../../services/codebuild/shell"));
    const options = JSON.stringify({ folder, directory: folder, environment: { PATH: process.env.PATH } });
    const program = `
      const { BuildShell } = require(${module});
      BuildShell.start({ ...${options}, onLine: (line) => console.log(line) }).then((one) => one.run("echo $$; exec sleep 60"));`;
    const child = spawn(process.execPath, ["--import", "tsx", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = await new Promise<number>((resolve) =>
      createInterface({ input: child.stdout }).once("line", (line) => resolve(Number(line))),
    );
    expect(isRunning(pid)).to.equal(true);
    child.kill("SIGKILL");
    for (let attempt = 0; attempt < 500 && isRunning(pid); attempt += 1) {
      await sleep(10);
    }
    expect(isRunning(pid)).to.equal(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
