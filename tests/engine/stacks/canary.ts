import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { LambdaClient, ListFunctionsCommand, ListLayersCommand } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import type { LocalProject } from "../../support/local-project";
import { eventually } from "../../support/pipeline-executions";

const CANARY = "mlops-nyctaxi-canary";

/** Waits for the canary's first run, and expects it to find all well. */
export async function findsTheApiWell({ aws, account }: LocalProject): Promise<void> {
  const cloudWatch = new CloudWatchClient(clientConfig(aws));
  const now = Date.now();
  const results = () =>
    cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: "CloudWatchSynthetics",
        MetricName: "SuccessPercent",
        Dimensions: [{ Name: "CanaryName", Value: CANARY }],
        StartTime: new Date(now - 3_600_000),
        EndTime: new Date(now + 3_600_000),
        Period: 7200,
        Statistics: ["Average"],
      }),
    );
  const { Datapoints = [] } = await eventually(results, ({ Datapoints: points = [] }) => points.length > 0);
  expect(Datapoints.map(({ Average }) => Average)).to.deep.equal([100]);
  const { Contents = [] } = await new S3Client({ ...clientConfig(aws), forcePathStyle: true }).send(
    new ListObjectsV2Command({ Bucket: account.bucket, Prefix: "mlops-nyctaxi/monitoring/canary/runs/" }),
  );
  expect(Contents.map(({ Key = "" }) => Key.split("/").at(-1))).to.include("SyntheticsReport-PASSED.json");
  const { MetricAlarms: [alarm] = [] } = await eventually(
    () => cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [CANARY] })),
    ({ MetricAlarms: alarms = [] }) => alarms[0]?.StateValue === "OK",
  );
  expect(alarm?.StateValue, alarm?.StateReason).to.equal("OK");
}

/** What Synthetics has made in Lambda. */
export async function enginesIn({ aws }: LocalProject): Promise<string[]> {
  const lambda = new LambdaClient(clientConfig(aws));
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const { Layers = [] } = await lambda.send(new ListLayersCommand({}));
  const names = [...Functions.map(({ FunctionName }) => FunctionName), ...Layers.map(({ LayerName }) => LayerName)];
  return names.filter((name) => name !== undefined).filter((name) => name.startsWith("cwsyn-"));
}
