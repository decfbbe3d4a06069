import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SafeModel } from "sagemaker-safe-deploy";

const config = new pulumi.Config();

// The same release, first in the account that tries it, then in the other one, whose role may be assumed.
const release = config.require("release");
const image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";
const check = { requests: ["1.5", "12"], accept: { type: "number", minimum: 0, maximum: 500 } } as const;
const serve = { instanceType: "ml.m5.large" };

const staging = new SafeModel("fares-staging", { release, model: config.require("stagingModel"), image, serve, check });

const provider = new aws.Provider("production", {
  region: "us-east-1",
  assumeRoles: [{ roleArn: config.require("productionRole") }],
});
const production = new SafeModel(
  "fares",
  { release, model: config.require("productionModel"), image, serve, check },
  { provider, dependsOn: staging },
);
export const urls = { staging: staging.url, production: production.url };
