import type { Stack, UpResult } from "../journey/project";
import { waitFor } from "../journey/wait-for";

/** An update that is under way. */
export class Going {
  /** The result of the update. */
  readonly ended: Promise<UpResult>;
  private readonly lines: string[] = [];
  private result: UpResult | undefined;

  /** @param start Starts the update, which reports its progress in lines. */
  constructor(
    readonly stack: Stack,
    start: (onLine: (line: string) => void) => Promise<UpResult>,
  ) {
    this.ended = start((line) => this.lines.push(line)).then((result) => (this.result = result));
    // Whoever waits for the update gets the error.
    this.ended.catch(() => undefined);
  }

  /** Waits for a line that matches. @throws if the update ends before */
  async says(pattern: RegExp): Promise<void> {
    await this.reaches(`the update says ${String(pattern)}`, () => this.lines.some((line) => pattern.test(line)));
  }

  /** Waits until a condition holds. @throws if the update ends before */
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
