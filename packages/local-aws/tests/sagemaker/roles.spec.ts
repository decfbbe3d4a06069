import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  CreateTransformJobCommand,
  DescribeEndpointCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  SageMakerClient,
  type CreateProcessingJobCommandInput,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { startLocalAws, type LocalAws } from "../../server";
import { rejection } from "../core/support";
import { planeRows, SKLEARN, trainingJob, until, XGBOOST } from "./support";

const ACCOUNT = "123456789012";
const REPOSITORIES = "arn:aws:ecr:us-east-1:683313688378:repository/*";
const LOGS = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/sagemaker/*`;

/** Statements by what they are for, each of which a test can leave out. */
const ALL = {
  image: {
    Action: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
    Resource: REPOSITORIES,
  },
  registry: { Action: "ecr:GetAuthorizationToken", Resource: "*" },
  bucket: { Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: "arn:aws:s3:::models" },
  read: { Action: "s3:GetObject", Resource: "arn:aws:s3:::models/data/*" },
  write: { Action: "s3:PutObject", Resource: "arn:aws:s3:::models/output/*" },
  logs: {
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    Resource: LOGS,
  },
  metrics: { Action: "cloudwatch:PutMetricData", Resource: "*" },
};
type Purpose = keyof typeof ALL;

describe("SageMaker under the roles that it is given", function () {
  this.timeout(60_000);
  let aws: LocalAws;
  let roles = 0;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 6000 });
    await s3().send(new CreateBucketCommand({ Bucket: "models" }));
    for (const name of ["train", "validation"]) {
      await put(`data/${name}/rows.csv`, planeRows(50));
    }
  });
  after(() => aws.close());

  const client = () => ({ endpoint: aws.endpoint, region: "us-east-1", maxAttempts: 1, credentials: aws.account });
  const s3 = () => new S3Client({ ...client(), forcePathStyle: true });
  const sageMaker = () => new SageMakerClient(client());
  const put = (Key: string, Body: string) => s3().send(new PutObjectCommand({ Bucket: "models", Key, Body }));

  async function role(statements: readonly object[], service = "sagemaker.amazonaws.com"): Promise<string> {
    roles += 1;
    const iam = new IAMClient(client());
    const RoleName = `execution-${roles}`;
    const trust = { Statement: { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" } };
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const Statement = statements.map((statement) => ({ Effect: "Allow", ...statement }));
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
    return `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
  }
  const roleWithout = (...left: readonly Purpose[]) =>
    role(
      Object.entries(ALL).flatMap(([purpose, statement]) => (left.some((one) => one === purpose) ? [] : [statement])),
    );
  const train = async (name: string, RoleArn: string, changes = {}) => {
    await sageMaker().send(new CreateTrainingJobCommand(trainingJob(name, { RoleArn, ...changes })));
    return until(
      () => sageMaker().send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
      ({ TrainingJobStatus: status }) => status !== "InProgress",
    );
  };

  describe("takes a training job only where the role", () => {
    const refusals: readonly (readonly [what: string, arn: () => Promise<string>, message: RegExp])[] = [
      ["exists", async () => `arn:aws:iam::${ACCOUNT}:role/none`, /^Could not assume role .*role\/none\. /],
      ["trusts SageMaker", () => role([ALL.registry], "lambda.amazonaws.com"), /^Could not assume role /],
      [
        "may pull the image",
        () => roleWithout("image"),
        /^Access denied for repository .*ecr:BatchCheckLayerAvailability/,
      ],
      ["may log in to the registry", () => roleWithout("registry"), /^Access denied for repository/],
      [
        "may list its channels",
        async () => {
          const Condition = { StringNotLike: { "s3:prefix": "data/train*" } };
          return role([...Object.values({ ...ALL, bucket: { ...ALL.bucket, Condition } })]);
        },
        /^Unauthorized to List objects under S3 URL: s3:\/\/models\/data\/train\. .*no identity-based policy allows the s3:ListBucket action/,
      ],
      [
        "may look at the bucket of its output, whatever prefix",
        async () => {
          const Condition = { StringLike: { "s3:prefix": "data/*" } };
          return role([...Object.values({ ...ALL, bucket: { ...ALL.bucket, Condition } })]);
        },
        /^Access denied to OutputDataConfig S3 bucket models/,
      ],
    ];
    refusals.forEach(([what, arn, message], i) =>
      it(what, async () => {
        const error = await rejection(train(`refused-${i}`, await arn()));
        expect(error.name).to.equal("ValidationException");
        expect(error.message).to.match(message);
      }),
    );
  });

  it("fails a job in AWS's words whose role may not read its data or write its archive", async () => {
    const unread = await train("unread", await roleWithout("read"));
    const unwritten = await train("unwritten", await roleWithout("write"));

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
    await put("data/code/train.py", script);
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
    const RoleArn = await roleWithout();
    const denied = await train("own-calls", RoleArn, job);
    const isolated = await train("isolated-calls", RoleArn, { ...job, EnableNetworkIsolation: true });

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
    const elsewhere = await role([
      ...Object.values(ALL),
      ...interfaces,
      { Action: "ec2:CreateNetworkInterface", Resource: of("subnet/subnet-2") },
    ]);
    const allowed = await role([
      ...Object.values(ALL),
      ...interfaces,
      { Action: "ec2:CreateNetworkInterface", Resource: [of("subnet/subnet-1"), of("security-group/sg-1")] },
    ]);
    const model = (ModelName: string, ExecutionRoleArn: string) =>
      sageMaker().send(
        new CreateModelCommand({ ModelName, ExecutionRoleArn, PrimaryContainer: { Image: XGBOOST }, VpcConfig }),
      );

    expect((await rejection(train("no-interfaces", elsewhere, { VpcConfig }))).message).to.match(
      /^Access denied to VpcConfig: .*ec2:CreateNetworkInterface on resource: .*subnet\/subnet-1/,
    );
    expect((await rejection(model("no-interfaces", elsewhere))).message).to.match(/cannot use the VPC: .*subnet-1/);
    expect((await train("in-vpc", allowed, { VpcConfig })).TrainingJobStatus).to.equal("Completed");
    await model("in-vpc", allowed);
  });

  it("loses the logs and metrics of a job whose role may not write them", async () => {
    const silent = await train("silent", await roleWithout("logs", "metrics"));
    const request = { logGroupName: "/aws/sagemaker/TrainingJobs", logStreamNamePrefix: "silent/" };

    expect(silent.TrainingJobStatus).to.equal("Completed");
    const { logStreams = [] } = await new CloudWatchLogsClient(client()).send(new DescribeLogStreamsCommand(request));
    expect(logStreams).to.deep.equal([]);
  });

  it("uses all of a role that has no more than the job needs, a key by its ARN included", async () => {
    const { KeyMetadata } = await new KMSClient(client()).send(new CreateKeyCommand({}));
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
    const arn = await role([...Object.values(ALL), use, grant]);

    const without = async (...statements: readonly object[]) =>
      (await rejection(train("without-key", await role([...Object.values(ALL), ...statements]), keys))).message;
    expect(await without(use)).to.match(/^Access denied to VolumeKmsKeyId.*kms:CreateGrant/);
    expect(await without(grant)).to.match(/^Access denied to VolumeKmsKeyId.*kms:DescribeKey/);
    expect(await without({ ...use, Action: "kms:DescribeKey" }, grant)).to.match(
      /OutputDataConfig KmsKeyId.*kms:Encrypt/,
    );
    expect((await train("with-key", arn, keys)).TrainingJobStatus).to.equal("Completed");
    expect(await aws.sessions.unusedPermissions(arn)).to.deep.equal([]);
  });

  it("reads and writes of processing jobs", async () => {
    const job = (ProcessingJobName: string, RoleArn: string): CreateProcessingJobCommandInput => ({
      ...{ ProcessingJobName, RoleArn },
      AppSpecification: { ImageUri: SKLEARN, ContainerEntrypoint: ["python3", "/opt/ml/processing/input/copy.py"] },
      ProcessingInputs: [
        {
          InputName: "code",
          S3Input: {
            S3Uri: "s3://models/data/code",
            LocalPath: "/opt/ml/processing/input",
            S3DataType: "S3Prefix",
            S3InputMode: "File",
          },
        },
      ],
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: "out",
            S3Output: {
              S3Uri: "s3://models/output/out",
              LocalPath: "/opt/ml/processing/output",
              S3UploadMode: "EndOfJob",
            },
          },
        ],
      },
      ProcessingResources: { ClusterConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 10 } },
    });
    const end = async (name: string, arn: string) => {
      await sageMaker().send(new CreateProcessingJobCommand(job(name, arn)));
      return until(
        () => sageMaker().send(new DescribeProcessingJobCommand({ ProcessingJobName: name })),
        ({ ProcessingJobStatus: status }) => status !== "InProgress",
      );
    };
    await put(
      "data/code/copy.py",
      `import os\nopen(os.environ["SAGEMAKER_BASE_DIR"] + "/processing/output/done.txt", "w").write("done")\n`,
    );
    const refused = await rejection(end("nobody", `arn:aws:iam::${ACCOUNT}:role/none`));
    const unread = await end("unread", await roleWithout("read"));
    const unwritten = await end("unwritten", await roleWithout("write"));

    expect(refused.message).to.match(/^Could not assume role/);
    expect(unread.FailureReason).to.match(/^ClientError: Failed to download data:.*s3:GetObject/);
    expect(unwritten.FailureReason).to.match(/^ClientError: Failed to upload output:.*s3:PutObject/);
  });

  it("reads and writes of transform jobs, as the role of their model", async () => {
    const archive = { Action: "s3:GetObject", Resource: "arn:aws:s3:::models/output/*" };
    await train("batch", await roleWithout());
    const end = async (name: string, ...left: readonly Purpose[]) => {
      const statements = Object.entries(ALL).filter(([purpose]) => !left.some((one) => one === purpose));
      const ExecutionRoleArn = await role([archive, ...statements.map(([, statement]) => statement)]);
      const PrimaryContainer = { Image: XGBOOST, ModelDataUrl: "s3://models/output/batch/output/model.tar.gz" };
      await sageMaker().send(new CreateModelCommand({ ModelName: name, ExecutionRoleArn, PrimaryContainer }));
      const S3DataSource = { S3DataType: "S3Prefix", S3Uri: "s3://models/data/batch" } as const;
      await sageMaker().send(
        new CreateTransformJobCommand({
          ...{ TransformJobName: name, ModelName: name },
          TransformInput: { DataSource: { S3DataSource }, ContentType: "text/csv" },
          TransformOutput: { S3OutputPath: "s3://models/output/batched" },
          TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
        }),
      );
      return until(
        () => sageMaker().send(new DescribeTransformJobCommand({ TransformJobName: name })),
        ({ TransformJobStatus: status }) => status !== "InProgress",
      );
    };
    await put("data/batch/rows.csv", "1,2\n");

    expect((await end("batch-unread", "read")).FailureReason).to.match(
      /^ClientError: Failed to download data:.*s3:GetObject/,
    );
    expect((await end("batch-unwritten", "write")).FailureReason).to.match(
      /^ClientError: Failed to upload output:.*s3:PutObject/,
    );
    expect((await end("batch-all")).TransformJobStatus).to.equal("Completed");
  });

  it("creates a model whose role may pull its image and read its archive, and fails an endpoint whose role has gone", async () => {
    await put("data/model.tar.gz", "no archive, but there");
    const create = (ModelName: string, ExecutionRoleArn: string) =>
      sageMaker().send(
        new CreateModelCommand({
          ...{ ModelName, ExecutionRoleArn },
          PrimaryContainer: { Image: XGBOOST, ModelDataUrl: "s3://models/data/model.tar.gz" },
        }),
      );
    const refusal = async (arn: string) => (await rejection(create("refused", arn))).message;
    const arn = await roleWithout();

    expect(await refusal(`arn:aws:iam::${ACCOUNT}:role/none`)).to.equal(
      `The execution role ARN "arn:aws:iam::${ACCOUNT}:role/none" is invalid. Please ensure that the role exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com".`,
    );
    expect(await refusal(await roleWithout("read"))).to.match(
      /^Could not access model data at s3:\/\/models\/data\/model\.tar\.gz\. .*"s3:GetObject" permissions/,
    );
    expect(await refusal(await roleWithout("image"))).to.match(/^Could not access the image .*ecr:BatchCheckLayer/);
    await create("orphan", arn);
    await sageMaker().send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: "orphan",
        ProductionVariants: [
          { VariantName: "main", ModelName: "orphan", InstanceType: "ml.m5.large", InitialInstanceCount: 1 },
        ],
      }),
    );
    await remove(arn);
    await sageMaker().send(new CreateEndpointCommand({ EndpointName: "orphan", EndpointConfigName: "orphan" }));
    const { FailureReason } = await until(
      () => sageMaker().send(new DescribeEndpointCommand({ EndpointName: "orphan" })),
      ({ EndpointStatus: status }) => status === "Failed",
    );
    expect(FailureReason).to.match(/^The execution role ARN ".*" is invalid\. /);
  });

  it("refuses a key for the volume of an instance that has storage of its own", async () => {
    const arn = await roleWithout();
    const key = `arn:aws:kms:us-east-1:${ACCOUNT}:key/k`;
    for (const InstanceType of ["ml.g4dn.xlarge", "ml.g5.xlarge", "ml.p4d.24xlarge", "ml.r5d.large"] as const) {
      const ResourceConfig = { InstanceType, InstanceCount: 1, VolumeSizeInGB: 10, VolumeKmsKeyId: key };
      const error = await rejection(train("nvme", arn, { ResourceConfig }));
      expect(error.message).to.include(`VolumeKmsKeyId is not supported for instance type ${InstanceType}`);
    }
  });

  async function remove(arn: string): Promise<void> {
    const iam = new IAMClient(client());
    const RoleName = arn.split("/").at(-1);
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "own" }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
  }
});
