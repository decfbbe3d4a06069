import { join } from "node:path";
import { BatchGetProjectsCommand, CodeBuildClient, ListProjectsCommand } from "@aws-sdk/client-codebuild";
import { CodePipelineClient, GetPipelineCommand, ListPipelinesCommand } from "@aws-sdk/client-codepipeline";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import {
  GetBucketTaggingCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  DeleteObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { type LocalAws, startLocalAws } from "local-aws";
import { testPython } from "pulumi-engine/testing/python";
import { startPlugin, withEnvironment } from "../unit/plugin";
import { Project } from "./engine";

/** Resources of the program, its stack and the default provider not counted. */
const RESOURCES = 24;

/** The life of what a deployment pipeline is made of, on the real engine and the local AWS. */
describe("the provider plugin makes deployment pipelines", function () {
  this.timeout(300_000);
  let local: LocalAws;
  let project: Project;
  let bucket: string;
  const opened: { close(): Promise<void> }[] = [];

  before(async () => {
    local = await startLocalAws({ python: testPython(), speed: 60 });
    opened.push(local);
    project = await Project.create("pipeline-test", join(__dirname, "pipeline/index.ts"), local.environment);
    opened.push(project);
    await project.setConfig({ step: "1" });
  });
  after(async () => {
    await Promise.all(opened.map((each) => each.close()));
  });

  it("makes one of each type, without a warning", async () => {
    const outcome = await project.operate("up");
    expect(outcome.errors).to.deep.equal([]);
    expect(outcome.code, outcome.output).to.equal(0);
    expect(outcome.warnings).to.deep.equal([]);
    expect(outcome.steps.filter((step) => step.includes(" aws:"))).to.have.length(RESOURCES);
    const outputs = await project.outputs();
    bucket = String(outputs.bucketName);
    expect(bucket).to.match(/^pipeline-test-[0-9a-f]{7}$/);
    expect(await bucketTags()).to.deep.equal({ purpose: "test", first: "yes" });
  });

  it("finds nothing to do a second time, and no drift", async () => {
    await expectNothingToDo();
  });

  it("puts right what somebody changed by hand", async () => {
    const Suspended = { Bucket: bucket, VersioningConfiguration: { Status: "Suspended" } } as const;
    await new S3Client(clientConfig(local)).send(new PutBucketVersioningCommand(Suspended));
    expect((await project.operate("refresh")).steps.join()).to.contain("BucketVersioning");
    expect(await steps("up")).to.deep.equal(["update aws:s3/bucketVersioning:BucketVersioning versioning"]);
  });

  it("previews what an update then does, and changes in place what can be changed", async () => {
    await project.setConfig({ step: "2" });
    const preview = await project.operate("preview");
    const outcome = await project.operate("up");
    expect(outcome.errors).to.deep.equal([]);
    expect(outcome.steps.filter((step) => !step.startsWith("update "))).to.deep.equal([]);
    expect(outcome.changes).to.have.property("update", CHANGED);
    expect([...preview.steps].sort()).to.deep.equal([...outcome.steps].sort());
    expect(await bucketTags()).to.deep.equal({ purpose: "test", step: "two" });
    expect((await project.outputs()).topicTags).to.deep.equal({ purpose: "test", step: "two" });
    expect(await pipelineOf("pipeline-test")).to.deep.include({ executionMode: "QUEUED", version: 2 });
    expect(await projectOf("pipeline-test")).to.deep.include({
      description: "",
      timeoutInMinutes: 30,
      tags: [
        { key: "purpose", value: "test" },
        { key: "step", value: "two" },
      ],
    });
  });

  it("has nothing left to do after that", async () => {
    await expectNothingToDo();
  });

  it("replaces what has got another name, the bucket with all versions of what is in it", async () => {
    await fill();
    await project.setConfig({ step: "3" });
    const outcome = await project.operate("up");
    expect(outcome.errors).to.deep.equal([]);
    expect(outcome.steps).to.include.members([
      "create-replacement aws:s3/bucket:Bucket Bucket",
      "create-replacement aws:s3/bucketVersioning:BucketVersioning versioning",
      "create-replacement aws:sns/topic:Topic topic",
      "create-replacement aws:sns/topicSubscription:TopicSubscription subscription",
      "create-replacement aws:codebuild/project:Project project",
      "update aws:codebuild/project:Project inline",
      "create-replacement aws:codepipeline/pipeline:Pipeline pipeline",
      "create-replacement aws:cloudwatch/eventRule:EventRule schedule",
      "create-replacement aws:cloudwatch/eventTarget:EventTarget schedule",
      "update aws:cloudwatch/eventTarget:EventTarget failed",
    ]);
    expect(await project.outputs().then(({ bucketName }) => bucketName)).to.match(/^pipeline-other-/);
    await expectNothingToDo();
  });

  it("leaves nothing behind, not even versions of objects", async () => {
    bucket = String((await project.outputs()).bucketName);
    await fill();
    const outcome = await project.operate("destroy");
    expect(outcome.errors).to.deep.equal([]);
    const aws = clientConfig(local);
    expect((await new S3Client(aws).send(new ListBucketsCommand({}))).Buckets ?? []).to.deep.equal([]);
    expect((await new SNSClient(aws).send(new ListTopicsCommand({}))).Topics ?? []).to.deep.equal([]);
    expect((await new SNSClient(aws).send(new ListSubscriptionsCommand({}))).Subscriptions ?? []).to.deep.equal([]);
    expect((await new EventBridgeClient(aws).send(new ListRulesCommand({}))).Rules).to.deep.equal([]);
    expect((await new CodeBuildClient(aws).send(new ListProjectsCommand({}))).projects).to.deep.equal([]);
    expect((await new CodePipelineClient(aws).send(new ListPipelinesCommand({}))).pipelines).to.deep.equal([]);
  });

  it("takes no bucket for its own that is there already, and deletes none with something in it unasked", async () => {
    const type = "aws:s3/bucket:Bucket";
    const restore = withEnvironment(local.environment);
    const plugin = await startPlugin();
    try {
      const inputs = { bucket: "kept-bucket" };
      const { id } = await plugin.create(type, inputs);
      await new S3Client(clientConfig(local)).send(new PutObjectCommand({ Bucket: id, Key: "kept", Body: "kept" }));
      const messageOf = (doing: Promise<unknown>) =>
        doing.then(String, (error: unknown) => (error instanceof Error ? error.message : String(error)));
      expect(await messageOf(plugin.create(type, inputs))).to.contain("bucket kept-bucket already exists");
      expect(await messageOf(plugin.delete(type, id, inputs))).to.contain("BucketNotEmpty");
      await plugin.delete(type, id, { ...inputs, forceDestroy: true });
      expect((await plugin.read(type, id, inputs)).id).to.equal("");
    } finally {
      restore();
      plugin.close();
    }
  });

  async function steps(...[operation, ...args]: Parameters<Project["operate"]>): Promise<readonly string[]> {
    const outcome = await project.operate(operation, ...args);
    expect(outcome.errors).to.deep.equal([]);
    return outcome.steps;
  }

  async function expectNothingToDo(): Promise<void> {
    expect(await steps("up", "--expect-no-changes")).to.deep.equal([]);
    const outcome = await project.operate("refresh", "--expect-no-changes");
    expect(outcome.errors, outcome.output).to.deep.equal([]);
    expect(outcome.changes).to.have.all.keys("same");
    expect(await steps("up", "--expect-no-changes")).to.deep.equal([]);
  }

  /** Two versions of an object and one that is deleted, all of which S3 keeps. */
  async function fill(): Promise<void> {
    const s3 = new S3Client(clientConfig(local));
    for (const Body of ["first", "second"]) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "data-source.zip", Body }));
    }
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "deleted", Body: "gone" }));
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: "deleted" }));
  }

  async function bucketTags(): Promise<Record<string, string>> {
    const { TagSet = [] } = await new S3Client(clientConfig(local)).send(
      new GetBucketTaggingCommand({ Bucket: bucket }),
    );
    return Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value]));
  }

  async function pipelineOf(name: string) {
    return (await new CodePipelineClient(clientConfig(local)).send(new GetPipelineCommand({ name }))).pipeline;
  }

  async function projectOf(name: string) {
    const request = new BatchGetProjectsCommand({ names: [name] });
    return (await new CodeBuildClient(clientConfig(local)).send(request)).projects?.[0];
  }
});

/** Everything in the program that differs in step 2. */
const CHANGED = 18;
