import { setTimeout as sleep } from "node:timers/promises";
import {
  CodePipelineClient,
  CreatePipelineCommand,
  ListPipelineExecutionsCommand,
  type ActionDeclaration,
  type PipelineDeclaration,
} from "@aws-sdk/client-codepipeline";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { startLocalAws, type LocalAws } from "../../server";
import { testPython } from "pulumi-engine/testing/python";
import { silenced } from "../core/support";

const PIPELINE = "arn:aws:codepipeline:us-east-1:123456789012:release";
const ROLE = "arn:aws:iam::123456789012:role";

describe("a new data object", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let iam: IAMClient;
  let s3: S3Client;
  let codePipeline: CodePipelineClient;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600 });
    const client = { endpoint: aws.endpoint, region: "us-east-1", credentials: aws.account };
    iam = new IAMClient(client);
    s3 = new S3Client({ ...client, forcePathStyle: true });
    codePipeline = new CodePipelineClient(client);
    await role("start", "events.amazonaws.com");
    await role("release", "codepipeline.amazonaws.com");
    await allow("release", "s3:*", "*");
    await s3.send(new CreateBucketCommand({ Bucket: "data" }));
    await s3.send(new PutBucketVersioningCommand({ Bucket: "data", VersioningConfiguration: { Status: "Enabled" } }));
    const NotificationConfiguration = { EventBridgeConfiguration: {} };
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: "data", NotificationConfiguration }));
    await codePipeline.send(new CreatePipelineCommand({ pipeline: definition() }));
    const bridge = new EventBridgeClient(client);
    const pattern = {
      source: ["aws.s3"],
      detail: { bucket: { name: ["data"] }, object: { key: ["data-source.zip"] } },
    };
    await bridge.send(new PutRuleCommand({ Name: "data", EventPattern: JSON.stringify(pattern) }));
    const target = { Id: "p", Arn: PIPELINE, RoleArn: `${ROLE}/start` };
    await bridge.send(new PutTargetsCommand({ Rule: "data", Targets: [target] }));
  });
  after(() => aws.close());

  const role = (RoleName: string, Service: string) => {
    const Statement = { Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    return iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  };
  const allow = (RoleName: string, Action: string, Resource: string) => {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action, Resource } });
    return iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
  };
  const definition = (): PipelineDeclaration => {
    const type = { owner: "AWS", version: "1" } as const;
    const source: ActionDeclaration = {
      name: "Data",
      actionTypeId: { ...type, category: "Source", provider: "S3" },
      configuration: { S3Bucket: "data", S3ObjectKey: "data-source.zip", PollForSourceChanges: "false" },
      outputArtifacts: [{ name: "Data" }],
    };
    const approval: ActionDeclaration = {
      name: "Yes",
      actionTypeId: { ...type, category: "Approval", provider: "Manual" },
    };
    return {
      name: "release",
      roleArn: `${ROLE}/release`,
      pipelineType: "V2",
      artifactStore: { type: "S3", location: "data" },
      stages: [
        { name: "Source", actions: [source] },
        { name: "Approve", actions: [approval] },
      ],
    };
  };
  const putData = () => s3.send(new PutObjectCommand({ Bucket: "data", Key: "data-source.zip", Body: "zip" }));
  const executions = async () =>
    (await codePipeline.send(new ListPipelineExecutionsCommand({ pipelineName: "release" })))
      .pipelineExecutionSummaries ?? [];

  /** Waits until such a line is printed as an error. */
  const errorTold = (pattern: RegExp) => {
    const print = console.error;
    return new Promise<void>((resolve) => {
      console.error = (line: string) => {
        print(line);
        if (pattern.test(line)) {
          resolve();
        }
      };
    });
  };

  it("starts the pipeline if the rule's role may start it, and else the refusal is told", async () => {
    const before = (await executions()).length;
    const { printed } = await silenced(async () => {
      const told = errorTold(/is not authorized to perform/);
      await putData();
      await told;
    });
    expect(await executions()).to.have.length(before);
    expect(printed.join()).to.include(
      `User: arn:aws:sts::123456789012:assumed-role/start/EventBridge is not authorized to perform: codepipeline:StartPipelineExecution on resource: ${PIPELINE}`,
    );

    await allow("start", "codepipeline:StartPipelineExecution", PIPELINE);
    await putData();
    for (let attempt = 0; attempt < 200 && (await executions()).length === before; attempt += 1) {
      await sleep(10);
    }
    const [newest] = await executions();
    expect(newest?.trigger).to.deep.equal({
      triggerType: "CloudWatchEvent",
      triggerDetail: "arn:aws:events:us-east-1:123456789012:rule/data",
    });
    expect(await aws.sessions.unusedPermissions(`${ROLE}/start`)).to.deep.equal([]);
  });
});
