import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalAws } from "local-aws";
import { farFolder, remove } from "../../engine/package/install";
import { EXAMPLES, installExamples } from "../../engine/package/install-examples";
import { startAwsWithData } from "../../engine/package/local-account";
import { BareProgram } from "../../engine/package/program";

/** Those that the README and the docs show first. `tests/repeats/examples` runs the others. */
const FIRST = ["minimal", "lambda-rollout"];

describe("the first examples, with the package as it is published", function () {
  this.timeout(300_000);
  let aws: LocalAws;
  let folder: string;
  let bucket: string;

  before(async () => {
    folder = await farFolder();
    [{ aws, bucket }] = await Promise.all([startAwsWithData(), installExamples(folder, FIRST)]);
  });
  after(async () => {
    await aws.close();
    await remove(folder);
  });

  it("are there, the README's among them", async () => {
    const readme = await readFile(join(EXAMPLES, "../README.md"), "utf8");
    const program = await readFile(join(EXAMPLES, "minimal/index.ts"), "utf8");
    expect(readme).to.contain(`\`\`\`ts\n${program}\`\`\`\n`);
    expect(program.trimEnd().split("\n")).to.have.length.at.most(30);
  });

  it("come up, stay as they are, and go", async () => {
    for (const example of FIRST) {
      const program = await BareProgram.open(join(folder, example), join(folder, ".engine", example), aws.environment);
      await program.configure({ release: "r1", bucket });
      await program.up();
      await program.expectNoChanges();
      await program.destroy();
    }
  });
});
