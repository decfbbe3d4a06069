import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A program `pulumi` that answers as it is told, and notes what it was called with. */
export class FakePulumi {
  private readonly folder = mkdtempSync(join(tmpdir(), "fake pulumi "));

  /** @param answers what it prints, by how its arguments begin; a text that begins with `!` is an error */
  constructor(answers: Readonly<Record<string, string>>) {
    const program = `#!${process.execPath}
const { appendFileSync, copyFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
const line = args.join(" ");
appendFileSync(${JSON.stringify(this.path("calls"))}, line + "\\n");
const answers = ${JSON.stringify(answers)};
const found = Object.keys(answers).find((begin) => line.startsWith(begin));
const answer = found === undefined ? "!error: unknown command " + line : answers[found];
const at = args.indexOf("--config-file");
if (at >= 0 && args[0] === "config") writeFileSync(args[at + 1], answer);
else if (answer.startsWith("!")) { console.error(answer.slice(1)); process.exitCode = 255; }
else console.log(answer);
if (at >= 0 && args[0] === "up") copyFileSync(args[at + 1], ${JSON.stringify(this.path("config"))});
`;
    writeFileSync(this.path("pulumi"), program, { mode: 0o755 });
  }

  /** `PATH` with it at the beginning. */
  get PATH(): string {
    return [this.folder, process.env.PATH].join(delimiter);
  }

  /** Its arguments, call by call. */
  get calls(): string[] {
    return this.read("calls").split("\n").slice(0, -1);
  }

  /** The config with which `up` was called; empty if it was not. */
  get config(): string {
    return this.read("config");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private read(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), "utf8") : "";
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}

/** What `pulumi stack export` prints of a stack with resources of these ARNs, and one component. */
export function stateWith(...arns: readonly string[]): string {
  return JSON.stringify({
    deployment: { resources: [{}, ...arns.map((arn) => ({ custom: true, outputs: { arn } }))] },
  });
}
