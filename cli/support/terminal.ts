import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters, styleText } from "node:util";

/** Where a command is called: a person's terminal, or a program's pipes. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: NodeJS.ProcessEnv;
}

/** What a command tells and asks. Answers go to stdout; progress and questions go to stderr, so that stdout can be read by a program. */
export class Terminal {
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  private readonly isLive: boolean;
  private last = "";

  constructor(
    private readonly streams: Streams,
    /** What only explains is left out. */
    readonly isQuiet = false,
  ) {
    const { stdin, stderr, env } = streams;
    this.isInteractive = stdin.isTTY === true && stderr.isTTY === true;
    this.isLive = stderr.isTTY === true && env.TERM !== "dumb";
  }

  /** A line of the answer. */
  print(text: string): void {
    const { stdout, env } = this.streams;
    const isColoured = stdout.isTTY === true && env.NO_COLOR === undefined && env.TERM !== "dumb";
    stdout.write(`${isColoured ? text : stripVTControlCharacters(text)}\n`);
  }

  /** Says something that is no part of the answer. */
  tell(text: string): void {
    if (!this.isQuiet) {
      this.clear();
      this.streams.stderr.write(`${text}\n`);
    }
  }

  /** Says what is going on, in place of what went on before. Without a terminal each is a line of its own. */
  progress(text: string): void {
    if (this.isQuiet || text === this.last) {
      return;
    }
    const { stderr } = this.streams;
    if (this.isLive) {
      this.clear();
      stderr.write(styleText("dim", text.slice(0, (stderr.columns ?? 80) - 1), { validateStream: false }));
    } else {
      stderr.write(`${text}\n`);
    }
    this.last = text;
  }

  /** Takes away what {@link progress} has left. */
  clear(): void {
    if (this.isLive && this.last !== "") {
      this.streams.stderr.write("\r\x1b[2K");
    }
    this.last = "";
  }

  /**
   * Asks whether to do something.
   *
   * @throws if nobody can be asked
   */
  async confirm(question: string): Promise<boolean> {
    if (!this.isInteractive) {
      throw new Error(`${question} There is no terminal to ask: add --yes to do it`);
    }
    this.clear();
    const { stdin, stderr } = this.streams;
    const asking = createInterface({ input: stdin, output: stderr });
    try {
      return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
    } finally {
      asking.close();
    }
  }
}
