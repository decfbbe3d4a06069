import { mkdirSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { refuseWindows } from "pulumi-engine/platform";
import { inWords } from "../../journey/failure";

describe("why a run has failed", () => {
  const failure = (work: () => void): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    throw new Error("it was expected to fail");
  };

  it("is told with what to do about a full disk, whoever met it", function () {
    if (process.platform !== "linux") {
      this.skip();
    }
    const full = failure(() => writeFileSync("/dev/full", "x"));
    const inPython = new Error("training: OSError: [Errno 28] No space left on device: '/tmp/x'");
    for (const error of [full, inPython, new Error("step: it failed", { cause: full })]) {
      expect(inWords(error)).to.contain("\nthe disk is full: make room and start again");
    }
  });

  it("is told with what to do about a checkout that cannot be written to", () => {
    const told = (code: string) =>
      inWords(Object.assign(new Error(`${code}: mkdir '/src/.local'`), { code, path: "/src/.local" }));
    expect(told("EROFS")).to.contain("\n/src/.local is on a disk that can only be read: copy the project");
    expect(told("EACCES")).to.contain("\n/src/.local must not be written by you: copy the project");
  });

  it("is told in the error's own words else", () => {
    expect(inWords(new Error("the quality gate refused it"))).to.equal("the quality gate refused it");
    expect(inWords(failure(() => mkdirSync("/no/such/folder/x")))).to.match(/^ENOENT: .*$/);
    expect(inWords("text")).to.equal("text");
  });

  it("is Windows, where the command does not run", () => {
    expect(() => refuseWindows("npm run local", "win32")).to.throw(
      /^npm run local does not run on Windows itself: start it/,
    );
    expect(() => refuseWindows("npm run local", "darwin")).to.not.throw();
  });
});
