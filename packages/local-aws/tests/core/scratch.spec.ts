import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { temporaryFolder } from "pulumi-engine/testing/temporary-folder";
import { scratchFolder } from "../../core/scratch";

describe("a temporary folder of the local AWS", () => {
  const folder = temporaryFolder();
  const before = process.env.TMPDIR;
  beforeEach(() => (process.env.TMPDIR = folder.path));
  afterEach(() => {
    if (before === undefined) {
      delete process.env.TMPDIR;
    } else {
      process.env.TMPDIR = before;
    }
  });

  it("is for this user alone, and goes when it is removed", async () => {
    const scratch = await scratchFolder();
    expect((await stat(scratch.path)).mode & 0o077).to.equal(0);
    await scratch.remove();
    expect(await readdir(folder.path)).to.deep.equal([]);
  });

  it("goes when its process exits, whatever has happened", () => {
    const program = `
      require("tsx/cjs");
      const { scratchFolder } = require(${JSON.stringify(join(__dirname, "../../core/scratch.ts"))});
      void scratchFolder().then(({ path }) => { console.log(path); process.exit(0); });
    `;
    const path = execFileSync(process.execPath, ["-e", program], { encoding: "utf8" }).trim();
    expect(path).to.contain(folder.path);
    expect(existsSync(path)).to.equal(false);
  }).timeout(20_000);

  it("goes at the next start if its process was killed, while those of others stay", async () => {
    const ended = { pid: 2 ** 30, host: hostname() };
    const owners = { killed: ended, elsewhere: { ...ended, host: "other" }, running: { ...ended, pid: process.pid } };
    for (const [name, owner] of Object.entries(owners)) {
      await mkdir(join(folder.path, `local-aws-${name}`, "inside"), { recursive: true });
      await writeFile(join(folder.path, `local-aws-${name}`, "owner.json"), JSON.stringify(owner));
    }
    await mkdir(join(folder.path, "local-aws-unknown"));
    const scratch = await scratchFolder();
    await scratch.remove();
    expect(await readdir(folder.path)).to.have.members([
      "local-aws-elsewhere",
      "local-aws-running",
      "local-aws-unknown",
    ]);
  });
});
