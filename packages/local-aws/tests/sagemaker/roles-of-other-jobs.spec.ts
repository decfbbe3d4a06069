import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateProcessingJobCommand,
  CreateTransformJobCommand,
  DescribeEndpointCommand,
  DescribeProcessingJobCommand,
  DescribeTransformJobCommand,
  type CreateProcessingJobCommandInput,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { rejection } from "../core/support";
import { ACCOUNT, ALL, RolesAccount, type Purpose } from "./roles-fixture";
import { SKLEARN, until, XGBOOST } from "./support";

describe("SageMaker under the roles of other jobs, and of models", function () {
  this.timeout(60_000);
  let account: RolesAccount;

  before(async () => {
    account = await RolesAccount.start();
  });
  after(() => account.close());

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
      await account.sageMaker().send(new CreateProcessingJobCommand(job(name, arn)));
      return until(
        () => account.sageMaker().send(new DescribeProcessingJobCommand({ ProcessingJobName: name })),
        ({ ProcessingJobStatus: status }) => status !== "InProgress",
      );
    };
    await account.put(
      "data/code/copy.py",
      `import os\nopen(os.environ["SAGEMAKER_BASE_DIR"] + "/processing/output/done.txt", "w").write("done")\n`,
    );
    const refused = await rejection(end("nobody", `arn:aws:iam::${ACCOUNT}:role/none`));
    const unread = await end("unread", await account.roleWithout("read"));
    const unwritten = await end("unwritten", await account.roleWithout("write"));

    expect(refused.message).to.match(/^Could not assume role/);
    expect(unread.FailureReason).to.match(/^ClientError: Failed to download data:.*s3:GetObject/);
    expect(unwritten.FailureReason).to.match(/^ClientError: Failed to upload output:.*s3:PutObject/);
  });

  it("reads and writes of transform jobs, as the role of their model", async () => {
    const archive = { Action: "s3:GetObject", Resource: "arn:aws:s3:::models/output/*" };
    await account.train("batch", await account.roleWithout());
    const end = async (name: string, ...left: readonly Purpose[]) => {
      const statements = Object.entries(ALL).filter(([purpose]) => !left.some((one) => one === purpose));
      const ExecutionRoleArn = await account.role([archive, ...statements.map(([, statement]) => statement)]);
      const PrimaryContainer = { Image: XGBOOST, ModelDataUrl: "s3://models/output/batch/output/model.tar.gz" };
      await account.sageMaker().send(new CreateModelCommand({ ModelName: name, ExecutionRoleArn, PrimaryContainer }));
      const S3DataSource = { S3DataType: "S3Prefix", S3Uri: "s3://models/data/batch" } as const;
      await account.sageMaker().send(
        new CreateTransformJobCommand({
          ...{ TransformJobName: name, ModelName: name },
          TransformInput: { DataSource: { S3DataSource }, ContentType: "text/csv" },
          TransformOutput: { S3OutputPath: "s3://models/output/batched" },
          TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
        }),
      );
      return until(
        () => account.sageMaker().send(new DescribeTransformJobCommand({ TransformJobName: name })),
        ({ TransformJobStatus: status }) => status !== "InProgress",
      );
    };
    await account.put("data/batch/rows.csv", "1,2\n");

    expect((await end("batch-unread", "read")).FailureReason).to.match(
      /^ClientError: Failed to download data:.*s3:GetObject/,
    );
    expect((await end("batch-unwritten", "write")).FailureReason).to.match(
      /^ClientError: Failed to upload output:.*s3:PutObject/,
    );
    expect((await end("batch-all")).TransformJobStatus).to.equal("Completed");
  });

  it("creates a model whose role may pull its image and read its archive, and fails an endpoint whose role has gone", async () => {
    await account.put("data/model.tar.gz", "no archive, but there");
    const create = (ModelName: string, ExecutionRoleArn: string) =>
      account.sageMaker().send(
        new CreateModelCommand({
          ...{ ModelName, ExecutionRoleArn },
          PrimaryContainer: { Image: XGBOOST, ModelDataUrl: "s3://models/data/model.tar.gz" },
        }),
      );
    const refusal = async (arn: string) => (await rejection(create("refused", arn))).message;
    const arn = await account.roleWithout();

    expect(await refusal(`arn:aws:iam::${ACCOUNT}:role/none`)).to.equal(
      `The execution role ARN "arn:aws:iam::${ACCOUNT}:role/none" is invalid. Please ensure that the role exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com".`,
    );
    expect(await refusal(await account.roleWithout("read"))).to.match(
      /^Could not access model data at s3:\/\/models\/data\/model\.tar\.gz\. .*"s3:GetObject" permissions/,
    );
    expect(await refusal(await account.roleWithout("image"))).to.match(
      /^Could not access the image .*ecr:BatchCheckLayer/,
    );
    await create("orphan", arn);
    await account.sageMaker().send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: "orphan",
        ProductionVariants: [
          { VariantName: "main", ModelName: "orphan", InstanceType: "ml.m5.large", InitialInstanceCount: 1 },
        ],
      }),
    );
    await account.removeRole(arn);
    await account.sageMaker().send(new CreateEndpointCommand({ EndpointName: "orphan", EndpointConfigName: "orphan" }));
    const { FailureReason } = await until(
      () => account.sageMaker().send(new DescribeEndpointCommand({ EndpointName: "orphan" })),
      ({ EndpointStatus: status }) => status === "Failed",
    );
    expect(FailureReason).to.match(/^The execution role ARN ".*" is invalid\. /);
  });
});
