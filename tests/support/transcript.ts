/** One command of a documented session, and what it prints there. */
export interface Exchange {
  readonly command: string;
  /** What is printed, line by line. `…` stands for anything, and a line of it alone for any lines. */
  readonly printed: readonly string[];
  /** Exit status, which a last line `(exit status N)` tells. @default 0 */
  readonly status: number;
}

const STATUS = /^\(exit status (\d+)\)$/;

/** The commands of all blocks of kind `console` of a Markdown text, in order. A command begins with `$ ` and goes on after `\` at a line's end. */
export function exchangesOf(markdown: string): Exchange[] {
  const blocks = [...markdown.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  return blocks.flatMap((block) =>
    block
      .replaceAll("\\\n", "")
      .split(/^\$ /m)
      .slice(1)
      .map((text) => exchangeOf(text.trimEnd().split("\n"))),
  );
}

function exchangeOf([command = "", ...lines]: readonly string[]): Exchange {
  const status = STATUS.exec(lines.at(-1) ?? "")?.[1];
  return { command, printed: status === undefined ? lines : lines.slice(0, -1), status: Number(status ?? 0) };
}

/** The first documented line that was not printed where it should be; `undefined` if all were. Blanks and numbers' digits may differ, and ids that are cut off. */
export function missing(documented: readonly string[], printed: readonly string[]): string | undefined {
  let from = 0;
  let maySkip = false;
  for (const line of documented) {
    if (line.trim() === "…") {
      maySkip = true;
      continue;
    }
    const pattern = patternOf(line);
    const at = printed.findIndex((one, index) => index >= from && pattern.test(normal(one)));
    if (at < 0 || (!maySkip && at > from)) {
      return line;
    }
    from = at + 1;
    maySkip = false;
  }
  return undefined;
}

/** An id of which the beginning is shown: another one each time. */
const CUT_ID = /\b[0-9a-f]{8}-?…/g;

const normal = (line: string) => line.trim().replaceAll(/\s+/g, " ");

function patternOf(line: string): RegExp {
  const parts = normal(line)
    .replaceAll(CUT_ID, "…")
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/\d+/g, "\\d+"));
  return new RegExp(`^${parts.join(".*")}$`);
}
