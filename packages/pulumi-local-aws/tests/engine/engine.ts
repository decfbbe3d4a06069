import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { buildPlugin, PLUGIN_DIR } from "../../build";
import { engineEnvironment } from "pulumi-engine/engine-environment";
import { ensurePulumi, type PulumiCli } from "pulumi-engine/pulumi-cli";

const ROOT = resolve(__dirname, "../..");

/** What an operation of the engine did: how many resources by kind of step, what it warned of, and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly changes: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** The steps that were more than "same", as `update aws:iam/role:Role role`. */
  readonly steps: readonly string[];
  readonly output: string;
}

/** A Pulumi project of its own, on the real engine, with the provider plugin built from today's source. */
export class Project {
  private constructor(
    private readonly dir: string,
    private readonly cli: PulumiCli,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** Builds program and plugin into a folder below the project's root, where both find the project's packages. */
  static async create(name: string, program: string, environment: Readonly<Record<string, string>>): Promise<Project> {
    const dir = join(ROOT, ".local", "tests", `${name} with spaces`);
    await rm(dir, { recursive: true, force: true });
    await mkdir(join(dir, "state"), { recursive: true });
    const common = {
      bundle: true,
      platform: "node",
      format: "cjs",
      packages: "external",
      absWorkingDir: ROOT,
    } as const;
    await build({ ...common, entryPoints: [program], outfile: join(dir, "index.js") });
    await buildPlugin();
    const plugin = relative(dir, PLUGIN_DIR);
    const settings = [
      `name: ${name}`,
      "runtime: { name: nodejs, options: { typescript: false } }",
      `plugins: { providers: [{ name: aws, path: "${plugin}" }] }`,
    ];
    await writeFile(join(dir, "Pulumi.yaml"), settings.join("\n"));
    const silent = { step: () => ({ update() {}, done() {}, fail() {} }), line() {} };
    const project = new Project(dir, await ensurePulumi(silent), environment);
    await project.run("stack", "init", "test");
    return project;
  }

  async setConfig(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(values)) {
      await this.run("config", "set", "--stack", "test", key, value);
    }
  }

  /** `up`, `refresh`, `destroy` or `preview`, with what came of it. */
  async operate(operation: "up" | "refresh" | "destroy" | "preview", ...args: string[]): Promise<Outcome> {
    const events = join(this.dir, "events.jsonl");
    await rm(events, { force: true });
    const skip = operation === "preview" ? [] : ["--yes", "--skip-preview"];
    const { code, output } = await this.run(operation, "--stack", "test", ...skip, "--event-log", events, ...args);
    return { code, output, ...outcomeOf(await readFile(events, "utf8")) };
  }

  /** `up`, whose engine is killed without a word once `when` says so. */
  async upKilled(when: () => Promise<boolean>): Promise<void> {
    const child = this.spawn("up", "--stack", "test", "--yes", "--skip-preview");
    const ended = new Promise((done) => child.once("close", done));
    while (!(await when())) {
      if (child.exitCode !== null) {
        throw new Error(`the engine ended by itself with exit code ${child.exitCode}`);
      }
      await sleep(20);
    }
    child.kill("SIGKILL");
    await ended;
  }

  async outputs(): Promise<Record<string, unknown>> {
    const { output } = await this.run("stack", "output", "--json", "--stack", "test");
    return JSON.parse(output) as Record<string, unknown>;
  }

  /** The state as it is on disk, secrets encrypted. */
  async state(): Promise<string> {
    return (await this.run("stack", "export", "--stack", "test")).output;
  }

  async run(...args: string[]): Promise<{ code: number; output: string }> {
    const child = this.spawn(...args);
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    const code = await new Promise<number>((done) => child.once("close", (status) => done(status ?? -1)));
    return { code, output };
  }

  private spawn(...args: string[]) {
    const own = { home: join(this.dir, "home"), stateDir: join(this.dir, "state"), passphrase: "test" };
    return spawn(this.cli.command, [...args, "--non-interactive", "--color", "never"], {
      cwd: this.dir,
      env: {
        ...process.env,
        ...engineEnvironment(this.cli, own),
        ...this.environment,
        PULUMI_DEBUG_COMMANDS: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async close(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}

interface EngineEvent {
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number>> };
  readonly resourcePreEvent?: { readonly metadata: { readonly op: string; readonly urn: string } };
}

function outcomeOf(log: string): Omit<Outcome, "code" | "output"> {
  const events = log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
  const said = (severity: string) =>
    events.flatMap(({ diagnosticEvent: event }) =>
      event?.severity === severity ? [event.message.replaceAll(/<\{%[^%]*%\}>/g, "").trim()] : [],
    );
  const steps = events.flatMap(({ resourcePreEvent: event }) => {
    const [, , type = "", name = ""] = event?.metadata.urn.split("::") ?? [];
    return event === undefined || event.metadata.op === "same" ? [] : [`${event.metadata.op} ${type} ${name}`];
  });
  const changes = events.find((event) => event.summaryEvent !== undefined)?.summaryEvent?.resourceChanges ?? {};
  return { changes, errors: said("error"), warnings: said("warning"), steps };
}
