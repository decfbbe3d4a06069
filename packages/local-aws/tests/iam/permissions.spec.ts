import { RegisterScalableTargetCommand, ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { APIGatewayClient, CreateRestApiCommand } from "@aws-sdk/client-api-gateway";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CodeBuildClient, BatchGetBuildsCommand } from "@aws-sdk/client-codebuild";
import {
  CodeDeployClient,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  GetDeploymentTargetCommand,
  ListDeploymentTargetsCommand,
  PutLifecycleEventHookExecutionStatusCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import { CodePipelineClient, CreatePipelineCommand, PutApprovalResultCommand } from "@aws-sdk/client-codepipeline";
import { EventBridgeClient, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { DecryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { CopyObjectCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateEndpointCommand, CreateTrainingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "../../core/account";
import type { HttpRequest } from "../../core/http";
import type { Permission } from "../../core/local";
import { permissionsOf } from "../../services/iam/permissions";
import type { Door } from "../../services/iam/permissions/call";
import { serve, type Served } from "../../testing/serve";

const AT = "us-east-1:123456789012";
const ROLE = "arn:aws:iam::123456789012:role/r";
const KEY = "11111111-2222-3333-4444-555555555555";

describe("the permissions that a request needs", () => {
  let served: Served;
  let received: HttpRequest | undefined;
  before(async () => {
    const handle = async (request: HttpRequest) => {
      received = request;
      return { status: 500, headers: {}, body: "" };
    };
    served = await serve({ name: "any", handle });
  });
  after(() => served.close());

  /** Services that know one deployment, one endpoint, one key, and an object that is not encrypted. */
  const door: Door = {
    async ask(_, { headers = {} }) {
      const answers: Readonly<Record<string, object>> = {
        "CodeDeploy_20141006.GetDeployment": { deploymentInfo: { applicationName: "a", deploymentGroupName: "g" } },
        "CodeDeploy_20141006.GetDeploymentGroup": { deploymentGroupInfo: { deploymentConfigName: "canary" } },
        "SageMaker.DescribeEndpoint": { EndpointConfigName: "Scaled-1" },
        "TrentService.DescribeKey": { KeyMetadata: { Arn: `arn:aws:kms:${AT}:key/${KEY}` } },
      };
      const answer = answers[headers["x-amz-target"] ?? ""];
      return { status: 200, headers: {}, body: answer === undefined ? "" : JSON.stringify(answer) };
    },
  };

  /** What a client's call needs, such as `s3:GetObject arn:…`. */
  async function needs(call: Promise<unknown>): Promise<readonly Permission[]> {
    await call.catch(() => undefined);
    return permissionsOf(received!, LOCAL_ACCOUNT, door);
  }
  const told = async (call: Promise<unknown>) =>
    (await needs(call)).map(({ action, resource }) => `${action} ${resource}`);

  it("are the operation's own on what it is about, and those of what it does in the caller's name", async () => {
    const { client } = served;
    const sagemaker = new SageMakerClient(client);
    const codeDeploy = new CodeDeployClient(client);
    const lambda = new LambdaClient(client);
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const cases: readonly (readonly [Promise<unknown>, readonly string[]])[] = [];
    const check = async (call: Promise<unknown>, ...expected: string[]) =>
      expect(await told(call), JSON.stringify(cases)).to.deep.equal(expected);

    await check(
      sagemaker.send(
        new CreateTrainingJobCommand({
          TrainingJobName: "Job",
          RoleArn: ROLE,
          Tags: [{ Key: "k", Value: "v" }],
        } as never),
      ),
      `sagemaker:CreateTrainingJob arn:aws:sagemaker:${AT}:training-job/job`,
      `iam:PassRole ${ROLE}`,
      `sagemaker:AddTags arn:aws:sagemaker:${AT}:training-job/job`,
    );
    await check(
      sagemaker.send(new CreateEndpointCommand({ EndpointName: "e", EndpointConfigName: "c" })),
      `sagemaker:CreateEndpoint arn:aws:sagemaker:${AT}:endpoint/e`,
      `sagemaker:CreateEndpoint arn:aws:sagemaker:${AT}:endpoint-config/c`,
    );
    await check(
      new ApplicationAutoScalingClient(client).send(
        new RegisterScalableTargetCommand({
          ResourceId: "endpoint/e/variant/v",
          ServiceNamespace: "sagemaker",
          ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
        }),
      ),
      `application-autoscaling:RegisterScalableTarget arn:aws:application-autoscaling:${AT}:scalable-target/*`,
      `sagemaker:DescribeEndpoint arn:aws:sagemaker:${AT}:endpoint/e`,
      `sagemaker:UpdateEndpointWeightsAndCapacities arn:aws:sagemaker:${AT}:endpoint/e`,
      `sagemaker:DescribeEndpointConfig arn:aws:sagemaker:${AT}:endpoint-config/scaled-1`,
    );
    await check(
      codeDeploy.send(new CreateDeploymentCommand({ applicationName: "a", deploymentGroupName: "g" })),
      `codedeploy:CreateDeployment arn:aws:codedeploy:${AT}:deploymentgroup:a/g`,
      `codedeploy:GetDeploymentConfig arn:aws:codedeploy:${AT}:deploymentconfig:canary`,
      `codedeploy:RegisterApplicationRevision arn:aws:codedeploy:${AT}:application:a`,
    );
    await check(
      codeDeploy.send(new GetDeploymentCommand({ deploymentId: "d-1" })),
      `codedeploy:GetDeployment arn:aws:codedeploy:${AT}:deploymentgroup:a/g`,
    );
    for (const command of [
      new ListDeploymentTargetsCommand({ deploymentId: "d-1" }),
      new GetDeploymentTargetCommand({ deploymentId: "d-1", targetId: "t" }),
      new StopDeploymentCommand({ deploymentId: "d-1" }),
      new PutLifecycleEventHookExecutionStatusCommand({ deploymentId: "d-1" }),
    ]) {
      const operation = `codedeploy:${command.constructor.name.replace(/Command$/, "")}`;
      const inGroup = `${operation} arn:aws:codedeploy:${AT}:deploymentgroup:a/g`;
      await check(codeDeploy.send(command as never), inGroup, `${operation} *`);
    }
    await check(
      lambda.send(new InvokeCommand({ FunctionName: "f", Qualifier: "live", Payload: '{"FunctionName": "g"}' })),
      `lambda:InvokeFunction arn:aws:lambda:${AT}:function:f:live`,
    );
    await check(
      lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: `arn:aws:lambda:${AT}:function:f`, Role: ROLE }),
      ),
      `lambda:UpdateFunctionConfiguration arn:aws:lambda:${AT}:function:f`,
      `iam:PassRole ${ROLE}`,
    );
    await check(
      s3.send(new CopyObjectCommand({ Bucket: "b", Key: "to", CopySource: "from/the%20key" })),
      "s3:PutObject arn:aws:s3:::b/to",
      "s3:GetObject arn:aws:s3:::from/the key",
    );
    await check(
      s3.send(new PutBucketVersioningCommand({ Bucket: "b", VersioningConfiguration: { Status: "Enabled" } })),
      "s3:PutBucketVersioning arn:aws:s3:::b",
    );
    await check(
      new APIGatewayClient(client).send(new CreateRestApiCommand({ name: "n" })),
      "apigateway:POST arn:aws:apigateway:us-east-1::/restapis",
    );
    await check(
      new CloudWatchLogsClient(client).send(new CreateLogGroupCommand({ logGroupName: "/g", tags: { k: "v" } })),
      `logs:CreateLogGroup arn:aws:logs:${AT}:log-group:/g:log-stream:`,
      `logs:TagResource arn:aws:logs:${AT}:log-group:/g`,
    );
    await check(
      new KMSClient(client).send(new DecryptCommand({ CiphertextBlob: Buffer.from(`${KEY}rest`) })),
      `kms:Decrypt arn:aws:kms:${AT}:key/${KEY}`,
    );
    await check(
      new CodeBuildClient(client).send(new BatchGetBuildsCommand({ ids: ["p:1", "q:2"] })),
      `codebuild:BatchGetBuilds arn:aws:codebuild:${AT}:project/p`,
      `codebuild:BatchGetBuilds arn:aws:codebuild:${AT}:project/q`,
    );
    await check(
      new CodePipelineClient(client).send(
        new PutApprovalResultCommand({
          pipelineName: "p",
          stageName: "Approve",
          actionName: "A",
          result: { summary: "", status: "Approved" },
          token: "t",
        }),
      ),
      `codepipeline:PutApprovalResult arn:aws:codepipeline:${AT}:p/Approve/A`,
    );
    const action = { name: "x", roleArn: `${ROLE}2`, actionTypeId: undefined };
    const pipeline = { name: "p", roleArn: ROLE, stages: [{ name: "s", actions: [action, action] }] };
    await check(
      new CodePipelineClient(client).send(new CreatePipelineCommand({ pipeline })),
      `codepipeline:CreatePipeline arn:aws:codepipeline:${AT}:p`,
      `iam:PassRole ${ROLE}`,
      `iam:PassRole ${ROLE}2`,
    );
    await check(
      new EventBridgeClient(client).send(
        new PutTargetsCommand({
          Rule: "r",
          Targets: [
            { Id: "1", Arn: "a", RoleArn: ROLE },
            { Id: "2", Arn: "b" },
          ],
        }),
      ),
      `events:PutTargets arn:aws:events:${AT}:rule/r`,
      `iam:PassRole ${ROLE}`,
    );
    await check(
      new IAMClient(client).send(
        new CreateRoleCommand({
          RoleName: "n",
          Path: "/svc/",
          AssumeRolePolicyDocument: "{}",
          Tags: [{ Key: "k", Value: "v" }],
        }),
      ),
      "iam:CreateRole arn:aws:iam::123456789012:role/svc/n",
      "iam:TagRole arn:aws:iam::123456789012:role/svc/n",
    );
    await check(
      new SNSClient(client).send(new PublishCommand({ TopicArn: `arn:aws:sns:${AT}:t`, Message: "m" })),
      `sns:Publish arn:aws:sns:${AT}:t`,
    );
  });

  it("carry what conditions ask of them", async () => {
    const { client } = served;
    const large = "x".repeat(20_000);
    const metrics = new PutMetricDataCommand({ Namespace: "Own", MetricData: [{ MetricName: large, Value: 1 }] });
    const attach = new AttachRolePolicyCommand({ RoleName: "r", PolicyArn: "arn:aws:iam::aws:policy/P" });
    const [metric] = await needs(new CloudWatchClient(client).send(metrics));
    const [attached] = await needs(new IAMClient(client).send(attach));
    const job = {
      ...{ TrainingJobName: "j", RoleArn: ROLE, EnableNetworkIsolation: true },
      ResourceConfig: { InstanceType: "ml.m5.large" },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
    };
    const [trained, passed] = await needs(new SageMakerClient(client).send(new CreateTrainingJobCommand(job as never)));

    expect(metric?.context).to.deep.equal({ "cloudwatch:namespace": "Own" });
    expect(trained?.context).to.deep.equal({
      "sagemaker:InstanceTypes": ["ml.m5.large"],
      "sagemaker:MaxRuntimeInSeconds": "60",
      "sagemaker:NetworkIsolation": "true",
    });
    expect(attached?.context).to.deep.equal({
      "iam:PolicyARN": "arn:aws:iam::aws:policy/P",
      "iam:PermissionsBoundary": [],
    });
    expect(passed?.context).to.deep.equal({ "iam:PassedToService": "sagemaker.amazonaws.com" });
  });
});
