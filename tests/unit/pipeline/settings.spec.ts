import { expect } from "chai";
import { readSettings, readStack } from "../../../pipeline/settings";

const SET = {
  MODEL_NAME: "nyctaxi",
  MODEL_BUCKET: "models",
  PIPELINE_NAME: "mlops-nyctaxi-pipeline",
  ARTIFACT_BUCKET: "artifacts",
  STATE_URL: "s3://state?region=us-east-1",
  SECRETS_PROVIDER: "awskms:///alias/state?region=us-east-1",
  RELEASE: "11111111-2222-3333-4444-555555555555",
  GIT_COMMIT: "c1",
};

describe("the environment of a build", () => {
  it("is read, with what a pipeline resolves to nothing as not set", () => {
    const settings = readSettings({ ...SET, KMS_KEY_ARN: "", GIT_BRANCH: "main" }, "/tree");

    expect(settings).to.include({ root: "/tree", model: "nyctaxi", release: SET.RELEASE, gitBranch: "main" });
    expect(settings.kmsKeyArn).to.equal(undefined);
    expect(settings.checks).to.equal("npm run check");
    expect(settings.stackConfig).to.deep.equal({});
  });

  it("may hold config values by stack", () => {
    const stackConfig = { prod: { minInstances: "1" } };

    expect(readSettings({ ...SET, STACK_CONFIG: JSON.stringify(stackConfig) }, "/tree").stackConfig).to.deep.equal(
      stackConfig,
    );
  });

  it("says which archive was approved, once it is known", () => {
    const digest = "0a".repeat(32);
    const read = (MODEL_ARCHIVE?: string) => readSettings({ ...SET, MODEL_ARCHIVE }, "/tree").modelArchiveSha256;

    expect([read(), read("")]).to.deep.equal([undefined, undefined]);
    expect([read(digest), read(`${digest} version 3/L4kqtJ`)]).to.deep.equal([digest, digest]);
    for (const wrong of ["abc", `${digest}0`, digest.toUpperCase()]) {
      expect(() => read(wrong)).to.throw("MODEL_ARCHIVE: must be a SHA-256 digest");
    }
  });

  it("says which baseline was approved, once it is known", () => {
    const [statistics, constraints] = ["0a".repeat(32), "0b".repeat(32)];
    const read = (MODEL_BASELINE?: string) => readSettings({ ...SET, MODEL_BASELINE }, "/tree").baselineSha256;

    expect([read(), read("")]).to.deep.equal([undefined, undefined]);
    expect(read(`${statistics} ${constraints}`)).to.deep.equal({ statistics, constraints });
    for (const wrong of [statistics, `${statistics} ${constraints}0`, `${statistics}${constraints}`]) {
      expect(() => read(wrong)).to.throw("MODEL_BASELINE: must be two SHA-256 digests");
    }
  });

  it("is refused with everything that is wrong in it", () => {
    expect(() => readSettings({ ...SET, STATE_URL: undefined, RELEASE: "r_1", STACK_CONFIG: "{" }, "/tree")).to.throw(
      /^this does not look like a build of the pipeline:\n {2}STATE_URL: is not set\n {2}RELEASE: .*\n {2}STACK_CONFIG: is not JSON$/,
    );
    expect(() => readSettings({ ...SET, STACK_CONFIG: '{"test":{}}' }, "/tree")).to.throw(/STACK_CONFIG: .*"test"/);
  });

  it("says which stack is to be deployed", () => {
    expect(readStack({ STACK: "dev" })).to.equal("dev");
    expect(() => readStack({ STACK: "test" })).to.throw("STACK: must be train, dev, prod");
  });
});
