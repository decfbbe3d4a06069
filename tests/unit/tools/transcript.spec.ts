import { expect } from "chai";
import { exchangesOf, missing } from "../../support/transcript";

describe("a documented session", () => {
  it("has commands, what they print, and their exit statuses", () => {
    const text = [
      "Do it:",
      "```console",
      "$ one \\",
      "  --two",
      "a",
      "…",
      "$ three",
      "(exit status 2)",
      "```",
      "```",
      "$ no",
      "```",
      "",
    ];
    expect(exchangesOf(text.join("\n"))).to.deep.equal([
      { command: "one   --two", printed: ["a", "…"], status: 0 },
      { command: "three", printed: [], status: 2 },
    ]);
  });

  it("is right if each line is printed where it stands, with other digits", () => {
    const printed = ["execution  6c28-1", "took 14 s", "more", "done"];
    expect(missing(["execution 6c…", "took 9 s", "…", "done"], printed)).to.equal(undefined);
  });

  it("is wrong where a line is not there, or only later", () => {
    expect(missing(["took 9 min"], ["took 14 s"])).to.equal("took 9 min");
    expect(missing(["done"], ["took 14 s", "done"])).to.equal("done");
    expect(missing(["b", "a"], ["a", "b"])).to.equal("b");
  });
});
