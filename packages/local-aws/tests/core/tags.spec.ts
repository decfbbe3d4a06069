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
