import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import type { PipelineLab } from "../support/pipeline-lab";
import { exchangesOf, missing } from "../support/transcript";
import { pipelineWithoutReleases } from "./notebook/world";

const ROOT = resolve(__dirname, "../..");
/** What the guide calls the execution that `release start` has told. */
const STARTED = /^execution +(\S+)$/m;

describe("docs/guide.md, command by command", function () {
  this.timeout(900_000);
  const labs: PipelineLab[] = [];
  let folder: string;
  let release = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "safe-deploy-guide-"));
    const command = `#!/bin/sh\nexec ${process.execPath} '${join(ROOT, "dist/cli.js")}' "$@"\n`;
    await writeFile(join(folder, "safe-deploy"), command, { mode: 0o755 });
    labs.push(await pipelineWithoutReleases());
  });
  after(async () => {
    await Promise.all(labs.map((lab) => lab.close()));
    await rm(folder, { recursive: true, force: true });
  });

  async function shell(command: string): Promise<{ readonly status: number; readonly lines: readonly string[] }> {
    const env = {
      ...process.env,
      ...labs[0]?.aws.environment,
      PATH: [folder, process.env.PATH].join(delimiter),
      SAFE_DEPLOY_PYTHON: testPython(),
      RELEASE: release,
    };
    const child = spawn("/bin/sh", ["-c", `${command} 2>&1`], { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise<number>((end) => child.once("close", (code) => end(code ?? 1)));
    const printed = await text(child.stdout);
    return { status: await ended, lines: printed.trimEnd().split("\n") };
  }

  it("prints what the guide says, in its order", async () => {
    const exchanges = exchangesOf(await readFile(join(ROOT, "docs/guide.md"), "utf8"));
    expect(exchanges.length).to.be.greaterThan(15);
    const session: string[] = [];
    const wrong: string[] = [];
    for (const { command, printed, status } of exchanges) {
      const seen = await shell(command);
      release = STARTED.exec(seen.lines.join("\n"))?.[1] ?? release;
      session.push(`$ ${command}`, ...seen.lines, `(exit status ${seen.status})`);
      const line = missing(printed, seen.lines);
      wrong.push(
        ...(seen.status === status ? [] : [`$ ${command}: exit status ${seen.status}`]),
        ...(line === undefined ? [] : [`$ ${command}: does not print where it should: ${line}`]),
      );
    }
    expect(wrong, session.join("\n")).to.deep.equal([]);
  });
});
