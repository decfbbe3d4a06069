import { expect } from "chai";
import { type Plugin, UNKNOWN, secretOf, startPlugin } from "./plugin";

const ROLE = "aws:iam/role:Role";
const ENDPOINT_CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const BUCKET = "aws:s3/bucket:Bucket";
const policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });

describe("the provider plugin checks arguments", () => {
  let plugin: Plugin;
  before(async () => {
    plugin = await startPlugin();
  });
  after(() => plugin.close());

  it("names the type and the argument that it does not know", async () => {
    const { failures } = await plugin.check(ROLE, { assumeRolePolicy: policy, forceDetachPolicies: true });
    expect(failures).to.have.length(1);
    expect(failures[0]).to.match(
      /^forceDetachPolicies: aws:iam\/role:Role: the local AWS provider does not know this argument \(it knows name, /,
    );
  });

  it("finds an unknown argument in a nested block, by its path", async () => {
    const variant = { variantName: "v", modelName: "m", instanceType: "ml.m5.large", initialInstanceCount: 1 };
    const { failures } = await plugin.check(ENDPOINT_CONFIG, {
      productionVariants: [variant, { ...variant, acceleratorType: "ml.eia1.medium" }],
    });
    expect(failures.map((failure) => failure.split(":")[0])).to.deep.equal(["productionVariants[1].acceleratorType"]);
  });

  it("tells all problems at once", async () => {
    const { failures } = await plugin.check(ROLE, { maxSessionDuration: "3600", description: 1 });
    expect(failures).to.deep.equal([
      "description: aws:iam/role:Role: must be a string, got 1",
      'maxSessionDuration: aws:iam/role:Role: must be a number, got "3600"',
      "assumeRolePolicy: aws:iam/role:Role: is required and missing",
    ]);
  });

  it("refuses text that is no JSON where a document is wanted", async () => {
    const { failures } = await plugin.check(ROLE, { assumeRolePolicy: "{" });
    expect(failures).to.deep.equal(['assumeRolePolicy: aws:iam/role:Role: must be a JSON document, got "{"']);
  });

  it("refuses a prefix that the AWS provider refuses, though the name would fit", async () => {
    const { failures } = await plugin.check(BUCKET, { bucketPrefix: "x".repeat(38) });
    expect(failures).to.deep.equal([
      `bucketPrefix: ${BUCKET}: must be at most 37 characters long, got "${"x".repeat(38)}"`,
    ]);
    expect((await plugin.check(BUCKET, { bucketPrefix: UNKNOWN })).failures).to.deep.equal([]);
  });

  it("wants exactly one of what only makes sense once", async () => {
    const type = "aws:codepipeline/pipeline:Pipeline";
    const store = { location: "bucket", type: "S3" };
    const failures = async (artifactStores: unknown) =>
      (await plugin.check(type, { name: "p", roleArn: "r", stages: [], artifactStores })).failures;
    const reason = `artifactStores: ${type}: must have exactly one member here`;
    expect(await failures([])).to.deep.equal([`${reason}, got 0`]);
    expect(await failures([store, store])).to.deep.equal([`${reason}, got 2`]);
    expect(await failures([{ ...store, type: "GCS" }])).to.deep.equal([
      `artifactStores[0].type: ${type}: must be one of S3, got "GCS"`,
    ]);
    expect(await failures([store])).to.deep.equal([]);
    expect(await failures(UNKNOWN)).to.deep.equal([]);
  });

  it("lets unknown values pass, whatever the kind", async () => {
    const { failures, inputs } = await plugin.check(ROLE, {
      assumeRolePolicy: UNKNOWN,
      maxSessionDuration: UNKNOWN,
      tags: { team: UNKNOWN },
    });
    expect(failures).to.deep.equal([]);
    expect(inputs).to.include({ assumeRolePolicy: UNKNOWN, maxSessionDuration: UNKNOWN });
  });

  it("keeps secrets secret, and looks into them", async () => {
    const value = secretOf("a-key-of-twenty-letters");
    const good = await plugin.check("aws:apigateway/apiKey:ApiKey", { value });
    const bad = await plugin.check("aws:apigateway/apiKey:ApiKey", { value: secretOf(5) });
    expect(good.inputs.value).to.deep.equal(value);
    expect(bad.failures).to.deep.equal(["value: aws:apigateway/apiKey:ApiKey: must be a string, got 5"]);
  });

  it("says that it does not have a type", async () => {
    const error = await plugin.check("aws:ec2/vpc:Vpc", {}).catch((failed: unknown) => failed);
    expect(error).to.have.property("message", "the local AWS provider does not have the resource type aws:ec2/vpc:Vpc");
  });

  describe("and makes up names", () => {
    it("of the logical name and seven hex digits, and says that it did", async () => {
      const { inputs } = await plugin.check(ROLE, { assumeRolePolicy: policy }, { name: "api" });
      expect(inputs.name).to.match(/^api-[0-9a-f]{7}$/);
      expect(inputs.__defaults).to.deep.equal(["name"]);
    });

    it("that are the same in preview and update, and others for another step", async () => {
      const name = async (seed: string) =>
        (await plugin.check(ROLE, { assumeRolePolicy: policy }, { seed })).inputs.name as string;
      expect(await name("a")).to.equal(await name("a"));
      expect(await name("a")).not.to.equal(await name("b"));
    });

    it("that stay on an update", async () => {
      const olds = { name: "thing-0123456", __defaults: ["name"], assumeRolePolicy: policy };
      const { inputs } = await plugin.check(ROLE, { assumeRolePolicy: policy }, { olds });
      expect(inputs).to.deep.include({ name: "thing-0123456", __defaults: ["name"] });
    });

    it("but a name that the program no longer gives does not stay", async () => {
      const olds = { name: "mine", __defaults: [], assumeRolePolicy: policy };
      const { inputs } = await plugin.check(ROLE, { assumeRolePolicy: policy }, { olds });
      expect(inputs.name).to.match(/^thing-/);
    });

    it("within what the type allows", async () => {
      const { inputs } = await plugin.check(ROLE, { assumeRolePolicy: policy }, { name: "x".repeat(80) });
      expect(inputs.name).to.match(/^x{57}[0-9a-f]{7}$/);
    });

    it("that begin as AWS wants it", async () => {
      const { inputs } = await plugin.check("aws:kms/alias:Alias", { targetKeyId: "k" }, { name: "data" });
      expect(inputs.name).to.match(/^alias\/data-[0-9a-f]{7}$/);
    });

    it("in lower case where AWS knows nothing else, but for what the program gives", async () => {
      const { inputs } = await plugin.check(BUCKET, {}, { name: "MyData" });
      expect(inputs.bucket).to.match(/^mydata-[0-9a-f]{7}$/);
      expect((await plugin.check(BUCKET, { bucketPrefix: "My-" })).inputs.bucket).to.match(/^My-/);
    });

    it("from a given prefix, which excludes a name", async () => {
      const prefixed = await plugin.check(ROLE, { assumeRolePolicy: policy, namePrefix: "pre-" });
      const both = await plugin.check(ROLE, { assumeRolePolicy: policy, namePrefix: "pre-", name: "n" });
      expect(prefixed.inputs.name).to.match(/^pre-[0-9a-f]{7}$/);
      expect(both.failures).to.deep.equal(["name: aws:iam/role:Role: name and namePrefix exclude each other"]);
    });
  });
});
