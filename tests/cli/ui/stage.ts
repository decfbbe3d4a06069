import {
  CloudWatchClient,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
} from "@aws-sdk/client-codedeploy";
import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineStateCommand,
  type ActionDeclaration,
} from "@aws-sdk/client-codepipeline";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { strToU8, zipSync } from "fflate";
import { clientConfig } from "local-aws/core/local";
import { startLocalAws, type LocalAws } from "local-aws";
import { openRole } from "local-aws/testing/role";
import { approval, pipelineOf } from "local-aws/tests/codepipeline/declarations";
import { testPython } from "pulumi-engine/testing/python";
import type { PageSource } from "../../../cli/ui/page-of";
import { METRICS, releaseDimensions } from "../../../lib/contract";

const MODEL = "taxi";
const API = "mlops-taxi-api";
export const PIPELINE = "mlops-taxi-pipeline";
/** What the approval says. */
export const TEXT = "Commit abc. Its own code reports:\n\nprod: one to replace";

/**
 * A model on a local AWS: release r1 is live, r2 has been published beside it, and release in the pipeline waits for approval. All that the page
 * asks AWS for is there, but an endpoint, whose container would take longer than all else.
 */
export class Stage {
  private constructor(
    readonly aws: LocalAws,
    private readonly config: ReturnType<typeof clientConfig>,
    private readonly role: string,
  ) {}

  static async open(): Promise<Stage> {
    const aws = await startLocalAws({ python: testPython() });
    const stage = new Stage(aws, clientConfig(aws), await openRole(aws, "everything"));
    await stage.makeBucket();
    await Promise.all([stage.makeFunction(), stage.makePipeline(), stage.makeMonitoring()]);
    await stage.makeRollouts();
    return stage;
  }

  get bucket(): string {
    return `sagemaker-${this.aws.account.region}-${this.aws.account.accountId}`;
  }

  /** What its page is made from. */
  get source(): PageSource {
    const { region, accountId: account } = this.aws.account;
    const { bucket, config: aws } = this;
    return { aws, model: MODEL, prefix: "mlops-taxi", pipelineName: PIPELINE, bucket, region, account };
  }

  /** Begins a rollout from r1 to r2, which stays at a tenth of the traffic for half a minute. */
  async rollOut(): Promise<void> {
    const Properties = { Name: API, Alias: "live", CurrentVersion: "1", TargetVersion: "2" };
    const Resources = [{ [API]: { Type: "AWS::Lambda::Function", Properties } }];
    const content = `{"version":0.0,${JSON.stringify({ Resources }).slice(1)}`;
    await new CodeDeployClient(this.config).send(
      new CreateDeploymentCommand({
        applicationName: API,
        deploymentGroupName: API,
        description: "r2",
        revision: { revisionType: "AppSpecContent", appSpecContent: { content } },
      }),
    );
  }

  /** What callers have sent to a release by now, in the metrics that its function writes. */
  async answered(release: string, requests: number, faults: number): Promise<void> {
    const caller = { FunctionName: API, Release: release, Source: "caller" };
    const of = (dimensions: Readonly<Record<string, string>>, MetricName: string, Value: number) => ({
      ...{ MetricName, Value },
      Dimensions: Object.entries(dimensions).map(([Name, value]) => ({ Name, Value: value })),
    });
    const own = releaseDimensions(API, release);
    await new CloudWatchClient(this.config).send(
      new PutMetricDataCommand({
        Namespace: METRICS.namespace,
        MetricData: [
          of(caller, METRICS.requests, requests),
          of(own, METRICS.requests, requests),
          of(own, METRICS.modelFaults, faults),
          of(own, METRICS.modelLatency, 12),
        ],
      }),
    );
  }

  /** Waits until the pipeline asks for approval. */
  async asks(): Promise<string> {
    const client = new CodePipelineClient(this.config);
    for (;;) {
      const { stageStates = [] } = await client.send(new GetPipelineStateCommand({ name: PIPELINE }));
      const { latestExecution, actionStates = [] } = stageStates.find(({ stageName }) => stageName === "Approve") ?? {};
      if (actionStates[0]?.latestExecution?.token !== undefined) {
        return latestExecution?.pipelineExecutionId ?? "";
      }
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }

  close(): Promise<void> {
    return this.aws.close();
  }

  private async makeBucket(): Promise<void> {
    const s3 = new S3Client(this.config);
    const { bucket: Bucket } = this;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    const time = new Date().toISOString();
    const decision = { time, id: "1", source: "alarm", reason: "alarm mlops-taxi-drift", decision: "none" };
    await put("data-source.zip", zipSync({ "inputData.json": strToU8("{}") }));
    await put(
      `mlops-taxi/monitoring/retrain/${time.replace(/[-:]|\.\d+/g, "")}-1.json`,
      JSON.stringify({ ...decision, why: "there are no new data" }),
    );
  }

  private async makeFunction(): Promise<void> {
    const client = new LambdaClient(this.config);
    const ZipFile = zipSync({ "index.js": strToU8("exports.handler = async () => ({});") });
    const ready = { client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.2 };
    await client.send(
      new CreateFunctionCommand({
        ...{ FunctionName: API, Runtime: "nodejs22.x", Handler: "index.handler", Role: this.role, Code: { ZipFile } },
        ...{ Environment: { Variables: { RELEASE: "r1" } }, Publish: true },
      }),
    );
    await waitUntilFunctionActiveV2(ready, { FunctionName: API });
    await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: API, Environment: { Variables: { RELEASE: "r2" } } }),
    );
    await waitUntilFunctionUpdatedV2(ready, { FunctionName: API });
    await client.send(new PublishVersionCommand({ FunctionName: API }));
    await client.send(new CreateAliasCommand({ FunctionName: API, Name: "live", FunctionVersion: "1" }));
  }

  private async makePipeline(): Promise<void> {
    const data: ActionDeclaration = {
      name: "Data",
      actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
      configuration: { S3Bucket: this.bucket, S3ObjectKey: "data-source.zip", PollForSourceChanges: "false" },
      outputArtifacts: [{ name: "DataOutput" }],
    };
    const asking = { name: "Approve", actions: [approval("Approve", { CustomData: TEXT })] };
    const artifactStore = { type: "S3", location: this.bucket } as const;
    const changes = { name: PIPELINE, roleArn: this.role, artifactStore };
    const pipeline = pipelineOf([asking], changes, [data]);
    await new CodePipelineClient(this.config).send(new CreatePipelineCommand({ pipeline }));
  }

  private async makeMonitoring(): Promise<void> {
    const client = new CloudWatchClient(this.config);
    const alarm = { MetricName: "x", Namespace: "taxi", Statistic: "Maximum", Period: 3600 } as const;
    const ARN = `arn:aws:cloudwatch:${this.aws.account.region}:${this.aws.account.accountId}:alarm:mlops-taxi-drift`;
    await client.send(
      new PutMetricAlarmCommand({
        ...{ ...alarm, AlarmName: "mlops-taxi-drift", EvaluationPeriods: 1, Threshold: 1 },
        ...{ ComparisonOperator: "GreaterThanThreshold", TreatMissingData: "ignore" },
      }),
    );
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "mlops-taxi-drift", StateValue: "ALARM", StateReason: "trips are longer" }),
    );
    const search = `SEARCH('{${METRICS.namespace},FunctionName,Release,Source} MetricName="Requests" Source="caller"', 'Sum', 60)`;
    const traffic = {
      ...{ title: "Traffic by release", period: 60, stacked: true, region: this.aws.account.region },
      metrics: [[{ expression: search, label: "${PROP('Dim.Release')}" }]],
      yAxis: { left: { label: "Requests" } },
    };
    const drift = { title: "Drift: alarm", annotations: { alarms: [ARN] }, region: this.aws.account.region };
    const place = { type: "metric", x: 0, y: 0, width: 8, height: 6 };
    const DashboardBody = JSON.stringify({
      widgets: [
        { ...place, properties: traffic },
        { ...place, x: 8, properties: drift },
        { ...place, x: 16, type: "alarm", properties: { title: "Alarms", alarms: [ARN] } },
      ],
    });
    await client.send(new PutDashboardCommand({ DashboardName: "mlops-taxi", DashboardBody }));
  }

  private async makeRollouts(): Promise<void> {
    const client = new CodeDeployClient(this.config);
    await client.send(new CreateApplicationCommand({ applicationName: API, computePlatform: "Lambda" }));
    await client.send(
      new CreateDeploymentGroupCommand({
        ...{ applicationName: API, deploymentGroupName: API, serviceRoleArn: this.role },
        deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent30Minutes",
        deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
        autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"] },
      }),
    );
  }
}
