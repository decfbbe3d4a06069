import { CloudWatchLogsClient, DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateModelCommand } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { rejection } from "../core/support";
import { ACCOUNT, ALL, RolesAccount } from "./roles-fixture";
import { SKLEARN, XGBOOST } from "./support";

describe("SageMaker under the roles that it is given", function () {
  this.timeout(60_000);
  let account: RolesAccount;

  before(async () => {
    account = await RolesAccount.start();
  });
  after(() => account.close());

  describe("takes a training job only where the role", () => {
    const refusals: readonly (readonly [what: string, arn: () => Promise<string>, message: RegExp])[] = [
      ["exists", async () => `arn:aws:iam::${ACCOUNT}:role/none`, /^Could not assume role .*role\/none\. /],
      ["trusts SageMaker", () => account.role([ALL.registry], "lambda.amazonaws.com"), /^Could not assume role /],
      [
        "may pull the image",
        () => account.roleWithout("image"),
        /^Access denied for repository .*ecr:BatchCheckLayerAvailability/,
      ],
      ["may log in to the registry", () => account.roleWithout("registry"), /^Access denied for repository/],
      [
        "may list its channels",
        async () => {
          const Condition = { StringNotLike: { "s3:prefix": "data/train*" } };
          return account.role([...Object.values({ ...ALL, bucket: { ...ALL.bucket, Condition } })]);
        },
        /^Unauthorized to List objects under S3 URL: s3:\/\/models\/data\/train\. .*no identity-based policy allows the s3:ListBucket action/,
      ],
      [
        "may look at the bucket of its output, whatever prefix",
        async () => {
          const Condition = { StringLike: { "s3:prefix": "data/*" } };
          return account.role([...Object.values({ ...ALL, bucket: { ...ALL.bucket, Condition } })]);
        },
        /^Access denied to OutputDataConfig S3 bucket models/,
      ],
    ];
    refusals.forEach(([what, arn, message], i) =>
      it(what, async () => {
        const error = await rejection(account.train(`refused-${i}`, await arn()));
        expect(error.name).to.equal("ValidationException");
        expect(error.message).to.match(message);
      }),
    );
  });

  it("fails a job in AWS's words whose role may not read its data or write its archive", async () => {
    const unread = await account.train("unread", await account.roleWithout("read"));
    const unwritten = await account.train("unwritten", await account.roleWithout("write"));

    expect(unread.FailureReason).to.match(
      /^ClientError: Data download failed:.*s3:GetObject on resource: arn:aws:s3:::models\/data\/train/,
    );
    expect(unwritten.FailureReason).to.match(/^ClientError: Artifact upload failed:.*s3:PutObject/);
  });

  it("has a container act as the role, and gives it no credentials where it is isolated", async () => {
    const script = [
      "import boto3, os, sys",
      "s3 = boto3.client('s3')",
      "s3.get_object(Bucket='models', Key='data/train/rows.csv')",
      "try: s3.put_object(Bucket='models', Key='elsewhere', Body=b'')",
      "except s3.exceptions.ClientError as refused: sys.exit(str(refused))",
    ].join("\n");
    await account.put("data/code/train.py", script);
    const job = {
      AlgorithmSpecification: { TrainingImage: SKLEARN, TrainingInputMode: "File" },
      HyperParameters: { sagemaker_program: '"train.py"', sagemaker_submit_directory: '"/opt/ml/input/data/code"' },
      InputDataConfig: [
        {
          ChannelName: "code",
          DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://models/data/code" } },
        },
      ],
    };
    const RoleArn = await account.roleWithout();
    const denied = await account.train("own-calls", RoleArn, job);
    const isolated = await account.train("isolated-calls", RoleArn, { ...job, EnableNetworkIsolation: true });

    expect(denied.FailureReason).to.match(
      /^AlgorithmError: ExecuteUserScriptError:[^]*AccessDenied[^]*s3:PutObject on resource: arn:aws:s3:::models\/elsewhere/,
    );
    expect(isolated.FailureReason).to.match(/NoRegionError|NoCredentialsError/);
  });

  it("takes a job and a model into a VPC only where the role may make network interfaces there", async () => {
    const VpcConfig = { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] };
    const of = (resource: string) => `arn:aws:ec2:us-east-1:${ACCOUNT}:${resource}`;
    const interfaces = [
      { Action: "ec2:Describe*", Resource: "*" },
      { Action: "ec2:*NetworkInterface*", Resource: of("network-interface/*") },
    ];
    const elsewhere = await account.role([
      ...Object.values(ALL),
      ...interfaces,
      { Action: "ec2:CreateNetworkInterface", Resource: of("subnet/subnet-2") },
    ]);
    const allowed = await account.role([
      ...Object.values(ALL),
      ...interfaces,
      { Action: "ec2:CreateNetworkInterface", Resource: [of("subnet/subnet-1"), of("security-group/sg-1")] },
    ]);
    const model = (ModelName: string, ExecutionRoleArn: string) =>
      account
        .sageMaker()
        .send(new CreateModelCommand({ ModelName, ExecutionRoleArn, PrimaryContainer: { Image: XGBOOST }, VpcConfig }));

    expect((await rejection(account.train("no-interfaces", elsewhere, { VpcConfig }))).message).to.match(
      /^Access denied to VpcConfig: .*ec2:CreateNetworkInterface on resource: .*subnet\/subnet-1/,
    );
    expect((await rejection(model("no-interfaces", elsewhere))).message).to.match(/cannot use the VPC: .*subnet-1/);
    expect((await account.train("in-vpc", allowed, { VpcConfig })).TrainingJobStatus).to.equal("Completed");
    await model("in-vpc", allowed);
  });

  it("loses the logs and metrics of a job whose role may not write them", async () => {
    const silent = await account.train("silent", await account.roleWithout("logs", "metrics"));
    const request = { logGroupName: "/aws/sagemaker/TrainingJobs", logStreamNamePrefix: "silent/" };

    expect(silent.TrainingJobStatus).to.equal("Completed");
    const { logStreams = [] } = await new CloudWatchLogsClient(account.client()).send(
      new DescribeLogStreamsCommand(request),
    );
    expect(logStreams).to.deep.equal([]);
  });

  it("uses all of a role that has no more than the job needs, a key by its ARN included", async () => {
    const { KeyMetadata } = await new KMSClient(account.client()).send(new CreateKeyCommand({}));
    const key = KeyMetadata?.Arn ?? "";
    const use = { Action: ["kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"], Resource: key };
    const grant = {
      Action: "kms:CreateGrant",
      Resource: key,
      Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    };
    const keys = {
      OutputDataConfig: { S3OutputPath: "s3://models/output", KmsKeyId: key },
      ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 10, VolumeKmsKeyId: key },
    };
    const arn = await account.role([...Object.values(ALL), use, grant]);

    const without = async (...statements: readonly object[]) =>
      (await rejection(account.train("without-key", await account.role([...Object.values(ALL), ...statements]), keys)))
        .message;
    expect(await without(use)).to.match(/^Access denied to VolumeKmsKeyId.*kms:CreateGrant/);
    expect(await without(grant)).to.match(/^Access denied to VolumeKmsKeyId.*kms:DescribeKey/);
    expect(await without({ ...use, Action: "kms:DescribeKey" }, grant)).to.match(
      /OutputDataConfig KmsKeyId.*kms:Encrypt/,
    );
    expect((await account.train("with-key", arn, keys)).TrainingJobStatus).to.equal("Completed");
    expect(await account.aws.sessions.unusedPermissions(arn)).to.deep.equal([]);
  });

  it("refuses a key for the volume of an instance that has storage of its own", async () => {
    const arn = await account.roleWithout();
    const key = `arn:aws:kms:us-east-1:${ACCOUNT}:key/k`;
    for (const InstanceType of ["ml.g4dn.xlarge", "ml.g5.xlarge", "ml.p4d.24xlarge", "ml.r5d.large"] as const) {
      const ResourceConfig = { InstanceType, InstanceCount: 1, VolumeSizeInGB: 10, VolumeKmsKeyId: key };
      const error = await rejection(account.train("nvme", arn, { ResourceConfig }));
      expect(error.message).to.include(`VolumeKmsKeyId is not supported for instance type ${InstanceType}`);
    }
  });
});
