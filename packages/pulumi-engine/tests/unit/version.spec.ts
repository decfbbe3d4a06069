import { expect } from "chai";
import fc from "fast-check";
import { isAtLeast, parseVersion } from "../../version";

describe("version", () => {
  for (const [text, version] of [
    ["v3.255.0", [3, 255, 0]],
    ["3.10.4\n", [3, 10, 4]],
    ["go version go1.25 linux/amd64", [1, 25, 0]],
    ["v3.260.0-alpha.1+abc", [3, 260, 0]],
  ] as const) {
    it(`is found in ${JSON.stringify(text)}`, () => {
      expect(parseVersion(text)).to.deep.equal(version);
    });
  }

  it("is not found where there is none", () => {
    expect(parseVersion("command not found")).to.equal(undefined);
  });

  it("is compared by number, not by letter", () => {
    expect(isAtLeast([3, 10, 0], [3, 9, 0])).to.equal(true);
    expect(isAtLeast([3, 9, 99], [3, 10, 0])).to.equal(false);
    expect(isAtLeast([4, 0, 0], [3, 259, 1])).to.equal(true);
    expect(isAtLeast([3, 248, 0], [3, 248, 0])).to.equal(true);
  });

  it("is ordered: of two versions that differ exactly one is the newer", () => {
    const version = fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const same = a.join() === b.join();
        return isAtLeast(a, b) && isAtLeast(b, a) ? same : isAtLeast(a, b) !== isAtLeast(b, a);
      }),
    );
  });
});
