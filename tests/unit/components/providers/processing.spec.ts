import { expect } from "chai";
import { processingJobRun } from "../../../../components/providers";
import type { ProcessingJobInputs } from "../../../../components/providers/jobs/processing-job-provider";
import { FakeSageMaker } from "./fake-sagemaker";
import { failureOf, startAws, type TestAws } from "./test-aws";

const NAME = "mlops-nyctaxi-pbl-r1";
const ARN = `arn:aws:sagemaker:us-east-1:123456789012:processing-job/${NAME}`;
const BASELINE = `s3://bucket/mlops-nyctaxi/monitoring/baseline/${NAME}`;

const given: ProcessingJobInputs = {
  region: "us-east-1",
  jobName: NAME,
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  roleArn: "arn:aws:iam::123456789012:role/baseline",
  entrypoint: ["python3", "/opt/ml/processing/input/code/baseline.py"],
  arguments: ["--header"],
  inputs: [{ name: "data", s3Uri: "s3://bucket/baseline", localPath: "/opt/ml/processing/input/baseline" }],
  outputs: [{ name: "baseline", s3Uri: BASELINE, localPath: "/opt/ml/processing/output" }],
  environment: { COLUMN: "total_amount" },
  instanceType: "ml.m5.xlarge",
  outputKmsKeyId: "arn:aws:kms:us-east-1:123456789012:key/k",
  enableNetworkIsolation: true,
  pollSeconds: 0.002,
  timeoutSeconds: 5,
};

describe("the provider of ProcessingJobRun", () => {
  let sageMaker: FakeSageMaker;
  let aws: TestAws;
  let inputs: ProcessingJobInputs;

  beforeEach(async () => {
    sageMaker = new FakeSageMaker();
    aws = await startAws({ sagemaker: sageMaker.service });
    const checked = await processingJobRun.check({}, given);
    expect(checked.failures).to.deep.equal([]);
    inputs = checked.inputs!;
  });
  afterEach(() => aws.close());

  it("starts the job with everything it was given, and finishes with where its outputs are", async () => {
    sageMaker.processingLooks = [
      { ProcessingJobStatus: "InProgress" },
      {
        ProcessingJobStatus: "Completed",
        ExitMessage: "114000 rows",
        ProcessingStartTime: new Date(1000),
        ProcessingEndTime: new Date(63_000),
      },
    ];

    const { id, outs } = await processingJobRun.create(inputs);

    const { Tags, ...request } = sageMaker.processingJobs.get(NAME)!.request;
    expect(Tags!.map(({ Key }) => Key)).to.deep.equal(["sagemaker-safe-deploy:definition"]);
    expect(request).to.deep.equal({
      ProcessingJobName: NAME,
      AppSpecification: {
        ImageUri: given.image,
        ContainerEntrypoint: ["python3", "/opt/ml/processing/input/code/baseline.py"],
        ContainerArguments: ["--header"],
      },
      RoleArn: "arn:aws:iam::123456789012:role/baseline",
      ProcessingInputs: [
        {
          InputName: "data",
          S3Input: {
            S3Uri: "s3://bucket/baseline",
            LocalPath: "/opt/ml/processing/input/baseline",
            S3DataType: "S3Prefix",
            S3InputMode: "File",
            S3DataDistributionType: "FullyReplicated",
          },
        },
      ],
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: "baseline",
            S3Output: { S3Uri: BASELINE, LocalPath: "/opt/ml/processing/output", S3UploadMode: "EndOfJob" },
          },
        ],
        KmsKeyId: "arn:aws:kms:us-east-1:123456789012:key/k",
      },
      ProcessingResources: {
        ClusterConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 30 },
      },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      Environment: { COLUMN: "total_amount" },
      NetworkConfig: { EnableNetworkIsolation: true },
    });
    expect(id).to.equal(NAME);
    expect(outs).to.deep.equal({
      ...inputs,
      jobArn: ARN,
      status: "Completed",
      outputUris: { baseline: BASELINE },
      exitMessage: "114000 rows",
      processingSeconds: 62,
    });
  });

  it("takes over the job that an interrupted run has started", async () => {
    sageMaker.processingLooks = [{ ProcessingJobStatus: "InProgress" }, { ProcessingJobStatus: "Completed" }];
    await failureOf(processingJobRun.create({ ...inputs, timeoutSeconds: 0.001, pollSeconds: 9 })).catch(() => "done");
    aws.calls.length = 0;

    await processingJobRun.create(inputs);

    expect(aws.calls).to.not.include("CreateProcessingJob");
  });

  it("tells of a failed job what SageMaker and the program said, and where the log is", async () => {
    sageMaker.processingLooks = [
      {
        ProcessingJobStatus: "Failed",
        FailureReason: "AlgorithmError: See job logs",
        ExitMessage: "column missing: trip_distance",
      },
    ];

    const error = await failureOf(processingJobRun.create(inputs));

    expect(error.message.split("\n").slice(0, 2)).to.deep.equal([
      `processing job ${NAME} failed: AlgorithmError: See job logs: column missing: trip_distance`,
      `Its log: aws logs tail /aws/sagemaker/ProcessingJobs --log-stream-name-prefix ${NAME}/ --since 1d --region us-east-1`,
    ]);
    expect(error.id).to.equal(NAME);
  });

  it("names the limit that a job was stopped at, which SageMaker does not", async () => {
    const stoppedAfter = async (seconds: number) => {
      sageMaker.processingJobs.clear();
      sageMaker.processingLooks = [
        {
          ProcessingJobStatus: "Stopped",
          ProcessingStartTime: new Date(0),
          ProcessingEndTime: new Date(seconds * 1000),
        },
      ];
      return (await failureOf(processingJobRun.create({ ...inputs, maxRuntimeSeconds: 60 }))).message.split("\n")[0];
    };

    expect(await stoppedAfter(60)).to.equal(`processing job ${NAME} was stopped after 60 s, its maxRuntimeSeconds`);
    expect(await stoppedAfter(59)).to.equal(`processing job ${NAME} was stopped before it had completed`);
  });

  it("finds wrong files", async () => {
    const { failures } = await processingJobRun.check(
      {},
      {
        ...given,
        inputs: [{ name: "data", s3Uri: "bucket", localPath: "/tmp" }],
        outputs: [],
        maxRuntimeSeconds: 777_601,
      },
    );

    expect(failures!.map(({ property, reason }) => `${property} ${reason}`)).to.have.members([
      'inputs.0.s3Uri must be an S3 URI (s3://bucket/key), got "bucket"',
      'inputs.0.localPath must be a folder below /opt/ml/processing, got "/tmp"',
      "outputs must have at least 1 members, got 0",
      "maxRuntimeSeconds must be at most 777600, got 777601",
    ]);
  });
});
