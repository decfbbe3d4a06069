import * as pulumi from "@pulumi/pulumi";
import { SafeModel, TrainingJob } from "sagemaker-safe-deploy";

const config = new pulumi.Config();
const release = config.require("release"); // another one is trained, deployed and, if it is good, takes over
const data = `s3://${config.require("bucket")}/fares`; // train/ has CSV files: fare, kilometres
const image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";

const training = new TrainingJob(`train-${release}`, {
  jobName: `fares-${release}`,
  trainingImage: image,
  channels: [{ name: "train", s3Uri: `${data}/train` }],
  hyperparameters: { objective: "reg:squarederror", num_round: "50" },
  outputUri: `${data}/models`,
  instanceType: "ml.m5.xlarge",
  qualityGate: { metricName: "train:rmse", maximum: 4 },
  pollSeconds: 15,
});
const fares = new SafeModel("fares", {
  release,
  model: training.modelDataUrl,
  image,
  serve: { instanceType: "ml.m5.large" },
  check: { requests: ["1.5", "12"], accept: { type: "number", minimum: 0, maximum: 500 } },
  capture: { destinationUri: `${data}/captures` },
});
export const { url, liveRelease } = fares;
