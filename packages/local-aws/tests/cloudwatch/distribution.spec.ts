import { expect } from "chai";
import fc from "fast-check";
import { Distribution } from "../../services/cloudwatch/distribution";
import { statisticFunction } from "../../services/cloudwatch/statistic";

function distributionOf(values: readonly number[]): Distribution {
  const distribution = new Distribution();
  values.forEach((value) => distribution.add(value));
  return distribution;
}

const someValues = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 50 });

describe("The values of a metric's period", () => {
  it("give the simple statistics", () => {
    const values = distributionOf([1, 2, 2, 7]);
    const statistics = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"].map((name) =>
      statisticFunction(name)(values),
    );
    expect(statistics).to.deep.equal([4, 12, 3, 1, 7]);
  });

  it("give percentiles", () => {
    const values = distributionOf(Array.from({ length: 200 }, (_, i) => i + 1));
    const percentiles = ["p0", "p50", "p99", "p99.5", "p100"].map((name) => statisticFunction(name)(values));
    expect(percentiles).to.deep.equal([1, 100, 198, 199, 200]);
  });

  it("give a percentile that occurred and that enough values do not exceed", () => {
    fc.assert(
      fc.property(someValues, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const percentile = distributionOf(values).percentile(percent)!;
        const notExceeding = (limit: number) => values.filter((value) => value <= limit).length;
        expect(values).to.include(percentile);
        expect(notExceeding(percentile) * 100).to.be.at.least(percent * values.length);
        expect(values.filter((value) => value < percentile).length * 100).to.be.below(percent * values.length);
      }),
    );
  });

  it("are the same whether they are added one by one or merged", () => {
    fc.assert(
      fc.property(someValues, someValues, (some, others) => {
        const merged = distributionOf(some);
        merged.merge(distributionOf(others));
        expect(merged).to.deep.equal(distributionOf([...some, ...others]));
      }),
    );
  });

  it("have no percentiles once only the totals of some of them are known", () => {
    const values = distributionOf([1, 2]);
    values.addStatisticSet({ sampleCount: 2, sum: 10, minimum: 4, maximum: 6 });
    expect(values.percentile(50)).to.equal(undefined);
    expect([values.sampleCount, values.sum, values.maximum]).to.deep.equal([4, 13, 6]);
  });

  it("stay within a bound of memory and within half a per cent of the truth", () => {
    const values = distributionOf(Array.from({ length: 100_000 }, (_, i) => 1 + i / 7));
    expect(values.percentile(99)).to.be.closeTo(1 + 99_000 / 7, (99_000 / 7) * 0.005);
    expect(JSON.stringify(values).length).to.be.below(1000);
    expect(Object.values(values).flatMap((one: unknown) => (one instanceof Map ? [one.size] : []))[0]).to.be.at.most(
      3700,
    );
  });

  for (const name of ["Median", "p101", "toString", ""]) {
    it(`refuse the statistic '${name}'`, () => {
      expect(() => statisticFunction(name)).to.throw(`The value ${name} for parameter Stat is not supported`);
    });
  }

  it("name the statistics that are not built", () => {
    expect(() => statisticFunction("tm99")).to.throw("NotImplemented: CloudWatch.statistic tm99");
  });
});
