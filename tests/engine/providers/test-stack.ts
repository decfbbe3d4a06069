import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { stringify } from "yaml";
import { z } from "zod";
import { ensurePulumi } from "pulumi-engine/pulumi-cli";
import { reportTo } from "pulumi-engine/report";

const REPOSITORY = resolve(__dirname, "../../..");
const PROVIDERS = join(REPOSITORY, "components/providers");
const RESOURCES = join(REPOSITORY, "components/resources");

/** What a run of the CLI ended with. */
export interface Ran {
  readonly ok: boolean;
  readonly output: string;
}

const RECORD = z.record(z.string(), z.unknown());
const RESOURCE = z.object({
  id: z.string().default(""),
  type: z.string(),
  inputs: RECORD.default({}),
  outputs: RECORD.default({}),
});
const EXPORT = z.object({ deployment: z.object({ resources: z.array(RESOURCE).default([]) }) });

/** A resource as the stack's state keeps it. */
export type Kept = z.infer<typeof RESOURCE>;

/** Who does what our resources do: Pulumi's host for dynamic resources, or the package's plugin, as for a program in another language. */
export type Door = "dynamic" | "plugin";

const PLUGIN_VERSION = JSON.stringify("0.1.0");

/** A stack of its own in a throw-away folder: a program that declares our own resources, on the real engine. */
export class TestStack {
  private constructor(
    private readonly folder: string,
    private readonly cli: { command: string; environment: NodeJS.ProcessEnv },
    private readonly door: Door,
  ) {}

  /** @param program TypeScript that exports the stack's outputs; `resources/…` in it is `components/resources/…`. */
  static async create(program: string, door: Door = "dynamic"): Promise<TestStack> {
    const folder = await mkdtemp(join(tmpdir(), "safe deploy "));
    const { command, pathDir } = await ensurePulumi(reportTo({ write: () => undefined }));
    const environment = {
      ...process.env,
      PATH: `${pathDir}:${process.env.PATH ?? ""}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    };
    const stack = new TestStack(folder, { command, environment }, door);
    const plugin = { name: "sagemaker-safe-deploy", path: "./plugin" };
    const project = { name: "sagemaker-safe-deploy", runtime: "nodejs", plugins: { providers: [plugin] } };
    await writeFile(join(folder, "Pulumi.yaml"), stringify(project));
    await cp(join(REPOSITORY, "plugin"), join(folder, "plugin"), { recursive: true });
    await writeFile(
      join(folder, "package.json"),
      JSON.stringify({
        name: "sagemaker-safe-deploy",
        main: "index.js",
        exports: { "./providers": "./dist/providers.js", "./package.json": "./package.json" },
      }),
    );
    for (const shipped of ["node_modules", "monitoring"]) {
      await symlink(join(REPOSITORY, shipped), join(folder, shipped));
    }
    await stack.buildProgram(program);
    await stack.buildProviders();
    await stack.run("stack", "init", "test");
    return stack;
  }

  async buildProgram(program: string, minifyWhitespace = false): Promise<void> {
    await build({
      stdin: { contents: program.replaceAll('"resources/', `"${RESOURCES}/`), resolveDir: REPOSITORY, loader: "ts" },
      bundle: true,
      platform: "node",
      packages: "external",
      minifyWhitespace,
      outfile: join(this.folder, "index.js"),
      ...(this.door === "plugin" ? { define: { PLUGIN_VERSION } } : {}),
    });
  }

  /** Builds the providers' behaviour as the package ships it. @param banner Put in front, so that the file is another. */
  async buildProviders(banner = ""): Promise<void> {
    await build({
      entryPoints: [join(PROVIDERS, "index.ts")],
      bundle: true,
      platform: "node",
      packages: "external",
      banner: { js: banner },
      outfile: join(this.folder, "dist/providers.js"),
    });
    await build({
      entryPoints: [join(REPOSITORY, "plugin/main.ts")],
      bundle: true,
      platform: "node",
      packages: "external",
      define: { PLUGIN_VERSION },
      outfile: join(this.folder, "dist/plugin.js"),
    });
  }

  /** Writes a file into the stack's folder. Resolves to its path. */
  async write(name: string, text: string): Promise<string> {
    await writeFile(join(this.folder, name), text);
    return join(this.folder, name);
  }

  up(config: Readonly<Record<string, unknown>>): Promise<Ran> {
    return this.run("up", "--yes", "--skip-preview", "--non-interactive", "-c", `inputs=${JSON.stringify(config)}`);
  }

  /** Starts an update and hands out its process. */
  startUp(config: Readonly<Record<string, unknown>>): ChildProcess {
    return this.spawn("up", "--yes", "--skip-preview", "--non-interactive", "-c", `inputs=${JSON.stringify(config)}`);
  }

  run(...args: readonly string[]): Promise<Ran> {
    const child = this.spawn(...args);
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    return new Promise((done) => child.once("close", (code) => done({ ok: code === 0, output })));
  }

  private spawn(...args: readonly string[]): ChildProcess {
    const { command, environment } = this.cli;
    return spawn(command, [...args, ...(args[0] === "stack" ? [] : ["--stack", "test"])], {
      cwd: this.folder,
      // The endpoint of the moment: each test serves its own AWS.
      env: { ...environment, AWS_ENDPOINT_URL: process.env.AWS_ENDPOINT_URL, ...credentials() },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async outputs(): Promise<Record<string, unknown>> {
    const { output } = await this.run("stack", "output", "--json", "--stack", "test");
    return RECORD.parse(JSON.parse(output));
  }

  /** Our resources in the state. */
  async resources(): Promise<Kept[]> {
    const { output } = await this.run("stack", "export", "--stack", "test");
    const { deployment } = EXPORT.parse(JSON.parse(output));
    return deployment.resources.filter(({ type }) => /^(pulumi-nodejs:dynamic\/)?sagemaker-safe-deploy:/.test(type));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function credentials(): NodeJS.ProcessEnv {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  return { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_EC2_METADATA_DISABLED: "true", AWS_MAX_ATTEMPTS: "1" };
}
