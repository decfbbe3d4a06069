import { DescribeTrainingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { join } from "node:path";
import type { LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { farFolder, install, packed, peers, remove, write } from "../../engine/package/install";
import { bucketWithData, keysOf, roleIn, startAwsWithData } from "../../engine/package/local-account";
import { BareProgram } from "../../engine/package/program";

const OTHER_REGION = "eu-west-1";
const OTHER_ACCOUNT = "210987654321";

/** One job in the default region, one in another, one in another account; each by the provider of its component. */
const PROGRAM = `
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { TrainingJob } from "sagemaker-safe-deploy";

const config = new pulumi.Config();
const train = (name: string, provider?: aws.Provider) => {
  const bucket = config.require(name);
  const args = {
    jobName: name,
    trainingImage: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    channels: [{ name: "train", s3Uri: \`s3://\${bucket}/fares/train\` }],
    hyperparameters: { num_round: "5" },
    outputUri: \`s3://\${bucket}/fares\`,
    instanceType: "ml.m5.xlarge",
    pollSeconds: 0.25,
  };
  return new TrainingJob(name, args, { provider }).jobArn;
};
const region = "${OTHER_REGION}" as const;
const assumeRoles = [{ roleArn: config.require("role") }];
const keys = { accessKey: "${OTHER_ACCOUNT}", secretKey: process.env.AWS_SECRET_ACCESS_KEY };
const account = config.get("with") === "keys" ? keys : { assumeRoles };
export const arns = [
  train("here"),
  train("elsewhere", new aws.Provider("elsewhere", { region })),
  train("theirs", new aws.Provider("theirs", { region: "us-east-1", ...account })),
];
`;

describe("the package in two regions and two accounts", function () {
  this.timeout(300_000);
  let aws: LocalAws;
  let folder: string;
  let program: BareProgram;

  before(async () => {
    folder = await farFolder();
    const [started, tarball, versions] = await Promise.all([startAwsWithData(), packed(folder), peers()]);
    ({ aws } = started);
    const dependencies = { ...versions, "sagemaker-safe-deploy": `file:${tarball}`, typescript: "5.9.3" };
    await write(join(folder, "accounts"), {
      "package.json": JSON.stringify({ name: "accounts", private: true, dependencies }),
      "Pulumi.yaml": JSON.stringify({ name: "accounts", main: "index.ts", runtime: "nodejs" }),
      "tsconfig.json": JSON.stringify({ compilerOptions: { strict: true, module: "nodenext", target: "ES2022" } }),
      "index.ts": PROGRAM,
    });
    await install("pnpm", join(folder, "accounts"));
    program = await BareProgram.open(join(folder, "accounts"), join(folder, "engine"), aws.environment);
    await program.configure({
      here: started.bucket,
      elsewhere: await bucketWithData(aws, OTHER_REGION, aws.account.accountId),
      theirs: await bucketWithData(aws, "us-east-1", OTHER_ACCOUNT),
      role: await roleIn(aws, OTHER_ACCOUNT),
    });
  });
  after(async () => {
    await aws.close();
    await remove(folder);
  });

  it("refuses keys of another account, naming both, and keeps them out of the state", async () => {
    await program.configure({ with: "keys" });
    const { message } = await program.up().then(
      () => expect.fail("it was not refused"),
      (error: unknown) => error as Error,
    );
    expect(message).to.contain(`the credentials belong to account ${aws.account.accountId}`);
    expect(message).to.contain(`belongs to account ${OTHER_ACCOUNT}: give that provider a profile or assumeRoles`);
    expect(await program.state()).to.not.contain(aws.account.secretAccessKey);
  });

  it("makes each job where its component's provider is", async () => {
    await program.configure({ with: "roles" });
    await program.up();
    const { accountId } = aws.account;
    const jobs = [
      `arn:aws:sagemaker:us-east-1:${accountId}:training-job/here`,
      `arn:aws:sagemaker:${OTHER_REGION}:${accountId}:training-job/elsewhere`,
      `arn:aws:sagemaker:us-east-1:${OTHER_ACCOUNT}:training-job/theirs`,
    ];
    expect((await program.outputs()).arns).to.deep.equal(jobs);
    const theirs = new SageMakerClient({
      ...clientConfig(aws),
      credentials: keysOf(aws, OTHER_ACCOUNT),
    });
    const { TrainingJobArn } = await theirs.send(new DescribeTrainingJobCommand({ TrainingJobName: "theirs" }));
    expect(TrainingJobArn).to.equal(jobs[2]);
  });

  it("leaves all as it is after a refresh, and goes", async () => {
    await program.expectNoChanges();
    await program.destroy();
  });
});
