import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { ListMonitoringExecutionsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { z } from "zod";
import type { LocalProject } from "../../support/local-project";
import { eventually } from "../../support/pipeline-executions";
import { ENDPOINT, longerTrips, send, textOf } from "./drift";

const SCHEDULE = "mlops-nyctaxi-pms-r1";
const ALARM = "mlops-nyctaxi-drift";
const violations = z.object({
  violations: z.array(z.object({ feature_name: z.string(), constraint_check_type: z.string() })),
});

/** Has Model Monitor watch the live release in the own engine's place, and expects it to find what longer trips change. */
export async function findsDriftByModelMonitor(local: LocalProject): Promise<void> {
  const config = clientConfig(local.aws);
  const cloudWatch = new CloudWatchClient(config);
  const sageMaker = new SageMakerClient(config);
  await local.up("prod", "r1", { driftMonitor: JSON.stringify({ engine: "modelMonitor" }) });
  await local.expectNoChanges("prod");
  // The own engine has set it off, and another engine leaves its state.
  const StateReason = "somebody has looked at it";
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue: "OK", StateReason }));

  await send(local, await longerTrips(local));

  const request = new ListMonitoringExecutionsCommand({ MonitoringScheduleName: SCHEDULE, MaxResults: 100 });
  const { MonitoringExecutionSummaries: executions = [] } = await eventually(
    () => sageMaker.send(request),
    ({ MonitoringExecutionSummaries: found = [] }) =>
      found.some(({ MonitoringExecutionStatus: status }) => status === "CompletedWithViolations"),
  );
  const ended = executions.map(({ MonitoringExecutionStatus: status, FailureReason }) => FailureReason ?? status);
  expect(ended).to.include("CompletedWithViolations");
  expect(await driftedColumns(local)).to.have.members(["total_amount", "trip_distance"]);
  const { MetricAlarms: [alarm] = [] } = await eventually(
    () => cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [ALARM] })),
    ({ MetricAlarms: alarms }) => alarms?.[0]?.StateValue === "ALARM",
  );
  expect(alarm?.StateValue, alarm?.StateReason).to.equal("ALARM");
}

/** Those that the first report names, of the endpoint and its schedule. */
async function driftedColumns(local: LocalProject): Promise<string[]> {
  const { aws, account } = local;
  const s3 = new S3Client({ ...clientConfig(aws), forcePathStyle: true });
  const Prefix = `mlops-nyctaxi/monitoring/reports/${ENDPOINT}/${SCHEDULE}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: account.bucket, Prefix }));
  const report = Contents.find(({ Key }) => Key?.endsWith("/constraint_violations.json"));
  const found = violations.parse(JSON.parse(await textOf(local, report?.Key ?? "")));
  return found.violations.flatMap((one) =>
    one.constraint_check_type === "baseline_drift_check" ? [one.feature_name] : [],
  );
}
