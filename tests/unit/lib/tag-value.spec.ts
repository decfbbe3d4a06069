import { expect } from "chai";
import fc from "fast-check";
import { tagValue } from "../../../lib/tag-value";

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

describe("a tag's value", () => {
  it("is the text, but for what AWS refuses", () => {
    expect(tagValue("feature/12_a@b")).to.equal("feature/12_a@b");
    expect(tagValue("feature/#12")).to.equal("feature/-12");
    expect(tagValue("fünf (neu)")).to.equal("fünf -neu-");
  });

  it("is one that AWS takes, whatever the text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => TAG_VALUE.test(tagValue(text))));
  });
});
