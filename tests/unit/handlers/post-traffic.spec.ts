import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { handler as postTraffic } from "../../../handlers/post-traffic";
import { ENDPOINT, hookCaller } from "./hook-fixture";
import { environment } from "./lambda";

describe("the hook", () => {
  const { verdictOf } = hookCaller();

  describe("post-traffic", () => {
    environment({
      VARIANT_NAME: "prd-mlops-nyctaxi",
      DATA_CAPTURE_URI: "s3://bucket-1/mlops-nyctaxi/datacapture",
      CAPTURE_WAIT_SECONDS: "0.2",
      CAPTURE_POLL_SECONDS: "0.02",
    });
    const PREFIX = `mlops-nyctaxi/datacapture/${ENDPOINT}/prd-mlops-nyctaxi/`;
    const CAPTURE = `${PREFIX}2026/01/02/03/a.jsonl`;
    let s3: AwsClientStub<S3Client>;
    before(() => {
      s3 = mockClient(S3Client);
    });
    const listed = () => s3.commandCalls(ListObjectsV2Command).map((made) => made.args[0].input);
    beforeEach(() => s3.reset());
    after(() => s3.restore());

    it("succeeds where a capture of this endpoint and variant is there, and looks nowhere else", async () => {
      s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: CAPTURE, Size: 100 }] });

      expect(await verdictOf(postTraffic)).to.deep.equal({
        status: "Succeeded",
        reason: `captured traffic has arrived: s3://bucket-1/${CAPTURE}`,
      });
      expect(listed()).to.deep.equal([{ Bucket: "bucket-1", Prefix: PREFIX, MaxKeys: 10 }]);
    });

    it("takes a capture URI that ends in a slash", async () => {
      process.env.DATA_CAPTURE_URI = "s3://bucket-1/mlops-nyctaxi/datacapture/";
      s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: CAPTURE, Size: 100 }] });

      await verdictOf(postTraffic);

      expect(listed()[0]).to.include({ Bucket: "bucket-1", Prefix: PREFIX });
    });

    it("waits for a capture to arrive", async () => {
      s3.on(ListObjectsV2Command)
        .resolvesOnce({})
        .resolvesOnce({ Contents: [{ Key: PREFIX, Size: 0 }] })
        .resolves({ Contents: [{ Key: CAPTURE, Size: 100 }] });

      expect((await verdictOf(postTraffic)).status).to.equal("Succeeded");
      expect(listed()).to.have.length(3);
    });

    it("fails where none arrives in time", async () => {
      s3.on(ListObjectsV2Command).resolves({});

      expect(await verdictOf(postTraffic)).to.deep.equal({
        status: "Failed",
        reason: `no captured traffic under s3://bucket-1/${PREFIX} within 0.2 s`,
      });
      expect(listed().length).to.be.within(3, 11);
    });

    it("fails at once where it may not look", async () => {
      s3.on(ListObjectsV2Command).rejects(new Error("Access Denied"));

      expect(await verdictOf(postTraffic)).to.deep.equal({ status: "Failed", reason: "Access Denied" });
      expect(listed()).to.have.length(1);
    });

    it("fails where its capture URI is none", async () => {
      process.env.DATA_CAPTURE_URI = "bucket-1/mlops-nyctaxi";

      expect(await verdictOf(postTraffic)).to.deep.equal({
        status: "Failed",
        reason: "DATA_CAPTURE_URI must be s3://<bucket>/<prefix>, got bucket-1/mlops-nyctaxi",
      });
    });
  });
});
