import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { DriftMonitor } from "../../../components/drift-monitor";
import type { DriftMonitorArgs } from "../../../components/drift-monitor/arguments";
import { record, valueOf } from "../../support/recorder";
import { alarm, args, IMAGE, KEY, made, refusal, TOPIC, type Made } from "./drift-monitor-fixture";

interface Statement {
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}
const policy = ({ made: all }: Made, name: string) => {
  const { inputs } = all.find(({ type, name: each }) => type === "aws:iam/rolePolicy:RolePolicy" && each === name)!;
  return (JSON.parse(inputs.policy as string) as { Statement: Statement[] }).Statement;
};
const allowing = (statements: readonly Statement[], action: string) =>
  statements.filter(({ Action }) => [Action].flat().includes(action));
const settings = ({ find }: Made) => {
  const { variables } = find("aws:lambda/function:Function").inputs.environment as {
    variables: { DRIFT_SETTINGS: string };
  };
  return JSON.parse(variables.DRIFT_SETTINGS) as Record<string, unknown>;
};
describe("DriftMonitor", () => {
  it("starts its function every hour by a rule that alone may call it", async () => {
    const { find } = await made();

    expect(find("aws:cloudwatch/eventRule:EventRule").inputs).to.include({
      name: "mlops-nyctaxi-pms",
      scheduleExpression: "cron(10 * * * ? *)",
    });
    expect(find("aws:lambda/permission:Permission").inputs).to.deep.include({
      principal: "events.amazonaws.com",
      action: "lambda:InvokeFunction",
      sourceArn:
        find("aws:cloudwatch/eventRule:EventRule").inputs.arn ?? "arn:aws:test:us-east-1:123456789012:drift-schedule",
    });
  });

  it("tells the function all that a job needs, and fits into its environment", async () => {
    const recording = await made({ kmsKeyArn: KEY, tags: { team: "taxis" } });

    expect(settings(recording)).to.deep.include({
      functionName: "mlops-nyctaxi-api",
      aliasName: "live",
      schedule: "mlops-nyctaxi-pms",
      region: "us-east-1",
      windowSeconds: 3600,
      capturesUri: "s3://data/mlops-nyctaxi/datacapture",
      baselineUri: args.baselineUri,
      reportsUri: "s3://data/mlops-nyctaxi/monitoring/reports",
      image: IMAGE,
      instanceType: "ml.m5.large",
      kmsKeyArn: KEY,
      volumeKmsKeyArn: KEY,
      tags: { team: "taxis" },
    });
    expect(settings(recording).codeUri).to.match(/^s3:\/\/data\/mlops-nyctaxi\/monitoring\/code\/[0-9a-f]{16}$/);
  });

  it("uploads the program with its settings, and others into another folder", async () => {
    const canary = { row: "5,1,1", intervalMinutes: 10 };
    const recording = await made({ target: "total_amount", thresholds: { trip_distance: 0.3 }, canary });
    const objects = recording.made.filter(({ type }) => type === "aws:s3/bucketObjectv2:BucketObjectv2");
    const names = objects.map(({ inputs }) => String(inputs.key).replace(/^.*\//, ""));

    expect(names).to.include.members(["baseline.py", "drift.py", "captures.py", "settings.json"]);
    const { source } = objects.find(({ inputs }) => String(inputs.key).endsWith("/settings.json"))!.inputs;
    expect(JSON.parse(await (source as pulumi.asset.StringAsset).text)).to.deep.equal({
      target: "total_amount",
      thresholds: { trip_distance: 0.3 },
      canary: { row: "5,1,1", intervalSeconds: 600 },
    });
    expect(settings(await made()).codeUri).not.to.equal(settings(recording).codeUri);
  });

  it("lets jobs read captures and all releases' baselines, write reports and the metrics of drift, and no more", async () => {
    const statements = policy(await made({ kmsKeyArn: KEY }), "drift-job-role");

    expect(allowing(statements, "s3:GetObject").flatMap(({ Resource }) => Resource)).to.include.members([
      "arn:aws:s3:::data/mlops-nyctaxi/datacapture/*",
      "arn:aws:s3:::data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-*/*",
    ]);
    expect(allowing(statements, "s3:PutObject").flatMap(({ Resource }) => Resource)).to.deep.equal([
      "arn:aws:s3:::data/mlops-nyctaxi/monitoring/reports/*",
    ]);
    const conditions = allowing(statements, "cloudwatch:PutMetricData").map(({ Condition }) => Condition);
    expect(conditions).to.deep.include({
      StringEquals: { "cloudwatch:namespace": "aws/sagemaker/Endpoints/data-metrics" },
    });
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /^(iam|sts|sagemaker|lambda):|\*/.test(action))).to.deep.equal([]);
  });

  it("lets the function read the alias and start its own jobs under their role, and no more", async () => {
    const statements = policy(await made(), "drift-start-role");

    expect(allowing(statements, "lambda:GetAlias")[0]!.Resource).to.deep.equal([
      "arn:aws:lambda:us-east-1:123456789012:function:mlops-nyctaxi-api",
      "arn:aws:lambda:us-east-1:123456789012:function:mlops-nyctaxi-api:*",
    ]);
    expect(allowing(statements, "sagemaker:CreateProcessingJob")[0]!.Resource).to.equal(
      "arn:aws:sagemaker:us-east-1:123456789012:processing-job/mlops-nyctaxi-pms-*",
    );
    expect(allowing(statements, "iam:PassRole")[0]!.Condition).to.deep.equal({
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    });
    expect(statements.filter(({ Resource }) => Resource === "*")).to.deep.equal([]);
  });

  it("has an alarm for drift that a window without enough rows does not change", async () => {
    const recording = await made({ alarmAfter: { windows: 2, of: 3 }, notificationTopicArn: TOPIC });

    expect(alarm(recording, "mlops-nyctaxi-pms-drift")).to.deep.include({
      namespace: "aws/sagemaker/Endpoints/data-metrics",
      metricName: "drift_over_threshold",
      dimensions: { MonitoringSchedule: "mlops-nyctaxi-pms" },
      period: 3600,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      threshold: 1,
      treatMissingData: "ignore",
      alarmActions: [TOPIC],
      okActions: [TOPIC],
    });
  });

  it("has an alarm for jobs that fail, named after it", async () => {
    const recording = await made({ alarmName: "mlops-nyctaxi-drift" });

    expect(alarm(recording, "mlops-nyctaxi-drift-jobs")).to.deep.include({
      metricName: "Errors",
      dimensions: { FunctionName: "mlops-nyctaxi-pms" },
    });
    expect(await valueOf(recording.result.alarmName)).to.equal("mlops-nyctaxi-drift");
  });

  it("takes SageMaker's scikit-learn image where none is given", async () => {
    const recording = await record(() => {
      const others: Partial<DriftMonitorArgs> & Omit<DriftMonitorArgs, "image"> = { ...args, image: undefined };
      return new DriftMonitor("drift", others);
    });

    expect(settings(recording).image).to.match(/\.dkr\.ecr\./);
  });

  it("changes its children as the program says", async () => {
    const { find } = await made({ transform: { rule: { scheduleExpression: "rate(6 hours)" } } });

    expect(find("aws:cloudwatch/eventRule:EventRule").inputs.scheduleExpression).to.equal("rate(6 hours)");
  });

  it("tells everything that is wrong at once", async () => {
    const message = await refusal({
      monitorName: `${"m".repeat(41)}x`,
      captureUri: "data",
      baselineUri: "s3://data/baseline",
      threshold: 0,
      thresholds: { trip_distance: 2 },
      watched: [],
      leastRows: 0.5,
      windowSeconds: 90,
      schedule: "hourly",
      instanceType: "m5.large",
      alarmAfter: { windows: 3, of: 2 },
      canary: { row: "", intervalMinutes: 0 },
      ...({ treshold: 0.2 } as object),
    });

    expect(message.split("; ")).to.deep.equal([
      "treshold is not an argument: did you mean threshold?",
      'canary.row must be a line of CSV, got ""',
      "canary.intervalMinutes must be a whole number from 1 to 60, got 0",
      `monitorName must be 1 to 41 letters, digits and inner hyphens, so that SageMaker's 63 have room for a job's, got "${"m".repeat(41)}x"`,
      'captureUri must be s3://bucket/key, got "data"',
      'instanceType must be a SageMaker type such as ml.m5.large, got "m5.large"',
      'baselineUri must have {release} in the place of the release\'s id, got "s3://data/baseline"',
      "threshold must be above 0 and below 1, got 0",
      "thresholds.trip_distance must be above 0 and below 1, got 2",
      "watched must name at least one column: leave it out to watch all",
      "windowSeconds must be whole minutes, got 90",
      'schedule must be rate(…) or cron(…) in EventBridge\'s words, got "hourly"',
      "alarmAfter.windows must be a whole number from 1 to 2, got 3",
      "leastRows must be a whole number from 1 to 9007199254740991, got 0.5",
    ]);
  });
});
