import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { sdkStreamMixin } from "@smithy/core/serde";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { archiveText, baselineText } from "../../../pipeline/archive";

describe("the archive in the approval", () => {
  let s3: AwsClientStub<S3Client>;
  beforeEach(() => {
    s3 = mockClient(S3Client);
  });
  afterEach(() => s3.restore());

  const text = (VersionId: string | undefined) => {
    s3.on(GetObjectCommand, { Bucket: "models", Key: "m/model.tar.gz" }).resolves({
      Body: sdkStreamMixin(Readable.from(["a mo", "del"].map((part) => Buffer.from(part)))),
      VersionId,
    });
    return archiveText(new S3Client(), "s3://models/m/model.tar.gz");
  };
  const digest = createHash("sha256").update("a model").digest("hex");

  it("is named by its digest, and by its version where the bucket has versions", async () => {
    expect(await text(undefined)).to.equal(digest);
    expect(await text("null")).to.equal(digest);
    expect(await text("3HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY")).to.equal(
      `${digest} version 3HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY`,
    );
    expect(await text("v".repeat(41))).to.equal(digest);
  });

  it("comes with a baseline, whose files are named by their digests, in their order", async () => {
    for (const name of ["statistics", "constraints"]) {
      const Body = sdkStreamMixin(Readable.from([Buffer.from(name)]));
      s3.on(GetObjectCommand, { Bucket: "models", Key: `b/${name}.json` }).resolves({ Body, VersionId: "v1" });
    }
    const uris = ["s3://models/b/statistics.json", "s3://models/b/constraints.json"];

    expect(await baselineText(new S3Client(), uris)).to.equal(
      ["statistics", "constraints"].map((name) => createHash("sha256").update(name).digest("hex")).join(" "),
    );
  });
});
