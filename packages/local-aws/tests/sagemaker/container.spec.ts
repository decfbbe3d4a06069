import { expect } from "chai";
import { join } from "node:path";
import { mapOptMl } from "../../services/sagemaker/container";
import { IMAGES_DIR, imageNames, imageProgram, repositoryName } from "../../services/sagemaker/images";
import { below, pathBelow, s3Place } from "../../services/sagemaker/object-store";

/** A folder with a `train.py` and a `serve.py`. */
const OWN_IMAGE = join(IMAGES_DIR, "sagemaker-xgboost");

describe("A container's paths and image", () => {
  it("has /opt/ml mapped wherever it begins a path, and nothing else", () => {
    const mapped = (text: string) => mapOptMl(text, "/tmp/job $1");
    expect(mapped("/opt/ml/processing/input")).to.equal("/tmp/job $1/processing/input");
    expect(mapped("/opt/ml")).to.equal("/tmp/job $1");
    expect(mapped('{"path":"/opt/ml/a","other":"/opt/ml/b"}')).to.equal(
      '{"path":"/tmp/job $1/a","other":"/tmp/job $1/b"}',
    );
    expect(mapped("--input=/opt/ml/a")).to.equal("--input=/tmp/job $1/a");
    for (const other of ["/srv/opt/ml/a", "/opt/mlops", "s3://bucket/opt/ml/a", "opt/ml"]) {
      expect(mapped(other)).to.equal(other);
    }
  });

  it("finds an image by the repository's name in any form of URI", () => {
    expect(repositoryName("1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1")).to.equal("sagemaker-xgboost");
    expect(repositoryName("registry:5000/team/sagemaker-xgboost@sha256:abc")).to.equal("sagemaker-xgboost");
    expect(repositoryName("sagemaker-xgboost")).to.equal("sagemaker-xgboost");
    expect(imageNames()).to.deep.equal([
      "sagemaker-model-monitor-analyzer",
      "sagemaker-scikit-learn",
      "sagemaker-xgboost",
    ]);
  });

  it("takes the program of an image of one's own from its folder, and names what it and the others have", () => {
    const own = { "sagemaker-xgboost": OWN_IMAGE, mine: OWN_IMAGE };

    expect(imageProgram("1.dkr.ecr.us-east-1.amazonaws.com/team/mine:2", "serve", own)).to.equal(
      `${OWN_IMAGE}/serve.py`,
    );
    expect(imageProgram("sagemaker-xgboost", "serve", own)).to.equal(`${OWN_IMAGE}/serve.py`);
    expect(() => imageProgram("mine", "process", own)).to.throw('"mine" has no program "process"; it has train, serve');
    expect(() => imageProgram("other", "serve", own)).to.throw(
      'has no image "other" (of other); it has sagemaker-xgboost, mine, sagemaker-model-monitor-analyzer, sagemaker-scikit-learn',
    );
  });

  it("reads S3 URIs, and refuses what is none", () => {
    expect(s3Place("s3://b/a/c.csv")).to.deep.equal({ bucket: "b", key: "a/c.csv" });
    expect(s3Place("s3://b")).to.deep.equal({ bucket: "b", key: "" });
    expect(() => s3Place("/b/a")).to.throw('S3 URI must be s3://BUCKET/KEY, got "/b/a"');
    expect(below("s3://b/M/", "x")).to.equal("s3://b/M/x");
    expect(below("s3://b", "x")).to.equal("s3://b/x");
  });

  it("names the files of a prefix as SageMaker does", () => {
    expect(pathBelow("data/train", "data/train/a/b.csv")).to.equal("a/b.csv");
    expect(pathBelow("data/train/", "data/train/b.csv")).to.equal("b.csv");
    expect(pathBelow("data/train/b.csv", "data/train/b.csv")).to.equal("b.csv");
    expect(pathBelow("data/tr", "data/train/b.csv")).to.equal("train/b.csv");
    expect(pathBelow("", "b.csv")).to.equal("b.csv");
  });
});
