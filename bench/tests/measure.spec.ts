import { expect } from "chai";
import { timed } from "../command";
import { compare, type Case } from "../measure";

const QUIET = { rounds: 3, progress: () => undefined };

describe("a benchmark's figures", () => {
  it("are medians of rounds in turn, each beside that of the baseline, without the round that fills caches", async () => {
    const played: string[] = [];
    const taking = (name: string, seconds: readonly number[]): Case => {
      const left = [...seconds];
      return {
        name,
        round: async () => {
          played.push(name);
          return { s: left.shift() ?? NaN };
        },
      };
    };

    const figures = await compare([taking("empty", [99, 1, 3, 2]), taking("full", [99, 4, 6, 5])], QUIET);

    expect(played).to.deep.equal(["empty", "full", "empty", "full", "empty", "full", "empty", "full"]);
    expect(figures).to.deep.equal([
      { name: "empty", unit: "s", median: 2, least: 1, rounds: 3 },
      { name: "full", unit: "s", median: 5, least: 4, rounds: 3, baseline: "empty", ratio: 2.5 },
    ]);
  });

  it("have the processor time of a program with all that it has started, and fail with what it has printed", async () => {
    const place = { cwd: __dirname, env: process.env };
    const busy = "const end = Date.now() + 300; while (Date.now() < end);";
    const below = `require("node:child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(busy)}])`;

    const { s = 0, "CPU-s": cpuSeconds = 0 } = await timed(process.execPath, ["-e", below], place);

    expect(s).to.be.at.least(0.3);
    expect(cpuSeconds).to.be.above(0.1);
    const failed = await timed(process.execPath, ["-e", 'console.log("no luck"); process.exit(3)'], place).catch(
      String,
    );
    expect(failed).to.match(/ended with 3:\nno luck/);
  });
});
