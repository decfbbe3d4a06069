import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CreateDataQualityJobDefinitionCommand,
  CreateMonitoringScheduleCommand,
  DeleteDataQualityJobDefinitionCommand,
  DeleteEndpointCommand,
  DeleteMonitoringScheduleCommand,
  DescribeMonitoringScheduleCommand,
  DescribeProcessingJobCommand,
  ListMonitoringExecutionsCommand,
  StartMonitoringScheduleCommand,
  StopMonitoringScheduleCommand,
  StopProcessingJobCommand,
  UpdateEndpointCommand,
  UpdateMonitoringScheduleCommand,
  type CreateDataQualityJobDefinitionCommandInput,
  type MonitoringExecutionSummary,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { z } from "zod";
import { LOCAL_ACCOUNT } from "../../core/account";
import { clientConfig } from "../../core/local";
import {
  BUCKET,
  createConfig,
  createEndpoint,
  createGoodModel,
  endpointIn,
  keys,
  planeRows,
  put,
  refusal,
  ROLE,
  startSageMaker,
  text,
  until,
  type TestSageMaker,
} from "./support";

const ANALYZER = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer:latest";
/** Leaves probes out, and waits where it is told to, as a big dataset would. */
const PREPROCESSOR = `
import time

def preprocess_handler(record, logger):
    if record.event_dict["eventMetadata"].get("inferenceId", "").startswith("probe-"):
        return []
    if record.event_dict["eventMetadata"].get("inferenceId") == "slow":
        time.sleep(30)
    sides = [record.endpoint_output.data, record.endpoint_input.data]
    rows = zip(*(side.strip().split("\\n") for side in sides))
    return [{str(n).zfill(20): cell for n, cell in enumerate(",".join(row).split(","))} for row in rows]
`;

const violations = z.object({
  violations: z.array(
    z.object({ feature_name: z.string(), constraint_check_type: z.string(), description: z.string() }),
  ),
});

/** The files of a baseline of the plane's rows, with the names of their columns. */
function baselineOf(rows: string) {
  const table = rows
    .trim()
    .split("\n")
    .map((row) => row.split(",").map(Number));
  const features = ["label", "x", "y"].map((name, column) => {
    const values = table.map((row) => row[column]!).sort((a, b) => a - b);
    const common = { num_present: values.length, num_missing: 0 };
    const kll = { buckets: [], sketch: { parameters: { c: 0.64, k: 2048 }, data: [values] } };
    return { name, inferred_type: "Fractional", numerical_statistics: { common, distribution: { kll } } };
  });
  const distribution_constraints = { comparison_threshold: 0.2, comparison_method: "Robust" };
  return {
    statistics: { version: 0, features },
    constraints: {
      version: 0,
      features: features.map(({ name, inferred_type }) => ({ name, inferred_type, completeness: 1 })),
      monitoring_config: { distribution_constraints },
    },
  };
}

describe("SageMaker Model Monitor", function () {
  this.timeout(120_000);
  let test: TestSageMaker;
  let cloudWatch: CloudWatchClient;

  const define = (name: string, changes: Partial<CreateDataQualityJobDefinitionCommandInput> = {}) =>
    test.sagemaker.send(
      new CreateDataQualityJobDefinitionCommand({
        JobDefinitionName: name,
        RoleArn: ROLE,
        DataQualityAppSpecification: {
          ImageUri: ANALYZER,
          Environment: { publish_cloudwatch_metrics: "Enabled" },
          RecordPreprocessorSourceUri: `s3://${BUCKET}/code/preprocessor.py`,
        },
        DataQualityBaselineConfig: {
          ConstraintsResource: { S3Uri: `s3://${BUCKET}/baseline/constraints.json` },
          StatisticsResource: { S3Uri: `s3://${BUCKET}/baseline/statistics.json` },
        },
        DataQualityJobInput: {
          EndpointInput: { EndpointName: "watched", LocalPath: "/opt/ml/processing/input/endpoint" },
        },
        DataQualityJobOutputConfig: {
          MonitoringOutputs: [
            {
              S3Output: {
                S3Uri: `s3://${BUCKET}/reports`,
                LocalPath: "/opt/ml/processing/output",
                S3UploadMode: "EndOfJob",
              },
            },
          ],
        },
        JobResources: { ClusterConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 20 } },
        StoppingCondition: { MaxRuntimeInSeconds: 1800 },
        ...changes,
      }),
    );
  const config = (definition: string, expression = "cron(0 * ? * * *)") => ({
    MonitoringType: "DataQuality" as const,
    MonitoringJobDefinitionName: definition,
    ScheduleConfig: { ScheduleExpression: expression },
  });
  const schedule = (name: string, definition: string, expression?: string) =>
    test.sagemaker.send(
      new CreateMonitoringScheduleCommand({
        MonitoringScheduleName: name,
        MonitoringScheduleConfig: config(definition, expression),
      }),
    );
  const describeSchedule = (name: string) =>
    test.sagemaker.send(new DescribeMonitoringScheduleCommand({ MonitoringScheduleName: name }));
  const stop = (name: string) =>
    test.sagemaker.send(new StopMonitoringScheduleCommand({ MonitoringScheduleName: name }));
  const remove = (name: string) =>
    test.sagemaker.send(new DeleteMonitoringScheduleCommand({ MonitoringScheduleName: name }));
  const inStatus = (name: string, status: string) =>
    until(
      () => describeSchedule(name),
      ({ MonitoringScheduleStatus }) => MonitoringScheduleStatus === status,
    );
  const execution = async (name: string, done: (found: MonitoringExecutionSummary) => boolean) => {
    const found = await until(
      async () => {
        const request = new ListMonitoringExecutionsCommand({ MonitoringScheduleName: name, SortOrder: "Ascending" });
        return (await test.sagemaker.send(request)).MonitoringExecutionSummaries?.find(done);
      },
      (one) => one !== undefined,
    );
    return found!;
  };
  const send = (rows: string, inferenceId: string) =>
    test.runtime.send(
      new InvokeEndpointCommand({
        EndpointName: "watched",
        ContentType: "text/csv",
        Body: rows,
        InferenceId: inferenceId,
      }),
    );
  /** Rows without their label, changed. */
  const inputs = (seed: number, change: (x: number, y: number) => readonly number[]) =>
    planeRows(300, seed)
      .trim()
      .split("\n")
      .map((row) => change(Number(row.split(",")[1]), Number(row.split(",")[2])))
      .join("\n");

  before(async () => {
    // An hour takes three seconds.
    test = await startSageMaker(1200);
    cloudWatch = new CloudWatchClient(clientConfig({ account: LOCAL_ACCOUNT, endpoint: test.endpoint }));
    await createGoodModel(test);
    await createConfig(test, "captured", "good", {
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 100,
        DestinationS3Uri: `s3://${BUCKET}/captured`,
        CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
        CaptureContentTypeHeader: { CsvContentTypes: ["text/csv"] },
      },
    });
    await createConfig(test, "plain", "good");
    await Promise.all([createEndpoint(test, "watched", "captured"), createEndpoint(test, "plain", "plain")]);
    await Promise.all([endpointIn(test, "watched", "InService"), endpointIn(test, "plain", "InService")]);
    const { statistics, constraints } = baselineOf(planeRows(1000));
    await put(test, "baseline/statistics.json", JSON.stringify(statistics));
    await put(test, "baseline/constraints.json", JSON.stringify(constraints));
    await put(test, "code/preprocessor.py", PREPROCESSOR);
    await define("quality");
  });
  after(() => test.close());

  it("finds the column that has shifted, tells it by files and metrics, and leaves out what its preprocessor does", async () => {
    await schedule("hourly", "quality");
    await inStatus("hourly", "Scheduled");
    await send(
      inputs(7, (x, y) => [x + 4, y]),
      "caller",
    );
    await send(
      inputs(8, () => [900, 900]),
      "probe-1",
    );

    const found = await execution(
      "hourly",
      ({ MonitoringExecutionStatus: status }) => status === "CompletedWithViolations",
    );
    expect(found).to.include({ EndpointName: "watched", MonitoringJobDefinitionName: "quality" });
    const jobName = found.ProcessingJobArn!.split("/").at(-1)!;
    expect(jobName).to.match(/^model-monitoring-\d{12}-[0-9a-f]{24}$/);
    const job = await test.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: jobName }));
    expect(job.MonitoringScheduleArn).to.match(/:monitoring-schedule\/hourly$/);
    expect(job.ExitMessage).to.match(/^CompletedWithViolations: Job completed successfully with \d+ violations\.$/);
    expect(job.Environment).to.include({
      dataset_source: "/opt/ml/processing/input/endpoint",
      sagemaker_endpoint_name: "watched",
      sagemaker_monitoring_schedule_name: "hourly",
    });

    const files = await keys(test, "reports/watched/hourly/");
    expect(files.map((file) => file.split("/").at(-1))).to.include.members([
      "constraint_violations.json",
      "statistics.json",
    ]);
    const written: unknown = JSON.parse(
      await text(
        test,
        files.find((file) => file.endsWith("violations.json"))!,
      ),
    );
    const drifted = violations
      .parse(written)
      .violations.flatMap((one) => (one.constraint_check_type === "baseline_drift_check" ? [one.feature_name] : []));
    expect(drifted).to.include("x").and.not.include("y");
    const distance = async (feature: string) => {
      const { Datapoints: points = [] } = await cloudWatch.send(
        new GetMetricStatisticsCommand({
          Namespace: "aws/sagemaker/Endpoints/data-metrics",
          MetricName: `feature_baseline_drift_${feature}`,
          Dimensions: [
            { Name: "Endpoint", Value: "watched" },
            { Name: "MonitoringSchedule", Value: "hourly" },
          ],
          StartTime: new Date(Date.now() - 3_600_000),
          EndTime: new Date(Date.now() + 3_600_000),
          Period: 60,
          Statistics: ["Maximum"],
        }),
      );
      return Math.max(...points.map(({ Maximum = 0 }) => Maximum));
    };
    expect(await distance("x")).to.be.within(0.2, 0.5);
    expect(await distance("y")).to.equal(0);
  });

  it("fails an hour without traffic, as AWS does, and starts no job for it", async () => {
    // One whose job has failed is none of these: on a busy machine a job may outlast its time.
    const found = await execution(
      "hourly",
      ({ MonitoringExecutionStatus: status, ProcessingJobArn: job }) => status === "Failed" && job === undefined,
    );
    expect(found.FailureReason).to.equal("Job inputs had no data");
  });

  it("can be stopped and started, and does nothing in between", async () => {
    await stop("hourly");
    expect((await refusal(remove("hourly"))).message).to.match(/^Monitoring schedule in status Pending/);
    await inStatus("hourly", "Stopped");
    const executions = async () =>
      (
        await test.sagemaker.send(
          new ListMonitoringExecutionsCommand({ MonitoringScheduleName: "hourly", MaxResults: 100 }),
        )
      ).MonitoringExecutionSummaries?.length;
    const before = await executions();
    await new Promise((resolve) => setTimeout(resolve, 3500));
    expect(await executions()).to.equal(before);
    await test.sagemaker.send(new StartMonitoringScheduleCommand({ MonitoringScheduleName: "hourly" }));
    await inStatus("hourly", "Scheduled");
  });

  it("is not deleted while it runs, but after its job was stopped", async () => {
    await send("1,2", "slow");
    const running = await execution("hourly", ({ MonitoringExecutionStatus: status }) => status === "InProgress");
    await stop("hourly");
    await inStatus("hourly", "Stopped");
    expect(await refusal(remove("hourly"))).to.deep.equal({
      name: "ValidationException",
      message:
        'Monitoring schedule "arn:aws:sagemaker:us-east-1:123456789012:monitoring-schedule/hourly" has an execution in progress and cannot be deleted.',
    });
    const ProcessingJobName = running.ProcessingJobArn!.split("/").at(-1)!;
    await test.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName }));
    await execution(
      "hourly",
      (one) => one.ProcessingJobArn === running.ProcessingJobArn && one.MonitoringExecutionStatus === "Stopped",
    );
    const described = await describeSchedule("hourly");
    expect(described.LastMonitoringExecutionSummary?.MonitoringScheduleName).to.equal("hourly");
    await remove("hourly");
    const gone = await until(
      () => refusal(describeSchedule("hourly")).catch(() => ({ name: "", message: "" })),
      ({ name }) => name !== "",
    );
    expect(gone.name).to.equal("ResourceNotFound");
    // What it has done is told of all the same.
    await execution("hourly", ({ MonitoringExecutionStatus: status }) => status === "Stopped");
  });

  it("keeps its endpoint and its job definition from being changed", async () => {
    await define("other");
    await schedule("daily", "quality", "cron(0 12 ? * * *)");
    await inStatus("daily", "Scheduled");
    const update = new UpdateEndpointCommand({ EndpointName: "watched", EndpointConfigName: "plain" });
    expect((await refusal(test.sagemaker.send(update))).message).to.match(
      /cannot be updated while monitoring schedule/,
    );
    const deletion = new DeleteEndpointCommand({ EndpointName: "watched" });
    expect((await refusal(test.sagemaker.send(deletion))).message).to.match(
      /^Endpoint watched cannot be deleted while/,
    );
    const definition = new DeleteDataQualityJobDefinitionCommand({ JobDefinitionName: "quality" });
    expect((await refusal(test.sagemaker.send(definition))).message).to.match(/is used by monitoring schedule/);

    await test.sagemaker.send(
      new UpdateMonitoringScheduleCommand({
        MonitoringScheduleName: "daily",
        MonitoringScheduleConfig: config("other", "cron(0 17/12 ? * * *)"),
      }),
    );
    await test.sagemaker.send(definition);
    await inStatus("daily", "Scheduled");
    await remove("daily");
  });

  it("refuses what AWS refuses", async () => {
    const input = { EndpointName: "plain", LocalPath: "/opt/ml/processing/input/endpoint" };
    expect((await refusal(define("none", { DataQualityJobInput: { EndpointInput: input } }))).message).to.match(
      /captures no data/,
    );
    const missing = { EndpointInput: { ...input, EndpointName: "nobody" } };
    expect((await refusal(define("none", { DataQualityJobInput: missing }))).message).to.match(
      /^Could not find endpoint/,
    );
    expect((await refusal(define("other"))).name).to.equal("ResourceInUse");
    expect((await refusal(schedule("none", "nobody"))).name).to.equal("ResourceNotFound");
    for (const expression of ["cron(30 * ? * * *)", "cron(0 24 ? * * *)", "rate(1 hour)"]) {
      expect((await refusal(schedule("none", "other", expression))).message).to.match(/^ScheduleExpression must be/);
    }
    await define("long", { StoppingCondition: { MaxRuntimeInSeconds: 7200 } });
    expect((await refusal(schedule("none", "long"))).message).to.equal(
      "MaxRuntimeInSeconds must not exceed the frequency of the schedule, 3600 seconds, got 7200",
    );
    expect((await refusal(schedule("none", "other", "NOW"))).name).to.equal("NotImplemented");
  });
});
