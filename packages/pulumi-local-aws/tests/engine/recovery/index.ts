/** An endpoint that can be told to fail, below a provider that the program itself configures. */
import * as pulumi from "@pulumi/pulumi";
import * as aws from "@pulumi/aws";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sagemaker from "@pulumi/aws/sagemaker";

const config = new pulumi.Config();
const provider = new aws.Provider("local", {
  region: "us-east-1",
  defaultTags: { tags: { team: config.require("team") } },
  skipMetadataApiCheck: true,
});
const options = { provider };

const image = sagemaker.getPrebuiltEcrImageOutput(
  { repositoryName: "sagemaker-xgboost", imageTag: "1.7-1" },
  options,
).registryPath;
const modelDataUrl = config.require("modelDataUrl");
const model = new sagemaker.Model(
  "model",
  { executionRoleArn: config.require("executionRoleArn"), primaryContainer: { image, modelDataUrl } },
  options,
);
const variant = { variantName: "v", modelName: model.name, instanceType: "ml.m5.large", initialInstanceCount: 1 };
const endpointConfig = new sagemaker.EndpointConfiguration("config", { productionVariants: [variant] }, options);
new sagemaker.Endpoint("endpoint", { name: "recovery", endpointConfigName: endpointConfig.name }, options);
new cloudwatch.LogGroup("logs", { name: "/recovery", retentionInDays: 7 }, options);
