import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, S3Client, type ListObjectsV2CommandInput } from "@aws-sdk/client-s3";
import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import type { MonitorEvent } from "../../../handlers/monitoring-jobs";
import { handler } from "../../../handlers/start-quality";
import { environment, withOutput } from "./lambda";

const REPORTS = "s3://data/mlops-nyctaxi/monitoring/quality";
const SETTINGS = {
  functionName: "mlops-nyctaxi-api",
  aliasName: "live",
  schedule: "mlops-nyctaxi-quality",
  region: "eu-west-1",
  days: 7,
  codeUri: "s3://data/mlops-nyctaxi/monitoring/code/0123",
  labelsUri: "s3://data/mlops-nyctaxi/monitoring/labels",
  capturesUri: "s3://data/mlops-nyctaxi/datacapture",
  reportsUri: REPORTS,
  image: "scikit-learn",
  jobRoleArn: "arn:aws:iam::123456789012:role/quality",
  instanceType: "ml.m5.large",
  volumeSizeInGB: 30,
  maxRuntimeSeconds: 1800,
};
const TRAINING = { jobName: "mlops-nyctaxi-{release}", metricName: "validation:rmse", factor: 1.25, isError: true };
const SCHEDULED: MonitorEvent = { time: "2026-03-09T02:30:00Z" };

describe("start-quality", () => {
  environment({ QUALITY_SETTINGS: undefined });
  let lambda: AwsClientStub<LambdaClient>;
  let sageMaker: AwsClientStub<SageMakerClient>;
  let s3: AwsClientStub<S3Client>;
  /** Keys of what was captured. */
  let captures: string[] = [];
  before(() => {
    lambda = mockClient(LambdaClient);
    s3 = mockClient(S3Client);
    s3.on(ListObjectsV2Command).callsFake(({ Prefix = "", Delimiter, StartAfter = "" }: ListObjectsV2CommandInput) => {
      const found = captures.filter((key) => key.startsWith(Prefix) && key > StartAfter).sort();
      return Delimiter === undefined
        ? { Contents: found.slice(0, 1).map((Key) => ({ Key })) }
        : { CommonPrefixes: [...new Set(found.map((key) => key.split("/").slice(0, 4).join("/")))].map(asPrefix) };
    });
    sageMaker = mockClient(SageMakerClient);
  });
  beforeEach(() => {
    process.env.QUALITY_SETTINGS = JSON.stringify({ ...SETTINGS, training: TRAINING });
    lambda.reset();
    sageMaker.reset();
    lambda.on(GetAliasCommand).resolves({ FunctionVersion: "1" });
    const Environment = { Variables: { ENDPOINT_NAME: "mlops-nyctaxi-prd-r1", RELEASE: "r1" } };
    lambda.on(GetFunctionConfigurationCommand).resolves({ Environment });
    versions("1");
    captures = [];
    sageMaker.on(CreateProcessingJobCommand).resolves({});
    sageMaker.on(DescribeProcessingJobCommand).rejects(named("ValidationException", "Could not find requested job"));
    sageMaker.on(DescribeTrainingJobCommand).rejects(named("ValidationException", "Requested resource not found."));
    trained("mlops-nyctaxi-r1", "Completed", 2.8);
  });
  after(() => {
    lambda.restore();
    s3.restore();
    sageMaker.restore();
  });

  const asPrefix = (folder: string) => ({ Prefix: `${folder}/` });
  const versions = (...all: readonly string[]) =>
    lambda
      .on(ListVersionsByFunctionCommand)
      .resolves({ Versions: ["$LATEST", ...all].map((Version) => ({ Version })) });
  /** The function's version of a release that has been replaced, which has answered at that hour. */
  const replaced = (version: string, release: string, hour: string) => {
    const Environment = { Variables: { ENDPOINT_NAME: `mlops-nyctaxi-prd-${release}`, RELEASE: release } };
    lambda.on(GetFunctionConfigurationCommand, { FunctionName: SETTINGS.functionName, Qualifier: version }).resolves({
      Environment,
    });
    captures.push(`mlops-nyctaxi/datacapture/mlops-nyctaxi-prd-${release}/variant/${hour}/30-00-a.jsonl`);
    trained(`mlops-nyctaxi-${release}`, "Completed", 2);
  };
  const named = (name: string, message: string) => Object.assign(new Error(message), { name });
  const trained = (TrainingJobName: string, status: "Completed" | "Failed", value: number) =>
    sageMaker.on(DescribeTrainingJobCommand, { TrainingJobName }).resolves({
      TrainingJobStatus: status,
      FinalMetricDataList: [
        { MetricName: "train:rmse", Value: 1 },
        { MetricName: "validation:rmse", Value: value },
      ],
    });
  const created = () => sageMaker.commandCalls(CreateProcessingJobCommand).map(({ args: [{ input }] }) => input);
  const passed = (name: string) => {
    const all = created().at(-1)!.AppSpecification!.ContainerArguments!;
    return all.includes(name) ? all[all.indexOf(name) + 1] : undefined;
  };
  const run = async (event: MonitorEvent = SCHEDULED) => (await withOutput(() => handler(event))).result;
  const errorOf = (work: Promise<unknown>) =>
    work.then(
      () => "nothing failed",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );

  it("has the last whole days looked at, and those of which something has changed written in their place", async () => {
    const { window, jobs } = await run();

    expect(window).to.deep.equal({ from: "2026-03-02T00:00:00.000Z", to: "2026-03-09T00:00:00.000Z" });
    expect(jobs[0]).to.include({ endpointName: "mlops-nyctaxi-prd-r1", release: "r1", status: "started" });
    expect(jobs[0]!.jobName).to.match(/^mlops-nyctaxi-quality-202603020000-[0-9a-f]{8}$/);
    const output = created()[0]!.ProcessingOutputConfig?.Outputs?.[0]?.S3Output?.S3Uri;
    expect(output).to.equal(`${REPORTS}/mlops-nyctaxi-prd-r1`);
    expect(passed("--reports")).to.equal(output);
    expect(passed("--labels")).to.equal(SETTINGS.labelsUri);
    expect(created()[0]!.AppSpecification?.ContainerEntrypoint?.[1]).to.match(/quality\.py$/);
  });

  it("has one job a night, and another one for each call by hand, since labels may have arrived", async () => {
    const [first] = (await run()).jobs;
    expect((await run({ time: "2026-03-09T14:00:00Z" })).jobs[0]!.jobName).to.equal(first!.jobName);
    const window = { from: "2026-03-02T00:00:00Z", to: "2026-03-09T00:00:00Z" };
    const [byHand] = (await run(window)).jobs;
    await new Promise((resolve) => setTimeout(resolve, 2));
    const [again] = (await run(window)).jobs;

    expect(new Set([first!.jobName, byHand!.jobName, again!.jobName]).size).to.equal(3);
    expect(passed("--reports")).to.equal(`${REPORTS}/mlops-nyctaxi-prd-r1`);
  });

  it("writes parts of days where they take no day's place", async () => {
    const [job] = (await run({ from: "2026-03-02T00:00:00Z", to: "2026-03-02T12:00:00Z" })).jobs;

    expect(passed("--reports")).to.equal(`${REPORTS}/mlops-nyctaxi-prd-r1/${job!.jobName}`);
  });

  it("has those releases looked at too that have answered in these days, and been replaced since", async () => {
    versions("1", "2", "3", "4", "5");
    lambda.on(GetAliasCommand).resolves({ FunctionVersion: "5" });
    replaced("5", "r5", "2026/03/08/12");
    replaced("4", "r4", "2026/03/08/23");
    replaced("3", "r3", "2026/03/02/00");
    replaced("2", "r2", "2026/03/01/23");
    replaced("1", "r1", "2026/03/09/00");

    const { jobs } = await run();

    expect(jobs.map(({ release }) => release)).to.deep.equal(["r5", "r4", "r3"]);
    const live = created().filter(({ AppSpecification: app }) => app?.ContainerArguments?.includes("--live"));
    expect(live).to.have.length(1);
    expect(live[0]!.AppSpecification!.ContainerArguments).to.include("r5");
    expect(passed("--limit")).to.equal("2.5");
  });

  it("leaves out versions that name no release", async () => {
    versions("1", "2");
    lambda.on(GetFunctionConfigurationCommand, { FunctionName: SETTINGS.functionName, Qualifier: "2" }).resolves({});

    expect((await run()).jobs).to.have.length(1);
  });

  it("fails by what it cannot find out about old releases, after it has started the job of the live one", async () => {
    lambda.on(ListVersionsByFunctionCommand).rejects(named("AccessDeniedException", "no versions for you"));

    expect(await errorOf(run())).to.contain("no versions for you");
    expect(created()).to.have.length(1);
  });

  it("takes the limit from the newest attempt at the release's training", async () => {
    await run();
    expect(Number(passed("--limit"))).to.be.closeTo(2.8 * 1.25, 1e-12);

    trained("mlops-nyctaxi-r1", "Failed", 1);
    trained("mlops-nyctaxi-r1-attempt-2", "Completed", 4);
    await run();
    expect(passed("--limit")).to.equal("5");
  });

  it("takes the limit of a score by its distance from 1", async () => {
    process.env.QUALITY_SETTINGS = JSON.stringify({ ...SETTINGS, training: { ...TRAINING, isError: false } });
    trained("mlops-nyctaxi-r1", "Completed", 0.8);

    await run();

    expect(Number(passed("--limit"))).to.be.closeTo(0.75, 1e-12);
  });

  it("leaves the limit to the program's settings where there is no training to ask", async () => {
    process.env.QUALITY_SETTINGS = JSON.stringify(SETTINGS);
    await run();

    expect(passed("--limit")).to.equal(undefined);
  });

  for (const [what, arrange, why] of [
    [
      "there is none",
      () => sageMaker.on(DescribeTrainingJobCommand).rejects(named("ResourceNotFound", "no")),
      "is not there",
    ],
    [
      "it has no such metric",
      () => sageMaker.on(DescribeTrainingJobCommand).resolves({ TrainingJobStatus: "Completed" }),
      "has no metric validation:rmse",
    ],
  ] as const) {
    it(`says of the training that ${what}, and starts nothing without a limit`, async () => {
      sageMaker.reset();
      arrange();

      expect(await errorOf(run())).to.match(
        new RegExp(
          `^quality job \\S+ of endpoint mlops-nyctaxi-prd-r1: training job mlops-nyctaxi-r1, whose metric is the limit, ${why}`,
        ),
      );
      expect(created()).to.have.length(0);
    });
  }

  it("fails by a failed job of the night before, after it has started the next", async () => {
    sageMaker.on(DescribeProcessingJobCommand).resolves({ ProcessingJobStatus: "Failed", ExitMessage: "no labels" });

    expect(await errorOf(run())).to.match(
      /^quality job mlops-nyctaxi-quality-202603010000-\S+ has ended as Failed: no labels$/,
    );
    expect(created()).to.have.length(1);
  });
});
