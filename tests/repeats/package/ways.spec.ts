import { expect } from "chai";
import { join, resolve } from "node:path";
import type { LocalAws } from "local-aws";
import { run } from "pulumi-engine/run-command";
import { sourceRepository } from "../../../local/journey/repository";
import { farFolder, install, packed, peers, remove, write, type Files } from "../../engine/package/install";
import { startAwsWithData } from "../../engine/package/local-account";
import { BareProgram } from "../../engine/package/program";
import { programFiles, type Way } from "../../engine/package/programs";

const ROOT = resolve(__dirname, "../../..");
const TYPESCRIPT_5 = "5.9.3";
const TYPESCRIPT_6 = "6.0.3";

/** Our package is nested in this one: with pnpm, a program that depends on it does not see ours. */
const wrapper = (tarball: string): Files => ({
  "package.json": JSON.stringify({
    name: "@acme/models",
    version: "1.0.0",
    main: "index.js",
    types: "index.d.ts",
    dependencies: { "sagemaker-safe-deploy": `file:${tarball}` },
    peerDependencies: { "@pulumi/aws": "*", "@pulumi/pulumi": "*" },
  }),
  "index.js": 'exports.TrainingJob = require("sagemaker-safe-deploy").TrainingJob;\n',
  "index.d.ts": 'export { TrainingJob } from "sagemaker-safe-deploy";\n',
});

const NODENEXT = { module: "nodenext", moduleResolution: "nodenext" };
const TYPESCRIPT: Way = { runtime: {}, type: "commonjs", compilerOptions: NODENEXT };
const TSX: Way = {
  runtime: { typescript: false, nodeargs: "--import tsx" },
  type: "module",
  compilerOptions: NODENEXT,
};
const PRECOMPILED: Way = {
  runtime: { typescript: false },
  main: "index.js",
  type: "module",
  compilerOptions: NODENEXT,
};

describe("the package in other programs", function () {
  this.timeout(300_000);
  let aws: LocalAws;
  let bucket: string;
  let folder: string;
  let tarball: string;
  let versions: Readonly<Record<string, string>>;
  /** What the states kept of the dynamic providers. */
  const texts = new Set<string>();

  before(async () => {
    folder = await farFolder();
    [{ aws, bucket }, tarball, versions] = await Promise.all([startAwsWithData(), packed(folder), peers()]);
  });
  after(async () => {
    await aws.close();
    await remove(folder);
  });

  /** Two jobs of the program in one stack: made, unchanged after a refresh, removed. */
  async function live(name: string): Promise<void> {
    const program = await BareProgram.open(join(folder, name), join(folder, ".engine", name), aws.environment);
    await program.configure({ bucket });
    await program.up();
    await program.expectNoChanges();
    expect((await program.outputs()).archives).to.deep.equal(
      ["first", "second"].map((job) => `s3://${bucket}/${name}/${name}-${job}/output/model.tar.gz`),
    );
    for (const [, text] of (await program.state()).matchAll(/"__provider": "(.*)"/g)) {
      texts.add(text!);
    }
    await program.destroy();
  }

  async function checkTypes(name: string, typescript: string): Promise<void> {
    await run(process.execPath, [join(folder, name, "node_modules", typescript, "bin/tsc"), "-p", join(folder, name)]);
  }

  it("nested in another package, with pnpm and Pulumi's own TypeScript 6", async () => {
    const dependencies = { ...versions, "@acme/models": "file:../wrapper", typescript: TYPESCRIPT_6 };
    await write(join(folder, "wrapper"), wrapper(tarball));
    await write(
      join(folder, "nested"),
      programFiles("nested", { ...TYPESCRIPT, module: "@acme/models" }, dependencies),
    );
    await install("pnpm", join(folder, "nested"));
    await live("nested");
  });

  it("from a checkout, precompiled to ES modules by TypeScript 5", async () => {
    const dependencies = { ...versions, "sagemaker-safe-deploy": `file:${ROOT}`, typescript: TYPESCRIPT_5 };
    await write(join(folder, "checkout"), programFiles("checkout", PRECOMPILED, dependencies));
    await install("npm", join(folder, "checkout"));
    await checkTypes("checkout", "typescript");
    await live("checkout");
  });

  it("from a git URL, with tsx", async () => {
    const repository = await sourceRepository(ROOT, join(folder, "repository.git"));
    const url = `git+file://${encodeURI(repository.path)}#${repository.branch}`;
    const dependencies = { ...versions, "sagemaker-safe-deploy": url, tsx: "^4.23.15" };
    await write(join(folder, "git"), programFiles("git", TSX, dependencies));
    await install("npm", join(folder, "git"), { scripts: true });
    await live("git");
  });

  it("leave the same text of their providers in the state, with no path of this machine", () => {
    expect([...texts]).to.have.length(1);
    expect([...texts].join())
      .to.not.contain(folder)
      .and.not.contain(ROOT);
  });
});
