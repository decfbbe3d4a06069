import { expect } from "chai";
import type { DriftMonitorArgs } from "../../../components/drift-monitor/arguments";
import { alarm, KEY, made, refusal } from "./drift-monitor-fixture";

describe("DriftMonitor with Model Monitor", () => {
  const ENDPOINT = "mlops-nyctaxi-prd-r1";
  const watching: Partial<DriftMonitorArgs> = {
    engine: "modelMonitor",
    endpoint: { endpointName: ENDPOINT, release: "r1" },
    watched: ["total_amount", "trip_distance"],
    image: undefined,
  };
  const monitored = (over: Partial<DriftMonitorArgs> = {}) => made({ ...watching, ...over });

  it("has a schedule for the release's endpoint, and compares with the release's baseline", async () => {
    const { find, result } = await monitored({ kmsKeyArn: KEY });

    const definition = find("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition").inputs;
    expect(definition.name).to.match(/^mlops-nyctaxi-pms-[0-9a-f]{8}$/);
    expect(definition).to.deep.include({
      dataQualityBaselineConfig: {
        statisticsResource: {
          s3Uri: "s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-r1/statistics.json",
        },
        constraintsResource: {
          s3Uri: "s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-r1/constraints.json",
        },
      },
      stoppingCondition: { maxRuntimeInSeconds: 1800 },
    });
    expect(definition.dataQualityJobInput).to.deep.include({
      endpointInput: {
        endpointName: ENDPOINT,
        localPath: "/opt/ml/processing/input/endpoint",
        s3InputMode: "File",
        s3DataDistributionType: "FullyReplicated",
      },
    });
    expect(definition.dataQualityAppSpecification)
      .to.have.property("recordPreprocessorSourceUri")
      .that.matches(/^s3:\/\/data\/mlops-nyctaxi\/monitoring\/code\/[0-9a-f]{16}\/record_preprocessor\.py$/);
    expect(find("aws:sagemaker/monitoringSchedule:MonitoringSchedule").inputs).to.deep.include({
      name: "mlops-nyctaxi-pms-r1",
      monitoringScheduleConfig: {
        monitoringJobDefinitionName: definition.name,
        monitoringType: "DataQuality",
        scheduleConfig: { scheduleExpression: "cron(0 * ? * * *)" },
      },
    });
    expect(result.nodes.starter).to.equal(undefined);
    expect(result.starterName).to.equal(undefined);
  });

  it("tells the topic of jobs that have failed, which it knows by their role", async () => {
    const topic = "arn:aws:sns:us-east-1:123456789012:told";
    const { find, result } = await monitored({ notificationTopicArn: topic });

    const rule = find("aws:cloudwatch/eventRule:EventRule", "drift-failed").inputs;
    expect(rule.name).to.equal("mlops-nyctaxi-pms-failed");
    expect(JSON.parse(rule.eventPattern as string)).to.deep.equal({
      source: ["aws.sagemaker"],
      "detail-type": ["SageMaker Processing Job State Change"],
      detail: {
        RoleArn: ["arn:aws:test:us-east-1:123456789012:drift-job-role"],
        ProcessingJobStatus: ["Failed"],
      },
    });
    expect(find("aws:cloudwatch/eventTarget:EventTarget", "drift-failed").inputs).to.deep.include({
      rule: "mlops-nyctaxi-pms-failed",
      arn: topic,
    });
    expect(result.nodes).to.include.keys("failedRule", "failedTarget");
    expect((await monitored()).result.nodes).not.to.have.any.keys("failedRule", "failedTarget");
  });

  it("stops the schedule before it is deleted", async () => {
    const stop = (await monitored()).made.find(({ name }) => name === "drift-r1-stop");

    expect(stop?.inputs).to.include({ region: "us-east-1", scheduleName: "mlops-nyctaxi-pms-r1" });
  });

  it("reads the alarm off the distances of the watched columns, each by its threshold", async () => {
    const recording = await monitored({ thresholds: { trip_distance: 0.3 }, windowSeconds: 7200 });

    const [first, ...metrics] = alarm(recording, "mlops-nyctaxi-pms-drift").metricQueries as {
      readonly expression?: string;
      readonly metric?: object;
    }[];
    expect(first!.expression).to.equal("MAX([distance0 / 0.2, distance1 / 0.3])");
    expect(metrics.map(({ metric }) => metric)).to.deep.equal(
      ["total_amount", "trip_distance"].map((column) => ({
        namespace: "aws/sagemaker/Endpoints/data-metrics",
        metricName: `feature_baseline_drift_${column}`,
        dimensions: { MonitoringSchedule: "mlops-nyctaxi-pms-r1", Endpoint: ENDPOINT },
        stat: "Maximum",
        period: 7200,
      })),
    );
    const schedule = recording.find("aws:sagemaker/monitoringSchedule:MonitoringSchedule").inputs;
    expect(schedule.monitoringScheduleConfig).to.have.deep.property("scheduleConfig", {
      scheduleExpression: "cron(0 0/2 ? * * *)",
    });
  });

  it("changes its children as the program says", async () => {
    const { find } = await monitored({ transform: { schedule: { name: "mine" } } });

    expect(find("aws:sagemaker/monitoringSchedule:MonitoringSchedule").inputs.name).to.equal("mine");
  });

  it("tells at once what Model Monitor cannot do", async () => {
    const message = await refusal({
      ...watching,
      endpoint: { endpointName: ENDPOINT, release: "R_1" },
      watched: Array.from({ length: 11 }, (_, n) => `column${n}`),
      windowSeconds: 18_000,
      schedule: "rate(1 hour)",
      leastRows: 5,
      answer: { type: "json" },
      canary: { row: "5,1,1", intervalMinutes: 10 },
      maxRuntimeSeconds: 7200,
    });

    expect(message.split("; ")).to.deep.equal([
      'endpoint.release must be lower-case letters, digits and inner hyphens, such as 2026-11-24-1, got "R_1"',
      "the number of watched columns must be a whole number from 1 to 10, got 11",
      'windowSeconds must be hours that a day has a whole number of, with engine "modelMonitor", got 18000',
      'schedule is only for engine "own": Model Monitor looks at a window once it has ended',
      'canary is only for engine "own": Model Monitor compares its rows too',
      'leastRows is only for engine "own": Model Monitor compares however few rows',
      'answer must be of type number or label with engine "modelMonitor", got "json"',
      'maxRuntimeSeconds of engine "modelMonitor" must be a whole number from 1 to 3600, got 7200',
    ]);
  });

  it("wants an endpoint and its columns, which the own engine does not", async () => {
    expect((await refusal({ engine: "modelMonitor" })).split("; ")).to.deep.equal([
      'endpoint must be given with engine "modelMonitor", with endpointName and release',
      'watched must be given with engine "modelMonitor": the alarm names the metric of each column',
    ]);
    expect(await refusal({ endpoint: { endpointName: ENDPOINT, release: "r1" } })).to.equal(
      'endpoint is only for engine "modelMonitor": the own engine follows the alias',
    );
    expect(await refusal({ ...({ engine: "other" } as object) })).to.equal(
      'engine must be "own" or "modelMonitor", got "other"',
    );
  });
});
