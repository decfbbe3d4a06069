import { DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient, ListGrantsCommand } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateTrainingJobCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { setTimeout as sleep } from "node:timers/promises";
import { testPython } from "pulumi-engine/testing/python";
import { startLocalAws, type LocalAws } from "../../server";
import { openRole } from "../../testing/role";
import { planeRows, trainingJob, until, XGBOOST } from "./support";

const SPEED = 6000;
/** Longer than SageMaker takes to take a grant back. */
const LONGER_MS = (600 / SPEED) * 1000 + 500;

describe("The grant of a customer's key for an endpoint's volumes", function () {
  this.timeout(60_000);
  let aws: LocalAws;
  let archive: string;
  let key: string;

  const client = () => ({ endpoint: aws.endpoint, region: "us-east-1", maxAttempts: 1, credentials: aws.account });
  const sageMaker = () => new SageMakerClient(client());
  const kms = () => new KMSClient(client());

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: SPEED });
    const s3 = new S3Client({ ...client(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "models" }));
    for (const name of ["train", "validation"]) {
      await s3.send(new PutObjectCommand({ Bucket: "models", Key: `data/${name}/rows.csv`, Body: planeRows(50) }));
    }
    await sageMaker().send(
      new CreateTrainingJobCommand(trainingJob("trained", { RoleArn: await openRole(aws, "trains") })),
    );
    const { ModelArtifacts } = await until(
      () => sageMaker().send(new DescribeTrainingJobCommand({ TrainingJobName: "trained" })),
      ({ TrainingJobStatus: status }) => status === "Completed",
    );
    archive = ModelArtifacts?.S3ModelArtifacts ?? "";
    const { KeyMetadata } = await kms().send(new CreateKeyCommand({}));
    key = KeyMetadata?.Arn ?? "";
  });
  after(() => aws.close());

  async function createEndpoint(name: string, ExecutionRoleArn: string): Promise<void> {
    const PrimaryContainer = { Image: XGBOOST, ModelDataUrl: archive };
    await sageMaker().send(new CreateModelCommand({ ModelName: name, ExecutionRoleArn, PrimaryContainer }));
    await sageMaker().send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: name,
        KmsKeyId: key,
        ProductionVariants: [
          { VariantName: "main", ModelName: name, InstanceType: "ml.m5.large", InitialInstanceCount: 1 },
        ],
      }),
    );
    await sageMaker().send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
    await until(
      () => sageMaker().send(new DescribeEndpointCommand({ EndpointName: name })),
      ({ EndpointStatus: status }) => status === "InService",
    );
  }
  const deleteEndpoint = (EndpointName: string) => sageMaker().send(new DeleteEndpointCommand({ EndpointName }));
  const grantsOf = async (roleArn: string) => {
    const { Grants = [] } = await kms().send(new ListGrantsCommand({ KeyId: key }));
    return Grants.filter(({ RetiringPrincipal }) => RetiringPrincipal === roleArn);
  };

  it("is taken back in the name of the endpoint's role, some time after the endpoint has gone", async () => {
    const arn = await openRole(aws, "stays");
    await createEndpoint("role-stays", arn);
    expect(await grantsOf(arn)).to.have.length(1);

    await deleteEndpoint("role-stays");

    await until(
      () => grantsOf(arn),
      (grants) => grants.length === 0,
    );
  });

  it("stays where the role has gone before", async () => {
    const arn = await openRole(aws, "goes");
    await createEndpoint("role-goes", arn);
    await deleteEndpoint("role-goes");
    const iam = new IAMClient(client());
    await iam.send(new DeleteRolePolicyCommand({ RoleName: "goes", PolicyName: "everything" }));
    await iam.send(new DeleteRoleCommand({ RoleName: "goes" }));

    await sleep(LONGER_MS);

    expect(await grantsOf(arn)).to.have.length(1);
  });
});
