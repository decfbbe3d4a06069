import { expect } from "chai";
import { existsSync } from "node:fs";
import { cp, readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { LocalAws } from "local-aws";
import { farFolder, install, packed, peers, remove, write } from "./install";
import { startAwsWithData } from "./local-account";
import { BareProgram } from "./program";

const EXAMPLES = resolve(__dirname, "../../../examples");

describe("the examples, with the package as it is published", function () {
  this.timeout(300_000);
  let aws: LocalAws;
  let folder: string;
  let examples: string[];
  let bucket: string;

  before(async () => {
    folder = await farFolder();
    examples = await programs();
    [{ aws, bucket }] = await Promise.all([startAwsWithData(), installExamples(folder)]);
  });
  after(async () => {
    await aws.close();
    await remove(folder);
  });

  it("are there, the README's among them", async () => {
    expect(examples).to.include("minimal");
    const readme = await readFile(join(EXAMPLES, "../README.md"), "utf8");
    const program = await readFile(join(EXAMPLES, "minimal/index.ts"), "utf8");
    expect(readme).to.contain(`\`\`\`ts\n${program}\`\`\`\n`);
    expect(program.trimEnd().split("\n")).to.have.length.at.most(30);
  });

  it("come up, stay as they are, and go", async () => {
    for (const example of examples) {
      const program = await BareProgram.open(join(folder, example), join(folder, ".engine", example), aws.environment);
      await program.configure({ release: "r1", bucket });
      await program.up();
      await program.expectNoChanges();
      await program.destroy();
    }
  });
});

/** The examples that are programs of Node. The one in Python has a test of its own, and the others are models of the project's own stacks. */
async function programs(): Promise<string[]> {
  const names = await readdir(EXAMPLES);
  return names.filter((name) => name !== "python" && existsSync(join(EXAMPLES, name, "package.json")));
}

/** All of them as one npm workspace, so that what they share is installed once. */
async function installExamples(folder: string): Promise<void> {
  const tarball = await packed(folder);
  const versions = await peers();
  await cp(EXAMPLES, folder, { recursive: true });
  for (const example of await programs()) {
    const manifest = JSON.parse(await readFile(join(folder, example, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const dependencies = { ...manifest.dependencies, "sagemaker-safe-deploy": `file:${tarball}` };
    await write(join(folder, example), { "package.json": JSON.stringify({ ...manifest, dependencies }) });
  }
  await write(folder, {
    "package.json": JSON.stringify({ private: true, workspaces: ["*"], overrides: versions }),
  });
  await install("npm", folder);
}
