import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { engineEnvironment } from "pulumi-engine/engine-environment";
import type { PulumiCli } from "pulumi-engine/pulumi-cli";
import { installAwsPlugin } from "./build-image";
import { killTree } from "local-aws/core/process-tree";

/** The stacks that a release goes through. */
export type Stack = "train" | "dev" | "prod";
/** All stacks of the project. */
export type AnyStack = Stack | "pipeline";

export interface ProjectOptions {
  /** Folder of the project whose stacks are run. Its `Pulumi.yaml` and stack configs are only read. */
  readonly root: string;
  /** Folder below it for a copy of the project's settings and for the state. It is emptied first. */
  readonly dir: string;
  /** The Pulumi CLI. */
  readonly pulumi: PulumiCli;
  /** Environment of the CLI and of everything that it starts. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The result of an update. */
export interface UpResult {
  readonly ok: boolean;
  /** The errors, as the engine reported them; empty if all went well. */
  readonly errors: readonly string[];
  readonly seconds: number;
}

type Stream = "stdout" | "stderr";

const outputsSchema = z.record(z.string(), z.unknown());
const eventSchema = z.object({
  diagnosticEvent: z.object({ severity: z.string(), message: z.string() }).optional(),
});

/**
 * The project's own stacks on the real engine, with the local AWS's provider plugin, the built program and their own state. Drives the CLI
 * as a person would.
 */
export class PulumiProject {
  private readonly running = new Set<ChildProcess>();
  private readonly log: WriteStream;
  private readonly engine: Readonly<Record<string, string>>;
  /** Why its log cannot be written, such as a full disk. */
  private logError: Error | undefined;
  private stopped = false;
  private updates = 0;
  private readonly created = new Set<string>();

  private constructor(private readonly options: ProjectOptions) {
    const { dir, pulumi } = options;
    // The state holds nothing of value, since it is deleted with the folder.
    const own = { home: join(dir, "home"), stateDir: join(dir, "state"), passphrase: "local" };
    this.engine = engineEnvironment(pulumi, own);
    this.log = createWriteStream(join(dir, "pulumi.log"));
    this.log.once("error", (error) => (this.logError = error));
  }

  /** Creates the folder's files. */
  static async create(options: ProjectOptions): Promise<PulumiProject> {
    const { root, dir } = options;
    await rm(dir, { recursive: true, force: true });
    await mkdir(join(dir, "state"), { recursive: true });
    await installAwsPlugin(join(dir, "home"));
    const settings = z.record(z.string(), z.unknown()).parse(parse(await readFile(join(root, "Pulumi.yaml"), "utf8")));
    const local = {
      ...settings,
      main: "index.js",
      runtime: { name: "nodejs", options: { typescript: false } },
    };
    await writeFile(join(dir, "Pulumi.yaml"), stringify(local));
    const main = JSON.stringify(relative(dir, join(root, "dist", "main.js")).replaceAll("\\", "/"));
    await writeFile(join(dir, "index.js"), `module.exports = require(${main});\n`);
    return new PulumiProject(options);
  }

  /**
   * Sets a stack's config: the values of the project's own file, overridden by these.
   *
   * @param of Whose file the values are of. @default - the stack's
   */
  async configure(stack: string, values: Readonly<Record<string, string>>, of = stack): Promise<void> {
    const file = join(this.options.dir, `Pulumi.${stack}.yaml`);
    const schema = z.looseObject({ config: z.record(z.string(), z.unknown()).default({}) });
    const own = schema.parse(parse(await readFile(join(this.options.root, `Pulumi.${of}.yaml`), "utf8")) ?? {});
    const salted = schema.safeParse(parse(await readFile(file, "utf8").catch(() => "")) ?? {});
    const kept = salted.success ? salted.data : {};
    await writeFile(file, stringify({ ...kept, config: { ...own.config, ...values } }));
    if (!this.created.has(stack)) {
      await this.run(["stack", "select", "--create", stack]);
      this.created.add(stack);
    }
  }

  /** `pulumi up`. A failed update is a result, not an exception. `onProgress` gets the lines of the project's own providers. */
  async up(stack: AnyStack, onProgress: (line: string) => void = () => undefined): Promise<UpResult> {
    const began = performance.now();
    // Each update has its own file, since two may run at once.
    const events = join(this.options.dir, `events-${stack}-${++this.updates}.jsonl`);
    const args = ["up", "--yes", "--skip-preview", "--stack", stack, "--event-log", events];
    const printed: string[] = [];
    const code = await this.exec(args, (line) => {
      printed.push(line);
      // The engine shows a dynamic provider's output as a message of the stack.
      const told = / pulumi:pulumi:Stack \S+ (?:running|creating \(\d+s\)) (.+)$/.exec(line)?.[1];
      if (told !== undefined && !told.startsWith("error: ")) {
        onProgress(told);
      }
    });
    const seconds = (performance.now() - began) / 1000;
    const errors = code === 0 ? [] : await errorsOf(events, code, printed);
    return { ok: code === 0, errors, seconds };
  }

  /** Runs `pulumi preview`, `refresh`, `destroy` and the like. Returns the printed lines. */
  run(args: readonly string[]): Promise<readonly string[]> {
    return this.printed(args);
  }

  /** The stack's outputs, with secrets in plain text. */
  async outputs(stack: AnyStack): Promise<Readonly<Record<string, unknown>>> {
    const args = ["stack", "output", "--json", "--show-secrets", "--stack", stack];
    return outputsSchema.parse(JSON.parse((await this.printed(args, "stdout")).join("\n")));
  }

  /** Where the CLI runs, and with which environment. */
  place() {
    // The event log tells what went wrong. The CLI hides this flag from people.
    const engine = { ...this.engine, PULUMI_DEBUG_COMMANDS: "true" };
    return { cwd: this.options.dir, env: { ...process.env, ...engine, ...this.options.environment } };
  }

  /** The folder, and what a person's shell needs to drive the stacks from there: variables, and what comes first on its PATH. */
  shell() {
    const { dir: folder, pulumi, environment } = this.options;
    const all = { ...this.engine, ...environment };
    const variables = Object.fromEntries(Object.entries(all).filter(([name]) => name !== "PATH"));
    return { folder, variables, pathDirs: [pulumi.pathDir, dirname(pulumi.command)] };
  }

  /** Kills whatever is running, the engine's children included, as `kill -9` would. Nothing is tidied up. */
  kill(): void {
    for (const child of this.running) {
      kill(child);
    }
  }

  /** Ends whatever is running, and refuses to run anything more. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.kill();
    await new Promise<void>((resolve) => this.log.end(() => resolve()));
  }

  /** The lines that a command printed; with `only`, those of one stream. */
  private async printed(args: readonly string[], only?: Stream): Promise<readonly string[]> {
    const lines: { readonly line: string; readonly stream: Stream }[] = [];
    const code = await this.exec(args, (line, stream) => lines.push({ line, stream }));
    if (code !== 0) {
      const last = lines.slice(-20).map(({ line }) => line);
      throw new Error(`pulumi ${args.join(" ")} exited with ${code}:\n${last.join("\n")}`);
    }
    return lines.filter(({ stream }) => only === undefined || stream === only).map(({ line }) => line);
  }

  private async exec(args: readonly string[], onLine: (line: string, stream: Stream) => void): Promise<number> {
    if (this.stopped) {
      throw new Error("the run was stopped");
    }
    this.log.write(`$ pulumi ${args.join(" ")}\n`);
    const child = spawn(this.options.pulumi.command, [...args, "--non-interactive", "--color", "never"], {
      ...this.place(),
      stdio: ["ignore", "pipe", "pipe"],
      // The CLI gets its own process group, so that Ctrl-C in the terminal reaches only us: the engine would wait for its providers.
      detached: true,
    });
    this.running.add(child);
    const exit = () => kill(child);
    process.once("exit", exit);
    for (const stream of ["stdout", "stderr"] as const) {
      createInterface({ input: child[stream] }).on("line", (line) => {
        this.log.write(`${line}\n`);
        onLine(line, stream);
      });
    }
    try {
      const code = await new Promise<number>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (status) => resolve(status ?? -1));
      });
      if (this.logError !== undefined) {
        throw this.logError;
      }
      return code;
    } finally {
      this.running.delete(child);
      process.off("exit", exit);
    }
  }
}

function kill(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    killTree(child.pid);
  }
}

async function errorsOf(eventLog: string, code: number, printed: readonly string[]): Promise<readonly string[]> {
  const text = await readFile(eventLog, "utf8").catch(() => "");
  // If the engine was killed, its last line is incomplete.
  const lines = text.split("\n").slice(0, -1);
  const events = lines.filter((line) => line !== "").map((line) => eventSchema.parse(JSON.parse(line)));
  const errors = events
    .flatMap(({ diagnosticEvent }) =>
      diagnosticEvent?.severity === "error" ? [plainMessage(diagnosticEvent.message)] : [],
    )
    // What the engine says at the end of each failed update.
    .filter((message) => message !== "update failed");
  if (errors.length > 0) {
    return errors;
  }
  // Errors before the update has begun, such as another update's lock, are printed and are no events.
  const begin = printed.findLastIndex((line) => line.startsWith("error: "));
  return begin < 0 ? [`pulumi up exited with ${code} and named no error`] : [printed.slice(begin).join("\n")];
}

/** A diagnostic without the engine's colour marks and without the frame it puts around one error of a provider. */
function plainMessage(message: string): string {
  return message
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .replace(/^1 error occurred:\s*\* /, "")
    .trim();
}
