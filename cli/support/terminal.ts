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

/** A line about what goes on. */
export interface Line {
  readonly text: string;
  /** What changes so often that it is no news, such as a count: it comes with the text. */
  readonly detail?: string;
}

/** How often a line that counts is printed where there is no terminal. */
const COUNT_EVERY_MS = 10_000;

/** What a command tells and asks. Answers go to stdout; progress and questions go to stderr, so that stdout can be read by a program. */
export class Terminal {
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  private readonly isLive: boolean;
  /** Texts that were shown last. */
  private last: readonly string[] = [];
  /** When a line was printed last, by its text without its numbers. */
  private readonly toldAt = new Map<string, number>();

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
    stdout.write(`${isColoured ? colouredOnly(text) : plain(text)}\n`);
  }

  /** Says something that is no part of the answer. */
  tell(text: string): void {
    if (!this.isQuiet) {
      this.say(text);
    }
  }

  /** Says what is going on, in place of what went on before. Without a terminal each is a line of its own. */
  progress(text: string): void {
    this.show([{ text }]);
  }

  /**
   * The same, of several things at once. Without a terminal only the lines are printed whose text is new; of those that count, such as
   * `20 of 195 rows`, one in some seconds.
   */
  show(lines: readonly Line[]): void {
    if (this.isQuiet) {
      return;
    }
    const { stderr } = this.streams;
    const whole = ({ text, detail = "" }: Line) =>
      plain(detail === "" ? text : `${text} (${detail})`).replaceAll(/\s+/g, " ");
    if (this.isLive) {
      this.clear();
      const width = (stderr.columns ?? 80) - 1;
      const shown = lines.map((line) => styleText("dim", whole(line).slice(0, width), { validateStream: false }));
      stderr.write(shown.join("\n"));
    } else {
      const fresh = lines.filter(({ text }) => this.isNews(text));
      fresh.forEach((line) => stderr.write(`${whole(line)}\n`));
    }
    this.last = lines.map(({ text }) => text);
  }

  /** Whether a line without a terminal says something that was not just said. */
  private isNews(text: string): boolean {
    const kind = text.replaceAll(/(?<![\w-])\d[\d.,]*(?![\w-])/g, "0");
    const now = Date.now();
    const isNew = !this.last.includes(text) && now - (this.toldAt.get(kind) ?? -Infinity) >= COUNT_EVERY_MS;
    if (isNew) {
      this.toldAt.set(kind, now);
    }
    return isNew;
  }

  /** Takes away what {@link show} has left. */
  clear(): void {
    if (this.isLive && this.last.length > 0) {
      this.streams.stderr.write(`\r\x1b[2K${"\x1b[1A\x1b[2K".repeat(this.last.length - 1)}`);
    }
    this.last = [];
  }

  /**
   * Tells what is about to be done, and asks whether to do it.
   *
   * @param yes somebody has agreed already
   * @returns whether to do it. Ctrl-C and Ctrl-D are no.
   * @throws if nobody can be asked
   */
  async agree(told: readonly string[], question: string, yes: boolean): Promise<boolean> {
    const isAsking = !yes && this.isInteractive;
    // Whoever is asked must have read it, JSON or not.
    told.forEach((line) => (isAsking ? this.say(line) : this.tell(line)));
    if (!isAsking && !yes) {
      throw new Error(`${question} There is no terminal to ask: add --yes to do it`);
    }
    return yes || /^y(es)?$/i.test((await this.ask(plain(`${question} [y/N] `))).trim());
  }

  /** Empty if it is not answered. */
  private async ask(question: string): Promise<string> {
    this.clear();
    const { stdin, stderr } = this.streams;
    const asking = createInterface({ input: stdin, output: stderr });
    // Later than an answer, with which the input may end.
    const unanswered = new Promise<string>((done) => asking.once("close", () => setImmediate(done, "")));
    try {
      // Newer Nodes than 20 tell by an error too that it was closed.
      const answered = asking.question(question).catch((error: unknown) => {
        if (error instanceof Error && error.name === "AbortError") {
          return unanswered;
        }
        throw error;
      });
      return await Promise.race([answered, unanswered]);
    } finally {
      asking.close();
    }
  }

  private say(text: string): void {
    this.clear();
    this.streams.stderr.write(`${plain(text)}\n`);
  }
}

/** What others have written, such as a commit's message, must not move the cursor or hide what else is told. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n\t]/gu, "");
}

const ESCAPE = "\u001b";

/** The same, with the colours that the answer itself has. */
function colouredOnly(text: string): string {
  const [first = "", ...parts] = text.split(ESCAPE);
  return [plain(first), ...parts.map((part) => (/^\[3\dm/.test(part) ? ESCAPE : "") + plain(part))].join("");
}
