import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import { startLocalAws, type LocalAws } from "local-aws";
import { clientConfig, clientEnvironment } from "local-aws/core/local";
import { approval } from "local-aws/tests/codepipeline/declarations";
import { Fixture } from "local-aws/tests/codepipeline/fixture";
import { testPython } from "pulumi-engine/testing/python";
import { call, type Called } from "./call";
import { FakePulumi, stateWith } from "./fake-pulumi";

const ROOT = resolve(__dirname, "../..");
const DATA = "nyc-tlc/v1/data";
const MODEL_FOLDER = "mlops-nyctaxi/";

/** What `pulumi stack export` prints of a stack with so many resources, all of which are the model's. */
const exported = (resources: number) =>
  stateWith(...Array.from({ length: resources }, () => "arn:aws:iam::123456789012:role/mlops-nyctaxi/prod/one"));
const missing = (name: string) => `!error: no stack named '${name}' found`;

describe("safe-deploy destroy", function () {
  this.timeout(60_000);
  let aws: LocalAws;
  let bucket: string;
  let project: string;
  let s3: S3Client;
  let pulumi: FakePulumi | undefined;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 6000 });
    bucket = `sagemaker-${aws.account.region}-${aws.account.accountId}`;
    s3 = new S3Client(clientConfig(aws));
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    const logGroupName = "/aws/sagemaker/Endpoints/mlops-nyctaxi-prd-r1";
    await new CloudWatchLogsClient(clientConfig(aws)).send(new CreateLogGroupCommand({ logGroupName }));
    project = mkdtempSync(join(tmpdir(), "project "));
    writeFileSync(join(project, "Pulumi.prod-eu.yaml"), "config:\n  kind: prod\n");
    writeFileSync(join(project, "Pulumi.pipeline.yaml"), `config:\n  modelFolder: ${join("..", "model")}\n`);
  });
  after(async () => {
    await aws.close();
    rmSync(project, { recursive: true });
  });
  beforeEach(async () => {
    for (const key of [
      `${MODEL_FOLDER}a/model.tar.gz`,
      `${MODEL_FOLDER}a/model.tar.gz`,
      "mlops-nyctaxi-b/c",
      `${DATA}/x`,
    ]) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "x" }));
    }
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${MODEL_FOLDER}a/model.tar.gz` }));
  });
  afterEach(() => pulumi?.remove());

  /** Calls it with a Pulumi of these answers, in a project with a stack of kind prod beside those that are called as their kind. */
  function destroy(
    answers: Readonly<Record<string, string>>,
    args: readonly string[],
    { typed, folder = project }: { readonly typed?: readonly string[]; readonly folder?: string } = {},
  ): Promise<Called> {
    pulumi = new FakePulumi(answers);
    const env = { ...aws.environment, PATH: pulumi.PATH };
    return call(["--project", folder, "--model", "nyctaxi", "destroy", ...args], { env, typed });
  }

  const keysOf = async (Prefix: string) => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix }),
    );
    return [...Versions, ...DeleteMarkers].length;
  };
  const THERE = {
    "stack export --stack prod-eu": exported(3),
    "stack export --stack prod": exported(12),
    "stack export --stack dev": missing("dev"),
    "stack export --stack train": exported(0),
    "stack export --stack pipeline": exported(40),
    destroy: "removed",
  };

  it("says what it will remove, and removes nothing where nobody can be asked or agrees", async () => {
    const { status, stderr } = await destroy(THERE, []);
    expect(status).to.equal(1);
    expect(stderr)
      .to.match(
        /removes for ever, from account \d{12}, us-east-1:\n +stack prod +12 resources\n +stack prod-eu +3 resources\n +stack pipeline +40/,
      )
      .and.match(new RegExp(`s3://${bucket}/${MODEL_FOLDER} +\\d+ versions of objects`))
      .and.contain("add --yes")
      .and.not.contain(DATA);
    pulumi?.remove();
    expect((await destroy(THERE, [], { typed: ["n"] })).stderr).to.contain(
      "nothing was removed, since you did not agree",
    );
    expect(pulumi?.calls.filter((line) => line.startsWith("destroy"))).to.deep.equal([]);
    expect(await keysOf(MODEL_FOLDER)).to.be.above(0);
  });

  it("removes the stacks in their order and all versions of the model's objects, and lists what is left", async () => {
    const { status, stdout, stderr } = await destroy(THERE, [], { typed: ["yes"] });
    expect(status, stderr).to.equal(0);
    expect(pulumi?.calls.filter((line) => line.startsWith("destroy"))).to.deep.equal(
      ["prod", "prod-eu", "pipeline"].map(
        (name) => `destroy --yes --skip-preview --stack ${name} --non-interactive --color never`,
      ),
    );
    expect(await keysOf(MODEL_FOLDER)).to.equal(0);
    expect(await keysOf("mlops-nyctaxi-b/")).to.be.above(0);
    expect(await keysOf(DATA)).to.be.above(0);
    expect(stdout).to.match(/Left, by names.*\n +log group +\/aws\/sagemaker\/Endpoints\/mlops-nyctaxi-prd-r1\n/);
  });

  it("removes the data too where it is told to", async () => {
    const none = Object.fromEntries(
      ["prod", "dev", "train", "pipeline"].map((n) => [`stack export --stack ${n}`, missing(n)]),
    );
    const { status, stdout, stderr } = await destroy(none, ["--data", "--yes"], { folder: ROOT });
    expect(status, stderr).to.equal(0);
    expect(await keysOf(DATA)).to.equal(0);
    expect(stdout).to.contain(`s3://${bucket}/${DATA}/`);
    pulumi?.remove();
    expect((await destroy(none, ["--data"], { folder: ROOT })).stdout).to.contain("There was nothing to remove.");
  });

  it("removes nothing of a project that is another model's, nor its data", async () => {
    const others = stateWith("arn:aws:iam::123456789012:role/mlops-nyctaxi-b/prod/one");
    const { status, stderr } = await destroy({ ...THERE, "stack export --stack prod": others }, ["--yes"]);
    expect(status).to.equal(1);
    expect(stderr).to.contain("it has resources of model nyctaxi-b, and model nyctaxi is meant");
    expect(pulumi?.calls.filter((line) => line.startsWith("destroy"))).to.deep.equal([]);
    expect(await keysOf(MODEL_FOLDER)).to.be.above(0);

    const env = { ...aws.environment, PATH: pulumi!.PATH };
    const none = ["--project", ROOT, "--model", "other", "destroy", "--data", "--yes"];
    pulumi?.remove();
    pulumi = new FakePulumi({ "stack export": missing("x") });
    const called = await call(none, { env: { ...env, PATH: pulumi.PATH } });
    expect(called.stderr).to.contain("is that of model nyctaxi, whose data and columns are not those of other");
    expect(await keysOf(DATA)).to.be.above(0);
  });

  it("stops at the stack that Pulumi cannot remove, and says that it can be called again", async () => {
    const answers = { ...THERE, destroy: "!error: the endpoint is in use" };
    const { status, stderr } = await destroy(answers, ["--yes"]);
    expect(status).to.equal(1);
    expect(stderr).to.match(
      /stack prod is not removed, nor is what comes after it\. Call this again .*the endpoint is in use/s,
    );
    expect(pulumi?.calls.filter((line) => line.startsWith("destroy"))).to.have.length(1);
    expect(await keysOf(MODEL_FOLDER)).to.be.above(0);
  });

  it("removes nothing while a release is on its way", async () => {
    const fixture = await Fixture.start();
    try {
      await fixture.createPipeline([{ name: "Approve", actions: [approval("Approve")] }], {
        name: "mlops-nyctaxi-pipeline",
      });
      pulumi = new FakePulumi(THERE);
      const env = { ...clientEnvironment(fixture.aws), PATH: pulumi.PATH };
      const { stderr } = await call(["--project", project, "--model", "nyctaxi", "destroy", "--yes"], { env });
      expect(stderr).to.match(/^error: release \S+ is under way: wait for its end/);
      expect(pulumi.calls).to.deep.equal([]);
    } finally {
      await fixture.close();
    }
  });
});
