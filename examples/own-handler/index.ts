import * as pulumi from "@pulumi/pulumi";
import { SafeModel } from "sagemaker-safe-deploy";

const config = new pulumi.Config();

// A release is a model with its handler: both go live together, and go back together.
const fares = new SafeModel("fares", {
  release: config.require("release"),
  model: config.require("model"), // s3://…/model.tar.gz
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
  serve: { instanceType: "ml.m5.large" },
  function: {
    handler: { code: "./handler", handler: "index.handler", runtime: "nodejs24.x" },
    environment: { CURRENCY: "USD" },
    memorySize: 512,
    timeout: 20,
  },
  // The check before any traffic asks the model itself. Probes and callers go through the handler.
  check: { requests: ["1.5", "12"], accept: { type: "number", minimum: 0, maximum: 500 } },
});
export const { url, liveRelease } = fares;
