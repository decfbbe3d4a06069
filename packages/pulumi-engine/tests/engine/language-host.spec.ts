import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { engineEnvironment } from "../../engine-environment";
import { engineFolder } from "../../engine-folder";
import { ensurePulumi } from "../../pulumi-cli";
import { plainReport } from "../../report";

const NODE_MODULES = resolve(__dirname, "../../../../node_modules");

const PACKAGE = { name: "tiny", private: true };
const TSCONFIG = {
  compilerOptions: { target: "es2022", module: "nodenext", strict: true, types: ["node"], skipLibCheck: true },
};

/** A dynamic resource, config that is secret, an output of each, and a line that tells how Node was started. */
const TYPESCRIPT = `
import * as pulumi from "@pulumi/pulumi";

const doubling: pulumi.dynamic.ResourceProvider = {
  async create(inputs: { value: number }) {
    const { join } = await import("node:path");
    return { id: join("made", "here"), outs: { doubled: inputs.value * 2 } };
  },
};

class Doubled extends pulumi.dynamic.Resource {
  declare readonly doubled: pulumi.Output<number>;
  constructor(name: string, args: { value: pulumi.Input<number> }) {
    super(doubling, name, { ...args, doubled: undefined });
  }
}

const config = new pulumi.Config();
const resource = new Doubled("resource", { value: config.requireNumber("value") });
export const doubled = resource.doubled;
export const id = resource.id;
export const secret = config.requireSecret("secret");
`;

/** The real engine with our language host, on programs in a folder with a space in its path. */
describe("Pulumi's engine with our language host", function () {
  this.timeout(180_000);
  let folder: string;
  let command: string;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    const cli = await ensurePulumi(plainReport(() => undefined));
    // Always ours, also where the CLI that was found has brought another.
    const engine = await engineFolder({ path: cli.command, version: cli.version });
    folder = mkdtempSync(join(tmpdir(), "safe deploy "));
    mkdirSync(join(folder, "state"));
    command = join(engine, "pulumi");
    const settings = { home: join(folder, "home"), stateDir: join(folder, "state"), passphrase: "a passphrase" };
    environment = { ...process.env, ...engineEnvironment({ pathDir: dirname(command) }, settings), NO_COLOR: "1" };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A project of these files, with the packages of this one. */
  function project(name: string, files: Record<string, string>): string {
    const path = join(folder, name);
    mkdirSync(path);
    symlinkSync(NODE_MODULES, join(path, "node_modules"));
    writeFileSync(join(path, "package.json"), JSON.stringify(PACKAGE));
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(path, file), content);
    }
    return path;
  }

  /** Runs the engine and returns its exit code and all that it printed. */
  function pulumi(cwd: string, ...args: string[]): Promise<{ code: number; output: string }> {
    return new Promise((done) => {
      execFile(command, ["--non-interactive", ...args], { cwd, env: environment }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });
  }
  async function succeed(cwd: string, ...args: string[]): Promise<string> {
    const { code, output } = await pulumi(cwd, ...args);
    expect(code, output).to.equal(0);
    return output;
  }
  const UP = ["up", "--yes", "--skip-preview"];

  it("runs TypeScript as it is, with dynamic resources and secrets, from the first preview to nothing left", async () => {
    const cwd = project("typescript", {
      "Pulumi.yaml": "name: typescript\nruntime: nodejs\n",
      "tsconfig.json": JSON.stringify(TSCONFIG),
      "index.ts": TYPESCRIPT,
    });
    await succeed(cwd, "stack", "init", "dev");
    await succeed(cwd, "config", "set", "value", "21");
    await succeed(cwd, "config", "set", "--secret", "secret", "hush");
    expect(await succeed(cwd, "preview")).to.match(/\+ 2 to create/);
    const up = await succeed(cwd, ...UP);
    expect(up).to.match(/\+ 2 created/);
    expect(up).to.not.match(/warning/i);
    expect(up).to.not.include("hush");
    expect(JSON.parse(await succeed(cwd, "stack", "output", "--json"))).to.deep.equal({
      doubled: 42,
      id: "made/here",
      secret: "[secret]",
    });
    expect(await succeed(cwd, ...UP)).to.match(/2 unchanged/);
    await succeed(cwd, "destroy", "--yes", "--skip-preview");
    const left: unknown = JSON.parse(await succeed(cwd, "stack", "export"));
    expect(left).to.have.nested.property("deployment.manifest");
    expect(left).to.not.have.nested.property("deployment.resources");
  });

  it("does not run TypeScript that is wrong", async () => {
    const cwd = project("wrong", {
      "Pulumi.yaml": "name: wrong\nruntime: nodejs\n",
      "tsconfig.json": JSON.stringify(TSCONFIG),
      "index.ts": "export const value: number = 'text';\n",
    });
    await succeed(cwd, "stack", "init", "dev");
    const { code, output } = await pulumi(cwd, "preview");
    expect(code).to.not.equal(0);
    expect(output).to.include("Type 'string' is not assignable to type 'number'");
  });

  it("runs JavaScript with the arguments for Node that the project gives", async () => {
    const cwd = project("javascript", {
      "Pulumi.yaml":
        'name: javascript\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --title="a name"\n',
      "index.js":
        "exports.title = process.title; exports.typescript = process.env.PULUMI_NODEJS_TYPESCRIPT ?? 'left alone';",
    });
    await succeed(cwd, "stack", "init", "dev");
    await succeed(cwd, ...UP);
    expect(JSON.parse(await succeed(cwd, "stack", "output", "--json"))).to.deep.equal({
      title: "a name",
      typescript: "left alone",
    });
  });

  it("tells why a program failed, once", async () => {
    const cwd = project("throwing", {
      "Pulumi.yaml": "name: throwing\nruntime: { name: nodejs, options: { typescript: false } }\n",
      // Without a stack: the SDK colours it even where it does not show it, and Node 20.20 takes half a minute for a line that is in it.
      "index.js":
        "throw Object.assign(new (require('@pulumi/pulumi').RunError)('the release is missing'), { stack: undefined });",
    });
    await succeed(cwd, "stack", "init", "dev");
    const { code, output } = await pulumi(cwd, "preview");
    expect(code).to.not.equal(0);
    const diagnostics = output.slice(output.indexOf("Diagnostics:"));
    expect(diagnostics.match(/error: .*/g)).to.deep.equal(["error: the release is missing"]);
  });

  it("tells the exit code of a program that ended by itself", async () => {
    const cwd = project("exiting", {
      "Pulumi.yaml": "name: exiting\nruntime: { name: nodejs, options: { typescript: false } }\n",
      "index.js": "process.exit(3);",
    });
    await succeed(cwd, "stack", "init", "dev");
    const { code, output } = await pulumi(cwd, "preview");
    expect(code).to.not.equal(0);
    expect(output).to.include("the program exited with code 3");
  });
});
