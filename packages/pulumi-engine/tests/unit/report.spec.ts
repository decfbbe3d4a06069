import { expect } from "chai";
import { everyReport, plainReport, reportTo } from "../../report";

describe("report", () => {
  it("is one line per event with the seconds that have passed, where nobody watches", () => {
    const lines: string[] = [];
    let now = 1000;
    const report = plainReport(
      (line) => lines.push(line),
      () => now,
    );
    const step = report.step("Pulumi engine");
    now += 1250;
    step.update("building");
    step.update("building");
    report.line("hello");
    now += 100_000;
    step.done("3.255.0");
    report.step("Python").fail("\x1b[31mmissing\x1b[0m");
    expect(lines).to.deep.equal([
      "   0.0s > Pulumi engine",
      "   1.3s . Pulumi engine: building",
      "   1.3s   hello",
      " 101.3s + Pulumi engine: 3.255.0",
      " 101.3s > Python",
      " 101.3s ! Python: missing",
    ]);
  });

  it("is written to several places at once", () => {
    const first: string[] = [];
    const second: string[] = [];
    const report = everyReport(
      plainReport(
        (line) => first.push(line),
        () => 0,
      ),
      plainReport(
        (line) => second.push(line),
        () => 0,
      ),
    );
    report.step("a").done("b");
    expect(first).to.deep.equal(["   0.0s > a", "   0.0s + a: b"]);
    expect(second).to.deep.equal(first);
  });

  it("keeps what is going on below what has ended, on a terminal", () => {
    const terminal = new Screen();
    const report = reportTo(terminal);
    const slow = report.step("slow");
    const quick = report.step("quick");
    quick.update("half");
    expect(terminal.lines()).to.deep.equal(["⠋ slow (0 s)", "⠋ quick: half (0 s)"]);
    report.line("200 mlops");
    quick.done("all of it");
    expect(terminal.lines()).to.deep.equal(["200 mlops", "✔ quick: all of it (0 s)", "⠋ slow (0 s)"]);
    slow.fail("no");
    expect(terminal.lines()).to.deep.equal(["200 mlops", "✔ quick: all of it (0 s)", "✖ slow: no (0 s)"]);
  });

  it("never breaks a line of what is going on, on a narrow terminal", () => {
    const terminal = new Screen(30);
    const step = reportTo(terminal).step("step");
    step.update(`${"x".repeat(100)}\n${"y".repeat(100)}`);
    expect(terminal.lines().map((line) => line.length)).to.deep.equal([29]);
    step.done("");
  });
});

/** What a terminal shows after the two controls that the report uses: lines up, and erase below. */
class Screen {
  readonly isTTY = true;
  #lines: string[] = [];

  constructor(readonly columns = 80) {}

  write(text: string): void {
    const up = /^\x1b\[(\d+)A/.exec(text);
    const rest = text.slice(up?.[0].length ?? 0);
    this.#lines = this.#lines.slice(0, this.#lines.length - Number(up?.[1] ?? 0));
    const plain = rest.replaceAll(/\x1b\[[0-9]*[Jm]/g, "");
    this.#lines.push(...plain.split("\n").slice(0, -1));
  }

  lines(): string[] {
    return this.#lines;
  }
}
