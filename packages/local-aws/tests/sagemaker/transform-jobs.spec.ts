import {
  CreateTransformJobCommand,
  DescribeTransformJobCommand,
  ListTransformJobsCommand,
  StopTransformJobCommand,
  type CreateTransformJobCommandInput,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import {
  BUCKET,
  createGoodModel,
  keys,
  put,
  refusal,
  startSageMaker,
  text,
  until,
  type TestSageMaker,
} from "./support";

describe("SageMaker batch transform jobs", function () {
  this.timeout(60_000);
  let test: TestSageMaker;

  /** A job that reads rows of CSV by line; `changes` win. */
  const job = (
    name: string,
    folder: string,
    changes: Partial<CreateTransformJobCommandInput> = {},
  ): CreateTransformJobCommandInput => ({
    TransformJobName: name,
    ModelName: "good",
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/${folder}` } },
      ContentType: "text/csv",
      SplitType: "Line",
    },
    TransformOutput: { S3OutputPath: `s3://${BUCKET}/out/${name}`, Accept: "text/csv", AssembleWith: "Line" },
    TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
    ...changes,
  });
  const create = (...args: Parameters<typeof job>) => test.sagemaker.send(new CreateTransformJobCommand(job(...args)));
  const describe = (TransformJobName: string) =>
    test.sagemaker.send(new DescribeTransformJobCommand({ TransformJobName }));
  const end = (name: string) =>
    until(
      () => describe(name),
      ({ TransformJobStatus: status }) => status !== "InProgress" && status !== "Stopping",
    );
  const logOf = (name: string) =>
    test.logs
      .filter(({ stream }) => stream.startsWith(`${name}/`))
      .map(({ line }) => line.replace("[sagemaker logs]: ", ""));

  before(async () => {
    test = await startSageMaker();
    await createGoodModel(test);
    await put(test, "rows/a.csv", "1,2\n3,4\n");
    await put(test, "rows/deep/b.csv", "5,6");
    await put(test, "ids/rows.csv", "first,1,2\nsecond,3,4\n");
    await put(test, "mixed/bad.csv", "1,2\n1,2,3,4\n");
    await put(test, "mixed/good.csv", "1,2\n");
  });
  after(() => test.close());

  it("answer every object below a prefix, and keep its path", async () => {
    await create("all", "rows/", { Tags: [{ Key: "owner", Value: "somebody" }] });
    const done = await end("all");

    expect(done.FailureReason).to.equal(undefined);
    expect(done).to.include({ TransformJobStatus: "Completed", ModelName: "good" });
    expect(done.DataProcessing).to.deep.equal({ InputFilter: "$", OutputFilter: "$", JoinSource: "None" });
    expect(done.TransformEndTime!.getTime()).to.be.at.least(done.TransformStartTime!.getTime());
    expect(await keys(test, "out/all/")).to.deep.equal(["out/all/a.csv.out", "out/all/deep/b.csv.out"]);
    const [first, second, ...more] = (await text(test, "out/all/a.csv.out")).split("\n").map(Number);
    // The plane is 2x + 3y.
    expect([first, second, more]).to.satisfy(() => Math.abs(first! - 8) < 4 && Math.abs(second! - 18) < 4);
    expect(more).to.deep.equal([0]);
    expect(logOf("all")).to.include("MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD");
    expect(test.logs.find(({ stream }) => stream.startsWith("all/"))?.group).to.equal("/aws/sagemaker/TransformJobs");
  });

  it("leave out of the request what the model does not take, and write it beside the answer", async () => {
    await create("joined", "ids/", {
      ...{ BatchStrategy: "SingleRecord", MaxConcurrentTransforms: 2 },
      DataProcessing: { InputFilter: "$[1:]", OutputFilter: "$[0,-1]", JoinSource: "Input" },
    });

    expect((await end("joined")).FailureReason).to.equal(undefined);
    expect(await text(test, "out/joined/rows.csv.out")).to.match(/^first,[\d.]+\nsecond,[\d.]+\n$/);
  });

  it("fail where an object does, leave its output out, and write that of the others", async () => {
    await create("mixed", "mixed/");
    const done = await end("mixed");

    expect(done.TransformJobStatus).to.equal("Failed");
    expect(done.FailureReason).to.equal("ClientError: See job logs for more information");
    expect(await keys(test, "out/mixed/")).to.deep.equal(["out/mixed/good.csv.out"]);
    const log = logOf("mixed");
    expect(log).to.include.members(["models/mixed/bad.csv: ClientError: 415", "models/mixed/bad.csv: Message:"]);
  });

  it("fail where there is nothing to read, and where a record does not fit", async () => {
    await create("nothing", "none/");
    await put(test, "large/rows.csv", `${"1".repeat(1024 * 1024)},2\n`);
    await create("large", "large/", { MaxPayloadInMB: 1 });

    expect((await end("nothing")).FailureReason).to.contain('No S3 objects found under S3 URL "s3://models/none/"');
    expect((await end("large")).FailureReason).to.equal("ClientError: See job logs for more information");
    expect(logOf("large").join("\n")).to.contain("models/large/rows.csv: Too much data for max payload size");
  });

  it("fail as they are ordered to", async () => {
    test.faults.set({ kind: "job-fails", jobName: "no-room", reason: "capacity" });
    await create("no-room", "rows/");

    expect((await end("no-room")).FailureReason).to.match(/^CapacityError: /);
  });

  it("are stopped, and listed by what became of them", async () => {
    await create("stopped", "rows/");
    await test.sagemaker.send(new StopTransformJobCommand({ TransformJobName: "stopped" }));

    expect((await end("stopped")).TransformJobStatus).to.equal("Stopped");
    const again = new StopTransformJobCommand({ TransformJobName: "stopped" });
    expect((await refusal(test.sagemaker.send(again))).message).to.contain("in status Stopped");
    const stopped = await test.sagemaker.send(new ListTransformJobsCommand({ StatusEquals: "Stopped" }));
    expect(stopped.TransformJobSummaries?.map((one) => one.TransformJobName)).to.deep.equal(["stopped"]);
    const page = await test.sagemaker.send(new ListTransformJobsCommand({ MaxResults: 1, SortBy: "Name" }));
    expect(page.TransformJobSummaries?.map((one) => one.TransformJobName)).to.deep.equal(["stopped"]);
    expect(page.NextToken).to.be.a("string");
  });

  it("refuse what cannot be, and what is not here by its name", async () => {
    const input = job("x", "rows/").TransformInput!;
    const processing = { InputFilter: "$[1:]" };
    for (const [changes, message] of [
      [{ ModelName: "nobody" }, /^Could not find model "arn:aws:sagemaker:.*model\/nobody"\.$/],
      [{ MaxConcurrentTransforms: 20 }, /must be at most 100, got 20 \* 6/],
      [{ DataProcessing: { InputFilter: "features" } }, /InputFilter must be a JSONPath .* got "features"/],
      [{ DataProcessing: processing, TransformInput: { ...input, ContentType: "image/png" } }, /got image\/png/],
      [
        {
          DataProcessing: { JoinSource: "Input" },
          TransformOutput: { S3OutputPath: `s3://${BUCKET}/out`, Accept: "application/json" },
        },
        /joins CSV with CSV and JSON with JSON/,
      ],
      [{ TransformInput: { ...input, SplitType: "TFRecord" } }, /CreateTransformJob with SplitType TFRecord/],
      [{ TransformInput: { ...input, CompressionType: "Gzip" } }, /with CompressionType Gzip/],
      [{ TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 2 } }, /with InstanceCount 2/],
      [{ MaxPayloadInMB: 0 }, /with MaxPayloadInMB 0/],
      [{ ModelClientConfig: { InvocationsMaxRetries: 1 } }, /with InvocationsMaxRetries/],
      [{ DataCaptureConfig: { DestinationS3Uri: `s3://${BUCKET}/x` } }, /with DataCaptureConfig/],
      [{ TransformOutput: { S3OutputPath: "s3://nowhere/out" } }, /bucket nowhere does not exist/],
    ] as const satisfies readonly (readonly [Partial<CreateTransformJobCommandInput>, RegExp])[]) {
      expect((await refusal(create("refused", "rows/", changes))).message).to.match(message);
    }
    expect((await refusal(describe("refused"))).message).to.equal("Could not find requested job with name: refused");
    expect((await refusal(create("all", "rows/"))).name).to.equal("ResourceInUse");
  });
});
