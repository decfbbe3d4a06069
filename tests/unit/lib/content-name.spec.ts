import { expect } from "chai";
import fc from "fast-check";
import { contentName, SAGEMAKER_NAME_LENGTH } from "../../../lib/content-name";

const prefixes = fc.stringMatching(/^[a-zA-Z0-9](-?[a-zA-Z0-9]){0,70}$/);

describe("a name by content", () => {
  it("is a legal name of SageMaker that begins with the prefix", () => {
    fc.assert(
      fc.property(prefixes, fc.jsonValue(), (prefix, definition) => {
        const name = contentName(prefix, definition);

        expect(name).to.match(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
        expect(name.length).to.be.at.most(SAGEMAKER_NAME_LENGTH);
        expect(prefix.startsWith(name.slice(0, -9))).to.equal(true);
      }),
    );
  });

  it("does not depend on the order of keys, nor on members that are undefined", () => {
    expect(contentName("x", { a: 1, b: { c: 2, d: 3 } })).to.equal(
      contentName("x", { b: { d: 3, c: 2 }, a: 1, e: undefined }),
    );
  });

  it("changes with any value, and with the order of a list", () => {
    const names = [{ a: 1 }, { a: 2 }, { b: 1 }, { a: [1, 2] }, { a: [2, 1] }].map((definition) =>
      contentName("x", definition),
    );

    expect(new Set(names).size).to.equal(names.length);
  });
});
