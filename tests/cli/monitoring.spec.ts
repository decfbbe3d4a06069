import {
  CloudWatchClient,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateProcessingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { startLocalAws, type LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { openRole } from "local-aws/testing/role";
import { createFunction } from "local-aws/tests/lambda/support";
import { testPython } from "pulumi-engine/testing/python";
import type { DriftReport } from "../../cli/drift/report";
import { call } from "./call";

const HOUR_MS = 3_600_000;
const ENDPOINT = "mlops-nyctaxi-prd-r1";
const JOB = "mlops-nyctaxi-pms-202611301200-12345678";
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";
const [INPUT, OUTPUT] = ["input", "output"] as const;
const EXECUTION = "11111111-2222-3333-4444-555555555555";

/** A report about an hour, in which trips have become longer. */
function reportOf(hoursAgo: number, more: Partial<DriftReport> = {}): DriftReport {
  const from = Math.floor(Date.now() / HOUR_MS - hoursAgo) * HOUR_MS;
  return {
    ...{ endpoint: ENDPOINT, release: "r1", outcome: "compared", rows: 300, leastRows: 100, brokenLines: 0 },
    ...{ from: new Date(from).toISOString(), to: new Date(from + HOUR_MS).toISOString() },
    features: {
      trip_distance: { distance: 0.612, threshold: 0.2, psi: 4.03, violated: true },
      passenger_count: { distance: 0.01, threshold: 0.2, psi: 0.001, violated: false },
    },
    ...more,
  };
}

describe("safe-deploy, with what watches a model", function () {
  this.timeout(60_000);
  let aws: LocalAws;
  let bucket: string;

  const run = (...args: readonly string[]) =>
    call(["--model", "nyctaxi", "--project", "/", ...args], { env: aws.environment });
  const putText = (Key: string, Body: string) =>
    new S3Client(clientConfig(aws)).send(
      new PutObjectCommand({ Bucket: bucket, Key: `mlops-nyctaxi/monitoring/${Key}`, Body }),
    );
  const put = (key: string, content: unknown) => putText(key, JSON.stringify(content));
  const putReport = (report: DriftReport, endpoint = ENDPOINT) =>
    put(`reports/${endpoint}/${report.from.slice(0, 13).replaceAll(/[-T]/g, "/")}/drift.json`, report);
  const answering = (name: string, code: string) =>
    createFunction(new LambdaClient(clientConfig(aws)), `exports.handler = async (event) => { ${code} };`, {
      FunctionName: name,
    });

  /** Starts a processing job that writes a report, as drift jobs do. */
  async function startJob(report: DriftReport): Promise<void> {
    await put("found/drift.json", report);
    const copy = "import shutil, sys; shutil.copy(sys.argv[1] + '/drift.json', sys.argv[2])";
    await putText("found/job.py", copy);
    const [from, to] = [`/opt/ml/processing/${INPUT}`, `/opt/ml/processing/${OUTPUT}`] as const;
    const s3 = (folder: string, LocalPath = "") => ({
      S3Uri: `s3://${bucket}/mlops-nyctaxi/monitoring/${folder}`,
      LocalPath,
    });
    await new SageMakerClient(clientConfig(aws)).send(
      new CreateProcessingJobCommand({
        ProcessingJobName: JOB,
        RoleArn: `arn:aws:iam::${aws.account.accountId}:role/function`,
        AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ["python3", `${from}/job.py`, from, to] },
        ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.t3.medium", VolumeSizeInGB: 1 } },
        ProcessingInputs: [
          { InputName: INPUT, S3Input: { ...s3("found", from), S3DataType: "S3Prefix", S3InputMode: "File" } },
        ],
        ProcessingOutputConfig: {
          Outputs: [
            { OutputName: OUTPUT, S3Output: { ...s3(`reports/${ENDPOINT}/by-hand`, to), S3UploadMode: "EndOfJob" } },
          ],
        },
      }),
    );
  }

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 6000 });
    bucket = `sagemaker-${aws.account.region}-${aws.account.accountId}`;
    await new S3Client(clientConfig(aws)).send(new CreateBucketCommand({ Bucket: bucket }));
    await openRole(aws, "function");
  });
  after(() => aws.close());

  describe("drift", () => {
    it("says it where there is neither alarm nor report nor monitor", async () => {
      const { status, stdout } = await run("drift", "show", "--stack", "prod-eu");
      expect(status).to.equal(0);
      expect(stdout)
        .to.contain("alarm mlops-nyctaxi-prodeu-drift: there is none")
        .and.contain(`s3://${bucket}/mlops-nyctaxi/monitoring/mlops-nyctaxi-prodeu-api/reports/`);
      expect((await run("drift", "run", "--stack", "prod-eu")).stderr).to.contain(
        "there is no function mlops-nyctaxi-prodeu-pms: the stack's config driftMonitor makes it",
      );
    });

    it("shows the alarms and the last reports, the newest comparison column by column", async () => {
      await putReport(reportOf(3));
      await putReport(reportOf(2, { outcome: "noData", rows: 0, features: {} }));
      await putReport(reportOf(400));
      const client = new CloudWatchClient(clientConfig(aws));
      const alarm = {
        AlarmName: "mlops-nyctaxi-drift",
        Namespace: "Test",
        MetricName: "m",
        Statistic: "Maximum",
      } as const;
      const when = {
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanThreshold",
      } as const;
      await client.send(new PutMetricAlarmCommand({ ...alarm, ...when, TreatMissingData: "ignore" }));
      const state = { StateValue: "ALARM", StateReason: "trips are longer" } as const;
      await client.send(new SetAlarmStateCommand({ AlarmName: "mlops-nyctaxi-drift", ...state }));

      const { stdout } = await run("drift", "show");

      expect(stdout)
        .to.match(/^alarm mlops-nyctaxi-drift: ALARM since \S+ \S+Z: trips are longer\n/)
        .and.match(/outcome\n.*prd-r1 +0 +0 +no traffic\n.*prd-r1 +300 +0 +drift in trip_distance\n/)
        .and.match(/\ntrip_distance +0\.612 +0\.2 +4\.03 +drifted\npassenger_count +0\.01 +0\.2 +0\.001\n$/);
      const { reports } = JSON.parse((await run("--json", "drift", "show", "-n", "1")).stdout) as { reports: object[] };
      expect(reports).to.have.length(1).and.have.nested.property("0.outcome", "noData");
    });

    it("has a window looked at, waits for the report, and tells drift by its exit status", async () => {
      const job = { jobName: JOB, endpointName: ENDPOINT, release: "r1", status: "started" };
      await answering("mlops-nyctaxi-pms", `return { window: event, jobs: [${JSON.stringify(job)}] };`);
      await startJob(reportOf(1));

      const { status, stdout, stderr } = await run("drift", "run", "--to", "2026-11-30T13:00:00Z", "--hours", "2");

      expect(status, stderr).to.equal(2);
      expect(stdout)
        .to.contain("drift in trip_distance")
        .and.match(/trip_distance +0\.612 +0\.2 +4\.03 +drifted/);
      expect(stderr).to.contain("about 2026-11-30T11:00:00.000Z to 2026-11-30T13:00:00Z");
    });

    it("refuses what is no time, all of it at once", async () => {
      const { stderr } = await run("drift", "run", "--from", "noon", "--to", "night");
      expect(stderr).to.match(/--from must be a time .*got "noon"\n--to must be a time .*got "night"/);
    });
  });

  describe("canary show", () => {
    it("says it where there is none, and tells how its runs went", async () => {
      const none = await run("canary", "show");
      expect(none.stdout).to.contain("canary mlops-nyctaxi-canary has not run in the last day");
      const at = (MetricName: string, Value: number) => ({
        ...{ MetricName, Value, Timestamp: new Date() },
        Dimensions: [{ Name: "CanaryName", Value: "mlops-nyctaxi-canary" }],
      });
      await new CloudWatchClient(clientConfig(aws)).send(
        new PutMetricDataCommand({
          Namespace: "CloudWatchSynthetics",
          MetricData: [at("SuccessPercent", 100), at("SuccessPercent", 0), at("Duration", 120)],
        }),
      );
      const { stdout } = await run("canary", "show");
      expect(stdout)
        .to.contain("canary mlops-nyctaxi-canary: found all well in 50 % of the last day's 2 runs")
        .and.match(/minute +runs +found all well +took\n.*Z +2 +50 % +120 ms\n$/);
    });
  });

  describe("retrain", () => {
    it("says that nobody has asked, and which function is not there", async () => {
      expect((await run("retrain", "why")).stdout).to.contain("nobody has asked for a retraining yet");
      expect((await run("retrain", "start", "--reason", "x")).stderr).to.contain(
        "there is no function mlops-nyctaxi-pipeline-retrain: stack pipeline makes it",
      );
    });

    it("asks the governor, and tells what it has decided and why", async () => {
      const decided = `{ time: "2026-11-30T12:00:00.000Z", reason: "a person: " + event.reason`;
      await answering(
        "mlops-nyctaxi-pipeline-retrain",
        `if (event.reason === "broken") throw new Error("the ledger is gone");
        return event.reason === "new zones"
          ? ${decided}, decision: "retrain", why: "there are new data", executionId: "${EXECUTION}" }
          : ${decided}, decision: "none", why: "one was started 2 hours ago" };`,
      );
      const started = await run("retrain", "start", "--reason", "new zones");
      expect(started.status).to.equal(0);
      expect(started.stdout).to.contain(`${EXECUTION} was started: there are new data`);
      const refused = await run("retrain", "start", "--reason", "again");
      expect(refused.status).to.equal(1);
      expect(refused.stdout).to.contain("no retraining was started: one was started 2 hours ago");
      const broken = await run("retrain", "start", "--reason", "broken");
      expect(broken.stderr).to.equal(
        "asking mlops-nyctaxi-pipeline-retrain\nerror: mlops-nyctaxi-pipeline-retrain has failed: the ledger is gone\n",
      );
    });

    it("lists the last decisions, the newest first", async () => {
      const about = { reason: "alarm mlops-nyctaxi-drift", decision: "none", why: "a rollout is under way" };
      await put("retrain/ledger.json", { retrainings: [] });
      await put("retrain/20261129T120000Z-a.json", { ...about, time: "2026-11-29T12:00:00.000Z" });
      await put("retrain/20261130T120000Z-b.json", {
        ...{ time: "2026-11-30T12:00:00.000Z", reason: "a person: new zones", decision: "retrain", why: "new data" },
        executionId: EXECUTION,
      });
      const { stdout } = await run("retrain", "why");
      expect(stdout).to.match(
        /^decided +asked by +retraining +why\n2026-11-30 12:00:00Z +a person: new zones +started 1{8}\S+ +new data\n2026-11-29 \S+ +alarm \S+ +not started +a rollout is under way\n$/,
      );
      expect(JSON.parse((await run("--json", "retrain", "why", "-n", "1")).stdout)).to.have.length(1);
    });
  });

  describe("dashboard", () => {
    it("links to the stack's dashboard, if there is one", async () => {
      expect((await run("dashboard")).stderr).to.contain("there is no dashboard mlops-nyctaxi: config dashboard");
      await new CloudWatchClient(clientConfig(aws)).send(
        new PutDashboardCommand({ DashboardName: "mlops-nyctaxi", DashboardBody: JSON.stringify({ widgets: [] }) }),
      );
      expect((await run("dashboard")).stdout).to.equal(
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards:name=mlops-nyctaxi\n",
      );
    });
  });
});
