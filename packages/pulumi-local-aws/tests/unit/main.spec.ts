import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";

const MAIN = join(__dirname, "../../main.ts");

describe("the provider plugin as a process", () => {
  it("tells its port on the first line, and ends when the engine is gone", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", MAIN, "127.0.0.1:1"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    expect(line.toString()).to.match(/^\d+\n$/);
    // What a pipe does whose other end has died, however it died.
    child.stdin.end();
    const [code] = (await once(child, "exit")) as [number];
    expect(code).to.equal(0);
    expect(errors).to.equal("");
  });
});
