import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsInput,
  type MetricAlarm,
} from "@aws-sdk/client-cloudwatch";
import { BatchGetDeploymentsCommand, CodeDeployClient, ListDeploymentsCommand } from "@aws-sdk/client-codedeploy";
import {
  CodePipelineClient,
  ListPipelineExecutionsCommand,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { handler, type DecisionRecord } from "../../../handlers/retrain";
import { withOutput } from "./lambda";

export const LEDGER = "monitoring/retrain/ledger.json";
export const HOUR_MS = 3_600_000;

interface Noted {
  readonly at: string;
  readonly executionId?: string;
}

/** What AWS has, kept by the calls of its clients. */
export class FakeAws {
  readonly objects = new Map<string, string>();
  readonly executions: { pipelineExecutionId: string; status: string; reason?: string }[] = [];
  readonly deployments: { deploymentId: string; createTime: Date; completeTime?: Date }[] = [];
  private readonly byToken = new Map<string, string>();
  readonly alarms: MetricAlarm[] = [];
  readonly told: string[] = [];
  private readonly mocks = {
    cloudWatch: mockClient(CloudWatchClient),
    s3: mockClient(S3Client),
    codePipeline: mockClient(CodePipelineClient),
    codeDeploy: mockClient(CodeDeployClient),
    sns: mockClient(SNSClient),
  };

  constructor() {
    const { cloudWatch, s3, codePipeline, codeDeploy, sns } = this.mocks;
    cloudWatch.on(DescribeAlarmsCommand).callsFake(({ AlarmNames = [], StateValue }: DescribeAlarmsInput) => ({
      MetricAlarms: this.alarms.filter(
        (one) => AlarmNames.includes(one.AlarmName ?? "") && one.StateValue === StateValue,
      ),
    }));
    s3.on(PutObjectCommand).callsFake((input: { Key: string; Body: string; IfMatch?: string; IfNoneMatch?: string }) =>
      this.put(input),
    );
    s3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
      const text = this.objects.get(Key) ?? "";
      return { ETag: text, Body: { transformToString: () => Promise.resolve(text) } };
    });
    const version = { Key: "data-source.zip", IsLatest: true, VersionId: "v1" };
    s3.on(ListObjectVersionsCommand).resolves({ Versions: [version] });
    codePipeline
      .on(ListPipelineExecutionsCommand)
      .callsFake(() => ({ pipelineExecutionSummaries: [...this.executions] }));
    codePipeline
      .on(StartPipelineExecutionCommand)
      .callsFake((input: { clientRequestToken: string; variables: { value: string }[] }) => this.start(input));
    codeDeploy.on(ListDeploymentsCommand).callsFake(({ createTimeRange }: { createTimeRange: { start: Date } }) => {
      const found = this.deployments.filter(({ createTime }) => createTime >= createTimeRange.start);
      return { deployments: found.map(({ deploymentId }) => deploymentId) };
    });
    codeDeploy.on(BatchGetDeploymentsCommand).callsFake(({ deploymentIds }: { deploymentIds: string[] }) => ({
      deploymentsInfo: this.deployments.filter(({ deploymentId }) => deploymentIds.includes(deploymentId)),
    }));
    sns.on(PublishCommand).callsFake(({ Message }: { Message: string }) => {
      this.told.push(Message);
      return {};
    });
  }

  restore(): void {
    Object.values(this.mocks).forEach((mock) => mock.restore());
  }

  noted(): Noted[] {
    return (JSON.parse(this.objects.get(LEDGER) ?? "") as { retrainings: Noted[] }).retrainings;
  }

  /** As if the function that has noted a retraining had been killed so long ago, before it started it. */
  noteLongAgo(hours: number): void {
    const at = new Date(Date.now() - hours * HOUR_MS).toISOString();
    const one = { id: "killed", reason: "alarm old", why: "new data", at, token: "t-0" };
    this.objects.set(LEDGER, JSON.stringify({ id: "l", count: 1, retrainings: [one] }));
  }

  private put({
    Key,
    Body,
    IfMatch,
    IfNoneMatch,
  }: {
    Key: string;
    Body: string;
    IfMatch?: string;
    IfNoneMatch?: string;
  }) {
    const before = this.objects.get(Key);
    if ((IfNoneMatch !== undefined && before !== undefined) || (IfMatch !== undefined && before !== IfMatch)) {
      const $metadata = { httpStatusCode: 412 };
      throw new S3ServiceException({ name: "PreconditionFailed", $fault: "client", message: "no", $metadata });
    }
    this.objects.set(Key, Body);
    return {};
  }

  private start({ clientRequestToken, variables }: { clientRequestToken: string; variables: { value: string }[] }) {
    const pipelineExecutionId = this.byToken.get(clientRequestToken) ?? `e-${this.executions.length + 1}`;
    if (!this.byToken.has(clientRequestToken)) {
      this.byToken.set(clientRequestToken, pipelineExecutionId);
      this.executions.unshift({ pipelineExecutionId, status: "InProgress", reason: variables[0]?.value });
    }
    return { pipelineExecutionId };
  }
}

/** The setting `GOVERNOR`. */
export const settings = (over: object = {}) =>
  JSON.stringify({
    ...{ pipelineName: "release", dataBucket: "data", dataKey: "data-source.zip", dataAction: "Data" },
    ...{ rolloutApplication: "api", decisionsUri: "s3://data/monitoring/retrain", topicArn: "arn:aws:sns:x" },
    ...{ cooldownHours: 24, maximumPerDay: 1, requireNewData: false, settleMinutes: 60 },
    ...{ alarmNames: ["drift", "quality"], ...over },
  });

/** What the function decides about an event. */
export const ask = async (awsRequestId: string, event: unknown): Promise<DecisionRecord | undefined> =>
  (await withOutput(() => handler(event, { awsRequestId, functionName: "retrain" }))).result;
