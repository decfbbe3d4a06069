import { GetAliasCommand, GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  SageMakerClient,
  type CreateProcessingJobRequest,
} from "@aws-sdk/client-sagemaker";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import type { MonitorEvent } from "../../../handlers/monitoring-jobs";
import { handler } from "../../../handlers/start-drift";
import { environment, withOutput } from "./lambda";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/k";
const SETTINGS = {
  functionName: "mlops-nyctaxi-api",
  aliasName: "live",
  schedule: "mlops-nyctaxi-pms",
  region: "eu-west-1",
  windowSeconds: 3600,
  codeUri: "s3://data/mlops-nyctaxi/monitoring/code/0123",
  baselineUri: "s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-{release}",
  capturesUri: "s3://data/mlops-nyctaxi/datacapture",
  reportsUri: "s3://data/mlops-nyctaxi/monitoring/reports",
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  jobRoleArn: "arn:aws:iam::123456789012:role/drift",
  instanceType: "ml.m5.large",
  volumeSizeInGB: 30,
  maxRuntimeSeconds: 1800,
  kmsKeyArn: KEY,
  volumeKmsKeyArn: KEY,
  vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
  tags: { team: "taxis" },
};
/** The message with which it fails. */
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => "nothing failed",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
const SCHEDULED: MonitorEvent = { time: "2026-03-01T13:10:00Z" };

describe("start-drift", () => {
  environment({ DRIFT_SETTINGS: JSON.stringify(SETTINGS) });
  let lambda: AwsClientStub<LambdaClient>;
  let sageMaker: AwsClientStub<SageMakerClient>;
  before(() => {
    lambda = mockClient(LambdaClient);
    sageMaker = mockClient(SageMakerClient);
  });
  beforeEach(() => {
    lambda.reset();
    sageMaker.reset();
    for (const [version, release] of [
      ["1", "r1"],
      ["2", "r2"],
    ] as const) {
      const Environment = { Variables: { ENDPOINT_NAME: `mlops-nyctaxi-prd-${release}`, RELEASE: release } };
      lambda
        .on(GetFunctionConfigurationCommand, { FunctionName: "mlops-nyctaxi-api", Qualifier: version })
        .resolves({ Environment });
    }
    sageMaker.on(CreateProcessingJobCommand).resolves({});
    sageMaker.on(DescribeProcessingJobCommand).rejects(named("ValidationException", NO_JOB));
  });
  after(() => {
    lambda.restore();
    sageMaker.restore();
  });

  const NO_JOB = "Could not find requested job with name: x";
  const named = (name: string, message: string) => Object.assign(new Error(message), { name });
  const routing = (FunctionVersion: string, weights: Record<string, number> = {}) =>
    lambda
      .on(GetAliasCommand, { FunctionName: "mlops-nyctaxi-api", Name: "live" })
      .resolves({ FunctionVersion, RoutingConfig: { AdditionalVersionWeights: weights } });
  const created = () => sageMaker.commandCalls(CreateProcessingJobCommand).map(({ args: [{ input }] }) => input);
  const run = async (event: MonitorEvent = SCHEDULED) => (await withOutput(() => handler(event))).result;
  const isLive = (job: CreateProcessingJobRequest) => job.AppSpecification?.ContainerArguments?.includes("--live");
  const reports = () => created().map((job) => job.ProcessingOutputConfig?.Outputs?.[0]?.S3Output?.S3Uri);

  it("starts one job for the release that serves, over the last whole window", async () => {
    routing("1");

    const { window, jobs } = await run();

    expect(window).to.deep.equal({ from: "2026-03-01T12:00:00.000Z", to: "2026-03-01T13:00:00.000Z" });
    expect(jobs).to.have.length(1);
    expect(jobs[0]).to.include({ endpointName: "mlops-nyctaxi-prd-r1", release: "r1", status: "started" });
    expect(jobs[0]!.jobName).to.match(/^mlops-nyctaxi-pms-202603011200-[0-9a-f]{8}$/);
    expect(created()[0]).to.deep.include({
      ProcessingJobName: jobs[0]!.jobName,
      RoleArn: SETTINGS.jobRoleArn,
      Environment: { AWS_DEFAULT_REGION: "eu-west-1" },
      StoppingCondition: { MaxRuntimeInSeconds: 1800 },
      NetworkConfig: { VpcConfig: { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] } },
      Tags: [{ Key: "team", Value: "taxis" }],
      ProcessingResources: {
        ClusterConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 30, VolumeKmsKeyId: KEY },
      },
    });
    expect(created()[0]!.AppSpecification?.ContainerArguments).to.include.members([
      "mlops-nyctaxi-prd-r1",
      "2026-03-01T12:00:00.000Z",
      "--live",
    ]);
    expect(created()[0]!.ProcessingInputs?.map(({ S3Input: s3 }) => s3?.S3Uri)).to.deep.equal([
      SETTINGS.codeUri,
      "s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-r1",
    ]);
    expect(reports()).to.deep.equal(["s3://data/mlops-nyctaxi/monitoring/reports/mlops-nyctaxi-prd-r1/2026/03/01/12"]);
  });

  it("watches both releases during a shift, and takes the one with most traffic for the alarm", async () => {
    routing("1", { "2": 0.1 });
    await run();

    expect(created().map((job) => job.AppSpecification?.ContainerArguments?.[7])).to.have.members(["r1", "r2"]);
    expect(created().filter(isLive)).to.have.length(1);
    expect(created().find(isLive)?.AppSpecification?.ContainerArguments).to.include("r1");
    // Each with a baseline of its own, whose columns may be others.
    const baselines = created().map(({ ProcessingInputs: [, input] = [] }) => input?.S3Input?.S3Uri);
    expect(baselines).to.have.members(
      ["r1", "r2"].map((release) => `s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-${release}`),
    );
  });

  it("starts one job, for the alarm too, while another version of the function takes over with the same release", async () => {
    lambda
      .on(GetFunctionConfigurationCommand, { FunctionName: "mlops-nyctaxi-api", Qualifier: "3" })
      .resolves({ Environment: { Variables: { ENDPOINT_NAME: "mlops-nyctaxi-prd-r1", RELEASE: "r1" } } });
    routing("1", { "3": 0.4 });

    expect((await run()).jobs).to.have.length(1);
    expect(created().map(isLive)).to.deep.equal([true]);
  });

  it("watches the old release alone once the alias is back at it", async () => {
    routing("1", { "2": 0 });

    expect((await run()).jobs.map(({ release }) => release)).to.deep.equal(["r1"]);
  });

  it("names a window's job alike, whenever it is asked for, and another window's and endpoint's otherwise", async () => {
    routing("1");
    const [job] = (await run()).jobs;
    const names = async (event: MonitorEvent) => (await run(event)).jobs.map(({ jobName }) => jobName);

    expect(await names({ time: "2026-03-01T13:59:59Z" })).to.deep.equal([job!.jobName]);
    expect(await names({ from: "2026-03-01T12:00:00Z", to: "2026-03-01T13:00:00+00:00" })).to.deep.equal([
      job!.jobName,
    ]);
    expect(await names({ from: "2026-03-01T12:00:00Z", to: "2026-03-01T13:00:01Z" })).not.to.include(job!.jobName);
    routing("2");
    expect(await names(SCHEDULED)).not.to.include(job!.jobName);
  });

  it("says so where the window's job exists", async () => {
    routing("1");
    sageMaker.on(CreateProcessingJobCommand).rejects(named("ResourceInUse", "names must be unique"));

    expect((await run()).jobs[0]).to.include({ status: "exists" });
  });

  it("writes the report of a window of one's own where it takes no other's place", async () => {
    routing("1");
    const [job] = (await run({ from: "2026-03-01T12:00:00Z", to: "2026-03-02T12:00:00Z" })).jobs;

    expect(reports()[0]).to.match(new RegExp(`/2026/03/01/12/${job!.jobName}$`));
  });

  it("starts the others, and fails, where one cannot be started", async () => {
    routing("1", { "2": 0.1 });
    sageMaker.on(CreateProcessingJobCommand).rejectsOnce(named("ResourceLimitExceeded", "no instances")).resolves({});

    expect(await errorOf(run())).to.match(/^drift job mlops-nyctaxi-pms-\S+ of endpoint \S+: .*no instances$/);
    expect(created()).to.have.length(2);
  });

  it("fails by a failed job of the window before, after it has started the next", async () => {
    routing("1");
    sageMaker
      .on(DescribeProcessingJobCommand)
      .resolves({ ProcessingJobStatus: "Failed", FailureReason: "AlgorithmError", ExitMessage: "no baseline" });

    expect(await errorOf(run())).to.match(
      /^drift job mlops-nyctaxi-pms-202603011100-\S+ has ended as Failed: AlgorithmError: no baseline$/,
    );
    expect(created()).to.have.length(1);
  });

  it("does not look at the window before where it is asked by hand", async () => {
    routing("1");
    await run({ from: "2026-03-01T12:00:00Z", to: "2026-03-01T13:00:00Z" });

    expect(sageMaker.commandCalls(DescribeProcessingJobCommand)).to.have.length(0);
  });

  for (const [event, message] of [
    [{ from: "2026-03-01T12:00:00Z" }, "to must be a time such as 2026-03-01T12:00:00Z, got undefined"],
    [{ from: "5", to: "6" }, 'from must be a time such as 2026-03-01T12:00:00Z, got "5"'],
    [
      { from: "2026-03-01T12:00:00", to: "2026-03-01T13:00:00" },
      'from must be a time such as 2026-03-01T12:00:00Z, got "2026-03-01T12:00:00"',
    ],
    [
      { from: "2026-03-01T12:00:00Z", to: "2926-03-01T12:00:00Z" },
      "to must not be in the future, since a window is looked at once, got 2926-03-01T12:00:00.000Z",
    ],
    [{ from: "soon", to: "later" }, 'from must be a time such as 2026-03-01T12:00:00Z, got "soon"'],
    [
      { from: "2026-03-01T13:00:00Z", to: "2026-03-01T12:00:00Z" },
      "from must be before to, got from 2026-03-01T13:00:00Z and to 2026-03-01T12:00:00Z",
    ],
  ] as const) {
    it(`refuses the window ${JSON.stringify(event)}`, async () => {
      expect(await errorOf(run(event))).to.equal(message);
    });
  }

  it("says which version does not name its endpoint", async () => {
    routing("1");
    lambda.on(GetFunctionConfigurationCommand).resolves({ Environment: { Error: { Message: "no key" } } });

    expect(await errorOf(run())).to.equal(
      "version 1 of mlops-nyctaxi-api must name ENDPOINT_NAME and RELEASE in its environment: no key",
    );
  });
});
