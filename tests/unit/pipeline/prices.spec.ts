import { expect } from "chai";
import { costText, monthlyCostChange } from "../../../pipeline/prices";
import type { Inputs, PlannedStep } from "../../../pipeline/steps";

const CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const KEY = "aws:kms/key:Key";

function step(change: PlannedStep["change"], type: string, before?: Inputs, after?: Inputs): PlannedStep {
  return { change, type, name: "it", urn: `urn:pulumi:prod::p::${type}::it`, before, after, replaceReasons: [] };
}
const create = (type: string, inputs: Inputs = {}) => step("create", type, undefined, inputs);
const remove = (type: string, inputs: Inputs = {}) => step("delete", type, inputs);
const config = (instanceType: string, initialInstanceCount?: number): Inputs => ({
  productionVariants: [{ variantName: "AllTraffic", instanceType, initialInstanceCount }],
});

describe("what a change costs a month", () => {
  it("counts the instances of endpoints, 730 hours each", () => {
    expect(monthlyCostChange([create(CONFIG, config("ml.m5.large", 2))])).to.deep.equal({ usd: 167.9, unpriced: [] });
    expect(monthlyCostChange([create(CONFIG, config("ml.t2.medium"))]).usd).to.equal(40.88);
  });

  it("takes off what is deleted, and of a replacement both", () => {
    const bigger = step("replace", CONFIG, config("ml.m5.large", 1), config("ml.m5.xlarge", 1));

    expect(monthlyCostChange([remove(CONFIG, config("ml.m5.large", 2))]).usd).to.equal(-167.9);
    expect(monthlyCostChange([bigger]).usd).to.equal(83.95);
    expect(
      monthlyCostChange([create(CONFIG, config("ml.m5.large", 3)), remove(CONFIG, config("ml.m5.large", 3))]).usd,
    ).to.equal(0);
  });

  it("counts shadow variants, and not serverless ones", () => {
    const shadow = { ...config("ml.c5.large", 1), shadowProductionVariants: [{ instanceType: "ml.c5.large" }] };
    const serverless = { productionVariants: [{ serverlessConfig: { maxConcurrency: 5, memorySizeInMb: 2048 } }] };

    expect(monthlyCostChange([create(CONFIG, shadow)]).usd).to.equal(148.92);
    expect(monthlyCostChange([create(CONFIG, serverless)])).to.deep.equal({ usd: 0, unpriced: [] });
  });

  it("counts keys, and of alarms each metric", () => {
    const ofExpression = { metricQueries: [{ id: "share" }, { id: "a", metric: {} }, { id: "b", metric: {} }] };

    expect(monthlyCostChange([create(KEY)]).usd).to.equal(1);
    expect(monthlyCostChange([create(ALARM, { metricName: "Errors" })]).usd).to.equal(0.1);
    expect(monthlyCostChange([create(ALARM, ofExpression), remove(ALARM)]).usd).to.equal(0.1);
  });

  it("names a type that it has no price of, unless there are as many as before", () => {
    const gpu = config("ml.g5.xlarge", 1);

    expect(monthlyCostChange([create(CONFIG, gpu), create(KEY)])).to.deep.equal({ usd: 1, unpriced: ["ml.g5.xlarge"] });
    expect(monthlyCostChange([create(CONFIG, gpu), remove(CONFIG, gpu)])).to.deep.equal({ usd: 0, unpriced: [] });
  });

  it("is told in a few words", () => {
    expect(costText({ usd: 167.9, unpriced: [] })).to.equal("+$168 a month");
    expect(costText({ usd: -0.1, unpriced: [] })).to.equal("-$0.10 a month");
    expect(costText({ usd: 0, unpriced: [] })).to.equal("no change in monthly cost");
    expect(costText({ usd: 1, unpriced: ["ml.x"] })).to.equal("+$1.00 a month; ml.x: no price known");
    expect(costText({ usd: 0, unpriced: ["ml.x"] })).to.equal("ml.x: no price known");
  });
});
