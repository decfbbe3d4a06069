import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { ModelQualityMonitor } from "../../../components/model-quality-monitor";
import type { ModelQualityMonitorArgs } from "../../../components/model-quality-monitor/arguments";
import { record, valueOf, type Recording } from "../../support/recorder";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:people";
const args: ModelQualityMonitorArgs = {
  monitorName: "mlops-nyctaxi-quality",
  functionName: "mlops-nyctaxi-api",
  captureUri: "s3://data/mlops-nyctaxi/datacapture/",
  outputUri: "s3://data/mlops-nyctaxi/monitoring/",
  training: { jobName: "mlops-nyctaxi-{release}", metricName: "validation:rmse" },
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
};
const made = (over: Partial<ModelQualityMonitorArgs> = {}) =>
  record(() => new ModelQualityMonitor("quality", { ...args, ...over }));
type Made = Recording<ModelQualityMonitor>;

interface Statement {
  readonly Action: string | string[];
  readonly Resource: string | string[];
}
const resourcesOf = ({ made: all }: Made, role: string, action: string) => {
  const { inputs } = all.find(({ type, name }) => type === "aws:iam/rolePolicy:RolePolicy" && name === role)!;
  const statements = (JSON.parse(inputs.policy as string) as { Statement: Statement[] }).Statement;
  return statements.filter(({ Action }) => [Action].flat().includes(action)).flatMap(({ Resource }) => Resource);
};
const told = ({ find }: Made) => {
  const { variables } = find("aws:lambda/function:Function").inputs.environment as {
    variables: { QUALITY_SETTINGS: string };
  };
  return JSON.parse(variables.QUALITY_SETTINGS) as Record<string, unknown>;
};
const programSettings = async ({ made: all }: Made) => {
  const { source } = all.find(({ inputs }) => String(inputs.key).endsWith("/settings.json"))!.inputs;
  return JSON.parse(await (source as pulumi.asset.StringAsset).text) as unknown;
};
const refusal = (over: Partial<ModelQualityMonitorArgs>) =>
  made(over).then(
    () => "nothing was refused",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe("ModelQualityMonitor", () => {
  it("starts its function every night, and tells it where labels are and what the training must be asked", async () => {
    const recording = await made();

    expect(recording.find("aws:cloudwatch/eventRule:EventRule").inputs).to.include({
      name: "mlops-nyctaxi-quality",
      scheduleExpression: "cron(30 2 * * ? *)",
    });
    expect(told(recording)).to.deep.include({
      schedule: "mlops-nyctaxi-quality",
      days: 7,
      labelsUri: "s3://data/mlops-nyctaxi/monitoring/labels",
      reportsUri: "s3://data/mlops-nyctaxi/monitoring/quality",
      training: { jobName: "mlops-nyctaxi-{release}", metricName: "validation:rmse", factor: 1.25, isError: true },
    });
    expect(await valueOf(recording.result.labelsUri)).to.equal("s3://data/mlops-nyctaxi/monitoring/labels");
  });

  it("tells the program what to measure, and the limit that is stated", async () => {
    const recording = await made({
      problemType: "BinaryClassification",
      limit: 0.7,
      training: undefined,
      leastPairs: 20,
    });

    expect(await programSettings(recording)).to.deep.equal({
      problemType: "BinaryClassification",
      leastPairs: 20,
      measure: "auc",
      limit: 0.7,
    });
    expect(told(recording)).not.to.have.property("training");
    expect(resourcesOf(recording, "quality-start-role", "sagemaker:DescribeTrainingJob")).to.deep.equal([]);
  });

  it("takes a factor of a score for one of its distance from 1", async () => {
    const training = { jobName: "churn-{release}", metricName: "validation:auc", factor: 2 };

    expect(told(await made({ problemType: "BinaryClassification", training })).training).to.deep.include({
      factor: 2,
      isError: false,
    });
  });

  it("lets jobs read captures, labels and their own reports, write reports, and no labels", async () => {
    const recording = await made();

    expect(resourcesOf(recording, "quality-job-role", "s3:GetObject")).to.include.members(
      ["datacapture", "monitoring/labels", "monitoring/quality"].map(
        (path) => `arn:aws:s3:::data/mlops-nyctaxi/${path}/*`,
      ),
    );
    expect(resourcesOf(recording, "quality-job-role", "s3:PutObject")).to.deep.equal([
      "arn:aws:s3:::data/mlops-nyctaxi/monitoring/quality/*",
    ]);
  });

  it("lets the function look at the releases' trainings, versions and captures, and start its own jobs", async () => {
    const recording = await made();

    expect(resourcesOf(recording, "quality-start-role", "sagemaker:DescribeTrainingJob")).to.deep.equal([
      "arn:aws:sagemaker:us-east-1:123456789012:training-job/mlops-nyctaxi-**",
    ]);
    expect(resourcesOf(recording, "quality-start-role", "sagemaker:CreateProcessingJob")).to.deep.equal([
      "arn:aws:sagemaker:us-east-1:123456789012:processing-job/mlops-nyctaxi-quality-*",
    ]);
    expect(resourcesOf(recording, "quality-start-role", "lambda:ListVersionsByFunction")).to.deep.equal([
      "arn:aws:lambda:us-east-1:123456789012:function:mlops-nyctaxi-api",
    ]);
    expect(resourcesOf(recording, "quality-start-role", "s3:ListBucket")).to.deep.equal(["arn:aws:s3:::data"]);
    expect(resourcesOf(recording, "quality-start-role", "s3:GetObject")).to.deep.equal([]);
  });

  it("has an alarm for quality that a night without labels does not change, and one for its jobs", async () => {
    const { made: all } = await made({ alarmName: "mlops-nyctaxi-quality", notificationTopicArn: TOPIC });
    const alarms = all.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");

    expect(alarms.map(({ inputs }) => inputs.name)).to.have.members([
      "mlops-nyctaxi-quality",
      "mlops-nyctaxi-quality-jobs",
    ]);
    expect(alarms.find(({ inputs }) => inputs.name === "mlops-nyctaxi-quality")!.inputs).to.deep.include({
      namespace: "aws/sagemaker/Endpoints/data-metrics",
      metricName: "model_quality_over_limit",
      dimensions: { MonitoringSchedule: "mlops-nyctaxi-quality" },
      period: 86_400,
      threshold: 1,
      treatMissingData: "ignore",
      alarmActions: [TOPIC],
    });
  });

  it("changes its children as the program says", async () => {
    const { find } = await made({ transform: { qualityAlarm: { threshold: 1.1 }, jobsAlarm: { threshold: 2 } } });

    expect(find("aws:cloudwatch/metricAlarm:MetricAlarm", "quality-quality").inputs.threshold).to.equal(1.1);
  });

  it("tells everything that is wrong at once", async () => {
    const message = await refusal({
      captureUri: "data",
      outputUri: "data",
      labelsUri: "labels",
      measure: "auc",
      answer: { type: "vector" },
      limit: -1,
      training: { jobName: "job", metricName: "m", factor: 0 },
      probabilityThreshold: 1,
      leastPairs: 1,
      days: 31,
      schedule: "daily",
      ...({ problemtype: "Regression" } as object),
    });

    expect(message.split("; ")).to.deep.equal([
      "problemtype is not an argument: did you mean problemType?",
      'captureUri must be s3://bucket/key, got "data"',
      'outputUri must be s3://bucket/key, got "data"',
      'labelsUri must be s3://bucket/key, got "labels"',
      'measure must be rmse where problemType is Regression, got "auc"',
      "answer must be numbers, or JSON with a path to them, so that they can be measured, got vector",
      "either limit or training must be given, so that the alarm has one limit",
      "limit must be above 0, got -1",
      'training.jobName must have {release} in the place of the release\'s id, got "job"',
      "training.factor must be above 0, got 0",
      "probabilityThreshold must be above 0 and below 1, got 1",
      "leastPairs must be a whole number from 2 to 9007199254740991, got 1",
      "days must be a whole number from 1 to 30, got 31",
      'schedule must be rate(…) or cron(…) in EventBridge\'s words, got "daily"',
    ]);
  });
});
