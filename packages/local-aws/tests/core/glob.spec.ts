import { expect } from "chai";
import { globPattern } from "../../core/glob";

describe("A glob", () => {
  const matches = (glob: string, ...paths: string[]) => paths.filter((path) => globPattern(glob).test(path));

  it("stays within a folder with one star and goes across folders with two", () => {
    const paths = ["a.txt", "b/a.txt", "b/c/a.txt", "b/a.md"];
    expect(matches("*.txt", ...paths)).to.deep.equal(["a.txt"]);
    expect(matches("b/*", ...paths)).to.deep.equal(["b/a.txt", "b/a.md"]);
    expect(matches("**/*.txt", ...paths)).to.deep.equal(["a.txt", "b/a.txt", "b/c/a.txt"]);
    expect(matches("b/**", ...paths)).to.deep.equal(["b/a.txt", "b/c/a.txt", "b/a.md"]);
    expect(matches("**/*", ...paths)).to.deep.equal(paths);
  });

  it("takes everything else as it is written", () => {
    expect(matches("./a+(1).txt", "a+(1).txt", "aa1.txt")).to.deep.equal(["a+(1).txt"]);
    expect(matches("a?.txt", "ab.txt", "a/.txt")).to.deep.equal(["ab.txt"]);
  });
});
