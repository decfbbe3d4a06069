import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
} from "@aws-sdk/client-eventbridge";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { eventually } from "../../../support/pipeline-executions";
import { PIPELINE } from "../../../support/pipeline-lab";
import { DATA, type Declared, type Use } from "./fixture";

const ALARM = "mlops-nyctaxi-drift";
const FUNCTION = `${PIPELINE}-retrain`;
/** When the governor looks at its alarms here. */
export const SELDOM = "rate(30 days)";
const RULE = { Name: `${PIPELINE}-data` };

/** The alarm that stack `prod` would have, with the topic that the pipeline gives it. */
async function putAlarm({ lab: { aws, project } }: Declared): Promise<void> {
  const { topicArn } = await project.outputs("pipeline");
  await new CloudWatchClient(clientConfig(aws)).send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: ALARM, Namespace: "Test", MetricName: "Drift", Statistic: "Average", Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 0.2, ComparisonOperator: "GreaterThanThreshold" },
      TreatMissingData: "ignore",
      AlarmActions: [String(topicArn)],
    }),
  );
}

/** The alarm goes to ALARM so many times. */
async function fire({ lab }: Declared, times = 1): Promise<void> {
  const client = new CloudWatchClient(clientConfig(lab.aws));
  for (let time = 0; time < times; time++) {
    for (const StateValue of ["OK", "ALARM"] as const) {
      await client.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: "drift, by hand" }));
    }
  }
}

/** The decisions that are kept, by what they are. */
async function decisions({ lab }: Declared): Promise<Record<string, string>[]> {
  const s3 = new S3Client({ ...clientConfig(lab.aws), forcePathStyle: true });
  const place = { Bucket: lab.account.bucket };
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ ...place, Prefix: "mlops-nyctaxi/monitoring/retrain/2" }),
  );
  const read = async (Key?: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ ...place, Key }));
    return JSON.parse((await Body?.transformToString()) ?? "") as Record<string, string>;
  };
  return Promise.all(Contents.map(({ Key }) => read(Key)));
}

export function retraining(use: Use): void {
  const toldOf = (text: string) =>
    eventually(
      async () => use().told.messages,
      (messages) => messages.some(({ Message, Subject }) => `${Subject}\n${Message}`.includes(text)),
    );

  it("tells people of an alarm, and that nothing is trained for it as long as the data are the same", async () => {
    await putAlarm(use());
    await fire(use());

    await toldOf(`ALARM: "${ALARM}"`);
    await toldOf("None was started: there are no new data: ");
    expect(await decisions(use())).to.have.length(1);
  });

  it("asks again as long as the alarm stays on, and tells nobody the same again", async () => {
    const { lab, told } = use();
    const events = new EventBridgeClient(clientConfig(lab.aws));
    const Name = `${FUNCTION}-look`;
    const { Description } = await events.send(new DescribeRuleCommand({ Name }));
    const look = (ScheduleExpression: string) =>
      events.send(new PutRuleCommand({ Name, Description, ScheduleExpression }));

    await look("rate(10 minutes)");
    await eventually(
      () => decisions(use()),
      (kept) => kept.length >= 3,
    );
    await look(SELDOM);

    const kept = await decisions(use());
    expect(kept.filter(({ source }) => source !== "look")).to.have.length(1);
    expect(new Set(kept.map(({ reason, why }) => `${reason}: ${why}`)).size).to.equal(1);
    const refusals = told.messages.filter(({ Message }) => Message.includes("None was started: "));
    expect(refusals).to.have.length(1);
  });

  it("starts one retraining for a storm of alarms once there are new data, and says so to whoever approves", async () => {
    const { lab } = use();
    const events = new EventBridgeClient(clientConfig(lab.aws));
    // Otherwise the data would start the pipeline themselves.
    await events.send(new DisableRuleCommand(RULE));
    await lab.putData(DATA);
    await events.send(new EnableRuleCommand(RULE));
    const before = (await lab.executions.all()).length;
    const decided = (await decisions(use())).length;

    const { id, trigger } = await lab.executions.startedBy(() => fire(use(), 4));

    expect(trigger?.triggerType).to.equal("StartPipelineExecution");
    await lab.executions.token(id);
    const { input } = await lab.executions.action(id, "Approve");
    expect(input?.resolvedConfiguration?.CustomData).to.contain(`, started by alarm ${ALARM}. Its own code reports:`);
    await toldOf(`Execution ${id} was started: version `);
    await eventually(
      () => decisions(use()),
      (kept) => kept.length === decided + 4,
    );
    expect((await decisions(use())).filter(({ decision }) => decision === "retrain")).to.have.length(1);
    expect(await lab.executions.all()).to.have.length(before + 1);
  });

  it("tells a person who asks for another one what speaks against it", async () => {
    const { lab } = use();
    const id = (await lab.executions.all()).at(-1)?.pipelineExecutionId ?? "";
    const { FunctionError, Payload } = await new LambdaClient(clientConfig(lab.aws)).send(
      new InvokeCommand({ FunctionName: FUNCTION, Payload: JSON.stringify({ reason: "new tariffs" }) }),
    );

    expect(FunctionError).to.equal(undefined);
    expect(JSON.parse(Payload?.transformToString() ?? "")).to.include({
      ...{ source: "person", reason: "a person: new tariffs", decision: "none" },
      why: `execution ${id} is under way`,
    });
    await lab.executions.decide(id, "Rejected");
    expect(await lab.executions.ended(id)).to.equal("Failed");
  });

  it("gives the governor what it needs, and nothing more without a reason", async () => {
    const { aws } = use().lab;
    const configuration = await new LambdaClient(clientConfig(aws)).send(
      new GetFunctionConfigurationCommand({ FunctionName: FUNCTION }),
    );
    const unused = await aws.sessions.unusedPermissions(configuration.Role ?? "");

    // These builds roll nothing out, so there is no deployment to describe. The local AWS writes functions' logs itself, and asks no key for
    // messages to a topic or for a bucket that has its own encryption.
    expect(unused.map(({ action }) => action)).to.have.members([
      ...["codedeploy:BatchGetDeployments", "logs:CreateLogStream", "logs:PutLogEvents"],
      ...["kms:Decrypt", "kms:GenerateDataKey"],
    ]);
  });
}
