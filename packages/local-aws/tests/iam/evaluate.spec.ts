import { expect } from "chai";
import fc from "fast-check";
import { contextOf } from "../../services/iam/authority";
import { evaluate } from "../../services/iam/evaluate";
import { parsePolicy } from "../../services/iam/policy";

const KEY = "arn:aws:s3:::bucket/train/data.csv";

/** What a policy of these statements says to a request; the reason where it denies. */
function decide(
  Statement: object | readonly object[],
  {
    action = "s3:GetObject",
    resource = KEY,
    context = {},
  }: { action?: string; resource?: string; context?: Record<string, string | string[]> } = {},
): string {
  const policy = parsePolicy("p", JSON.stringify({ Version: "2012-10-17", Statement }));
  const decision = evaluate([policy], { action, resource, context: contextOf(context) }, "identity-based policy");
  return decision.allowed ? "allowed" : decision.reason;
}
const allow = (rest: object) => ({ Effect: "Allow", Action: "s3:GetObject", Resource: "*", ...rest });
const deny = (rest: object) => allow({ ...rest, Effect: "Deny" });
const NONE = "because no identity-based policy allows the s3:GetObject action";

describe("a policy", () => {
  it("denies what it does not allow, and whatever it denies though another statement allows it", () => {
    expect(decide([])).to.equal(NONE);
    expect(decide(allow({}))).to.equal("allowed");
    expect(decide([allow({}), deny({ Resource: "arn:aws:s3:::bucket/*" })])).to.equal(
      "with an explicit deny in an identity-based policy",
    );
    expect(decide([deny({ Resource: "arn:aws:s3:::other/*" }), allow({})])).to.equal("allowed");
  });

  it("means actions by name whatever their case, with wildcards, or all but those named", () => {
    const verdict = (rest: object) => decide({ Effect: "Allow", Resource: "*", ...rest });
    expect(verdict({ Action: ["s3:Put*", "S3:getobject"] })).to.equal("allowed");
    expect(verdict({ Action: "s3:Get?bject" })).to.equal("allowed");
    expect(verdict({ Action: "*" })).to.equal("allowed");
    expect(verdict({ Action: "s3:GetObjec" })).to.equal(NONE);
    expect(verdict({ NotAction: "s3:Put*" })).to.equal("allowed");
    expect(verdict({ NotAction: ["s3:Put*", "s3:Get*"] })).to.equal(NONE);
  });

  it("means resources by ARN, of which each part is matched by itself, or all but those named", () => {
    const verdict = (rest: object) => decide({ Effect: "Allow", Action: "*", ...rest });
    expect(verdict({ Resource: "arn:aws:s3:::bucket/*" })).to.equal("allowed");
    expect(verdict({ Resource: "arn:aws:s3:::bucket/TRAIN/*" })).to.equal(NONE);
    expect(verdict({ Resource: "arn:*:bucket/train/data.csv" })).to.equal(NONE);
    expect(verdict({ NotResource: "arn:aws:s3:::bucket/train/*" })).to.equal(NONE);
    expect(verdict({ NotResource: "arn:aws:s3:::bucket/test/*" })).to.equal("allowed");
    const all = { action: "s3:ListAllMyBuckets", resource: "*" };
    expect(decide({ Effect: "Allow", Action: "*", Resource: "arn:aws:s3:::*" }, all)).to.include("because no");
    expect(decide({ Effect: "Allow", Action: "*", Resource: "*" }, all)).to.equal("allowed");
  });

  it("puts the request's values for variables, as they are", () => {
    const Resource = "arn:aws:s3:::bucket/${aws:userid}/*";
    const verdict = (userid: string, resource: string) =>
      decide(allow({ Resource }), { resource, context: { "aws:userid": userid } });
    expect(verdict("AROA:s1", "arn:aws:s3:::bucket/AROA:s1/x")).to.equal("allowed");
    expect(verdict("*", "arn:aws:s3:::bucket/AROA:s1/x")).to.equal(NONE);
    expect(decide(allow({ Resource }), { resource: "arn:aws:s3:::bucket//x" })).to.equal(NONE);
    expect(decide(allow({ Resource: "arn:aws:s3:::b${*}" }), { resource: "arn:aws:s3:::bc" })).to.equal(NONE);
    const standIn = allow({ Resource: "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'train'}/*" });
    expect(decide(standIn)).to.equal("allowed");
  });

  describe("with a condition", () => {
    /** Whether the condition holds for these values. */
    const met = (Condition: object, context: Record<string, string | string[]> = {}) =>
      decide(allow({ Condition }), { context }) === "allowed";

    it("compares texts, ARNs, numbers, times and truths", () => {
      const cases: readonly (readonly [object, string, boolean])[] = [
        [{ StringEquals: { k: ["a", "b"] } }, "b", true],
        [{ StringEquals: { k: "a*" } }, "ab", false],
        [{ StringNotEquals: { k: ["a", "b"] } }, "b", false],
        [{ StringNotEquals: { k: ["a", "b"] } }, "c", true],
        [{ StringEqualsIgnoreCase: { k: "AB" } }, "ab", true],
        [{ StringLike: { k: "a*c?" } }, "abbcd", true],
        [{ StringNotLike: { k: "a*" } }, "ab", false],
        [{ ArnLike: { k: "arn:aws:sns:*:123456789012:n*" } }, "arn:aws:sns:us-east-1:123456789012:news", true],
        [{ ArnEquals: { k: "arn:aws:sns:*:news" } }, "arn:aws:sns:us-east-1:123456789012:news", false],
        [{ ArnNotLike: { k: "arn:aws:sns:*:*:news" } }, "arn:aws:sns:us-east-1:123456789012:news", false],
        [{ Bool: { k: true } }, "true", true],
        [{ Bool: { k: "false" } }, "true", false],
        [{ NumericLessThanEquals: { k: 5 } }, "5", true],
        [{ NumericLessThan: { k: "5" } }, "5", false],
        [{ DateGreaterThan: { k: "2026-01-01T00:00:00Z" } }, "2026-01-02T00:00:00Z", true],
        [{ Null: { k: "true" } }, "x", false],
        [{ Null: { k: "false" } }, "x", true],
      ];
      for (const [condition, value, expected] of cases) {
        expect(met(condition, { K: value }), `${JSON.stringify(condition)} for ${value}`).to.equal(expected);
      }
    });

    it("on a key that the request has not holds only where it is negated, for all values, if it exists, or that it is missing", () => {
      expect(met({ StringEquals: { k: "a" } })).to.equal(false);
      expect(met({ StringNotEquals: { k: "a" } })).to.equal(true);
      expect(met({ StringEqualsIfExists: { k: "a" } })).to.equal(true);
      expect(met({ StringEqualsIfExists: { k: "a" } }, { k: "b" })).to.equal(false);
      expect(met({ "ForAllValues:StringEquals": { k: "a" } })).to.equal(true);
      expect(met({ "ForAnyValue:StringEquals": { k: "a" } })).to.equal(false);
      expect(met({ "ForAnyValue:StringEqualsIfExists": { k: "a" } })).to.equal(false);
      expect(met({ Null: { k: "true" } })).to.equal(true);
    });

    it("on a key of many values asks all of them or one", () => {
      const context = { k: ["team", "stage"] };
      expect(met({ "ForAllValues:StringEquals": { k: ["team", "stage", "x"] } }, context)).to.equal(true);
      expect(met({ "ForAllValues:StringEquals": { k: ["team"] } }, context)).to.equal(false);
      expect(met({ "ForAnyValue:StringLike": { k: "st*" } }, context)).to.equal(true);
      expect(met({ "ForAnyValue:StringNotEquals": { k: ["team", "stage"] } }, context)).to.equal(false);
    });

    it("wants all of its operators and keys", () => {
      const condition = { StringEquals: { a: "1", b: "2" }, Bool: { c: "true" } };
      expect(met(condition, { a: "1", b: "2", c: "true" })).to.equal(true);
      expect(met(condition, { a: "1", b: "2", c: "false" })).to.equal(false);
      expect(met(condition, { a: "1", c: "true" })).to.equal(false);
    });

    it("whose operator is unknown denies what its statement is about, and says so, even beside one that allows", () => {
      const unknown = allow({ Sid: "Net", Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } });
      expect(decide([allow({}), unknown])).to.equal(
        "because the local AWS does not know the condition operator IpAddress in statement Net of p",
      );
      expect(decide([allow({}), { ...unknown, Action: "s3:PutObject" }])).to.equal("allowed");
      expect(decide(allow({ Condition: { StringEqual: { k: "a" } } }))).to.include("StringEqual in statement #1");
    });
  });

  it("is refused where it is none", () => {
    const read = (document: unknown) => () =>
      parsePolicy("p", typeof document === "string" ? document : JSON.stringify(document));
    const statement = { Effect: "Allow", Action: "*", Resource: "*" };
    expect(read("{")).to.throw("policy p is not JSON");
    expect(read({ Statement: [{ ...statement, Effect: "allow" }] })).to.throw("Effect");
    expect(read({ Statement: [{ ...statement, NotAction: "*" }] })).to.throw("exactly one of Action and NotAction");
    expect(read({ Statement: [{ ...statement, Resources: "*" }] })).to.throw("Resources");
    expect(read({ Statement: [{ ...statement, NotPrincipal: "*" }] })).to.throw("NotPrincipal");
  });

  describe("whatever it is", () => {
    const word = fc.constantFrom("a", "b", "c:d", "", "*", "?", "x/y");
    const arn = fc.tuple(word, word).map(([a, b]) => `arn:aws:s3:::${a}${b}`);
    const statement = fc.record({
      Effect: fc.constantFrom("Allow", "Deny"),
      Action: fc.array(fc.constantFrom("s3:GetObject", "s3:*", "s3:Put*", "*"), { minLength: 1 }),
      Resource: fc.array(fc.oneof(arn, fc.constant("*")), { minLength: 1 }),
    });
    const request = fc.record({ action: fc.constantFrom("s3:GetObject", "s3:PutObject"), resource: arn });

    it("says the same whatever the order of its statements", () => {
      fc.assert(
        fc.property(fc.array(statement), request, (statements, asked) => {
          expect(decide(statements.toReversed(), asked)).to.equal(decide(statements, asked));
        }),
      );
    });

    it("never allows more for one more statement that denies, nor less for one more that allows", () => {
      fc.assert(
        fc.property(fc.array(statement), statement, request, (statements, one, asked) => {
          const before = decide(statements, asked) === "allowed";
          const after = decide([...statements, one], asked) === "allowed";
          expect(one.Effect === "Deny" ? !after || before : !before || after).to.equal(true);
        }),
      );
    });

    it("names itself by what is written in it: an ARN without wildcards matches itself alone", () => {
      const plain = fc.stringMatching(/^[a-z/]{0,8}$/).map((name) => `arn:aws:s3:::${name}`);
      fc.assert(
        fc.property(plain, plain, (one, other) => {
          const verdict = decide(allow({ Resource: one }), { resource: other });
          expect(verdict === "allowed").to.equal(one === other);
        }),
      );
    });
  });
});
