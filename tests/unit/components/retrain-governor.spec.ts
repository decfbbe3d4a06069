import { expect } from "chai";
import { RetrainGovernor, type RetrainGovernorArgs } from "../../../components/retrain-governor";
import {
  actionNames,
  AT,
  BUCKET,
  BUCKET_ARN,
  KEY,
  made,
  MODEL_KEY,
  policy,
  resourcesFor,
  RULE,
  TARGET,
  TOPIC,
  type Made,
} from "../../support/deployment-pipeline";
import { record } from "../../support/recorder";

const FUNCTION = "aws:lambda/function:Function";
const PERMISSION = "aws:lambda/permission:Permission";
const NAME = "mlops-nyctaxi-pipeline-retrain";
const settingsOf = ({ find }: Made) => {
  const { variables } = find(FUNCTION, "-retrain").inputs.environment as { variables: Record<string, string> };
  return JSON.parse(variables.GOVERNOR ?? "") as Record<string, unknown>;
};

describe("RetrainGovernor", () => {
  let pipeline: Made;
  before(async () => {
    pipeline = await made();
  });

  it("is a function that knows the pipeline, its data, its rollouts and the rules", () => {
    expect(pipeline.find(FUNCTION, "-retrain").inputs).to.deep.include({ name: NAME, handler: "index.handler" });
    expect(settingsOf(pipeline)).to.deep.equal({
      pipelineName: "mlops-nyctaxi-pipeline",
      dataBucket: BUCKET,
      dataKey: "mlops-nyctaxi-pipeline/data-source.zip",
      dataAction: "Data",
      rolloutApplication: "mlops-nyctaxi-api",
      decisionsUri: "s3://models/mlops-nyctaxi/monitoring/retrain",
      topicArn: TOPIC,
      alarmNames: ["mlops-nyctaxi-drift", "mlops-nyctaxi-quality"],
      cooldownHours: 24,
      maximumPerDay: 1,
      requireNewData: true,
      settleMinutes: 60,
    });
  });

  it("is asked by the alarms for drift and quality when they go to ALARM, and by the schedule", () => {
    expect(JSON.parse(pipeline.find(RULE, "-retrain").inputs.eventPattern as string)).to.deep.equal({
      source: ["aws.cloudwatch"],
      "detail-type": ["CloudWatch Alarm State Change"],
      detail: { alarmName: ["mlops-nyctaxi-drift", "mlops-nyctaxi-quality"], state: { value: ["ALARM"] } },
    });
    for (const [end, rule] of [
      ["-retrain", NAME],
      ["-schedule", "mlops-nyctaxi-pipeline-schedule"],
    ] as const) {
      const { arn, roleArn, rule: ofTarget } = pipeline.find(TARGET, end).inputs;
      expect({ arn, roleArn, ofTarget }).to.deep.equal({
        arn: `arn:aws:test:${AT}:pipeline-retrain`,
        roleArn: undefined,
        ofTarget: rule,
      });
      expect(pipeline.find(PERMISSION, end).inputs).to.deep.equal({
        action: "lambda:InvokeFunction",
        function: NAME,
        principal: "events.amazonaws.com",
        sourceArn: `arn:aws:test:${AT}:pipeline${end}`,
      });
    }
  });

  it("looks at the alarms each day, or when it is told", async () => {
    expect(pipeline.find(RULE, "-retrain-look").inputs).to.deep.include({
      name: `${NAME}-look`,
      scheduleExpression: "rate(1 day)",
    });
    const { arn, input, rule } = pipeline.find(TARGET, "-retrain-look").inputs;
    expect({ arn, input, rule }).to.deep.equal({
      arn: `arn:aws:test:${AT}:pipeline-retrain`,
      input: '{"look":"alarms"}',
      rule: `${NAME}-look`,
    });
    expect(pipeline.find(PERMISSION, "-retrain-look").inputs.sourceArn).to.equal(
      `arn:aws:test:${AT}:pipeline-retrain-look`,
    );
    const hourly = await made({ retrain: { lookSchedule: "rate(1 hour)" } });
    expect(hourly.find(RULE, "-retrain-look").inputs.scheduleExpression).to.equal("rate(1 hour)");
  });

  it("may start the pipeline, see alarms, executions, rollouts and versions of the data, keep decisions and tell them", () => {
    const statements = policy(pipeline, "retrain-role");

    expect(actionNames(statements)).to.have.members([
      ...["logs:CreateLogStream", "logs:PutLogEvents"],
      ...["codepipeline:ListPipelineExecutions", "codepipeline:StartPipelineExecution"],
      ...["codedeploy:ListDeployments", "codedeploy:BatchGetDeployments", "s3:ListBucketVersions"],
      ...[
        "cloudwatch:DescribeAlarms",
        "s3:GetObject",
        "s3:PutObject",
        "sns:Publish",
        "kms:Decrypt",
        "kms:GenerateDataKey",
      ],
    ]);
    expect(resourcesFor(statements, "codepipeline:StartPipelineExecution")).to.deep.equal([
      `arn:aws:test:${AT}:pipeline`,
    ]);
    expect(resourcesFor(statements, "s3:PutObject")).to.deep.equal([
      "arn:aws:s3:::models/mlops-nyctaxi/monitoring/retrain/*",
    ]);
    expect(resourcesFor(statements, "codedeploy:ListDeployments")).to.deep.equal([
      `arn:aws:codedeploy:${AT}:deploymentgroup:mlops-nyctaxi-api/mlops-nyctaxi-api`,
    ]);
    expect(resourcesFor(statements, "kms:Decrypt")).to.deep.equal([KEY, MODEL_KEY]);
    expect(statements.find(({ Action }) => Action === "s3:ListBucketVersions")).to.deep.include({
      Resource: "arn:aws:s3:::pipeline-artifacts-id",
      Condition: { StringEquals: { "s3:prefix": "mlops-nyctaxi-pipeline/data-source.zip" } },
    });
    expect(BUCKET_ARN).not.to.be.oneOf(resourcesFor(statements, "s3:GetObject"));
  });

  it("tells the topic when it fails itself", () => {
    expect(pipeline.find("aws:cloudwatch/metricAlarm:MetricAlarm", "-retrain-errors").inputs).to.deep.include({
      name: `${NAME}-errors`,
      dimensions: { FunctionName: NAME },
      threshold: 0,
      alarmActions: [TOPIC],
    });
  });

  it("takes other alarms and rules, and says where to ask it", async () => {
    const other = await made({ retrain: { alarmNames: ["late"], cooldownHours: 1, requireNewData: false } });

    expect(settingsOf(other)).to.include({ cooldownHours: 1, maximumPerDay: 1, requireNewData: false });
    expect(other.find(RULE, "-retrain").inputs.eventPattern).to.contain('"alarmName":["late"]');
    expect(other.result.nodes.retrain).not.to.equal(undefined);
  });

  it("is not there if nobody wants it, and the schedule then starts the pipeline itself", async () => {
    const without = await made({ retrain: false });

    expect(without.made.filter(({ type }) => type === FUNCTION)).to.deep.equal([]);
    expect(without.result.retrainFunctionName).to.equal(undefined);
    expect(without.find(TARGET, "-schedule").inputs).to.deep.equal({
      rule: "mlops-nyctaxi-pipeline-schedule",
      arn: `arn:aws:test:${AT}:pipeline`,
      roleArn: `arn:aws:test:${AT}:pipeline-events-role`,
    });
  });

  it("refuses rules that cannot be, all at once", async () => {
    const wrong = {
      alarmNames: [],
      lookSchedule: "daily",
      cooldownHours: -1,
      maximumPerDay: 0,
      settleMinutes: NaN,
      ...{ cooldownHour: 1 },
    };

    expect(await made({ retrain: wrong }).catch(String)).to.equal(
      "Error: retrain.cooldownHour is not an argument: did you mean retrain.cooldownHours?; " +
        "retrain.cooldownHours must be 0 or more, got -1; retrain.settleMinutes must be 0 or more, got NaN; " +
        "retrain.maximumPerDay must be a whole number, 1 or more, got 0; " +
        "retrain.alarmNames must name an alarm: leave it out for the default; " +
        'retrain.lookSchedule must be rate(…) or cron(…) in EventBridge\'s words, got "daily"',
    );
  });

  it("stands alone, for a pipeline of another program", async () => {
    const args: RetrainGovernorArgs = {
      pipelineName: "own",
      pipelineArn: "arn:aws:codepipeline:us-east-1:123456789012:own",
      alarmNames: ["drift"],
      data: { bucket: "data", key: "d.zip", sourceAction: "Source" },
      rolloutApplication: "api",
      decisions: { bucket: "models", folder: "decisions" },
      topicArn: "arn:aws:sns:us-east-1:123456789012:told",
      transform: { function: { memorySize: 512 } },
    };
    const { find, result } = await record(() => new RetrainGovernor("own", args));

    expect(find(FUNCTION).inputs).to.deep.include({ name: "own-retrain", memorySize: 512 });
    expect(find("aws:iam/rolePolicy:RolePolicy").inputs.policy).not.to.contain("kms:");
    expect(result.nodes).to.have.all.keys(
      ...["function", "role", "policy", "logGroup", "rule", "target", "permission", "errorAlarm"],
      ...["lookRule", "lookTarget", "lookPermission"],
    );
  });
});
