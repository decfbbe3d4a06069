import { APIGatewayClient, CreateRestApiCommand } from "@aws-sdk/client-api-gateway";
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateModelCommand, ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import { testPython } from "pulumi-engine/testing/python";
import { accountIn } from "../core/account";
import { startLocalAws, type LocalAws } from "../server";
import { openRole } from "../testing/role";
import { rejection, until } from "./core/support";

const HERE = "210987654321";
const OTHER = "333333333333";

/** One process, started for eu-west-1 of an account of its own. */
describe("accounts and regions of one local AWS", function () {
  this.timeout(60_000);
  let aws: LocalAws;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600, region: "eu-west-1", account: HERE });
    for (const place of [at("eu-west-1"), at("eu-west-1", OTHER)]) {
      const account = accountIn(place.credentials.accessKeyId, place.region, place.credentials.secretAccessKey);
      await openRole({ ...aws, account }, "services");
    }
  });
  after(() => aws.close());

  /** Configuration of a client with an account's own keys. */
  const at = (region: string, accountId = HERE) => ({
    endpoint: aws.endpoint,
    region,
    maxAttempts: 1,
    credentials: { ...aws.account, accessKeyId: accountId },
  });
  const placeOf = ({ region, credentials }: ReturnType<typeof at>) => `${region}:${credentials.accessKeyId}`;
  const everywhere = () => [at("eu-west-1"), at("us-east-1"), at("eu-west-1", OTHER)];

  it("begins where it was told to, for whoever says nothing else", async () => {
    expect(aws.account).to.include({ region: "eu-west-1", accountId: HERE });
    expect(aws.environment).to.include({ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" });
    const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = aws.environment;
    const sts = new STSClient({ ...at("eu-west-1"), credentials: { accessKeyId, secretAccessKey } });
    expect(await sts.send(new GetCallerIdentityCommand({}))).to.have.property("Account", HERE);
  });

  it("have each their own models, alarms and topics, of the same names", async () => {
    for (const place of everywhere()) {
      const role = `arn:aws:iam::${place.credentials.accessKeyId}:role/services`;
      await new SageMakerClient(place).send(
        new CreateModelCommand({ ModelName: "m", ExecutionRoleArn: role, PrimaryContainer: { Image: "i" } }),
      );
      await new CloudWatchClient(place).send(
        new PutMetricAlarmCommand({
          AlarmName: "a",
          Namespace: "N",
          MetricName: "M",
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: "GreaterThanThreshold",
        }),
      );
      await new SNSClient(place).send(new CreateTopicCommand({ Name: "t" }));
    }
    for (const place of everywhere()) {
      const { Models = [] } = await new SageMakerClient(place).send(new ListModelsCommand({}));
      const { MetricAlarms = [] } = await new CloudWatchClient(place).send(new DescribeAlarmsCommand({}));
      const { Topics = [] } = await new SNSClient(place).send(new ListTopicsCommand({}));
      expect([
        ...Models.map(({ ModelArn }) => ModelArn),
        ...MetricAlarms.map(({ AlarmArn }) => AlarmArn),
        ...Topics.map(({ TopicArn }) => TopicArn),
      ]).to.deep.equal([
        `arn:aws:sagemaker:${placeOf(place)}:model/m`,
        `arn:aws:cloudwatch:${placeOf(place)}:alarm:a`,
        `arn:aws:sns:${placeOf(place)}:t`,
      ]);
    }
  });

  it("reach no topic of one another, even by its ARN", async () => {
    const TopicArn = `arn:aws:sns:eu-west-1:${HERE}:t`;
    for (const place of [at("eu-west-1", OTHER), at("us-east-1")]) {
      const sns = new SNSClient(place);
      const refused = await rejection(sns.send(new PublishCommand({ TopicArn, Message: "m" })));
      expect(refused.name).to.equal("NotFoundException");
      await sns.send(new DeleteTopicCommand({ TopicArn })).catch(() => undefined);
    }
    await new SNSClient(at("eu-west-1")).send(new PublishCommand({ TopicArn, Message: "m" }));
  });

  it("run functions in their own region and account, whose logs stay there", async () => {
    const code = `exports.handler = async () => process.env.AWS_REGION + ":" + process.env.AWS_ACCESS_KEY_ID;`;
    const place = at("us-west-2", OTHER);
    const lambda = new LambdaClient(place);
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "where",
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: `arn:aws:iam::${OTHER}:role/services`,
        Code: { ZipFile: zipSync({ "index.js": strToU8(code) }) },
      }),
    );
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "where" }));
    expect(Payload?.transformToString()).to.equal(`"${placeOf(place)}"`);
    const { Functions } = await new LambdaClient(at("us-west-2")).send(new ListFunctionsCommand({}));
    expect(Functions).to.deep.equal([]);
    const groups = async (where: ReturnType<typeof at>) => {
      const { logGroups = [] } = await new CloudWatchLogsClient(where).send(new DescribeLogGroupsCommand({}));
      return logGroups.map(({ logGroupName }) => logGroupName);
    };
    await until(async () => (await groups(place)).includes("/aws/lambda/where"));
    expect(await groups(at("us-west-2"))).to.deep.equal([]);
    expect(await groups(at("us-east-1", OTHER))).to.deep.equal([]);
  });

  it("share the names of buckets, while objects belong to one account", async () => {
    const bucket = (place: ReturnType<typeof at>) => new S3Client({ ...place, forcePathStyle: true });
    const LocationConstraint = "eu-west-1";
    await bucket(at("eu-west-1")).send(
      new CreateBucketCommand({ Bucket: "one-name", CreateBucketConfiguration: { LocationConstraint } }),
    );
    const others = bucket(at("us-east-1", OTHER));
    const taken = await rejection(others.send(new CreateBucketCommand({ Bucket: "one-name" })));
    expect(taken.name).to.equal("BucketAlreadyExists");
    const denied = await rejection(others.send(new PutObjectCommand({ Bucket: "one-name", Key: "k", Body: "v" })));
    expect(denied.name).to.equal("AccessDenied");
    expect((await others.send(new ListBucketsCommand({}))).Buckets ?? []).to.deep.equal([]);
    const own = await bucket(at("us-east-1")).send(new ListBucketsCommand({}));
    expect(own.Buckets?.map(({ Name }) => Name)).to.deep.equal(["one-name"]);
  });

  it("have one IAM per account, and lead from one account into another by a role that trusts it", async () => {
    const trusting = (account: string) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole" },
      });
    const others = new IAMClient(at("us-east-1", OTHER));
    for (const [RoleName, trusted] of [
      ["for-us", HERE],
      ["for-them", "444444444444"],
    ] as const) {
      await others.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting(trusted) }));
    }
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "sagemaker:ListModels", Resource: "*" },
    });
    await others.send(new PutRolePolicyCommand({ RoleName: "for-us", PolicyName: "own", PolicyDocument }));
    const names = async (place: ReturnType<typeof at>) =>
      (await new IAMClient(place).send(new ListRolesCommand({}))).Roles?.map(({ RoleName }) => RoleName);
    expect(await names(at("ap-south-1", OTHER))).to.have.members(["services", "for-us", "for-them"]);
    expect(await names(at("eu-west-1"))).to.deep.equal(["services"]);
    const sts = new STSClient(at("eu-west-1"));
    const assume = (role: string) =>
      sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${OTHER}:role/${role}`, RoleSessionName: "visit" }));
    expect((await rejection(assume("for-them"))).name).to.equal("AccessDenied");
    const { Credentials } = await assume("for-us");
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
    const visitor = { ...at("eu-west-1"), credentials };
    expect(await new STSClient(visitor).send(new GetCallerIdentityCommand({}))).to.include({
      Account: OTHER,
      Arn: `arn:aws:sts::${OTHER}:assumed-role/for-us/visit`,
    });
    const { Models } = await new SageMakerClient(visitor).send(new ListModelsCommand({}));
    expect(Models?.map(({ ModelArn }) => ModelArn)).to.deep.equal([`arn:aws:sagemaker:eu-west-1:${OTHER}:model/m`]);
    const refused = await rejection(new IAMClient(visitor).send(new ListRolesCommand({})));
    expect(refused.message).to.contain(`iam:ListRoles on resource: arn:aws:iam::${OTHER}:role/`);
  });

  it("let no service act as a role of another account", async () => {
    const refused = await rejection(
      aws.sessions.assumeAs("codebuild.amazonaws.com", `arn:aws:iam::${OTHER}:role/for-us`, "s1"),
    );
    expect(refused.message).to.equal(
      `codebuild.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${OTHER}:role/for-us because it is not a role of account ${HERE}`,
    );
  });

  it("answer for an API by its id, wherever it was made", async () => {
    const { id = "" } = await new APIGatewayClient(at("ca-central-1", OTHER)).send(
      new CreateRestApiCommand({ name: "api" }),
    );
    const answer = await fetch(`${aws.endpoint}/_aws/execute-api/${id}/Prod/path`);
    expect([answer.status, await answer.json()]).to.deep.equal([403, { message: "Forbidden" }]);
  });

  it("are those of partition aws", async () => {
    for (const [region, why] of [
      ["cn-north-1", "cn-north-1 is a region of partition aws-cn"],
      ["eu-wst-1", "there is no region eu-wst-1"],
    ] as const) {
      const refused = await rejection(new SageMakerClient(at(region)).send(new ListModelsCommand({})));
      expect(refused).to.include({
        name: "InvalidSignatureException",
        message: `${why}; the local AWS has those of partition aws`,
      });
    }
  });

  it("are refused at the start where there are no such", async () => {
    const start = (options: object) => rejection(startLocalAws({ python: testPython(), ...options }));
    expect((await start({ region: "us-gov-west-1" })).message).to.contain(
      "us-gov-west-1 is a region of partition aws-us-gov",
    );
    expect((await start({ account: "12" })).message).to.equal("account must be a number of twelve digits, got 12");
    const port = Number(new URL(aws.endpoint).port);
    expect((await start({ port })).message).to.equal(
      `port ${port} is taken by another process: end it, or choose another port`,
    );
  });
});
