import { runInNewContext } from "node:vm";
import { expect } from "chai";
import fc from "fast-check";
import { parseExpression } from "../../services/cloudwatch/expression";

const compute = (text: string, values: Readonly<Record<string, number>> = {}) =>
  parseExpression(text).compute((id) => values[id]);

describe("A metric math expression", () => {
  for (const [text, result] of [
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["8 - 4 - 2", 2],
    ["8 / 4 / 2", 1],
    ["-2 + 5", 3],
    ["2 >= 2", 1],
    ["1 + 1 < 2", 0],
    ["1.5e2", 150],
  ] as const) {
    it(`computes ${text} = ${result}`, () => expect(compute(text)).to.equal(result));
  }

  it("makes a rate that needs a minimum of requests", () => {
    const rate = "IF(requests >= 20, 100 * faults / requests, 0)";
    expect(compute(rate, { requests: 200, faults: 3 })).to.equal(1.5);
    expect(compute(rate, { requests: 19, faults: 19 })).to.equal(0);
  });

  it("has no value where an operand has none, or where it divides by zero", () => {
    expect(compute("a + b", { a: 1 })).to.equal(undefined);
    expect(compute("IF(a, 1, 2)")).to.equal(undefined);
    expect(compute("1 / a", { a: 0 })).to.equal(undefined);
    const percent = "100 * faults / requests";
    expect([compute(percent, { faults: 1 }), compute(percent, { requests: 1 })]).to.deep.equal([undefined, undefined]);
    expect(compute(percent, { faults: 0, requests: 0 })).to.equal(undefined);
  });

  it("fills in what is missing", () => {
    expect(compute("FILL(a, 0) + b", { b: 2 })).to.equal(2);
    expect(compute("FILL(a, 0) + b", { a: 5, b: 2 })).to.equal(7);
  });

  it("finds the greatest of some, without those that are missing", () => {
    expect(compute("MAX([a / 2, b, 3])", { a: 8, b: 1 })).to.equal(4);
    expect(compute("MAX([a, b])", { b: 2 })).to.equal(2);
    expect(compute("MAX([a, b])")).to.equal(undefined);
    expect(() => parseExpression("MAX([a, b)")).to.throw("] expected, found )");
  });

  it("tells which ids it uses", () => {
    expect([...parseExpression("IF(m1 > 0, m2 / m1, FILL(m3, 0))").ids]).to.deep.equal(["m1", "m2", "m3"]);
  });

  for (const text of ["", "1 +", "(1", "1 2", "a b", "FILL(a)", "1 $ 2", "constructor constructor"]) {
    it(`refuses '${text}'`, () => {
      expect(() => parseExpression(text)).to.throw(`Error in expression '${text}'`);
    });
  }

  it("names a function that it does not know", () => {
    expect(() => parseExpression("SEARCH(a)")).to.throw("NotImplemented: CloudWatch.metric math function SEARCH");
  });

  for (const [text, what] of [
    ["a ^ 2", "metric math with ^"],
    ["a && b", "metric math with &&"],
    ["a OR b", "metric math operator OR"],
    ["STDDEV([a, b])", "metric math function STDDEV"],
    ["[a, b]", "metric math with ["],
    ["SELECT AVG(Errors) FROM SCHEMA(Test)", "Metrics Insights"],
  ] as const) {
    it(`names what it does not know of '${text}'`, () => {
      expect(() => parseExpression(text)).to.throw(`NotImplemented: CloudWatch.${what}`);
    });
  }

  it("agrees with JavaScript on sums and products of numbers", () => {
    const number = fc.integer({ min: 1, max: 99 }).map(String);
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { depthSize: "small" },
        number,
        fc
          .tuple(tie("expression"), fc.constantFrom("+", "-", "*"), tie("expression"), fc.boolean())
          .map(([a, operator, b, brackets]) => (brackets ? `(${a} ${operator} ${b})` : `${a} ${operator} ${b}`)),
      ),
    }));
    fc.assert(
      fc.property(expression, (text) => {
        const expected: unknown = runInNewContext(text);
        expect(compute(text)).to.equal(expected);
      }),
    );
  });

  it("sums up all metrics, as far as they have values", () => {
    const values: Readonly<Record<string, number | undefined>> = { m1: 1, m2: 5 };
    const of = (text: string, ids = ["m1", "m2", "m3"]) => parseExpression(text, ids).compute((id) => values[id]);
    expect(["SUM", "AVG", "MIN", "MAX"].map((name) => of(`${name}(METRICS())`))).to.deep.equal([6, 3, 1, 5]);
    expect(of("2 * SUM(METRICS()) - m1")).to.equal(11);
    expect(of("SUM(METRICS())", ["m3"])).to.equal(undefined);
    expect([...parseExpression("SUM(METRICS())", ["m1", "m2"]).ids]).to.deep.equal(["m1", "m2"]);
    expect(() => of("SUM(m1)")).to.throw("metric math function SUM of anything but METRICS()");
    expect(() => of("METRICS()")).to.throw("metric math function METRICS");
  });
});
