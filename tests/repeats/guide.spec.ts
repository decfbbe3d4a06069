import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import type { PipelineLab } from "../support/pipeline-lab";
import type { Operator } from "../support/pipeline-operator";
import { exchangesOf, missing } from "../support/transcript";
import { pipelineWithoutReleases } from "./notebook/world";

const ROOT = resolve(__dirname, "../..");
/** What the guide calls the execution that `release start` has told. */
const STARTED = /^execution +(\S+)$/m;

describe("docs/guide.md, command by command", function () {
  this.timeout(1_200_000);
  const there: { lab?: PipelineLab; operator?: Operator } = {};
  let folder: string;
  let release = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "safe-deploy-guide-"));
    const command = `#!/bin/sh\nexec ${process.execPath} '${join(ROOT, "dist/cli.js")}' "$@"\n`;
    await writeFile(join(folder, "safe-deploy"), command, { mode: 0o755 });
    there.lab = await pipelineWithoutReleases();
    there.operator = await there.lab.operator();
    // The operator's folder has the settings of the stacks, and the model is found from there too.
    await symlink(join(ROOT, "model"), join(there.operator.shell().folder, "model"));
  });
  after(async () => {
    await there.operator?.stop();
    await there.lab?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function shell(command: string): Promise<{ readonly status: number; readonly lines: readonly string[] }> {
    const { folder: project, pathDirs, variables } = there.operator?.shell() ?? { pathDirs: [] };
    const env = {
      ...process.env,
      ...there.lab?.aws.environment,
      ...variables,
      PATH: [folder, ...pathDirs, process.env.PATH].join(delimiter),
      SAFE_DEPLOY_PROJECT: project,
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
