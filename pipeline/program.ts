import { parseArgs } from "node:util";
import { reported } from "../lib/errors";

/** A program of the pipeline's builds. */
export interface Program {
  readonly help: string;
  /** Names of its flags, in addition to `help`. */
  readonly flags?: readonly string[];
  readonly run: (flags: ReadonlySet<string>) => Promise<void>;
}

/** Runs a program. An error becomes one message on stderr and exit code 1. */
export async function runProgram({ help, flags = [], run }: Program): Promise<void> {
  try {
    const options = Object.fromEntries(["help", ...flags].map((flag) => [flag, { type: "boolean" } as const]));
    const { values } = parseArgs({ options });
    if (values.help === true) {
      console.log(help);
      return;
    }
    await run(new Set(Object.keys(values)));
  } catch (error) {
    console.error(`error: ${reported(error).message}`);
    process.exitCode = 1;
  }
}

/** Progress, one line at a time. */
export function tell(line: string): void {
  console.log(line);
}
