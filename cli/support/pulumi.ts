import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Context } from "./context";

/** Lines of a command that has failed which are told. */
const TOLD = 20;

/** A stack of the project, by the Pulumi CLI on PATH, which works as it does for a person in the project's folder. */
export class PulumiStack {
  private constructor(
    private readonly context: Context,
    readonly name: string,
    /** The file with the stack's config, in a folder of its own, so that the project's own file stays as it is. */
    readonly configFile: string,
  ) {}

  /** Does work with a stack, whose config is then forgotten. */
  static async use<T>(context: Context, name: string, work: (stack: PulumiStack) => Promise<T>): Promise<T> {
    const scratch = await mkdtemp(join(tmpdir(), "safe-deploy-"));
    try {
      return await work(new PulumiStack(context, name, join(scratch, `Pulumi.${name}.yaml`)));
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** Runs a command of the CLI for the stack, as {@link runPulumi} does. */
  run(args: readonly string[], onLine?: (line: string) => void): Promise<string> {
    return runPulumi(this.context, [...args, "--stack", this.name], onLine);
  }

  /** `pulumi up` with the config of {@link configFile}. */
  async up(onLine: (line: string) => void): Promise<void> {
    await this.run(["up", "--yes", "--skip-preview", "--config-file", this.configFile], onLine);
  }
}

/**
 * Runs a command of the Pulumi CLI in the project's folder.
 *
 * @param onLine gets each line of its output
 * @returns what it has printed on stdout
 * @throws what it says, if it fails or is not there
 */
export async function runPulumi(
  { project, aws }: Context,
  args: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<string> {
  const stateUrl = project.value("pipeline", "stateUrl");
  const env = {
    ...process.env,
    ...(stateUrl === undefined ? {} : { PULUMI_BACKEND_URL: stateUrl }),
    ...(aws.region === undefined ? {} : { AWS_REGION: aws.region }),
    ...(aws.profile === undefined ? {} : { AWS_PROFILE: aws.profile }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const whole = [...args, "--non-interactive", "--color", "never"];
  // A terminal sends Ctrl-C to the CLI too, which ends in order what it has begun. Then it is told, and the scratch folder removed.
  process.on("SIGINT", nothing);
  const child = spawn("pulumi", whole, { cwd: project.folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const printed: string[] = [];
  const all: string[] = [];
  for (const stream of ["stdout", "stderr"] as const) {
    createInterface({ input: child[stream] }).on("line", (line) => {
      all.push(line);
      (stream === "stdout" ? printed : []).push(line);
      onLine(line);
    });
  }
  const code = await new Promise<number | null>((done, fail) => {
    child.once("error", (error) => fail(isMissing(error) ? new Error(NOT_THERE) : error));
    child.once("close", done);
  }).finally(() => process.off("SIGINT", nothing));
  if (code !== 0) {
    throw new Error(`pulumi ${args.join(" ")} has failed:\n${complaintIn(all)}`);
  }
  return printed.join("\n");
}

const nothing = () => undefined;

const NOT_THERE = "the Pulumi CLI is not on PATH: https://www.pulumi.com/docs/iac/download-install/";

const isMissing = (error: Error) => "code" in error && error.code === "ENOENT";

/** From the first error on, or else the last lines. */
function complaintIn(lines: readonly string[]): string {
  const begin = lines.findIndex((line) => /\berror: /.test(line));
  const told = begin < 0 ? lines.slice(-TOLD) : lines.slice(begin, begin + TOLD);
  return told.join("\n");
}
