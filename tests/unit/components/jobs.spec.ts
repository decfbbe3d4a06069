import { expect } from "chai";
import { BaselineJob } from "../../../components/baseline-job";
import { TrainingJob } from "../../../components/training-job";
import { record, valueOf } from "../../support/recorder";

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
    expect(Statement).to.deep.include({ Effect: "Allow", Action: "s3:GetObject", Resource: ["arn:aws:s3:::data/*"] });
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
