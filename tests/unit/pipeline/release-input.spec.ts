import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readReleaseInput } from "../../../pipeline/release-input";

const URIS = {
  TrainingUri: "s3://data/train",
  ValidationUri: "s3://data/validation",
  BaselineUri: "s3://data/baseline",
};

describe("what data-source.zip says", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "release-input-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  const write = (file: string, value: unknown) =>
    writeFile(join(dir, file), typeof value === "string" ? value : JSON.stringify(value));

  it("becomes config of the stack train", async () => {
    await write("inputData.json", URIS);
    await write("hyperparameters.json", { num_round: 50, eta: "0.1", monotone_constraints: [1, 1, 1] });

    expect(await readReleaseInput(dir)).to.deep.equal({
      trainingDataUri: "s3://data/train",
      validationDataUri: "s3://data/validation",
      baselineDataUri: "s3://data/baseline",
      hyperparameters: '{"num_round":"50","eta":"0.1","monotone_constraints":[1,1,1]}',
    });
  });

  it("needs no hyperparameters, and lets a TestUri pass", async () => {
    await write("inputData.json", { ...URIS, TestUri: "s3://data/test" });

    expect((await readReleaseInput(dir)).hyperparameters).to.equal("{}");
  });

  it("is refused with everything that is wrong in both files", async () => {
    await write("inputData.json", { TrainingUri: "data/train", ValidationUri: URIS.ValidationUri, Extra: 1 });
    await write("hyperparameters.json", "{");

    const error = await readReleaseInput(dir).then(
      () => expect.fail("was accepted"),
      (reason: unknown) => reason as Error,
    );
    expect(error.message).to.contain("inputData.json.TrainingUri: must be an S3 URI");
    expect(error.message).to.contain("inputData.json.BaselineUri");
    expect(error.message).to.contain("Extra");
    expect(error.message).to.contain("hyperparameters.json: is not JSON");
  });

  it("is refused where inputData.json is missing", async () => {
    const error = await readReleaseInput(dir).then(
      () => expect.fail("was accepted"),
      (reason: unknown) => reason as Error,
    );
    expect(error.message).to.equal("data-source.zip cannot be used:\n  inputData.json is missing");
  });
});
