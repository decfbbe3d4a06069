import { InvalidArgumentError, type Command } from "commander";
import type { Answer } from "./answer";
import { Context, type CommonOptions } from "./context";
import { failureOf } from "./failure";
import { Terminal, type Streams } from "./terminal";

/** Makes the action of a command of what it does. Commander gives arguments and options, and at the end the command itself. */
export type Runs = <Parameters extends readonly unknown[]>(
  work: (context: Context, ...parameters: Parameters) => Promise<Answer>,
) => (...parameters: Parameters) => Promise<void>;

/** Adds a group of commands to the program. */
export type AddCommands = (program: Command, runs: Runs) => void;

/** Actions print what a command answers, or why it has failed, and end with the exit status that says so. */
export function runsAt(streams: Streams, exit: (status: number) => void): Runs {
  return (work) =>
    async (...parameters) => {
      const command: unknown = parameters.at(-1);
      const options: CommonOptions = isCommand(command) ? command.optsWithGlobals() : {};
      const terminal = new Terminal(streams, options.json === true);
      try {
        const { json, lines, exitStatus = 0 } = await work(new Context(options, terminal, streams.env), ...parameters);
        terminal.clear();
        (options.json === true ? jsonOf(json) : lines).forEach((line) => terminal.print(line));
        exit(exitStatus);
      } catch (error) {
        terminal.clear();
        streams.stderr.write(`error: ${failureOf(error)}\n`);
        exit(1);
      }
    };
}

const jsonOf = (json: unknown) => (json === undefined ? [] : [JSON.stringify(json, undefined, 2)]);

function isCommand(value: unknown): value is Command {
  return typeof value === "object" && value !== null && "optsWithGlobals" in value;
}

/** The end of a command's help: an example, and what its exit status says. */
export function example(line: string, status = "0 if done, 1 if not"): string {
  return `\nExample:\n  $ safe-deploy ${line}\n\nExit status: ${status}.`;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError(`must be a number above 0, got "${text}"`);
  }
  return value;
}

export function whole(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value)) {
    throw new InvalidArgumentError(`must be a whole number, got "${text}"`);
  }
  return value;
}

/** Timers of Node fire a thousand times a second at most. */
const MOST_RATE = 1000;
/** Longer times make timers of Node fire at once. */
const MOST_SECONDS = 2 ** 31 / 1000 - 1;

/** Seconds that can be waited for. */
export function duration(text: string): number {
  const value = positive(text);
  if (value > MOST_SECONDS) {
    throw new InvalidArgumentError(`must be at most ${Math.floor(MOST_SECONDS)} seconds, got "${text}"`);
  }
  return value;
}

/** How often something is done in a second. */
export function rate(text: string): number {
  const value = positive(text);
  if (value > MOST_RATE || 1 / value > MOST_SECONDS) {
    throw new InvalidArgumentError(
      `must be at most ${MOST_RATE} a second, and one in some days at least, got "${text}"`,
    );
  }
  return value;
}

export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new InvalidArgumentError(`must be a port, 0 to 65535, got "${text}"`);
  }
  return value;
}
