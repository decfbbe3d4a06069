import { App, ArnFormat, Duration, Stack } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as codedeploy from "aws-cdk-lib/aws-codedeploy";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as sagemaker from "aws-cdk-lib/aws-sagemaker";

const app = new App();
const context = (key: string): string => {
  const value: unknown = app.node.tryGetContext(key);
  if (typeof value !== "string") {
    throw new Error(`say --context ${key}=…`);
  }
  return value;
};
const release = context("release"); // another one is deployed and, if no alarm rings, takes over
const archive = context("model"); // such as fares/models/…/model.tar.gz: its training has ended, since CloudFormation waits for none
const stack = new Stack(app, "fares");
const bucket = s3.Bucket.fromBucketName(stack, "bucket", context("bucket"));

const role = new iam.Role(stack, "model-role", { assumedBy: new iam.ServicePrincipal("sagemaker.amazonaws.com") });
bucket.grantRead(role, archive);
bucket.grantPut(role, "fares/captures/*");
role.addToPolicy(
  new iam.PolicyStatement({
    actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    resources: [
      stack.formatArn({
        service: "logs",
        resource: "log-group",
        resourceName: "/aws/sagemaker/*",
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
  }),
);

// Logical ids with the release: CloudFormation deletes the endpoint before only after the alias has moved.
const model = new sagemaker.CfnModel(stack, `model-${release}`, {
  executionRoleArn: role.roleArn,
  primaryContainer: {
    image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    modelDataUrl: bucket.s3UrlForObject(archive),
  },
});
model.node.addDependency(role);
const config = new sagemaker.CfnEndpointConfig(stack, `config-${release}`, {
  productionVariants: [
    {
      variantName: "all",
      modelName: model.attrModelName,
      instanceType: "ml.m5.large",
      initialInstanceCount: 1,
      initialVariantWeight: 1,
    },
  ],
  dataCaptureConfig: {
    enableCapture: true,
    initialSamplingPercentage: 100,
    destinationS3Uri: bucket.s3UrlForObject("fares/captures"),
    captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
  },
});
const endpoint = new sagemaker.CfnEndpoint(stack, `endpoint-${release}`, {
  endpointName: `fares-${release}`,
  endpointConfigName: config.attrEndpointConfigName,
});

const code = {
  runtime: lambda.Runtime.PYTHON_3_13,
  code: lambda.Code.fromAsset("functions"),
  timeout: Duration.seconds(20),
};
const predict = new lambda.Function(stack, "predict", {
  ...code,
  handler: "index.predict",
  environment: { ENDPOINT: endpoint.attrEndpointName },
});
const endpoints = stack.formatArn({ service: "sagemaker", resource: "endpoint", resourceName: "fares-*" });
predict.addToRolePolicy(new iam.PolicyStatement({ actions: ["sagemaker:InvokeEndpoint"], resources: [endpoints] }));
const alias = new lambda.Alias(stack, "live", { aliasName: "live", version: predict.currentVersion });

const check = new lambda.Function(stack, "check", {
  ...code,
  handler: "index.check",
  timeout: Duration.minutes(1),
  environment: { NEW_VERSION: predict.currentVersion.functionArn, REQUESTS: JSON.stringify(["1.5", "12"]) },
});
predict.currentVersion.grantInvoke(check);

const faults = new cloudwatch.Alarm(stack, "faults", {
  metric: alias.metricErrors({
    period: Duration.minutes(1),
    dimensionsMap: {
      FunctionName: predict.functionName,
      Resource: `${predict.functionName}:live`,
      ExecutedVersion: predict.currentVersion.version,
    },
  }),
  threshold: 1,
  evaluationPeriods: 1,
  treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
});
new codedeploy.LambdaDeploymentGroup(stack, "rollout", {
  alias,
  deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  preHook: check,
  alarms: [faults],
});

new apigateway.LambdaRestApi(stack, "api", {
  handler: alias,
  proxy: false,
  cloudWatchRole: false,
  deployOptions: { stageName: "v1", throttlingRateLimit: 50, throttlingBurstLimit: 100 },
  defaultMethodOptions: { authorizationType: apigateway.AuthorizationType.IAM },
}).root
  .addResource("api")
  .addMethod("POST");
