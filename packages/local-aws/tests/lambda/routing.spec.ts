import { expect } from "chai";
import fc from "fast-check";
import { RoutedShare } from "../../services/lambda/routing";

describe("an alias's split of its requests", () => {
  it("is never further than half a request from the weight", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 500 }), (weight, requests) => {
        const share = new RoutedShare(weight);
        let additional = 0;
        for (let n = 1; n <= requests; n += 1) {
          additional += share.takesNext() ? 1 : 0;
          expect(Math.abs(additional - n * weight)).to.be.at.most(0.5 + 1e-9);
        }
      }),
    );
  });

  it("spreads a tenth evenly", () => {
    const share = new RoutedShare(0.1);
    const taken = Array.from({ length: 30 }, (_, n) => (share.takesNext() ? [n + 1] : [])).flat();
    expect(taken).to.deep.equal([5, 15, 25]);
  });

  it("sends nothing at 0 and all at 1", () => {
    const none = new RoutedShare(0);
    const all = new RoutedShare(1);
    expect(Array.from({ length: 9 }, () => none.takesNext())).to.not.include(true);
    expect(Array.from({ length: 9 }, () => all.takesNext())).to.not.include(false);
  });
});
