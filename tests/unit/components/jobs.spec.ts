import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as s3 from "@pulumi/aws/s3";
import { expect } from "chai";
import { BaselineJob } from "../../../components/baseline-job";
import { TrainingJob } from "../../../components/training-job";
import type { TrainingJobArgs } from "../../../components/training-job/arguments";
import { record, valueOf, type Recording } from "../../support/recorder";

const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";
const KEY = "arn:aws:kms:us-east-1:123456789012:key/k";
const training = {
  jobName: "mlops-nyctaxi-r1",
  trainingImage: IMAGE,
  channels: [{ name: "train", s3Uri: "s3://data/v1/training" }],
  hyperparameters: { num_round: "100" },
  outputUri: "s3://data/mlops-nyctaxi",
  instanceType: "ml.m4.xlarge",
};

describe("TrainingJob", () => {
  it("runs the job with what it was given, by the AWS region of its provider", async () => {
    const { find } = await record(() => new TrainingJob("training", { ...training, kmsKeyArn: KEY, pollSeconds: 7 }));

    expect(find("pulumi-nodejs:dynamic/sagemaker-safe-deploy:TrainingJobRun").inputs).to.deep.include({
      region: "us-east-1",
      jobName: "mlops-nyctaxi-r1",
      trainingImage: IMAGE,
      channels: [{ name: "train", s3Uri: "s3://data/v1/training", contentType: "text/csv" }],
      s3OutputPath: "s3://data/mlops-nyctaxi",
      outputKmsKeyId: KEY,
      volumeKmsKeyId: KEY,
      pollSeconds: 7,
    });
  });

  it("gives the container what it needs and nothing else", async () => {
    const { find } = await record(() => new TrainingJob("training", { ...training, kmsKeyArn: KEY }));

    const { Statement } = JSON.parse(find("aws:iam/rolePolicy:RolePolicy").inputs.policy as string) as {
      Statement: { Action: string | string[]; Resource: unknown }[];
    };
    const wild = Statement.filter(({ Resource }) => Resource === "*").map(({ Action }) => Action);
    expect(wild).to.deep.equal(["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"]);
    expect(Statement).to.deep.include({
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: ["arn:aws:s3:::data/v1/training", "arn:aws:s3:::data/v1/training/*"],
    });
    expect(Statement).to.deep.include({
      Effect: "Allow",
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::data/mlops-nyctaxi/mlops-nyctaxi-r1/*",
    });
    expect(Statement).to.deep.include({
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: "arn:aws:s3:::data",
      Condition: { StringLike: { "s3:prefix": ["v1/training", "v1/training/*"] } },
    });
    // SageMaker looks at the bucket of the output with no prefix.
    expect(Statement).to.deep.include({
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:GetBucketLocation"],
      Resource: "arn:aws:s3:::data",
    });
    expect(Statement.flatMap(({ Action }) => Action).filter((action) => /iam:|sts:|\*/.test(action))).to.deep.equal([]);
  });

  it("reads a whole bucket where a channel names one, and no bucket whose name only begins so", async () => {
    const channels = [{ name: "train", s3Uri: "s3://data" }];
    const { find } = await record(() => new TrainingJob("training", { ...training, channels }));

    const { Statement } = JSON.parse(find("aws:iam/rolePolicy:RolePolicy").inputs.policy as string) as {
      Statement: object[];
    };
    expect(Statement).to.deep.include({ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" });
    // One statement for both, since they differ in their actions alone.
    expect(Statement.filter((one) => "Resource" in one && one.Resource === "arn:aws:s3:::data")).to.deep.equal([
      { Effect: "Allow", Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: "arn:aws:s3:::data" },
    ]);
  });

  it("gives the volume no key where the instance encrypts its own", async () => {
    const on = async (instanceType: string) => {
      const { find } = await record(() => new TrainingJob("training", { ...training, kmsKeyArn: KEY, instanceType }));
      return find("pulumi-nodejs:dynamic/sagemaker-safe-deploy:TrainingJobRun").inputs;
    };

    expect(await on("ml.g4dn.xlarge"))
      .to.deep.include({ outputKmsKeyId: KEY })
      .and.not.to.have.property("volumeKmsKeyId");
    expect(await on("ml.c5.xlarge")).to.have.property("volumeKmsKeyId", KEY);
  });

  it("is assumed by SageMaker only", async () => {
    const { find } = await record(() => new TrainingJob("training", training));

    expect(JSON.parse(find("aws:iam/role:Role").inputs.assumeRolePolicy as string)).to.deep.equal({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
    });
  });

  it("passes a quality gate on by metric name", async () => {
    const { find } = await record(
      () => new TrainingJob("training", { ...training, qualityGate: { metricName: "validation:rmse", maximum: 10 } }),
    );

    expect(find("pulumi-nodejs:dynamic/sagemaker-safe-deploy:TrainingJobRun").inputs.gate).to.deep.equal({
      metricName: "validation:rmse",
      maximum: 10,
    });
  });
});

describe("TrainingJob, with what people bring,", () => {
  const JOB = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:TrainingJobRun";
  const FILE = "aws:s3/bucketObjectv2:BucketObjectv2";
  const policyOf = ({ find }: Recording<unknown>) => {
    const { Statement } = JSON.parse(find("aws:iam/rolePolicy:RolePolicy").inputs.policy as string) as {
      Statement: readonly { Action: string | readonly string[]; Resource: unknown }[];
    };
    return Statement;
  };
  const refusalOf = (args: TrainingJobArgs) =>
    record(() => new TrainingJob("training", args)).then(
      () => ["accepted"],
      (error: unknown) => (error as Error).message.split("; "),
    );

  it("runs in a VPC, on spot capacity with checkpoints, on several instances", async () => {
    const recorded = await record(
      () =>
        new TrainingJob("training", {
          ...training,
          instanceCount: 2,
          vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
          spot: { maxWaitSeconds: 7200 },
          checkpointUri: "s3://data/checkpoints/r1",
          metricDefinitions: [{ name: "auc", regex: "auc=([0-9.]+)" }],
          environment: { LEVEL: "debug" },
          enableNetworkIsolation: true,
        }),
    );

    expect(recorded.find(JOB).inputs).to.deep.include({
      instanceCount: 2,
      vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
      maxWaitSeconds: 7200,
      checkpointUri: "s3://data/checkpoints/r1",
      metricDefinitions: [{ name: "auc", regex: "auc=([0-9.]+)" }],
      environment: { LEVEL: "debug" },
      enableNetworkIsolation: true,
    });
    const policy = JSON.stringify(policyOf(recorded));
    expect(policy).to.contain("arn:aws:s3:::data/checkpoints/r1/*");
    expect(policy).to.contain("arn:aws:ec2:*:*:subnet/subnet-1");
  });

  it("uploads a script's folder by its content, and tells the toolkit where it is", async () => {
    const sourceDirectory = folder({ "train.py": "print(1)", "lib/helper.py": "X = 1", ".git/HEAD": "", "a.pyc": "" });
    const made = await record(
      () => new TrainingJob("training", { ...training, sourceDirectory, entryPoint: "train.py" }),
    );

    const keys = made.made.filter(({ type }) => type === FILE).map(({ inputs }) => inputs.key as string);
    const [, code = ""] = /^mlops-nyctaxi\/(code\/[0-9a-f]{16})\//.exec(keys[0] ?? "") ?? [];
    expect(keys.sort()).to.deep.equal(
      ["a.pyc", "lib/helper.py", "train.py"].map((file) => `mlops-nyctaxi/${code}/${file}`),
    );
    const { channels, hyperparameters } = made.find(JOB).inputs;
    expect(channels).to.deep.include({ name: "code", s3Uri: `s3://data/mlops-nyctaxi/${code}` });
    expect(hyperparameters).to.deep.equal({
      num_round: "100",
      sagemaker_program: '"train.py"',
      sagemaker_submit_directory: '"/opt/ml/input/data/code"',
    });
    expect(JSON.stringify(policyOf(made))).to.contain(`arn:aws:s3:::data/mlops-nyctaxi/${code}/*`);
  });

  it("gives other files another folder, and the same ones the same", async () => {
    const folderOf = async (files: Readonly<Record<string, string>>) => {
      const sourceDirectory = folder(files);
      const { find } = await record(
        () => new TrainingJob("training", { ...training, sourceDirectory, entryPoint: "train.py" }),
      );
      return find(FILE, "train.py").inputs.key;
    };
    const first = await folderOf({ "train.py": "print(1)" });

    expect(await folderOf({ "train.py": "print(1)" })).to.equal(first);
    expect(await folderOf({ "train.py": "print(2)" })).not.to.equal(first);
  });

  it("takes a bucket that is made in the same update", async () => {
    const recorded = await record(() => {
      const bucket = new s3.Bucket("bucket", { bucket: "made-here" });
      return new TrainingJob("training", {
        ...training,
        channels: [{ name: "train", s3Uri: pulumi.interpolate`s3://${bucket.bucket}/train` }],
        outputUri: pulumi.interpolate`s3://${bucket.bucket}/models`,
      });
    });

    expect(recorded.find(JOB).inputs).to.deep.include({ s3OutputPath: "s3://made-here/models" });
    expect(policyOf(recorded).map(({ Resource }) => Resource)).to.deep.include.members([
      "arn:aws:s3:::made-here/models/mlops-nyctaxi-r1/*",
      ["arn:aws:s3:::made-here/train", "arn:aws:s3:::made-here/train/*"],
    ]);
  });

  it("acts as a role of one's own, and makes none then", async () => {
    const executionRoleArn = "arn:aws:iam::123456789012:role/own";
    const { find, made } = await record(() => new TrainingJob("training", { ...training, executionRoleArn }));

    expect(find(JOB).inputs.roleArn).to.equal(executionRoleArn);
    expect(made.filter(({ type }) => type.startsWith("aws:iam"))).to.deep.equal([]);
  });

  it("lets a program change the role", async () => {
    const { find, result } = await record(
      () => new TrainingJob("training", { ...training, transform: { role: { permissionsBoundary: "arn:boundary" } } }),
    );

    expect(find("aws:iam/role:Role").inputs.permissionsBoundary).to.equal("arn:boundary");
    expect(await valueOf(result.nodes.role!.name)).to.equal("training-role");
  });

  it("refuses all that is wrong at once, before it creates anything", async () => {
    const misspelt = { maxRuntimeSecond: 60 };
    expect(
      await refusalOf({
        ...training,
        ...misspelt,
        jobName: "-r1",
        instanceType: "m4.xlarge",
        outputUri: "data",
        channels: [...training.channels, ...training.channels],
        spot: { maxWaitSeconds: 60 },
        qualityGate: { metricName: "auc", minimum: 2, maximum: 1 },
        vpc: { subnetIds: [], securityGroupIds: ["sg-1"] },
        sourceDirectory: "/nowhere",
        entryPoint: "train.py",
        hyperparameters: { sagemaker_program: "x" },
      }),
    ).to.deep.equal([
      "maxRuntimeSecond is not an argument: did you mean maxRuntimeSeconds?",
      'jobName must be 1 to 63 letters, digits and single hyphens, got "-r1"',
      'instanceType must be a SageMaker type such as ml.m5.xlarge, got "m4.xlarge"',
      "the number of vpc.subnetIds must be a whole number from 1 to 16, got 0",
      "channels must have different names, got train more than once",
      'outputUri must be s3://bucket/key, got "data"',
      "hyperparameters.sagemaker_program is set by sourceDirectory",
      'sourceDirectory must be a folder, got "/nowhere"',
      "spot.maxWaitSeconds must be a whole number from 3600 to 2419200, got 60",
      "qualityGate.minimum (2) must not be above qualityGate.maximum (1)",
    ]);
  });

  it("names the files that there are where the script is not among them", async () => {
    const sourceDirectory = folder({ "main.py": "" });

    expect(await refusalOf({ ...training, sourceDirectory, entryPoint: "train.py" })).to.deep.equal([
      'entryPoint must be a file of sourceDirectory, got "train.py": there are main.py',
    ]);
    expect(await refusalOf({ ...training, sourceDirectory })).to.deep.equal([
      "sourceDirectory and entryPoint must be given together",
    ]);
  });

  /** A folder with these files, removed after the tests. */
  function folder(files: Readonly<Record<string, string>>): string {
    const made = mkdtempSync(join(tmpdir(), "source-"));
    after(() => rmSync(made, { recursive: true }));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(made, path)), { recursive: true });
      writeFileSync(join(made, path), content);
    }
    return made;
  }
});

describe("BaselineJob", () => {
  const baseline = {
    jobName: "mlops-nyctaxi-pbl-r1",
    image: IMAGE,
    datasetUri: "s3://data/v1/baseline",
    scriptFile: __filename,
    outputUri: "s3://data/mlops-nyctaxi/monitoring/baseline/mlops-nyctaxi-pbl-r1",
    instanceType: "ml.m5.xlarge",
  };

  it("uploads its program below its output, and runs it on the dataset", async () => {
    const { find, result } = await record(() => new BaselineJob("baseline", baseline));

    const { bucket, key } = find("aws:s3/bucketObjectv2:BucketObjectv2").inputs as { bucket: string; key: string };
    expect(bucket).to.equal("data");
    expect(key).to.match(
      /^mlops-nyctaxi\/monitoring\/baseline\/mlops-nyctaxi-pbl-r1\/code\/[0-9a-f]{16}\/baseline\.py$/,
    );
    const job = find("pulumi-nodejs:dynamic/sagemaker-safe-deploy:ProcessingJobRun").inputs;
    expect(job.entrypoint).to.deep.equal(["python3", "/opt/ml/processing/input/code/baseline.py"]);
    expect(job.inputs).to.deep.equal([
      { name: "dataset", s3Uri: "s3://data/v1/baseline", localPath: "/opt/ml/processing/input/baseline" },
      {
        name: "code",
        s3Uri: `s3://data/${key.replace("/baseline.py", "")}`,
        localPath: "/opt/ml/processing/input/code",
      },
    ]);
    expect(job.maxRuntimeSeconds).to.equal(1800);
    expect(await valueOf(result.statisticsUri)).to.equal(`${baseline.outputUri}/statistics.json`);
    expect(await valueOf(result.constraintsUri)).to.equal(`${baseline.outputUri}/constraints.json`);
  });
});
