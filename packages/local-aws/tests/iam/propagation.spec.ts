import { APIGatewayClient, UpdateAccountCommand } from "@aws-sdk/client-api-gateway";
import { CodeDeployClient, CreateApplicationCommand, CreateDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateModelCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { zipSync } from "fflate";
import type { SessionKeys } from "../../core/local";
import { startLocalAws, type LocalAws } from "../../server";
import { rejection } from "../core/support";

/** Real milliseconds that a change takes here. */
const PROPAGATION_MS = 400;

describe("a change of a role", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let roles = 0;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 60, propagationSeconds: (PROPAGATION_MS * 60) / 1000 });
  });
  after(() => aws.close());

  const client = (keys?: SessionKeys) => ({
    ...{ endpoint: aws.endpoint, region: "us-east-1", maxAttempts: 1 },
    credentials: keys ?? aws.account,
  });
  const iam = () => new IAMClient(client());
  const propagated = () => new Promise((resolve) => setTimeout(resolve, PROPAGATION_MS + 20));

  async function newRole(Service: string): Promise<{ readonly RoleName: string; readonly arn: string }> {
    roles += 1;
    const RoleName = `new-${roles}`;
    const trust = { Statement: { Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" } };
    await iam().send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
    return { RoleName, arn: `arn:aws:iam::123456789012:role/${RoleName}` };
  }
  const allow = (RoleName: string, Action: string) =>
    iam().send(
      new PutRolePolicyCommand({
        ...{ RoleName, PolicyName: "own" },
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: { Effect: "Allow", Action, Resource: "*" },
        }),
      }),
    );

  it("is not there yet for the services that assume a new role, which say so in their own words", async () => {
    const model = await newRole("sagemaker.amazonaws.com");
    const code = await newRole("lambda.amazonaws.com");
    const create = () => ({
      model: new SageMakerClient(client()).send(
        new CreateModelCommand({ ModelName: "m", ExecutionRoleArn: model.arn, PrimaryContainer: { Image: "i" } }),
      ),
      code: new LambdaClient(client()).send(
        new CreateFunctionCommand({
          ...{ FunctionName: "f", Role: code.arn, Runtime: "nodejs22.x", Handler: "index.handler" },
          Code: { ZipFile: zipSync({ "index.js": Buffer.from("exports.handler = async () => 1") }) },
        }),
      ),
    });
    const early = create();

    expect(await rejection(early.model))
      .to.have.property("message")
      .that.matches(/^The execution role ARN .* is invalid/);
    expect(await rejection(early.code)).to.include({
      name: "InvalidParameterValueException",
      message: "The role defined for the function cannot be assumed by Lambda.",
    });
    await propagated();
    const late = create();
    await Promise.all([late.model, late.code]);
  });

  it("is not there yet for CodeDeploy and API Gateway, which wants all of AWS's own policy for its logs too", async () => {
    const shift = await newRole("codedeploy.amazonaws.com");
    const log = await newRole("apigateway.amazonaws.com");
    const codeDeploy = new CodeDeployClient(client());
    const ofApplication = { applicationName: "shift" };
    await codeDeploy.send(new CreateApplicationCommand({ ...ofApplication, computePlatform: "Lambda" }));
    const group = (serviceRoleArn: string) =>
      codeDeploy.send(
        new CreateDeploymentGroupCommand({
          ...{ ...ofApplication, deploymentGroupName: "shift", serviceRoleArn },
          deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
        }),
      );
    const account = (value: string) =>
      new APIGatewayClient(client()).send(
        new UpdateAccountCommand({ patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value }] }),
      );
    const lacks = {
      name: "BadRequestException",
      message:
        "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
    };

    expect(await rejection(group(shift.arn))).to.include({
      name: "InvalidRoleException",
      message: `AWS CodeDeploy does not have the permissions required to assume the role ${shift.arn}.`,
    });
    expect(await rejection(account(log.arn))).to.include(lacks);
    await allow(log.RoleName, "logs:PutLogEvents");
    await propagated();
    await group(shift.arn);
    expect(await rejection(account(log.arn))).to.include(lacks);
    expect(await rejection(account(shift.arn))).to.include(lacks);

    const PolicyArn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
    await iam().send(new AttachRolePolicyCommand({ RoleName: log.RoleName, PolicyArn }));
    await propagated();
    expect((await account(log.arn)).cloudwatchRoleArn).to.equal(log.arn);
    expect((await account("")).cloudwatchRoleArn).to.equal(undefined);
  });

  it("is not seen in what sessions may do, until it is: a policy that was put, changed or attached", async () => {
    const { RoleName, arn } = await newRole("sagemaker.amazonaws.com");
    await propagated();
    const s3 = new S3Client(client(aws.sessions.assume(arn, "s1")));
    const list = () => s3.send(new ListBucketsCommand({}));

    await allow(RoleName, "s3:ListAllMyBuckets");
    expect((await rejection(list())).message).to.include(
      "no identity-based policy allows the s3:ListAllMyBuckets action",
    );
    await propagated();
    await list();

    // What was allowed before goes on being allowed.
    await allow(RoleName, "s3:GetObject");
    await list();
    await propagated();
    expect((await rejection(list())).name).to.equal("AccessDenied");

    const PolicyArn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    await iam().send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    expect((await rejection(list())).name).to.equal("AccessDenied");
    await propagated();
    await list();
  });

  it("that takes something away is seen at once", async () => {
    const { RoleName, arn } = await newRole("sagemaker.amazonaws.com");
    await allow(RoleName, "s3:ListAllMyBuckets");
    await propagated();
    const s3 = new S3Client(client(aws.sessions.assume(arn, "s1")));
    await s3.send(new ListBucketsCommand({}));

    await iam().send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "own" }));

    expect((await rejection(s3.send(new ListBucketsCommand({})))).name).to.equal("AccessDenied");
  });
});
