import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { peakMemory } from "../memory";

describe("the memory that a benchmark takes", () => {
  const hold = (megabytes: number) =>
    peakMemory(async () => {
      const held = `Buffer.alloc(${megabytes * 1e6}, 1); setTimeout(() => undefined, 500)`;
      await promisify(execFile)(process.execPath, ["-e", held]);
    });

  it("is that of the processes that it starts", async () => {
    // Other tests of this process may have started some too.
    expect((await hold(400)).MB).to.be.greaterThan(400);
  });

  it("does not hide that it has failed", async () => {
    const failure = await peakMemory(() => Promise.reject(new Error("no"))).catch((error: unknown) => error);
    expect(failure).to.have.property("message", "no");
  });
});
