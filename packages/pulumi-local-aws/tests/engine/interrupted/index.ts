/** An endpoint that config `adopt` tells to take over by its name, as one that an engine was killed in the making of. */
import * as pulumi from "@pulumi/pulumi";
import * as aws from "@pulumi/aws";
import * as sagemaker from "@pulumi/aws/sagemaker";

const config = new pulumi.Config();
const provider = new aws.Provider("local", {
  region: "us-east-1",
  defaultTags: { tags: { team: "ml", stage: "prod" } },
});
const image = sagemaker.getPrebuiltEcrImageOutput(
  { repositoryName: "sagemaker-xgboost", imageTag: "1.7-1" },
  { provider },
).registryPath;
const model = new sagemaker.Model(
  "model",
  {
    executionRoleArn: config.require("executionRoleArn"),
    primaryContainer: { image, modelDataUrl: config.require("modelDataUrl") },
  },
  { provider },
);
const variant = { variantName: "v", modelName: model.name, instanceType: "ml.m5.large", initialInstanceCount: 1 };
const endpointConfig = new sagemaker.EndpointConfiguration("config", { productionVariants: [variant] }, { provider });
new sagemaker.Endpoint(
  "endpoint",
  {
    name: "interrupted",
    endpointConfigName: endpointConfig.name,
    deploymentConfig: {
      blueGreenUpdatePolicy: {
        trafficRoutingConfiguration: {
          type: "CANARY",
          waitIntervalInSeconds: 60,
          canarySize: { type: "CAPACITY_PERCENT", value: 10 },
        },
      },
      autoRollbackConfiguration: { alarms: [{ alarmName: "b" }, { alarmName: "a" }] },
    },
    // One of its own, and one that the provider puts there anyway.
    tags: { release: "r1", stage: "prod" },
  },
  { provider, ...(config.getBoolean("adopt") === true ? { import: "interrupted" } : {}) },
);
