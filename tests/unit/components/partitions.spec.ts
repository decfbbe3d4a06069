import { expect } from "chai";
import { AutoscaledEndpoint } from "../../../components/autoscaled-endpoint";
import { BaselineJob } from "../../../components/baseline-job";
import { BlueGreenApi } from "../../../components/blue-green-api";
import { DeploymentPipeline } from "../../../components/deployment-pipeline";
import { ReleaseNotebook } from "../../../components/release-notebook";
import { TrainingJob } from "../../../components/training-job";
import { args as pipelineArgs } from "../../support/deployment-pipeline";
import { record } from "../../support/recorder";

/** What users write themselves, in their own partition. */
function inPartition<T extends object>(args: T): T {
  return JSON.parse(JSON.stringify(args).replaceAll("arn:aws:", "arn:aws-cn:")) as T;
}

const job = {
  jobName: "m-r1",
  instanceType: "ml.m5.large",
  outputUri: "s3://data/m",
  kmsKeyArn: "arn:aws-cn:kms:r:1:key/k",
};
const image = "390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-xgboost:1.7-1";
const endpoint = {
  endpointName: "m-r1",
  variantName: "v",
  image,
  modelDataUrl: "s3://data/m/model.tar.gz",
  instanceType: "ml.m5.large",
  maxInstances: 2,
  dataCapture: { destinationUri: "s3://data/m/datacapture" },
  kmsKeyArn: job.kmsKeyArn,
};

/** Every component that writes ARNs. */
const COMPONENTS: Readonly<Record<string, () => unknown>> = {
  TrainingJob: () =>
    new TrainingJob("t", {
      ...job,
      trainingImage: image,
      channels: [{ name: "train", s3Uri: "s3://data/t" }],
      hyperparameters: {},
    }),
  BaselineJob: () => new BaselineJob("b", { ...job, image, datasetUri: "s3://data/b", scriptFile: __filename }),
  AutoscaledEndpoint: () => new AutoscaledEndpoint("e", endpoint),
  BlueGreenApi: () =>
    new BlueGreenApi("api", {
      apiName: "m-api",
      release: "r1",
      endpoint: {
        endpointName: "m-r1",
        endpointArn: "arn:aws-cn:sagemaker:r:1:endpoint/m-r1",
        variantName: "v",
      },
      check: { requests: ["1"] },
      dataCaptureUri: "s3://data/m/datacapture",
    }),
  DeploymentPipeline: () => new DeploymentPipeline("p", { ...inPartition(pipelineArgs), pullRequests: true }),
  ReleaseNotebook: () =>
    new ReleaseNotebook("n", {
      model: "m",
      pipelineArn: "arn:aws-cn:codepipeline:r:1:p",
      dataSourceUri: "s3://artifacts/data-source.zip",
      artifactKeyArn: job.kmsKeyArn,
      bucket: "data",
      dataPrefix: "t",
      repository: inPartition(pipelineArgs.repository),
    }),
};

describe("the partition of a component's AWS provider", () => {
  for (const [name, create] of Object.entries(COMPONENTS)) {
    it(`begins all ARNs of ${name}`, async () => {
      const { made } = await record(create, { partition: "aws-cn", region: "cn-north-1" });
      const arns = JSON.stringify(made.map(({ inputs }) => inputs)).match(/arn:aws[a-z-]*:/g) ?? [];

      expect([...new Set(arns)]).to.deep.equal(["arn:aws-cn:"]);
    });
  }
});
