import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  type CreateProcessingJobCommandInput,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import {
  BUCKET,
  keys,
  processingEnd,
  put,
  refusal,
  ROLE,
  SKLEARN,
  startSageMaker,
  text,
  XGBOOST,
  type TestSageMaker,
} from "./support";

const SCRIPT = `
import json, os, pathlib, sys, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
rows = pathlib.Path(os.environ["DATASET"]).read_text().splitlines()
print("rows", len(rows), "mode", sys.argv[1])
out = base / "processing" / "output" / "deep"
out.mkdir(parents=True)
(out / "result.json").write_text(json.dumps({"rows": len(rows), "output": sys.argv[2]}))
(base / "output" / "message").write_text("all counted")
if "fail" in sys.argv[1]:
    raise ValueError("told to fail")
if "wait" in sys.argv[1]:
    time.sleep(60)
`;

describe("SageMaker processing jobs", function () {
  this.timeout(60_000);
  let test: TestSageMaker;

  const job = (
    name: string,
    args: string[],
    changes: Partial<CreateProcessingJobCommandInput> = {},
  ): CreateProcessingJobCommandInput => ({
    ProcessingJobName: name,
    RoleArn: ROLE,
    AppSpecification: {
      ImageUri: SKLEARN,
      ContainerEntrypoint: ["python3", "/opt/ml/processing/input/code/count.py"],
      ContainerArguments: args,
    },
    Environment: { DATASET: "/opt/ml/processing/input/data/rows.csv" },
    ProcessingResources: { ClusterConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 30 } },
    ProcessingInputs: [input("code", "code/count.py"), input("data", "rows/")],
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: "result",
          S3Output: {
            S3Uri: `s3://${BUCKET}/results/${name}`,
            LocalPath: "/opt/ml/processing/output",
            S3UploadMode: "EndOfJob",
          },
        },
      ],
    },
    ...changes,
  });
  const input = (name: string, key: string) => ({
    InputName: name,
    S3Input: {
      S3Uri: `s3://${BUCKET}/${key}`,
      LocalPath: `/opt/ml/processing/input/${name}`,
      S3DataType: "S3Prefix" as const,
      S3InputMode: "File" as const,
    },
  });
  const create = (...args: Parameters<typeof job>) => test.sagemaker.send(new CreateProcessingJobCommand(job(...args)));

  before(async () => {
    test = await startSageMaker();
    await put(test, "code/count.py", SCRIPT);
    await put(test, "rows/rows.csv", "1,2\n3,4\n5,6\n");
  });
  after(() => test.close());

  it("run the script with /opt/ml mapped into its folder, and upload what it wrote", async () => {
    await create("count", ["plain", "/opt/ml/processing/output"]);
    const done = await processingEnd(test, "count");
    expect(done.FailureReason).to.equal(undefined);
    expect(done.ProcessingJobStatus).to.equal("Completed");
    expect(done.ExitMessage).to.equal("all counted");
    expect(done.ProcessingEndTime!.getTime()).to.be.greaterThanOrEqual(done.ProcessingStartTime!.getTime());
    expect(await keys(test, "results/count/")).to.deep.equal(["results/count/deep/result.json"]);
    const result: unknown = JSON.parse(await text(test, "results/count/deep/result.json"));
    expect(result).to.have.property("rows", 3);
    expect(result)
      .to.have.property("output")
      .that.matches(/processing-jobs\/count\/processing\/output$/);
    const line = test.logs.find((entry) => entry.line === "rows 3 mode plain");
    expect(line?.group).to.equal("/aws/sagemaker/ProcessingJobs");
    expect(line?.stream).to.match(/^count\/algo-1-\d{10}$/);
  });

  it("fail where the script fails, with the traceback in the log", async () => {
    await create("failing", ["fail", "x"]);
    const done = await processingEnd(test, "failing");
    expect(done.ProcessingJobStatus).to.equal("Failed");
    expect(done.FailureReason).to.equal("AlgorithmError: See job logs for more information");
    expect(test.logs.map((entry) => entry.line)).to.include("ValueError: told to fail");
    expect(await keys(test, "results/failing/")).to.deep.equal([]);
  });

  it("fail as they are ordered to, in AWS's words", async () => {
    test.faults.set({ kind: "job-fails", jobName: "no-room", reason: "capacity" });
    await create("no-room", ["plain", "x"]);
    const done = await processingEnd(test, "no-room");
    expect([done.ProcessingJobStatus, done.ExitMessage]).to.deep.equal(["Failed", undefined]);
    expect(done.FailureReason).to.match(/^CapacityError: Unable to provision requested ML compute capacity\./);
  });

  it("tell EventBridge of their begin and their end, as SageMaker does", async () => {
    const { ProcessingJobArn: arn } = await create("told", ["fail", "x"]);
    await processingEnd(test, "told");

    const told = test.events.filter(({ resources }) => resources?.[0] === arn);
    expect(told.map((event) => [event.source, event["detail-type"]])).to.deep.equal([
      ["aws.sagemaker", "SageMaker Processing Job State Change"],
      ["aws.sagemaker", "SageMaker Processing Job State Change"],
    ]);
    expect(told[0]!.detail).to.include({ ProcessingJobStatus: "InProgress" });
    expect(told[1]!.detail).to.include({
      ...{ ProcessingJobName: "told", ProcessingJobArn: arn, RoleArn: ROLE, ProcessingJobStatus: "Failed" },
      FailureReason: "AlgorithmError: See job logs for more information",
    });
  });

  it("are stopped when they run longer than their stopping condition", async () => {
    await create("endless", ["wait", "x"], { StoppingCondition: { MaxRuntimeInSeconds: 1 } });
    const done = await processingEnd(test, "endless");
    expect([done.ProcessingJobStatus, done.FailureReason]).to.deep.equal(["Stopped", undefined]);
    expect(done.ProcessingEndTime!.getTime() - done.ProcessingStartTime!.getTime()).to.be.at.least(1000);
  });

  it("fail where an input has no objects", async () => {
    await create("no-input", ["x", "y"], { ProcessingInputs: [input("data", "nothing/")] });
    expect((await processingEnd(test, "no-input")).FailureReason).to.match(
      /^ClientError: Failed to download data\. No S3 objects found under S3 URL "s3:\/\/models\/nothing\/"/,
    );
  });

  it("fail where the image cannot run a script, and say what it can", async () => {
    await create("wrong-image", ["x"], { AppSpecification: { ImageUri: XGBOOST } });
    expect((await processingEnd(test, "wrong-image")).FailureReason).to.equal(
      'ClientError: the local image "sagemaker-xgboost" has no program "process"; it has train, serve',
    );
  });

  it("refuse a name that is taken, a path outside their folder and what is not there", async () => {
    await create("taken", ["x", "y"]);
    expect((await refusal(create("taken", ["x", "y"]))).name).to.equal("ResourceInUse");

    const outside = input("data", "rows/");
    outside.S3Input.LocalPath = "/etc";
    expect(await refusal(create("outside", [], { ProcessingInputs: [outside] }))).to.deep.equal({
      name: "ValidationException",
      message: 'LocalPath of data must be below /opt/ml/processing, got "/etc"',
    });

    const twice = { ProcessingInputs: [input("data", "rows/"), input("data", "code/")] };
    expect((await refusal(create("twice", [], twice))).message).to.contain("got data more than once");

    const unknown = new DescribeProcessingJobCommand({ ProcessingJobName: "nobody" });
    expect(await refusal(test.sagemaker.send(unknown))).to.deep.equal({
      name: "ValidationException",
      message: "Could not find requested job with name: nobody",
    });
  });
});
