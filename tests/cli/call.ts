import { Readable, Writable } from "node:stream";
import { CommanderError } from "commander";
import { safeDeploy } from "../../cli/program";

/** What a call of `safe-deploy` has printed, and its exit status. */
export interface Called {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who calls. */
export interface Caller {
  /** Environment of the call, such as the local AWS's. It is set for the SDK's clients too while the call lasts. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed at a terminal. @default - there is none: output goes to a program */
  readonly typed?: readonly string[];
}

/** Calls `safe-deploy` in this process as a shell does. */
export async function call(args: readonly string[], { env = {}, typed }: Caller = {}): Promise<Called> {
  const written = { stdout: "", stderr: "" };
  const into = (name: keyof typeof written) =>
    Object.assign(
      new Writable({
        write(chunk: Buffer, _, done) {
          written[name] += chunk.toString();
          done();
        },
      }),
      { isTTY: typed !== undefined },
    );
  const stdin = Object.assign(Readable.from((typed ?? []).map((line) => `${line}\n`)), { isTTY: typed !== undefined });
  let status = 0;
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    const program = safeDeploy(
      { stdin, stdout: into("stdout"), stderr: into("stderr"), env: { ...process.env, TERM: "dumb" } },
      (given) => (status = given),
    );
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    status = error.exitCode;
  } finally {
    process.env = before;
  }
  return { status, ...written };
}
