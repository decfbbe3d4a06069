import { expect } from "chai";
import { configSchemas, parseConfig } from "../../../lib/config";
import { stackConfig } from "../../../pipeline/stack-config";

const SETTINGS = {
  model: "nyctaxi",
  bucket: "models",
  kmsKeyArn: undefined,
  notificationTopicArn: "arn:aws:sns:us-east-1:123456789012:told",
  stackConfig: {},
};
const ORIGIN = { release: "r2", gitBranch: "main", gitCommit: "c2", dataVersion: "v2" };
const INPUT = {
  trainingDataUri: "s3://data/train",
  validationDataUri: "s3://data/validation",
  baselineDataUri: "s3://data/baseline",
  hyperparameters: '{"eta":"0.1"}',
};

describe("the config that the pipeline runs a stack with", () => {
  it("is that of the tree, with the pipeline's own and the release over it", () => {
    const committed = { "aws:region": "us-east-1", model: "other", pollSeconds: "120", maximumRmse: "10" };
    const settings = { ...SETTINGS, stackConfig: { train: { maximumRmse: "5" }, prod: { minInstances: "1" } } };

    expect(stackConfig("train", committed, settings, ORIGIN, INPUT)).to.deep.equal({
      "aws:region": "us-east-1",
      pollSeconds: "120",
      model: "nyctaxi",
      bucket: "models",
      maximumRmse: "5",
      ...ORIGIN,
      ...INPUT,
    });
  });

  it("keeps nothing of the release before, whichever way its keys are written", () => {
    const committed = {
      "sagemaker-safe-deploy:release": "r1",
      gitCommit: "c1",
      "sagemaker-safe-deploy:dataVersion": "v1",
    };
    const origin = { ...ORIGIN, gitCommit: undefined, dataVersion: undefined };

    expect(stackConfig("dev", committed, SETTINGS, origin)).to.deep.equal({
      model: "nyctaxi",
      bucket: "models",
      release: "r2",
      gitBranch: "main",
    });
  });

  it("tells prod which archive was approved, and keeps none that was approved before", () => {
    const committed = { "sagemaker-safe-deploy:modelArchiveSha256": "old" };
    const config = (modelArchiveSha256?: string) =>
      stackConfig("prod", committed, SETTINGS, { ...ORIGIN, modelArchiveSha256 });

    expect(config("new")).to.have.property("modelArchiveSha256", "new");
    expect(Object.keys(config())).not.to.include.members(["modelArchiveSha256", Object.keys(committed)[0]]);
  });

  it("tells prod which baseline was approved, in the words that the stack reads", () => {
    const approved = { statistics: "0a".repeat(32), constraints: "0b".repeat(32) };
    const origin = { ...ORIGIN, baselineSha256: JSON.stringify(approved) };
    const { baselineSha256 } = stackConfig("prod", {}, SETTINGS, origin);

    const values = { release: "r2", instanceType: "ml.m5.large" };
    const read = (text: string) => parseConfig(configSchemas.prod, { ...values, baselineSha256: text }).baselineSha256;
    expect(read(String(baselineSha256))).to.deep.equal(approved);
    expect(() => read('{"statistics":"0a"}')).to.throw("must be a SHA-256 digest of 64 hexadecimal digits");
  });

  it("takes hyperparameters from data-source.zip over those of the config, one by one", () => {
    const settings = { ...SETTINGS, stackConfig: { train: { hyperparameters: '{"eta":"0.3","max_depth":"8"}' } } };

    const { hyperparameters } = stackConfig("train", { hyperparameters: { gamma: "4" } }, settings, ORIGIN, INPUT);

    expect(JSON.parse(String(hyperparameters))).to.deep.equal({ eta: "0.1", max_depth: "8" });
  });

  it("tells the topic to prod alone", () => {
    expect(stackConfig("prod", {}, SETTINGS, ORIGIN)).to.include({
      notificationTopicArn: SETTINGS.notificationTopicArn,
    });
    expect(stackConfig("dev", {}, SETTINGS, ORIGIN)).not.to.have.property("notificationTopicArn");
  });
});
