import { stripVTControlCharacters, styleText } from "node:util";

/** Where a program that takes a while tells what it is doing. */
export interface Report {
  /** Begins a step; several may go on at once. */
  step(name: string): Step;
  /** Shows a line by itself, above the steps that are going on. */
  line(text: string): void;
}

/** One thing that is being done. It ends with either `done` or `fail`, after which it tells nothing more. */
export interface Step {
  /** Tells what it is at now. */
  update(text: string): void;
  done(text: string): void;
  fail(text: string): void;
}

/** The lines that a {@link Report} writes; a process's `stdout` is one. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** A report for people: live on a terminal, else one line per event. */
export function reportTo(output: Output): Report {
  return output.isTTY === true ? liveReport(output) : plainReport((line) => output.write(`${line}\n`));
}

/** A report of one line per event, with the seconds since the report began. `now` is in milliseconds. */
export function plainReport(write: (line: string) => void, now: () => number = () => performance.now()): Report {
  const beganAt = now();
  const tell = (mark: string, text: string) => {
    write(`${`${((now() - beganAt) / 1000).toFixed(1)}s`.padStart(7)} ${mark} ${stripVTControlCharacters(text)}`);
  };
  return {
    line: (text) => tell(" ", text),
    step(name) {
      tell(">", name);
      let last = "";
      return {
        update(text) {
          if (text !== last) {
            last = text;
            tell(".", `${name}: ${text}`);
          }
        },
        done: (text) => tell("+", `${name}: ${text}`),
        fail: (text) => tell("!", `${name}: ${text}`),
      };
    },
  };
}

/** Tells everything to several reports, such as the terminal and a log file. */
export function everyReport(...reports: readonly Report[]): Report {
  return {
    line: (text) => reports.forEach((report) => report.line(text)),
    step(name) {
      const steps = reports.map((report) => report.step(name));
      return {
        update: (text) => steps.forEach((step) => step.update(text)),
        done: (text) => steps.forEach((step) => step.done(text)),
        fail: (text) => steps.forEach((step) => step.fail(text)),
      };
    },
  };
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;

/** Keeps the steps that are going on in the last lines of the terminal, and what has ended above them. */
function liveReport(output: Output): Report {
  const active = new Set<{ readonly name: string; readonly since: number; text: string }>();
  let frame = 0;
  let shown = 0;
  let timer: NodeJS.Timeout | undefined;

  const draw = (above: string | undefined) => {
    const width = Math.max(20, (output.columns ?? 80) - 1);
    const lines = [...active].map(({ name, since, text }) => {
      const tail = text === "" ? "" : `: ${text}`;
      return `${FRAMES[frame % FRAMES.length] ?? ""} ${`${name}${tail} ${seconds(since)}`.slice(0, width - 2)}`;
    });
    // Up to the first line that was drawn last time, and from there everything anew.
    const back = shown === 0 ? "" : `\x1b[${shown}A`;
    output.write(
      `${back}\x1b[0J${above === undefined ? "" : `${above}\n`}${lines.map((line) => `${line}\n`).join("")}`,
    );
    shown = lines.length;
  };
  const animate = () => {
    if (active.size > 0 && timer === undefined) {
      timer = setInterval(() => {
        frame += 1;
        draw(undefined);
      }, FRAME_MS).unref();
    } else if (active.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };

  return {
    line: draw,
    step(name) {
      const step = { name, since: performance.now(), text: "" };
      active.add(step);
      animate();
      draw(undefined);
      const end = (mark: string, text: string) => {
        if (active.delete(step)) {
          draw(`${mark} ${name}: ${text} ${styleText("dim", seconds(step.since))}`);
          animate();
        }
      };
      return {
        update(text) {
          step.text = text.replaceAll(/\s+/g, " ");
          draw(undefined);
        },
        done: (text) => end(styleText("green", "✔"), text),
        fail: (text) => end(styleText("red", "✖"), text),
      };
    },
  };
}

function seconds(since: number): string {
  return `(${Math.round((performance.now() - since) / 1000)} s)`;
}
