import { expect } from "chai";
import { AwsError } from "../../core/aws-error";
import { tagRecord, Tags, TagsByArn } from "../../core/tags";

describe("tags", () => {
  it("of a resource are added, replaced by key and removed", () => {
    const tags = new Tags({ team: "fares", stage: "dev" });

    tags.add(tagRecord([{ Key: "stage", Value: "prod" }, { Key: "empty" }]));
    tags.remove(["team", "never there"]);

    expect(tags.record()).to.deep.equal({ stage: "prod", empty: "" });
    expect(tags.list()).to.deep.equal([
      { Key: "stage", Value: "prod" },
      { Key: "empty", Value: "" },
    ]);
  });

  for (const [what, tag] of Object.entries<Readonly<Record<string, string>>>({
    "characters that tags cannot have, in the value": { branch: "feature/#12" },
    "characters that tags cannot have, in the key": { "a,b": "" },
    "no key": { "": "v" },
    "a key of AWS's own": { "AWS:cloudformation": "v" },
    "a key that is too long": { ["k".repeat(129)]: "" },
    "a value that is too long": { k: "v".repeat(257) },
  })) {
    it(`are refused with ${what}, and the others with them`, () => {
      const tags = new Tags();

      expect(() => tags.add({ good: "ä 1_.:/=+-@", ...tag })).to.throw(AwsError, "Tag key");
      expect(tags.count).to.equal(0);
    });
  }

  it("by ARN are known from a resource's creation to its deletion", () => {
    const tags = new TagsByArn((arn) => new AwsError("ResourceNotFoundException", `${arn} does not exist`));
    expect(() => tags.of("arn:one")).to.throw(AwsError, "arn:one does not exist");

    tags.create("arn:one", [{ Key: "a", Value: "1" }]);
    expect(tags.of("arn:one").record()).to.deep.equal({ a: "1" });

    tags.forget("arn:one");
    expect(tags.has("arn:one")).to.equal(false);
    expect(() => tags.of("arn:one")).to.throw(AwsError);
  });
});
