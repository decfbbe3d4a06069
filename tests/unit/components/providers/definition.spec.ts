import { expect } from "chai";
import fc from "fast-check";
import { differences, digest, type Definition } from "../../../../components/providers/jobs/definition";

const definitions = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 8 }).filter((key) => key !== "__proto__"),
  fc.jsonValue({ maxDepth: 3 }),
);

/** The same content, every object's members in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(reversed);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, reversed(member)]),
      )
    : value;
}

describe("a job's definition", () => {
  it("has a digest that no order of members changes, and another value does", () => {
    fc.assert(
      fc.property(definitions, (definition) => {
        const turned: Definition = Object.assign({}, reversed(definition));
        expect(digest(turned)).to.equal(digest(definition));
        expect(digest({ ...definition, RoleArn: "another" })).to.not.equal(digest(definition));
      }),
    );
  });

  it("does not differ from itself, nor from itself with what SageMaker adds", () => {
    fc.assert(
      fc.property(definitions, (definition) => {
        expect(differences(definition, definition)).to.deep.equal([]);
        expect(differences(definition, { ...definition, "added by SageMaker": 1 })).to.deep.equal([]);
      }),
    );
  });

  it("differs by a member that is not there, is another, or is one of more", () => {
    const wanted = { RoleArn: "a", InputDataConfig: [{ ChannelName: "train" }], Nested: { Count: 1 } };

    expect(differences(wanted, {})).to.deep.equal([
      'RoleArn is nothing there, "a" here',
      'InputDataConfig is nothing there, [{"ChannelName":"train"}] here',
      "Nested.Count is nothing there, 1 here",
    ]);
    expect(
      differences(wanted, {
        RoleArn: "b",
        InputDataConfig: [{ ChannelName: "train" }, { ChannelName: "validation" }],
        Nested: { Count: 1, AddedBySageMaker: true },
      }),
    ).to.deep.equal([
      'RoleArn is "b" there, "a" here',
      'InputDataConfig is [{"ChannelName":"train"},{"ChannelName":"validation"}] there, [{"ChannelName":"train"}] here',
    ]);
  });

  it("differs by a hyperparameter or a variable too many, whose names are the user's", () => {
    expect(differences({ HyperParameters: {} }, { HyperParameters: { eta: "0.2" } })).to.deep.equal([
      'HyperParameters.eta is "0.2" there, nothing here',
    ]);
    expect(differences({ Environment: {} }, {})).to.deep.equal([]);
  });
});
