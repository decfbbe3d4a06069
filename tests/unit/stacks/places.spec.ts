import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { HttpRequest, HttpResponse } from "local-aws/core/http";
import { requirePlaces } from "../../../stacks/places";
import { failureOf, startAws, type TestAws } from "../components/providers/test-aws";

const REGIONS: Readonly<Record<string, string>> = { "/here": "us-east-1", "/abroad": "eu-west-1" };

/** S3 with the buckets `here`, which has objects below `data/`, `abroad`, and `denied`, which may not be looked at. */
function answer({ method, path, query }: HttpRequest): HttpResponse {
  const bucket = path.replace(/\/$/, "");
  const region = REGIONS[bucket];
  if (region === undefined) {
    return { status: bucket === "/denied" ? 403 : 404, headers: {}, body: "" };
  }
  const count = query.get("prefix")?.startsWith("data/") === true ? 1 : 0;
  const body = `<ListBucketResult><KeyCount>${count}</KeyCount></ListBucketResult>`;
  return { status: 200, headers: { "x-amz-bucket-region": region }, body: method === "HEAD" ? "" : body };
}

describe("places that a stack's config names", () => {
  let aws: TestAws;

  const inPreview = (preview: boolean) =>
    pulumi.runtime.setMocks(
      { newResource: () => ({ id: "", state: {} }), call: () => ({ region: "us-east-1" }) },
      "sagemaker-safe-deploy",
      "train",
      preview,
    );

  beforeEach(async () => {
    aws = await startAws({ s3: { name: "s3", handle: async (request) => answer(request) } });
    await inPreview(true);
  });
  afterEach(() => aws.close());

  it("are looked for in a preview, and all that are not there are told at once", async () => {
    const data = { trainingDataUri: "s3://here/nothing", validationDataUri: "s3://none/data/" };

    const { message } = await failureOf(requirePlaces("none", async () => ({ ...data, baselineDataUri: undefined })));

    expect(message.split("\n")).to.deep.equal([
      "the stack's config cannot be used:",
      "  bucket: there is no bucket none: make it, or name one with: pulumi config set bucket <name>",
      "  trainingDataUri: there is nothing at s3://here/nothing: upload the data, or say where it is with: pulumi config set trainingDataUri <S3 URI>",
      "  validationDataUri: there is nothing at s3://none/data/: upload the data, or say where it is with: pulumi config set validationDataUri <S3 URI>",
    ]);
  });

  it("must be in the stack's region, as far as they are written to", async () => {
    expect((await failureOf(requirePlaces("abroad"))).message).to.contain(
      "bucket: must be in the stack's region, us-east-1, since SageMaker wants it there, and abroad is in eu-west-1",
    );
  });

  it("are left to SageMaker where they may not be looked at", async () => {
    await requirePlaces("denied", async () => ({ trainingDataUri: "s3://denied/data/" }));
  });

  it("are not looked for in an update, which a preview comes before", async () => {
    await inPreview(false);
    await requirePlaces("none");
    expect(aws.calls).to.deep.equal([]);
  });

  it("are fine where they are there", async () => {
    await requirePlaces("here", async () => ({ trainingDataUri: "s3://here/data/train" }));
    expect(aws.calls).to.have.length(2);
  });
});
