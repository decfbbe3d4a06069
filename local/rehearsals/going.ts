import type { Stack, UpResult } from "../journey/project";
import { waitFor } from "./wait-for";

/** An update that is going on. */
export class Going {
  /** What came of it. */
  readonly ended: Promise<UpResult>;
  private readonly lines: string[] = [];
  private result: UpResult | undefined;

  /** @param start Starts the update, which tells what it does in lines. */
  constructor(
    readonly stack: Stack,
    start: (onLine: (line: string) => void) => Promise<UpResult>,
  ) {
    this.ended = start((line) => this.lines.push(line)).then((result) => (this.result = result));
    // Whoever waits for it is told.
    this.ended.catch(() => undefined);
  }

  /** Waits until it tells a line like this. @throws if it ends before */
  async says(pattern: RegExp): Promise<void> {
    await this.reaches(`the update says ${String(pattern)}`, () => this.lines.some((line) => pattern.test(line)));
  }

  /** Waits until something is so. @throws if the update ends before */
  async reaches(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    await waitFor(what, async () => {
      if (await isSo()) {
        return true;
      }
      if (this.result !== undefined) {
        const how = this.result.ok ? "succeeded" : `failed: ${this.result.errors.join("\n")}`;
        throw new Error(`the update ended before this was so: ${what}; it ${how}`);
      }
      return false;
    });
  }
}
