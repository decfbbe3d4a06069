import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { LambdaClient, ListFunctionsCommand, ListLayersCommand } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { parseS3Uri } from "../../../lib/s3-uri";
import type { LocalProject } from "../../support/local-project";
import { eventually } from "../../support/pipeline-executions";

const CANARY = "mlops-nyctaxi-canary";

/** Expects the canary to have found all well, and its alarm to tell of an outage and of its end. */
export async function findsAnOutage({ aws, project }: LocalProject): Promise<void> {
  const cloudWatch = new CloudWatchClient(clientConfig(aws));
  const alarmIs = async (state: string) => {
    const { MetricAlarms: [alarm] = [] } = await eventually(
      () => cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [CANARY] })),
      ({ MetricAlarms: alarms = [] }) => alarms[0]?.StateValue === state,
    );
    expect(alarm?.StateValue, alarm?.StateReason).to.equal(state);
  };
  await alarmIs("OK");
  const { canaryArtifactsUri } = await project.outputs("prod");
  const { bucket: Bucket, key } = parseS3Uri(String(canaryArtifactsUri))!;
  const { Contents = [] } = await new S3Client({ ...clientConfig(aws), forcePathStyle: true }).send(
    new ListObjectsV2Command({ Bucket, Prefix: `${key}/` }),
  );
  const reports = Contents.map(({ Key = "" }) => Key.split("/").at(-1)).filter((file) => file?.endsWith(".json"));
  expect(new Set(reports)).to.deep.equal(new Set(["SyntheticsReport-PASSED.json"]));

  aws.faults.set({ kind: "model-errors", endpoint: "mlops-nyctaxi-prd-r1" });
  await alarmIs("ALARM");
  aws.faults.clear();
  await alarmIs("OK");
}

/** What Synthetics has made in Lambda. */
export async function enginesIn({ aws }: LocalProject): Promise<string[]> {
  const lambda = new LambdaClient(clientConfig(aws));
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const { Layers = [] } = await lambda.send(new ListLayersCommand({}));
  const names = [...Functions.map(({ FunctionName }) => FunctionName), ...Layers.map(({ LayerName }) => LayerName)];
  return names.filter((name) => name !== undefined).filter((name) => name.startsWith("cwsyn-"));
}
