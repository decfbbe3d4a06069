import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { installAwsPlugin } from "../../../local/journey/build-image";
import { engineEnvironment } from "pulumi-engine/engine-environment";
import { ensurePulumi } from "pulumi-engine/pulumi-cli";
import { reportTo } from "pulumi-engine/report";
import { run } from "pulumi-engine/run-command";

/** A program of somebody else's, in a folder where its packages are installed: one stack of it on the real engine. */
export class BareProgram {
  private constructor(
    private readonly folder: string,
    private readonly command: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @param engine Folder for the engine's own files and the state. */
  static async open(folder: string, engine: string, environment: NodeJS.ProcessEnv): Promise<BareProgram> {
    const cli = await ensurePulumi(reportTo({ write: () => undefined }));
    const own = { home: join(engine, "home"), stateDir: join(engine, "state"), passphrase: "test" };
    await mkdir(own.stateDir, { recursive: true });
    await installAwsPlugin(own.home);
    const program = new BareProgram(folder, cli.command, {
      ...process.env,
      ...engineEnvironment(cli, own),
      ...environment,
      // Found in the repository, where a program far from it has no business.
      NODE_PATH: undefined,
    });
    await program.pulumi("stack", "init", "test");
    return program;
  }

  async configure(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(values)) {
      await this.pulumi("config", "set", key, value);
    }
  }

  async up(): Promise<void> {
    await this.pulumi("up", "--yes", "--skip-preview");
  }

  /** @throws if an update would change anything, or where AWS is not as the state says. */
  async expectNoChanges(): Promise<void> {
    await this.pulumi("preview", "--refresh", "--expect-no-changes", "--diff");
  }

  /** The stack's outputs, with secrets in clear text. */
  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.pulumi("stack", "output", "--json", "--show-secrets")) as Record<string, unknown>;
  }

  /** The state, in which the dynamic providers' text is. */
  async state(): Promise<string> {
    return this.pulumi("stack", "export");
  }

  async destroy(): Promise<void> {
    await this.pulumi("destroy", "--yes", "--skip-preview", "--remove");
  }

  /** @throws with the last that the engine printed. */
  private async pulumi(...args: readonly string[]): Promise<string> {
    const lines: string[] = [];
    const options = ["--non-interactive", "--color", "never", ...(args.includes("init") ? [] : ["--stack", "test"])];
    try {
      return await run(this.command, [...args, ...options], {
        cwd: this.folder,
        env: this.environment,
        onLine: (line) => lines.push(line),
      });
    } catch (cause) {
      throw new Error(`pulumi ${args.join(" ")} in ${basename(this.folder)}:\n${lines.slice(-40).join("\n")}`, {
        cause,
      });
    }
  }
}
