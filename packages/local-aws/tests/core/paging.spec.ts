import { expect } from "chai";
import fc from "fast-check";
import { AwsError } from "../../core/aws-error";
import { pager } from "../../core/paging";

const page = pager(3, (token) => new AwsError("InvalidNextToken", `no page gave out "${token}"`));

describe("a pager", () => {
  it("cuts a list into pages that are the list again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer()),
        fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
        (all, size) => {
          const read: number[] = [];
          let token: string | undefined;
          do {
            const { items, nextToken } = page(all, token, size);
            expect(items.length).to.be.at.most(size ?? 3);
            read.push(...items);
            token = nextToken;
          } while (token !== undefined);
          expect(read).to.deep.equal(all);
        },
      ),
    );
  });

  it("ends with an empty page where the list has become shorter meanwhile", () => {
    const { nextToken } = page([1, 2, 3, 4], undefined);

    expect(page([1], nextToken)).to.deep.equal({ items: [], nextToken: undefined });
  });

  it("refuses a token that no page gave out, with the service's own error", () => {
    expect(() => page([1], "bogus"))
      .to.throw(AwsError, 'no page gave out "bogus"')
      .with.property("code", "InvalidNextToken");
    expect(() => page([1], Buffer.from("-1").toString("base64url"))).to.throw(AwsError);
  });
});
