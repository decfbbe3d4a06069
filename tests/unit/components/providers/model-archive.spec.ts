import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
  S3ServiceException,
  type CopyObjectCommandInput,
} from "@aws-sdk/client-s3";
import { sdkStreamMixin } from "@smithy/core/serde";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { modelArchiveCopy } from "../../../../components/providers";
import type { ModelArchiveInputs } from "../../../../components/providers/model-archive-provider";
import { failureOf } from "./test-aws";

const SOURCE = "mlops-nyctaxi/mlops-nyctaxi-r1/output/model.tar.gz";
const COPY = "mlops-nyctaxi/deployed/mlops-nyctaxi-prd-r1/model.tar.gz";
const uriOf = (key: string) => `s3://models/${key}`;
const digestOf = (text: string, encoding: "hex" | "base64" = "hex") =>
  createHash("sha256").update(text).digest(encoding);

const refused = (name: string, status: number) =>
  new S3ServiceException({ name, $fault: "client", message: name, $metadata: { httpStatusCode: status } });

describe("the provider of ModelArchiveCopy", () => {
  /** What S3 has, by key. */
  let objects: Map<string, string>;
  let s3: AwsClientStub<S3Client>;
  /** How S3 says that an object is not there. */
  let missing: S3ServiceException;
  const inputs: ModelArchiveInputs = {
    ...{ region: "us-east-1", sourceUri: uriOf(SOURCE), destinationUri: uriOf(COPY) },
    ...{ pollSeconds: 0.002, timeoutSeconds: 5 },
  };
  const find = (key = "") => {
    const text = objects.get(key);
    if (text === undefined) {
      throw missing;
    }
    return text;
  };
  const copies = () => s3.commandCalls(CopyObjectCommand).map(({ args }) => args[0].input);
  const copyOf = (text: string) => ({ id: uriOf(COPY), outs: { ...inputs, sha256: digestOf(text) } });

  beforeEach(() => {
    objects = new Map([[SOURCE, "a model"]]);
    missing = refused("NotFound", 404);
    s3 = mockClient(S3Client);
    s3.on(HeadObjectCommand).callsFake(({ Key }: { Key: string }) => ({
      ChecksumSHA256: digestOf(find(Key), "base64"),
    }));
    s3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => ({
      Body: sdkStreamMixin(Readable.from(Buffer.from(find(Key)))),
      ETag: `"${find(Key)}"`,
    }));
    s3.on(CopyObjectCommand).callsFake(({ Key = "", CopySource = "", CopySourceIfMatch }: CopyObjectCommandInput) => {
      const text = find(decodeURIComponent(CopySource.slice("models/".length)));
      if (CopySourceIfMatch !== `"${text}"`) {
        throw refused("PreconditionFailed", 412);
      }
      objects.set(Key, text);
      return { CopyObjectResult: { ChecksumSHA256: digestOf(text, "base64") } };
    });
  });
  afterEach(() => s3.restore());

  // What the provider tells is for whoever runs `pulumi up`.
  const log = console.log;
  before(() => (console.log = () => undefined));
  after(() => (console.log = log));

  it("copies the archive, and says which digest it has", async () => {
    expect(await modelArchiveCopy.create(inputs)).to.deep.equal(copyOf("a model"));
    expect(objects.get(COPY)).to.equal("a model");
  });

  it("copies the approved archive, under the key", async () => {
    const [approvedSha256, kmsKeyArn] = [digestOf("a model"), "arn:aws:kms:us-east-1:123456789012:key/k"];

    await modelArchiveCopy.create({ ...inputs, approvedSha256, kmsKeyArn });

    expect(copies()).to.deep.equal([
      {
        ...{ Bucket: "models", Key: COPY, CopySource: `models/${SOURCE}`, CopySourceIfMatch: '"a model"' },
        ...{ ChecksumAlgorithm: "SHA256", TaggingDirective: "REPLACE" },
        ...{ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyArn },
      },
    ]);
  });

  it("refuses an archive that somebody has written over after the approval, names both digests, and copies nothing", async () => {
    const approvedSha256 = digestOf("a model");
    objects.set(SOURCE, "another model");

    const { message } = await failureOf(modelArchiveCopy.create({ ...inputs, approvedSha256 }));

    expect(message).to.equal(
      `${uriOf(SOURCE)} has SHA-256 ${digestOf("another model")}, and ${approvedSha256} is approved: ` +
        "somebody has written over it since. It is not deployed. Train another release, or leave out the digest if it is that of another one",
    );
    expect([...objects.keys()]).to.deep.equal([SOURCE]);
  });

  it("does not copy what is written over between its digest and the copy", async () => {
    s3.on(GetObjectCommand).callsFake(() => {
      const Body = sdkStreamMixin(Readable.from(Buffer.from(find(SOURCE))));
      const ETag = `"${find(SOURCE)}"`;
      objects.set(SOURCE, "another model");
      return { Body, ETag };
    });

    const { message } = await failureOf(modelArchiveCopy.create(inputs));

    expect(message).to.contain("PreconditionFailed");
    expect(objects.has(COPY)).to.equal(false);
  });

  for (const [who, status] of [
    ["may list the bucket", 404],
    ["may not list the bucket", 403],
  ] as const) {
    it(`makes the copy where there is none, for one who ${who}`, async () => {
      missing = refused("NotFound", status);

      await modelArchiveCopy.create(inputs);

      expect(objects.get(COPY)).to.equal("a model");
    });
  }

  it("serves a copy that is there as it is, whatever has become of the archive", async () => {
    await modelArchiveCopy.create(inputs);
    objects.set(SOURCE, "another model");
    expect(await modelArchiveCopy.create(inputs)).to.deep.equal(copyOf("a model"));
    objects.delete(SOURCE);
    expect((await modelArchiveCopy.update("id", copyOf("a model").outs, inputs)).outs).to.deep.equal(
      copyOf("a model").outs,
    );

    const { message } = await failureOf(
      modelArchiveCopy.create({ ...inputs, approvedSha256: digestOf("another model") }),
    );
    expect(message).to.contain(digestOf("a model")).and.to.contain(digestOf("another model"));
    expect(copies()).to.have.length(1);
  });

  it("refuses an archive that S3 cannot copy at once, with both sizes", async () => {
    s3.on(GetObjectCommand).resolves({ ContentLength: 5 * 1024 ** 3 + 1 });

    expect((await failureOf(modelArchiveCopy.create(inputs))).message).to.equal(
      `${uriOf(SOURCE)} has 5368709121 bytes, and what is deployed may have 5368709120`,
    );
  });

  it("believes no digest but one of the whole that S3 has computed", async () => {
    for (const ChecksumSHA256 of [undefined, `${digestOf("a model", "base64")}-2`]) {
      s3.on(HeadObjectCommand).resolves({ ChecksumSHA256 });
      expect((await failureOf(modelArchiveCopy.create(inputs))).message).to.contain("no SHA-256 of the whole");
    }
  });

  it("changes with its place and with another approved digest, and else not", async () => {
    const { outs } = copyOf("a model");
    const diff = (news: Partial<ModelArchiveInputs>) => modelArchiveCopy.diff("id", outs, { ...inputs, ...news });

    for (const same of [
      {},
      { approvedSha256: outs.sha256 },
      { sourceUri: uriOf("elsewhere") },
      { kmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/other" },
    ]) {
      expect(await diff(same)).to.deep.equal({ changes: false, replaces: [] });
    }
    expect(await diff({ approvedSha256: digestOf("another model") })).to.deep.equal({ changes: true, replaces: [] });
    expect(await diff({ destinationUri: uriOf("elsewhere") })).to.deep.equal({
      changes: true,
      replaces: ["destinationUri"],
    });
  });

  it("is read as it is, is not there where somebody has deleted it, and stays when it is no longer wanted", async () => {
    const { outs } = await modelArchiveCopy.create(inputs);
    await modelArchiveCopy.delete("id", outs as never);
    expect(await modelArchiveCopy.read("id", outs)).to.deep.equal({ id: "id", props: outs });

    objects.delete(COPY);
    expect(await modelArchiveCopy.read("id", outs)).to.deep.equal({});
    missing = refused("Forbidden", 403);
    expect((await failureOf(modelArchiveCopy.read("id", outs))).message).to.contain("Forbidden");
  });

  it("names what is wrong with its inputs", async () => {
    const { failures } = await modelArchiveCopy.check({}, { ...inputs, sourceUri: "models/x", approvedSha256: "abc" });

    expect(failures?.map(({ property }) => property)).to.deep.equal(["sourceUri", "approvedSha256"]);
  });
});
