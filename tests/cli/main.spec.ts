import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";

const PROGRAM = join(__dirname, "../../cli/main.ts");

describe("the process of safe-deploy", function () {
  this.timeout(30_000);

  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn(process.execPath, ["--import", "tsx", PROGRAM, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });

  it("does not complain where nobody reads any more, as after `| head`", async () => {
    const child = start(["--help"]);
    child.stdout.destroy();
    const [ended, stderr] = await Promise.all([once(child, "exit"), text(child.stderr)]);
    expect(stderr).to.equal("");
    expect(ended).to.deep.equal([0, null]);
  });

  it("leaves Ctrl-C to the Pulumi CLI while that works, and tells what has come of it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "interrupted "));
    try {
      const pulumi = `#!${process.execPath}\nprocess.kill(process.ppid, "SIGINT");\nsetTimeout(() => console.log("v3.999.0"), 200);\n`;
      writeFileSync(join(folder, "pulumi"), pulumi, { mode: 0o755 });
      const child = start(["doctor", "--project", folder], {
        PATH: [folder, process.env.PATH].join(delimiter),
        ...{ AWS_EC2_METADATA_DISABLED: "true", AWS_SHARED_CREDENTIALS_FILE: folder, AWS_CONFIG_FILE: folder },
      });
      const [ended, stdout] = await Promise.all([once(child, "exit"), text(child.stdout)]);
      expect(stdout).to.contain("Pulumi CLI: v3.999.0");
      expect(ended).to.deep.equal([1, null]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
