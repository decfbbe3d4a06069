import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTrainingJobCommand, DescribeTrainingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { testPython } from "pulumi-engine/testing/python";
import { startLocalAws, type LocalAws } from "../../server";
import { planeRows, trainingJob, until } from "./support";

export const ACCOUNT = "123456789012";
const REPOSITORIES = "arn:aws:ecr:us-east-1:683313688378:repository/*";
const LOGS = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/sagemaker/*`;

/** Statements by what they are for, each of which a test can leave out. */
export const ALL = {
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
export type Purpose = keyof typeof ALL;

/** A local AWS with data to train on, and roles that may do all or some of what jobs and models need. */
export class RolesAccount {
  private roles = 0;

  private constructor(readonly aws: LocalAws) {}

  static async start(): Promise<RolesAccount> {
    const account = new RolesAccount(await startLocalAws({ python: testPython(), speed: 6000 }));
    await account.s3().send(new CreateBucketCommand({ Bucket: "models" }));
    for (const name of ["train", "validation"]) {
      await account.put(`data/${name}/rows.csv`, planeRows(50));
    }
    return account;
  }

  close(): Promise<void> {
    return this.aws.close();
  }

  client() {
    return { endpoint: this.aws.endpoint, region: "us-east-1", maxAttempts: 1, credentials: this.aws.account };
  }

  s3(): S3Client {
    return new S3Client({ ...this.client(), forcePathStyle: true });
  }

  sageMaker(): SageMakerClient {
    return new SageMakerClient(this.client());
  }

  put(Key: string, Body: string) {
    return this.s3().send(new PutObjectCommand({ Bucket: "models", Key, Body }));
  }

  async role(statements: readonly object[], service = "sagemaker.amazonaws.com"): Promise<string> {
    this.roles += 1;
    const iam = new IAMClient(this.client());
    const RoleName = `execution-${this.roles}`;
    const trust = { Statement: { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" } };
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const Statement = statements.map((statement) => ({ Effect: "Allow", ...statement }));
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
    return `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
  }

  roleWithout(...left: readonly Purpose[]): Promise<string> {
    const kept = Object.entries(ALL).filter(([purpose]) => !left.some((one) => one === purpose));
    return this.role(kept.map(([, statement]) => statement));
  }

  async removeRole(arn: string): Promise<void> {
    const iam = new IAMClient(this.client());
    const RoleName = arn.split("/").at(-1);
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "own" }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
  }

  /** The job once it has ended. */
  async train(name: string, RoleArn: string, changes = {}) {
    await this.sageMaker().send(new CreateTrainingJobCommand(trainingJob(name, { RoleArn, ...changes })));
    return until(
      () => this.sageMaker().send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
      ({ TrainingJobStatus: status }) => status !== "InProgress",
    );
  }
}
