import { expect } from "chai";
import fc from "fast-check";
import { apiName, endpointName, roleFolder, variantName } from "../../../lib/release";
import { kindOf, KINDS, stackNameProblems } from "../../../lib/stack-name";

describe("a stack's name", () => {
  it("says its kind, unless the config does", () => {
    expect(KINDS.map((kind) => kindOf(kind, undefined))).to.deep.equal(KINDS);
    expect(kindOf("staging", "prod")).to.equal("prod");
    expect(kindOf("dev", "prod")).to.equal("prod");
  });

  it("that is no kind wants one in the config, and says how", () => {
    expect(() => kindOf("staging", undefined)).to.throw(
      'nothing says what stack "staging" is: tell its kind (train, dev, prod, pipeline) with: pulumi config set kind <kind> --stack staging',
    );
    expect(() => kindOf("staging", "production")).to.throw(
      'the kind of stack "staging" must be one of train, dev, prod, pipeline, got "production"',
    );
    expect(() => kindOf("staging", "prd")).to.throw('got "prd"; did you mean prod?');
  });

  it("is in all names, so that two stacks of a kind share nothing", () => {
    expect(endpointName("nyctaxi", "prod-eu", "r1")).to.equal("mlops-nyctaxi-prodeu-r1");
    expect(variantName("nyctaxi", "prod-eu")).to.equal("prodeu-mlops-nyctaxi");
    expect([apiName("nyctaxi", "prod"), apiName("nyctaxi", "prod-eu")]).to.deep.equal([
      "mlops-nyctaxi-api",
      "mlops-nyctaxi-prodeu-api",
    ]);
    expect(roleFolder("nyctaxi", "prod-eu")).to.equal("/mlops-nyctaxi/prod-eu/");
  });

  const part = fc.string({ unit: fc.constantFrom(...Array.from("abdeprv12-")), minLength: 1, maxLength: 10 });
  const names = part.filter((text) => /^[a-z0-9](-*[a-z0-9])*$/.test(text));

  it("tells the endpoints of any two stacks apart, whatever their releases, as long as it is taken", () => {
    fc.assert(
      fc.property(names, names, names, names, (one, other, release, another) => {
        fc.pre([one, other].every((stack) => stackNameProblems(stack, "m").length === 0));
        fc.pre(one.replaceAll("-", "") !== other.replaceAll("-", ""));
        expect(endpointName("m", one, release)).not.to.equal(endpointName("m", other, another));
      }),
    );
  });

  it("fits into AWS's limits with the longest release, as long as it is taken", () => {
    const stack = "a-b-c-d-e-f-g-h-i-j-k-l";
    expect(stackNameProblems(stack, "nyctaxi")).to.deep.equal([]);
    expect(endpointName("nyctaxi", stack, "r".repeat(36))).to.have.length(63);
    expect(apiName("nyctaxi", stack)).to.have.length.below(37);
  });

  for (const [stack, problem] of [
    ["Staging", "must be lower-case letters, digits and inner hyphens, such as prod-eu"],
    ["prod_eu", "must be lower-case letters, digits and inner hyphens, such as prod-eu"],
    ["prd", 'must not be "prd", since names have "prd" for something else'],
    ["d-ev", 'must not be "d-ev", since names have "dev" for something else'],
    ["a-long-name-of-a-stack", "must have at most 12 characters without hyphens, so that mlops-nyctaxi-"],
  ] as const) {
    it(`is refused with the rule it breaks: ${stack}`, () => {
      const [found, ...others] = stackNameProblems(stack, "nyctaxi");
      expect(found).to.contain(problem);
      expect(others).to.deep.equal([]);
    });
  }
});
