import { APIGatewayClient, GetAccountCommand } from "@aws-sdk/client-api-gateway";
import { CodeCommitClient, GetRepositoryCommand, RepositoryDoesNotExistException } from "@aws-sdk/client-codecommit";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { ListMonitoringSchedulesCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { ListServiceQuotasCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../cli/doctor/check";
import { nodeFinding } from "../../cli/doctor/tools";
import { call } from "./call";
import { FakePulumi } from "./fake-pulumi";

const named = (name: string, message = name) => Object.assign(new Error(message), { name, $metadata: {} });

describe("safe-deploy doctor", () => {
  let project: string;
  let pulumi: FakePulumi;
  let aws: ReturnType<typeof mocks>;

  const mocks = () => ({
    sts: mockClient(STSClient),
    iam: mockClient(IAMClient),
    gateway: mockClient(APIGatewayClient),
    sageMaker: mockClient(SageMakerClient),
    s3: mockClient(S3Client),
    quotas: mockClient(ServiceQuotasClient),
    codeCommit: mockClient(CodeCommitClient),
  });

  function quotas(values: Readonly<Record<string, Readonly<Record<string, number>>>>): void {
    aws.quotas.on(ListServiceQuotasCommand).callsFake(({ ServiceCode }: { ServiceCode: string }) => ({
      Quotas: Object.entries(values[ServiceCode] ?? {}).map(([QuotaName, Value]) => ({
        ...{ ServiceCode, QuotaName, Value, QuotaCode: "L-1" },
      })),
    }));
  }

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "doctor "));
    const repository = "  repository:\n    type: codecommit\n    repository: code\n";
    writeFileSync(
      join(project, "Pulumi.pipeline.yaml"),
      `config:\n  bucket: data\n  stateUrl: s3://state?region=us-east-1\n${repository}`,
    );
    writeFileSync(join(project, "Pulumi.train.yaml"), "config:\n  trainingInstanceType: ml.m4.xlarge\n");
    writeFileSync(
      join(project, "Pulumi.prod.yaml"),
      'config:\n  instanceType: ml.m5.large\n  minInstances: "2"\n  maxInstances: "10"\n',
    );
    pulumi = new FakePulumi({
      version: "v3.255.0",
      "plugin ls": '[{"name":"aws","kind":"resource","version":"7.48.0"}]',
    });
    aws = mocks();
    aws.sts
      .on(GetCallerIdentityCommand)
      .resolves({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/ann" });
    aws.iam.on(ListRolesCommand).resolves({
      Roles: ["prod", "train", "prod"].map((stack) => ({
        ...{ Path: `/mlops-taxi/${stack}/`, RoleName: "r", RoleId: "1", Arn: "arn", CreateDate: new Date() },
      })),
    });
    aws.gateway.on(GetAccountCommand).resolves({ cloudwatchRoleArn: "arn:aws:iam::123456789012:role/logs" });
    aws.sageMaker.on(ListMonitoringSchedulesCommand).resolves({});
    aws.s3.on(HeadBucketCommand).resolves({});
    aws.codeCommit.on(GetRepositoryCommand).resolves({});
    quotas({
      sagemaker: { "ml.m4.xlarge for training job usage": 2, "ml.m5.large for endpoint usage": 20 },
      codebuild: { "Concurrently running builds for Linux/Medium environment": 5 },
      lambda: { "Concurrent executions": 1000 },
    });
  });
  afterEach(() => {
    Object.values(aws).forEach((mock) => mock.restore());
    pulumi.remove();
    rmSync(project, { recursive: true });
  });

  const env = () => ({
    ...{ AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
    PATH: pulumi.PATH,
  });
  const run = (...args: string[]) => call(["--model", "taxi", "--project", project, "doctor", ...args], { env: env() });
  const found = async () => JSON.parse((await run("--json")).stdout) as Finding[];
  const of = async (what: string) => (await found()).find((one) => one.what === what);

  it("finds nothing wrong where all is there", async () => {
    const { status, stdout } = await run();
    expect(stdout)
      .to.match(/^ok {4}credentials: arn:aws:iam::123456789012:user\/ann in account 123456789012\n/)
      .and.contain("ok    region: us-east-1\n")
      .and.contain("ok    state of the stacks: bucket state\n")
      .and.contain("ok    bucket of the data: bucket data\n")
      .and.contain("ok    roles: 3 below /mlops-taxi/, of prod, train\n")
      .and.contain("ok    CodeCommit: repository code\n")
      .and.contain("ok    quota: ml.m5.large for endpoint usage: 20\n")
      .and.contain("ok    Pulumi CLI: v3.255.0\n")
      .and.contain("ok    Pulumi's plugin for AWS: 7.48.0\n")
      .and.match(/\n\d+ ok, 0 to look at, 0 wrong\n$/);
    expect(status).to.equal(0);
  });

  it("says which quotas are too low, and how to ask for more", async () => {
    quotas({
      sagemaker: { "ml.m4.xlarge for training job usage": 0, "ml.m5.large for endpoint usage": 4 },
      lambda: { "Concurrent executions": 10 },
    });

    const { status, stdout } = await run();

    expect(status).to.equal(1);
    expect(stdout)
      .to.contain("fail  quota: ml.m4.xlarge for training job usage: 0, and 1 are needed: a training job at a time\n")
      .and.contain("request-service-quota-increase --service-code sagemaker --quota-code L-1 --desired-value 1\n")
      .and.contain("warn  quota: ml.m5.large for endpoint usage: 4, and 20 are for two releases of stack prod")
      .and.contain("warn  quota: Concurrent executions: 10")
      .and.match(/warn {2}quota: Concurrently running builds.*: Service Quotas does not tell it/);
  });

  it("says what is not there, each with a remedy", async () => {
    aws.s3.on(HeadBucketCommand, { Bucket: "data" }).rejects(named("NotFound"));
    aws.iam.on(ListRolesCommand).resolves({ Roles: [] });
    aws.gateway.on(GetAccountCommand).resolves({});
    aws.codeCommit
      .on(GetRepositoryCommand)
      .rejects(new RepositoryDoesNotExistException({ message: "no", $metadata: {} }));

    expect(await of("bucket of the data")).to.include({ verdict: "fail", remedy: "aws s3 mb s3://data" });
    expect(await of("roles")).to.include({ verdict: "warn", found: "none below /mlops-taxi/" });
    expect(await of("CodeCommit")).to.include({ verdict: "fail", found: "there is no repository code" });
    expect(await of("API Gateway's log role")).to.include({ verdict: "ok" });
    for (const value of ['"false"', "false"]) {
      writeFileSync(join(project, "Pulumi.prod.yaml"), `config:\n  createAccountLogRole: ${value}\n`);
      expect(await of("API Gateway's log role")).to.include({ verdict: "fail" });
    }
  });

  it("takes what it may not look at for no failure, and any other error for one", async () => {
    aws.quotas
      .on(ListServiceQuotasCommand)
      .rejects(named("AccessDeniedException", "not authorized to perform: servicequotas:ListServiceQuotas"));
    aws.sageMaker.on(ListMonitoringSchedulesCommand).rejects(named("ValidationException", "not open to this account"));

    expect(await of("quotas")).to.include({ verdict: "warn", found: "these credentials may not look" });
    expect(await of("SageMaker Model Monitor")).to.include({
      verdict: "fail",
      found: "ValidationException: not open to this account",
    });
  });

  it("asks nothing more where nobody is logged in, and does without the Pulumi CLI", async () => {
    aws.sts.on(GetCallerIdentityCommand).rejects(named("ExpiredToken", "the token has expired"));
    const { status, stdout } = await call(["--model", "taxi", "--project", project, "doctor"], {
      env: { ...env(), PATH: project },
    });
    expect(status).to.equal(1);
    expect(stdout)
      .to.contain(
        "fail  credentials: ExpiredToken: the token has expired\n      the credentials have expired: log in again",
      )
      .and.contain("warn  Pulumi CLI: the Pulumi CLI is not on PATH")
      .and.not.contain("quota");
  });

  it("knows which Node is too old", () => {
    expect(nodeFinding("v20.18.3").verdict).to.equal("fail");
    expect(nodeFinding("v20.19.0").verdict).to.equal("ok");
    expect(nodeFinding("v22.1.0").verdict).to.equal("ok");
  });
});
