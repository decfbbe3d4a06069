import * as pulumi from "@pulumi/pulumi";
import { SafeModel } from "sagemaker-safe-deploy";

const config = new pulumi.Config();
const subnetIds = config.requireObject<string[]>("subnetIds"); // private, in several availability zones
const securityGroupIds = config.requireObject<string[]>("securityGroupIds");

// The VPC needs endpoints for S3 and SageMaker's runtime, or a way out: the containers read the archive, the function calls the endpoint.
const fares = new SafeModel("fares", {
  release: config.require("release"),
  model: config.require("model"), // s3://…/model.tar.gz
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
  serve: { instanceType: "ml.m5.large", enableNetworkIsolation: true },
  vpc: { subnetIds, securityGroupIds },
  function: { vpc: { subnetIds, securityGroupIds } },
  check: { requests: ["1.5", "12"], accept: { type: "number", minimum: 0, maximum: 500 } },
  front: "none", // callers of the VPC call the function itself
});
export const { aliasArn, liveRelease } = fares;
