import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  ListDataQualityJobDefinitionsCommand,
  ListMonitoringExecutionsCommand,
  ListMonitoringSchedulesCommand,
  SageMakerClient,
  type ExecutionStatus,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { startLocalAws, type LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { inbox, type Inbox } from "local-aws/testing/inbox";
import { buildPlugin, PLUGIN_DIR } from "pulumi-local-aws/build";
import { testPython } from "pulumi-engine/testing/python";
import { uploadModel } from "../../../packages/pulumi-local-aws/tests/engine/model-archive";
import { eventually } from "../../support/pipeline-executions";
import { TestStack } from "./test-stack";

const EndpointName = "watched";
const MonitoringScheduleName = "drift-r1";

const program = (bucket: string, modelDataUrl: string, topicArn: string, isWatched: boolean) => `
  import { AutoscaledEndpoint } from "./components/autoscaled-endpoint";
  import { DriftMonitor } from "./components/drift-monitor";
  import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker/getPrebuiltEcrImage";
  const image = getPrebuiltEcrImageOutput({ repositoryName: "sagemaker-xgboost", imageTag: "1.7-1" }).registryPath;
  const dataCapture = { destinationUri: "s3://${bucket}/captures", samplingPercentage: 100 };
  const args = { endpointName: "${EndpointName}", variantName: "v", instanceType: "ml.m5.large", image, dataCapture };
  const { endpointName } = new AutoscaledEndpoint("e", { ...args, modelDataUrl: "${modelDataUrl}" });
  if (${isWatched}) {
    new DriftMonitor("drift", {
      engine: "modelMonitor",
      endpoint: { endpointName, release: "r1" },
      monitorName: "drift",
      functionName: "nobody",
      captureUri: dataCapture.destinationUri,
      baselineUri: "s3://${bucket}/baselines/{release}",
      outputUri: "s3://${bucket}/monitoring",
      watched: ["label", "x"],
      notificationTopicArn: "${topicArn}",
    });
  }
`;

/** The files of the baseline of a label and three inputs that are any number from 1 to 10. */
function baseline() {
  const values = Array.from({ length: 1000 }, (_, n) => 1 + (9 * n) / 1000);
  const kll = { buckets: [], sketch: { parameters: { c: 0.64, k: 2048 }, data: [values] } };
  const numerical_statistics = { common: { num_present: 1000, num_missing: 0 }, distribution: { kll } };
  const features = ["label", "x", "y", "z"].map((name) => ({ name, inferred_type: "Fractional", completeness: 1 }));
  return {
    statistics: { features: features.map((feature) => ({ ...feature, numerical_statistics })) },
    constraints: { features, monitoring_config: { distribution_constraints: { comparison_threshold: 0.1 } } },
  };
}

describe("DriftMonitor with Model Monitor, on the real engine", function () {
  this.timeout(300_000);
  const restored = { ...process.env };
  let local: LocalAws;
  let stack: TestStack;
  let sageMaker: SageMakerClient;
  let told: Inbox;
  let s3: S3Client;
  let archive: { readonly bucket: string; readonly modelDataUrl: string };

  before(async () => {
    await buildPlugin();
    local = await startLocalAws({ python: testPython(), speed: 600 });
    Object.assign(process.env, local.environment, { PATH: `${PLUGIN_DIR}:${process.env.PATH ?? ""}` });
    sageMaker = new SageMakerClient(clientConfig(local));
    const { modelDataUrl } = await uploadModel(local);
    archive = { modelDataUrl, bucket: modelDataUrl.split("/")[2] ?? "" };
    s3 = new S3Client({ ...clientConfig(local), forcePathStyle: true });
    for (const [name, content] of Object.entries(baseline())) {
      await putBaseline(name, JSON.stringify(content));
    }
    told = await inbox(local, "told");
    await letAwsPublish(told.topicArn);
    stack = await TestStack.create(program(archive.bucket, archive.modelDataUrl, told.topicArn, true));
    await stack.run("config", "set", "aws:region", "us-east-1");
  });
  after(async () => {
    await stack.remove();
    await told.close();
    await local.close();
    Object.assign(process.env, restored);
  });

  const putBaseline = (name: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: archive.bucket, Key: `baselines/r1/${name}.json`, Body }));
  const letAwsPublish = (TopicArn: string) => {
    const Principal = { Service: ["cloudwatch.amazonaws.com", "events.amazonaws.com"] };
    const Statement = [{ Effect: "Allow", Principal, Action: "sns:Publish", Resource: TopicArn }];
    const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement });
    return new SNSClient(clientConfig(local)).send(
      new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }),
    );
  };
  const run = async (...args: string[]) => {
    const { ok, output } = await stack.run(...args);
    expect(ok, output).to.equal(true);
  };
  const executionIn = (...wanted: ExecutionStatus[]) =>
    eventually(
      async () => {
        const request = new ListMonitoringExecutionsCommand({ MonitoringScheduleName, MaxResults: 100 });
        const { MonitoringExecutionSummaries: found = [] } = await sageMaker.send(request);
        return found.map(({ MonitoringExecutionStatus: status, FailureReason }) => [status, FailureReason] as const);
      },
      (found) => found.some(([status]) => status !== undefined && wanted.includes(status)),
    );
  const send = () => {
    const runtime = new SageMakerRuntimeClient(clientConfig(local));
    const Body = Array.from({ length: 300 }, () => "9,9,9").join("\n");
    return runtime.send(new InvokeEndpointCommand({ EndpointName, ContentType: "text/csv", Body }));
  };

  it("looks at what is captured, and a second update changes nothing", async () => {
    await run("up", "--yes", "--skip-preview");
    await run("preview", "--refresh", "--expect-no-changes", "--diff");
    await send();
    await executionIn("CompletedWithViolations");
  });

  it("tells the topic of a job that has failed", async () => {
    await putBaseline("statistics", "{");
    await send();
    const message = await eventually(
      async () => told.messages.map(({ Message }) => Message).find((text) => text.includes(" has failed")),
      (text) => text !== undefined,
    );
    await putBaseline("statistics", JSON.stringify(baseline().statistics));

    expect(message).to.match(
      /^"drift: job (model-monitoring-\S+) of SageMaker Model Monitor has failed\. Why: aws sagemaker describe-processing-job --processing-job-name \1"$/,
    );
  });

  it("goes while it runs: the run is stopped first", async () => {
    await stack.buildProgram(program(archive.bucket, archive.modelDataUrl, told.topicArn, false));
    await send();
    await executionIn("Pending", "InProgress");
    await run("up", "--yes", "--skip-preview");

    const { MonitoringScheduleSummaries } = await sageMaker.send(new ListMonitoringSchedulesCommand({}));
    const { JobDefinitionSummaries } = await sageMaker.send(new ListDataQualityJobDefinitionsCommand({}));
    expect([MonitoringScheduleSummaries, JobDefinitionSummaries]).to.deep.equal([[], []]);
    await run("destroy", "--yes", "--skip-preview");
  });
});
