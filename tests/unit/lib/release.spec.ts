import { expect } from "chai";
import fc from "fast-check";
import {
  dataCaptureUri,
  endpointName,
  modelName,
  releaseId,
  releaseNames,
  roleFolder,
  variantName,
} from "../../../lib/release";

const hyphenated = (alphabet: string, most: number) =>
  fc
    .string({ unit: fc.constantFrom(...Array.from(alphabet), "-"), minLength: 1, maxLength: most })
    .filter((text) => !text.startsWith("-") && !text.endsWith("-"));
const models = hyphenated("abcxyz0189", 15);
const releases = hyphenated("abcxyz0189", 36);

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html, and the same for jobs and variants. */
const SAGEMAKER_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateExperiment.html */
const EXPERIMENT_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}$/;
const S3_URI = /^s3:\/\/[a-z0-9.-]{3,63}\/[\w./-]{1,1024}$/;

describe("names of a release", () => {
  it("are the reference's", () => {
    const names = releaseNames({ model: "nyctaxi", release: "r1", bucket: "data" });

    expect(names.trainingJob).to.equal("mlops-nyctaxi-r1");
    expect(names.baselineJob).to.equal("mlops-nyctaxi-pbl-r1");
    expect(names.modelArchiveUri).to.equal("s3://data/mlops-nyctaxi/mlops-nyctaxi-r1/output/model.tar.gz");
    expect(names.statisticsUri).to.equal(
      "s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-r1/statistics.json",
    );
    expect(names.constraintsUri).to.equal(
      "s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-r1/constraints.json",
    );
    expect(endpointName("nyctaxi", "prod", "r1")).to.equal("mlops-nyctaxi-prd-r1");
    expect(variantName("nyctaxi", "dev")).to.equal("dev-mlops-nyctaxi");
    expect(roleFolder("nyctaxi", "prod")).to.equal("/mlops-nyctaxi/prod/");
    expect(dataCaptureUri("nyctaxi", "data")).to.equal("s3://data/mlops-nyctaxi/datacapture");
  });

  it("keep AWS's limits for every model and release that is accepted", () => {
    fc.assert(
      fc.property(models, releases, (model, release) => {
        const names = releaseNames({ model, release, bucket: "data" });
        for (const name of [
          names.trainingJob,
          names.baselineJob,
          endpointName(model, "dev", release),
          endpointName(model, "prod", release),
          variantName(model, "prod"),
        ]) {
          expect(name).to.match(SAGEMAKER_NAME);
        }
        expect(names.experiment).to.match(EXPERIMENT_NAME);
        expect(names.trial).to.match(EXPERIMENT_NAME);
        for (const uri of [names.trainingOutputUri, names.modelArchiveUri, names.statisticsUri, names.constraintsUri]) {
          expect(uri).to.match(S3_URI);
        }
      }),
    );
  });

  it("differ between releases, models and stages", () => {
    fc.assert(
      fc.property(models, releases, releases, (model, one, other) => {
        fc.pre(one !== other);
        expect(releaseNames({ model, release: one, bucket: "b" }).trainingJob).not.to.equal(
          releaseNames({ model, release: other, bucket: "b" }).trainingJob,
        );
        expect(endpointName(model, "dev", one)).not.to.equal(endpointName(model, "prod", one));
      }),
    );
  });

  for (const [model, rule] of [
    ["", "must not be empty"],
    ["sixteencharacter", "at most 15 characters"],
    ["NycTaxi", "lower-case letters"],
    ["taxi-", "inner hyphens"],
    ["taxi_ny", "lower-case letters"],
  ] as const) {
    it(`refuse the model name "${model}" by the rule it breaks`, () => {
      expect(modelName.safeParse(model).error?.message).to.contain(rule);
    });
  }

  for (const [release, rule] of [
    ["", "must not be empty"],
    ["r".repeat(37), "at most 36 characters"],
    ["r_1", "inner hyphens"],
  ] as const) {
    it(`refuse the release id "${release}" by the rule it breaks`, () => {
      expect(releaseId.safeParse(release).error?.message).to.contain(rule);
    });
  }
});
