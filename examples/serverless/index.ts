import * as pulumi from "@pulumi/pulumi";
import { SafeModel } from "sagemaker-safe-deploy";

const config = new pulumi.Config();

// AWS has no data capture for serverless endpoints, so a rollout does not look for captures either.
const fares = new SafeModel("fares", {
  release: config.require("release"),
  model: config.require("model"), // s3://…/model.tar.gz
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
  serve: { serverless: { memorySizeInMB: 2048, maxConcurrency: 10 } },
  check: { requests: ["1.5", "12"], accept: { type: "number", minimum: 0, maximum: 500 } },
  // A cold start takes seconds, which are no fault of the model's.
  rollout: { alarms: { latencyP99Ms: false, latencyP99TimesBlue: false } },
  function: { timeout: 29 },
});
export const { url, liveRelease } = fares;
