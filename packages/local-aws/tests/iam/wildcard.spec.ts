import { expect } from "chai";
import fc from "fast-check";
import { arnLike, like } from "../../services/iam/wildcard";

describe("a pattern", () => {
  it("matches as the same regular expression does", () => {
    const text = fc.stringMatching(/^[ab:]{0,8}$/);
    const pattern = fc.stringMatching(/^[ab:*?]{0,8}$/);
    fc.assert(
      fc.property(pattern, text, (wanted, given) => {
        const source = wanted.replaceAll("*", "[^]*").replaceAll("?", "[^]");
        expect(like(wanted, given)).to.equal(new RegExp(`^${source}$`).test(given));
      }),
      { numRuns: 2000 },
    );
  });

  it("with many wildcards is matched quickly", () => {
    const started = performance.now();
    expect(like("a*".repeat(50) + "b", "a".repeat(5000))).to.equal(false);
    expect(performance.now() - started).to.be.below(1000);
  });

  it("of an ARN keeps its wildcards within their parts", () => {
    expect(
      arnLike("arn:aws:logs:*:*:log-group:/aws/*", "arn:aws:logs:us-east-1:1:log-group:/aws/x:log-stream:y"),
    ).to.equal(true);
    expect(arnLike("arn:aws:*:bucket", "arn:aws:s3:::bucket")).to.equal(false);
    expect(arnLike("arn:aws:s3:::*", "arn:aws:s3:us-east-1::bucket")).to.equal(false);
    expect(arnLike("*", "anything")).to.equal(true);
  });
});
