import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { temporaryFolder } from "../../testing/temporary-folder";

const PROGRAM = `
require(${JSON.stringify(require.resolve("tsx/cjs"))});
const { onInterruption } = require(${JSON.stringify(join(__dirname, "../../interruption.ts"))});
onInterruption(() => {
  console.error("ending");
  if (process.env.npm_lifecycle_event === "start") process.exit(0);
});
process.once("exit", (code) => console.error("exit " + code));
setInterval(() => console.log("working"), 20);
`;

describe("a program that is interrupted", function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  let child: ChildProcess;
  let told: string[];

  beforeEach(async () => {
    told = [];
    child = spawn(process.execPath, ["-e", PROGRAM], { stdio: ["ignore", "pipe", "pipe"] });
    createInterface({ input: child.stderr! }).on("line", (line) => told.push(line));
    await once(child.stdout!, "data");
  });
  afterEach(() => child.kill("SIGKILL"));

  const ending = async () => {
    while (told.length === 0) {
      await sleep(10);
    }
  };

  it("ends once by one Ctrl-C, although npm hands it on again, and at once by another", async () => {
    child.kill("SIGINT");
    child.kill("SIGINT");
    await ending();
    await sleep(500);
    expect([child.exitCode, told]).to.deep.equal([null, ["ending"]]);
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number];
    expect([code, told]).to.deep.equal([130, ["ending", "exit 130"]]);
  });

  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    it(`ends by ${signal} too`, async () => {
      child.kill(signal);
      await ending();
      expect(child.exitCode).to.equal(null);
    });
  }

  it("ends when npm is told to, whose shell does not hand it on", async () => {
    writeFileSync(join(folder.path, "program.js"), PROGRAM);
    const scripts = { start: `node ${JSON.stringify(join(folder.path, "program.js"))}` };
    writeFileSync(join(folder.path, "package.json"), JSON.stringify({ name: "interrupted", scripts }));
    const npm = spawn("npm", ["run", "--silent", "start"], { cwd: folder.path, stdio: ["ignore", "pipe", "pipe"] });
    const lines: string[] = [];
    createInterface({ input: npm.stderr }).on("line", (line) => lines.push(line));
    await once(npm.stdout, "data");
    npm.kill("SIGTERM");
    await once(npm.stderr, "close");
    expect(lines).to.include.members(["ending", "exit 0"]);
  });

  it("ends when nobody reads any more what it prints", async () => {
    child.stdout!.destroy();
    await ending();
    expect(told).to.deep.equal(["ending"]);
  });
});
