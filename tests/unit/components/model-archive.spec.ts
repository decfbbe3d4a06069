import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { ModelArchive, type ModelArchiveArgs } from "../../../components/model-archive";
import { record, valueOf } from "../../support/recorder";

const ARGS = { sourceUri: "s3://models/m-r1/output/model.tar.gz", destinationUri: "s3://models/deployed/model.tar.gz" };

describe("ModelArchive", () => {
  const made = (more: Partial<ModelArchiveArgs> = {}) =>
    record(() => new ModelArchive("archive", { ...ARGS, ...more }));

  it("is one copy, of the approved archive and under the key", async () => {
    const more = { approvedSha256: "a".repeat(64), kmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/k" };
    const { result, find } = await made(more);

    const { inputs } = find("pulumi-nodejs:dynamic/sagemaker-safe-deploy:ModelArchiveCopy");
    expect(inputs).to.deep.include({ ...ARGS, ...more, region: "us-east-1" });
    expect(result.nodes.copy).to.be.instanceOf(pulumi.CustomResource);
  });

  it("tells where it is, which makes whoever takes that wait for the copy", async () => {
    const { result } = await made();

    expect(await valueOf(result.modelDataUrl)).to.equal(ARGS.destinationUri);
    const waitsFor = await (
      result.modelDataUrl as unknown as { allResources(): Promise<Set<pulumi.Resource>> }
    ).allResources();
    expect([...waitsFor]).to.include(result.nodes.copy);
  });

  it("does not take arguments that it does not know", async () => {
    const wrong: object = { sha256: "a".repeat(64) };

    expect(await made(wrong).then(() => "none", String)).to.contain("sha256 is not an argument");
  });
});
