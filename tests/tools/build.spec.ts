import { expect } from "chai";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildPrograms, buildProject, type Built } from "../../tools/build";

const ROOT = resolve(__dirname, "../..");

describe("the build", function () {
  this.timeout(120_000);
  let folder: string;
  let first: string;
  let second: string;
  let built: readonly Built[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "safe deploy "));
    [first, second] = [checkout("first"), checkout("some where else")];
    [built] = await Promise.all([buildProject(first), buildProject(second)]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The project's sources in another folder. */
  function checkout(name: string): string {
    const root = join(folder, name);
    mkdirSync(root);
    for (const entry of [
      "index.ts",
      "stacks",
      "lib",
      "components",
      "handlers",
      "model",
      "pipeline",
      "cli",
      "plugin",
      "policy",
      "package.json",
    ]) {
      cpSync(join(ROOT, entry), join(root, entry), { recursive: true });
    }
    for (const settings of ["tsconfig.json", "tsconfig.base.json"]) {
      cpSync(join(ROOT, settings), join(root, settings));
    }
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
    return root;
  }

  it("gives the same handlers, byte for byte, in any folder", () => {
    const handlers = built.map(({ path }) => path).filter((path) => path.startsWith("dist/handlers/"));
    expect(handlers.sort()).to.deep.equal([
      "dist/handlers/canary/index.js",
      "dist/handlers/post-traffic/index.js",
      "dist/handlers/pre-traffic/index.js",
      "dist/handlers/predict/index.js",
      "dist/handlers/retrain/index.js",
      "dist/handlers/start-drift/index.js",
      "dist/handlers/start-quality/index.js",
    ]);
    for (const path of handlers) {
      const code = readFileSync(join(first, path), "utf8");
      expect(code === readFileSync(join(second, path), "utf8"), path).to.equal(true);
      expect(code, path).to.not.include(folder).and.not.include(ROOT).and.not.include("node_modules/");
    }
  });

  it("leaves Pulumi and the AWS SDK out of the program, has all else in it, and keeps its dynamic imports", () => {
    const program = readFileSync(join(first, "dist/main.js"), "utf8");
    const packages = [...program.matchAll(/\brequire\("([^"]+)"\)|\bimport\("([^"]+)"\)/g)]
      .map(([, required = "", imported = ""]) => required || imported)
      .filter((name) => !isBuiltin(name) && !name.startsWith("@pulumi/aws/"));

    // Not "@pulumi/aws" as a whole, which takes longer to load than the program.
    expect([...new Set(packages)]).to.have.members([
      "@pulumi/pulumi",
      "@aws-sdk/client-kms",
      "@aws-sdk/client-s3",
      "@aws-sdk/client-sagemaker",
    ]);
    expect(program).to.match(/await import\("node:module"\)/);
  });

  it("gives the package no dependency but those of its package.json, in code and types", () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(first, "package.json"), "utf8")) as {
      dependencies: object;
      peerDependencies: object;
    };
    const peers = Object.keys(peerDependencies);
    const files = built.filter(({ path }) => /^dist\/index\.js$|\.d\.ts$/.test(path));
    expect(files).to.have.length.above(10);
    for (const { path } of files) {
      const code = readFileSync(join(first, path), "utf8");
      const named = [...code.matchAll(/^(?:import|export) .* from "([^"]+)"|\brequire\("([^"]+)"\)/gm)];
      const packages = named.map(([, imported = "", required = ""]) => imported || required);
      // The types name Pulumi's alone: a strict program would compile those of others, too.
      const allowed = path.endsWith(".d.ts") ? peers : [...peers, ...Object.keys(dependencies)];
      const foreign = packages.filter((name) => !name.startsWith(".") && !isBuiltin(name));
      expect(
        foreign.filter((name) => !allowed.some((one) => name === one || name.startsWith(`${one}/`))),
        path,
      ).to.deep.equal([]);
    }
  });

  it("makes only what deploys this project where no more is asked for", async () => {
    const programs = (await buildPrograms(second)).map(({ path }) => path);

    expect(programs).to.include.members(["dist/main.js", "dist/providers.js", "dist/pipeline/deploy.js"]);
    expect(programs.filter((path) => !path.includes("handlers"))).to.have.length(7);
    expect(built.map(({ path }) => path)).to.include.members([
      ...programs,
      ...["dist/index.js", "dist/schema.json", "dist/ui/index.html", "dist/ui/main.js", "dist/ui/echarts.js"],
    ]);
  });

  it("does not touch files that stay the same", async () => {
    const scripts = built.filter(({ path }) => path.endsWith(".js"));
    const files = () =>
      scripts.map(({ path }) => statSync(join(first, path))).map(({ ino, mtimeMs }) => [ino, mtimeMs]);
    const before = files();
    await buildProject(first);
    expect(files()).to.deep.equal(before);
  });
});
