import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { refuse, unknownKeys } from "../../../../components/support/problems";

class Place extends pulumi.ComponentResource {
  constructor() {
    super("test:index:Place", "place");
  }
}

describe("problems of arguments", () => {
  before(() => pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) }));

  it("are told all at once, as an error of the resource, which Pulumi shows without a stack trace", () => {
    const on = new Place();

    expect(() => refuse(["a must be 1, got 2", "b is missing"], on))
      .to.throw(pulumi.ResourceError, /^a must be 1, got 2; b is missing$/)
      .that.includes({ resource: on, hideStack: true });
  });

  it("are none where nothing is wrong", () => {
    expect(() => refuse([], new Place())).not.to.throw();
  });

  const known = ["bakeSeconds", "apiName", "serve"];
  const unknown: [key: string, problem: string][] = [
    ["bakeSecond", "bakeSecond is not an argument: did you mean bakeSeconds?"],
    ["apiname", "apiname is not an argument: did you mean apiName?"],
    ["timeout", "timeout is not an argument: there are bakeSeconds, apiName, serve"],
    ["toString", "toString is not an argument: there are bakeSeconds, apiName, serve"],
  ];
  for (const [key, problem] of unknown) {
    it(`are a key that is not known: ${key}`, () => {
      expect(unknownKeys({ apiName: "fares", [key]: 1 }, known)).to.deep.equal([problem]);
    });
  }

  it("say where in the arguments a key is", () => {
    expect(unknownKeys({ mn: 1 }, ["min"], "serve")).to.deep.equal([
      "serve.mn is not an argument: did you mean serve.min?",
    ]);
  });

  it("are not keys that are known", () => {
    expect(unknownKeys({ apiName: "fares", serve: undefined }, known)).to.be.empty;
  });
});
