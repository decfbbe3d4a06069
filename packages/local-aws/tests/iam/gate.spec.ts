import { CloudWatchClient, DescribeAlarmHistoryCommand, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  CodeDeployServiceException,
  GetDeploymentGroupCommand,
  TagResourceCommand,
} from "@aws-sdk/client-codedeploy";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateFunctionCommand, LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  SelectObjectContentCommand,
} from "@aws-sdk/client-s3";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { CreateTopicCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import type { SessionKeys } from "../../core/local";
import { startLocalAws, type LocalAws } from "../../server";
import { testPython } from "pulumi-engine/testing/python";
import { rejection } from "../core/support";

const ACCOUNT = "arn:aws:iam::123456789012";
const SESSION = "arn:aws:sts::123456789012:assumed-role/deploy/build-1";

describe("requests of a role's session", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let keys: SessionKeys;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600 });
    await iam().send(
      new CreateRoleCommand({
        RoleName: "deploy",
        AssumeRolePolicyDocument: trust({ Service: "codebuild.amazonaws.com" }),
      }),
    );
    await s3().send(new CreateBucketCommand({ Bucket: "artifacts" }));
    await s3().send(new PutObjectCommand({ Bucket: "artifacts", Key: "in/plan.json", Body: "{}" }));
    keys = aws.sessions.assume(`${ACCOUNT}:role/deploy`, "build-1");
  });
  after(() => aws.close());

  const client = (session?: SessionKeys) => ({
    endpoint: aws.endpoint,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: session ?? aws.account,
  });
  const iam = (session?: SessionKeys) => new IAMClient(client(session));
  const s3 = (session?: SessionKeys) => new S3Client({ ...client(session), forcePathStyle: true });
  const trust = (Principal: object, Condition?: object) =>
    JSON.stringify({ Statement: { Effect: "Allow", Principal, Action: "sts:AssumeRole", Condition } });
  const allow = async (Statement: object, PolicyName = "own") =>
    iam().send(
      new PutRolePolicyCommand({
        RoleName: "deploy",
        PolicyName,
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );

  it("do what the role's policies allow, and nothing else", async () => {
    await allow({ Sid: "Read", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::artifacts/in/*" });

    const got = await s3(keys).send(new GetObjectCommand({ Bucket: "artifacts", Key: "in/plan.json" }));
    const put = await rejection(s3(keys).send(new PutObjectCommand({ Bucket: "artifacts", Key: "in/plan.json" })));

    expect(await got.Body!.transformToString()).to.equal("{}");
    expect(put).to.include({
      name: "AccessDenied",
      message: `User: ${SESSION} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::artifacts/in/plan.json because no identity-based policy allows the s3:PutObject action`,
    });
  });

  it("are refused in the form in which each service refuses", async () => {
    await allow({ Effect: "Deny", Action: "sns:*", Resource: "*" });
    const { TopicArn } = await new SNSClient(client()).send(new CreateTopicCommand({ Name: "news" }));

    const errors = await Promise.all([
      rejection(new SNSClient(client(keys)).send(new PublishCommand({ TopicArn, Message: "m" }))),
      rejection(iam(keys).send(new GetRoleCommand({ RoleName: "deploy" }))),
      rejection(new CloudWatchClient(client(keys)).send(new DescribeAlarmsCommand({}))),
      rejection(new LambdaClient(client(keys)).send(new ListEventSourceMappingsCommand({}))),
      rejection(
        new SageMakerRuntimeClient(client(keys)).send(new InvokeEndpointCommand({ EndpointName: "E", Body: "1" })),
      ),
      rejection(
        new CodeDeployClient(client(keys)).send(
          new GetDeploymentGroupCommand({ applicationName: "a", deploymentGroupName: "g" }),
        ),
      ),
      rejection(s3(keys).send(new HeadObjectCommand({ Bucket: "artifacts", Key: "in/plan.json" }))),
    ]);

    expect(errors.map(({ name }) => name)).to.deep.equal([
      "AuthorizationErrorException",
      "AccessDenied",
      "AccessDenied",
      "AccessDeniedException",
      "AccessDeniedException",
      "AccessDeniedException",
      "Unknown",
    ]);
    expect(errors[6]).to.have.nested.property("$metadata.httpStatusCode", 403);
    expect(errors[0].message).to.include(`on resource: ${TopicArn ?? ""} with an explicit deny in an identity-based`);
    expect(errors[1].message).to.include(`iam:GetRole on resource: ${ACCOUNT}:role/deploy because no`);
    expect(errors[4].message).to.include("on resource: arn:aws:sagemaker:us-east-1:123456789012:endpoint/e because");
    expect(errors[5]).to.be.instanceOf(CodeDeployServiceException);
  });

  it("for an operation whose permissions are not known are refused by its name, whatever the policies allow", async () => {
    await allow({ Effect: "Allow", Action: "*", Resource: "*" });

    const mappings = await rejection(new LambdaClient(client(keys)).send(new ListEventSourceMappingsCommand({})));
    const select = await rejection(
      s3(keys).send(
        new SelectObjectContentCommand({
          Bucket: "artifacts",
          Key: "in/plan.json",
          Expression: "e",
          ExpressionType: "SQL",
          InputSerialization: {},
          OutputSerialization: {},
        }),
      ),
    );

    expect(mappings.message).to.include("lambda:GET /2015-03-31/event-source-mappings");
    expect(select.message).to.include("s3:POST /artifacts/in/plan.json?select");
  });

  it("need iam:PassRole for each role that they hand to a service, for that service", async () => {
    const pass = (to: string) => [
      { Effect: "Allow", Action: "lambda:CreateFunction", Resource: "*" },
      {
        Effect: "Allow",
        Action: "iam:PassRole",
        Resource: `${ACCOUNT}:role/api-*`,
        Condition: { StringEquals: { "iam:PassedToService": to } },
      },
    ];
    const create = (role: string) =>
      rejection(
        new LambdaClient(client(keys)).send(
          new CreateFunctionCommand({
            FunctionName: "f",
            Role: `${ACCOUNT}:role/${role}`,
            Code: {},
            Runtime: "nodejs22.x",
            Handler: "h.h",
          }),
        ),
      );

    await allow(pass("lambda.amazonaws.com"));
    const passed = await create("api-1");
    const other = await create("admin");
    await allow(pass("sagemaker.amazonaws.com"));
    const toOther = await create("api-1");

    expect(passed.name).not.to.equal("AccessDeniedException");
    expect(other.message).to.include(`iam:PassRole on resource: ${ACCOUNT}:role/admin because`);
    expect(toOther.message).to.include(`iam:PassRole on resource: ${ACCOUNT}:role/api-1 because`);
  });

  it("need the KMS key of what they write and read", async () => {
    const { KeyMetadata } = await new KMSClient(client()).send(new CreateKeyCommand({}));
    const key = KeyMetadata!.Arn!;
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key } } as const;
    await s3().send(new CreateBucketCommand({ Bucket: "secret" }));
    await s3().send(
      new PutBucketEncryptionCommand({ Bucket: "secret", ServerSideEncryptionConfiguration: { Rules: [rule] } }),
    );
    const at = { Bucket: "secret", Key: "k" };
    await allow({ Effect: "Allow", Action: "s3:*", Resource: "*" });

    const denied = await rejection(s3(keys).send(new PutObjectCommand({ ...at, Body: "b" })));
    const ViaService = { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } };
    await allow({ Effect: "Allow", Action: "kms:GenerateDataKey", Resource: key, Condition: ViaService }, "key");
    await s3(keys).send(new PutObjectCommand({ ...at, Body: "b" }));
    const read = await rejection(s3(keys).send(new GetObjectCommand(at)));
    await iam().send(new DeleteRolePolicyCommand({ RoleName: "deploy", PolicyName: "key" }));

    expect(denied.message).to.include(`kms:GenerateDataKey on resource: ${key} because`);
    expect(read.message).to.include(`kms:Decrypt on resource: ${key} because`);
  });

  it("learn that an object is missing only if they may list its bucket", async () => {
    const missing = { Bucket: "artifacts", Key: "in/none" };
    await allow({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" });
    const untold = await rejection(s3(keys).send(new GetObjectCommand(missing)));
    await allow({ Effect: "Allow", Action: ["s3:GetObject", "s3:ListBucket"], Resource: "*" });
    const told = await rejection(s3(keys).send(new GetObjectCommand(missing)));

    expect([untold.name, told.name]).to.deep.equal(["AccessDenied", "NoSuchKey"]);
  });

  it("list a bucket under the prefix that the policy's condition wants, and delete each object by its name", async () => {
    await allow([
      {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::artifacts",
        Condition: { StringLike: { "s3:prefix": "in/*" } },
      },
      { Effect: "Allow", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::artifacts/in/*" },
    ]);
    const list = (Prefix?: string) => s3(keys).send(new ListObjectsV2Command({ Bucket: "artifacts", Prefix }));
    const remove = (...names: string[]) =>
      s3(keys).send(
        new DeleteObjectsCommand({ Bucket: "artifacts", Delete: { Objects: names.map((Key) => ({ Key })) } }),
      );

    expect((await list("in/")).KeyCount).to.equal(1);
    expect((await rejection(list())).name).to.equal("AccessDenied");
    expect((await rejection(remove("in/a", "out/b"))).message).to.include("on resource: arn:aws:s3:::artifacts/out/b");
    await remove("in/a", "in/b");
  });

  it("are held against attached policies of AWS too, and of all policies what was needed is told from what was not", async () => {
    const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    await iam().send(new CreateRoleCommand({ RoleName: "watch", AssumeRolePolicyDocument: trust({ AWS: "*" }) }));
    await iam().send(new AttachRolePolicyCommand({ RoleName: "watch", PolicyArn }));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Sid: "Look", Effect: "Allow", Action: ["cloudwatch:Describe*", "cloudwatch:PutDashboard"], Resource: "*" },
        { Effect: "Deny", Action: "s3:*", Resource: "*" },
      ],
    });
    await iam().send(new PutRolePolicyCommand({ RoleName: "watch", PolicyName: "own", PolicyDocument }));
    const role = `${ACCOUNT}:role/watch`;
    const watch = aws.sessions.assume(role, "w1");
    const alarms = new CloudWatchClient(client(watch));

    await alarms.send(new DescribeAlarmsCommand({}));
    await alarms.send(new DescribeAlarmHistoryCommand({ AlarmName: "a" }));
    await aws.sessions.authorize(watch, {
      action: "logs:PutLogEvents",
      resource: "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s",
    });

    expect(aws.sessions.usedPermissions(role)).to.deep.equal([
      {
        policy: "own",
        statement: "Look",
        action: "cloudwatch:Describe*",
        calls: [
          "cloudwatch:DescribeAlarmHistory arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",
          "cloudwatch:DescribeAlarms arn:aws:cloudwatch:us-east-1:123456789012:alarm:*",
        ],
      },
      {
        policy: PolicyArn,
        statement: "#1",
        action: "logs:PutLogEvents",
        calls: ["logs:PutLogEvents arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s"],
      },
    ]);
    expect(await aws.sessions.unusedPermissions(role)).to.deep.equal([
      { policy: "own", statement: "Look", action: "cloudwatch:PutDashboard" },
      { policy: PolicyArn, statement: "#1", action: "logs:CreateLogGroup" },
      { policy: PolicyArn, statement: "#1", action: "logs:CreateLogStream" },
    ]);
  });

  describe("begin", () => {
    const sts = (session?: SessionKeys) => new STSClient(client(session));
    const assume = (RoleArn: string, session?: SessionKeys) =>
      sts(session).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "s1" }));

    it("by AssumeRole, where the role trusts the caller", async () => {
      await iam().send(
        new CreateRoleCommand({ RoleName: "people", AssumeRolePolicyDocument: trust({ AWS: `${ACCOUNT}:root` }) }),
      );
      const { Credentials, AssumedRoleUser } = await assume(`${ACCOUNT}:role/people`);
      const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
      const session = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
      const arn = "arn:aws:sts::123456789012:assumed-role/people/s1";

      expect(AssumedRoleUser?.Arn).to.equal(arn);
      expect(await sts(session).send(new GetCallerIdentityCommand({}))).to.include({
        Arn: arn,
        Account: "123456789012",
        UserId: AssumedRoleUser?.AssumedRoleId,
      });
      const onward = await rejection(assume(`${ACCOUNT}:role/people`, session));
      expect(onward.message).to.include("sts:AssumeRole");
      expect((await rejection(assume(`${ACCOUNT}:role/deploy`))).name).to.equal("AccessDenied");
      expect((await rejection(assume(`${ACCOUNT}:role/none`))).name).to.equal("AccessDenied");
    });

    it("by a service that the role trusts", async () => {
      const role = `${ACCOUNT}:role/deploy`;
      expect((await aws.sessions.assumeAs("codebuild.amazonaws.com", role, "s1")).accessKeyId).to.match(/^ASIA/);
      expect(await rejection(aws.sessions.assumeAs("codepipeline.amazonaws.com", role, "s1"))).to.include({
        code: "AccessDenied",
        message: `codepipeline.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${role}`,
      });
    });

    it("with keys that nobody can guess or use without their token", async () => {
      const wrong = { ...keys, sessionToken: "other" };
      const unknown = { ...keys, accessKeyId: "ASIA0000000000000000" };
      for (const session of [wrong, unknown]) {
        expect(await rejection(sts(session).send(new GetCallerIdentityCommand({})))).to.include({
          name: "InvalidClientTokenId",
        });
      }
      const guessed = { ...keys, secretAccessKey: "guessed" };
      expect(await rejection(sts(guessed).send(new GetCallerIdentityCommand({})))).to.include({
        name: "SignatureDoesNotMatch",
      });
      expect((await sts().send(new GetCallerIdentityCommand({}))).Account).to.equal("123456789012");
    });
  });

  it("of the account's own keys are not evaluated", async () => {
    const error = await rejection(
      new CodeDeployClient(client()).send(new TagResourceCommand({ ResourceArn: "arn:x", Tags: [] })),
    );
    expect(error.name).to.equal("InvalidArnException");
  });
});
