import { Readable, Writable } from "node:stream";
import { expect } from "chai";
import { Terminal } from "../../cli/support/terminal";

describe("what a command tells while it works, where there is no terminal", () => {
  it("is a line for each thing that is new, and few of those that only count", () => {
    const told: string[] = [];
    const into = new Writable({
      write(chunk: Buffer, _, done) {
        told.push(chunk.toString());
        done();
      },
    });
    const terminal = new Terminal({ stdin: Readable.from([]), stdout: into, stderr: into, env: {} });
    for (let row = 1; row <= 50; row++) {
      terminal.progress(`${row} of 50 rows asked`);
    }
    terminal.progress("10 % go to release r1");
    terminal.progress("90 % go to release r2");
    terminal.progress("Build: plans");
    terminal.progress("Build: previews");
    expect(told).to.deep.equal([
      "1 of 50 rows asked\n",
      "10 % go to release r1\n",
      "90 % go to release r2\n",
      "Build: plans\n",
      "Build: previews\n",
    ]);
  });
});
