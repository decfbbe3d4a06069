import * as pulumi from "@pulumi/pulumi";
import { DeploymentPipeline } from "sagemaker-safe-deploy";

const config = new pulumi.Config();
const names = config.requireObject<string[]>("models"); // such as ["fares", "tips"]; each is a folder of models/ in the repository

// One pipeline for each model, all from one repository. Each has stacks, roles and a state of its own, so that no model waits for another one.
const pipelines = names.map(
  (model) =>
    new DeploymentPipeline(model, {
      model,
      bucket: config.require("bucket"),
      repository: {
        type: "connection",
        connectionArn: config.require("connectionArn"),
        repository: config.require("repository"),
        branch: "main",
      },
      state: {
        url: `s3://${config.require("stateBucket")}/${model}?region=us-east-1`,
        secretsProvider: `awskms:///${config.require("kmsAlias")}?region=us-east-1`,
        secretsKeyArn: config.require("kmsKeyArn"),
        project: "sagemaker-safe-deploy",
      },
      stackConfig: Object.fromEntries(
        ["train", "dev", "prod"].map((stack) => [stack, { modelFolder: `models/${model}` }]),
      ),
    }),
);

export const dataSources = Object.fromEntries(names.map((model, i) => [model, pipelines[i]?.dataSourceUri]));
