/** One resource of each type that the provider plugin has, with every argument it knows. Config `step` is how far the program has come. */
import * as pulumi from "@pulumi/pulumi";
import * as aws from "@pulumi/aws";
import * as apigateway from "@pulumi/aws/apigateway";
import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as codedeploy from "@pulumi/aws/codedeploy";
import * as iam from "@pulumi/aws/iam";
import * as kms from "@pulumi/aws/kms";
import * as lambda from "@pulumi/aws/lambda";
import * as sagemaker from "@pulumi/aws/sagemaker";
import * as sns from "@pulumi/aws/sns";

const config = new pulumi.Config();
const modelDataUrl = config.require("modelDataUrl");
const step = config.requireNumber("step");
/** Arguments that can be changed in place do so from step 2 on; those that need a replacement from step 3 on. */
const changed = step >= 2;
const replaced = step >= 3;
const tags = { purpose: "test", step: changed ? "two" : "one" };

const trust = (service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

const caller = aws.getCallerIdentityOutput();
const image = sagemaker.getPrebuiltEcrImageOutput({ repositoryName: "sagemaker-xgboost", imageTag: "1.7-1" });

const role = new iam.Role("role", {
  namePrefix: "provider-test-",
  assumeRolePolicy: trust("sagemaker.amazonaws.com"),
  description: changed ? "Changed" : "First",
  maxSessionDuration: changed ? 7200 : 3600,
  tags,
});
const functionRole = new iam.Role("function-role", { assumeRolePolicy: trust("lambda.amazonaws.com") });
const deployRole = new iam.Role("deploy-role", { assumeRolePolicy: trust("codedeploy.amazonaws.com") });
const policy = new iam.RolePolicy("policy", {
  role: role.name,
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: changed ? "s3:*" : ["s3:GetObject", "s3:ListBucket", "s3:PutObject"], Resource: "*" },
      { Effect: "Allow", Action: ["ecr:*", "logs:*", "kms:*", "ec2:*"], Resource: "*" },
    ],
  }),
});
new iam.RolePolicyAttachment("attachment", {
  role: functionRole.name,
  policyArn: `arn:aws:iam::aws:policy/${replaced ? "AmazonS3ReadOnlyAccess" : "AWSXrayWriteOnlyAccess"}`,
});

const inVpc = new iam.RolePolicy("function-policy", {
  role: functionRole.name,
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "ec2:CreateNetworkInterface", Resource: "*" }],
  }),
});

const key = new kms.Key("key", {
  description: changed ? "Changed" : "First",
  enableKeyRotation: !changed,
  deletionWindowInDays: 7,
  tags,
});
const otherKey = new kms.Key("other-key", { deletionWindowInDays: 7 });
new kms.Alias("alias", { name: "alias/provider-test", targetKeyId: changed ? otherKey.arn : key.keyId });

const model = new sagemaker.Model("model", {
  executionRoleArn: pulumi.all([role.arn, policy.id]).apply(([arn]) => arn),
  primaryContainer: {
    image: image.registryPath,
    modelDataUrl,
    environment: { STEP: replaced ? "three" : "one" },
    mode: "SingleModel",
  },
  vpcConfig: { subnets: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] },
  enableNetworkIsolation: true,
  tags,
});
const outsideVpc = new sagemaker.Model("outside-vpc", {
  executionRoleArn: pulumi.all([role.arn, policy.id]).apply(([arn]) => arn),
  primaryContainer: { image: image.registryPath, modelDataUrl },
});
new sagemaker.EndpointConfiguration("serverless", {
  productionVariants: [
    {
      variantName: "v",
      modelName: outsideVpc.name,
      serverlessConfig: { memorySizeInMb: 1024, maxConcurrency: replaced ? 4 : 2, provisionedConcurrency: 1 },
    },
  ],
});
const endpointConfig = new sagemaker.EndpointConfiguration("endpoint-config", {
  kmsKeyArn: key.arn,
  productionVariants: [
    {
      variantName: "v",
      modelName: model.name,
      instanceType: "ml.m5.large",
      initialInstanceCount: 1,
      initialVariantWeight: 1,
      containerStartupHealthCheckTimeoutInSeconds: 120,
      modelDataDownloadTimeoutInSeconds: 120,
    },
  ],
  dataCaptureConfig: {
    enableCapture: true,
    initialSamplingPercentage: 100,
    destinationS3Uri: "s3://provider-test/captures",
    captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
    captureContentTypeHeader: { csvContentTypes: ["text/csv"], jsonContentTypes: ["application/json"] },
  },
  tags,
});
const endpoint = new sagemaker.Endpoint("endpoint", {
  name: "provider-test",
  endpointConfigName: endpointConfig.name,
  deploymentConfig: {
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration: { type: "ALL_AT_ONCE", waitIntervalInSeconds: changed ? 30 : 0 },
      terminationWaitInSeconds: 0,
      maximumExecutionTimeoutInSeconds: 1200,
    },
  },
  tags,
});
// An endpoint that is watched cannot be updated, so this comes after its last update.
if (replaced) {
  const quality = new sagemaker.DataQualityJobDefinition("quality", {
    roleArn: role.arn,
    dataQualityAppSpecification: {
      imageUri: image.registryPath,
      environment: { publish_cloudwatch_metrics: "Enabled" },
    },
    dataQualityBaselineConfig: {
      constraintsResource: { s3Uri: "s3://provider-test/constraints.json" },
      statisticsResource: { s3Uri: "s3://provider-test/statistics.json" },
    },
    dataQualityJobInput: { endpointInput: { endpointName: endpoint.name, s3InputMode: "File" } },
    dataQualityJobOutputConfig: {
      monitoringOutputs: { s3Output: { s3Uri: "s3://provider-test/reports", s3UploadMode: "EndOfJob" } },
    },
    jobResources: { clusterConfig: { instanceCount: 1, instanceType: "ml.m5.large", volumeSizeInGb: 20 } },
    stoppingCondition: { maxRuntimeInSeconds: 1800 },
    tags,
  });
  new sagemaker.MonitoringSchedule("schedule", {
    monitoringScheduleConfig: {
      monitoringJobDefinitionName: quality.name,
      monitoringType: "DataQuality",
      scheduleConfig: { scheduleExpression: "cron(0 12 ? * * *)" },
    },
    tags,
  });
}
const target = new appautoscaling.Target("target", {
  serviceNamespace: "sagemaker",
  resourceId: pulumi.interpolate`endpoint/${endpoint.name}/variant/v`,
  scalableDimension: "sagemaker:variant:DesiredInstanceCount",
  minCapacity: 1,
  maxCapacity: changed ? 4 : 2,
  tags,
});
new appautoscaling.Policy("scaling", {
  policyType: "TargetTrackingScaling",
  serviceNamespace: target.serviceNamespace,
  resourceId: target.resourceId,
  scalableDimension: target.scalableDimension,
  targetTrackingScalingPolicyConfiguration: {
    targetValue: changed ? 500 : 750,
    predefinedMetricSpecification: { predefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
    scaleInCooldown: 60,
    scaleOutCooldown: 60,
    disableScaleIn: changed,
  },
});

const logGroup = new cloudwatch.LogGroup("logs", {
  name: replaced ? "/provider/three" : "/provider/one",
  retentionInDays: changed ? 30 : 7,
  tags,
});
const fn = new lambda.Function("function", {
  name: "provider-test",
  role: pulumi.all([functionRole.arn, inVpc.id]).apply(([arn]) => arn),
  runtime: "nodejs20.x",
  handler: "index.handler",
  code: new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(`exports.handler = async () => "${replaced ? "three" : "one"}";`),
  }),
  timeout: 10,
  memorySize: 256,
  publish: true,
  description: "Test",
  architectures: ["x86_64"],
  kmsKeyArn: key.arn,
  environment: { variables: { STEP: changed ? "two" : "one" } },
  loggingConfig: { logFormat: "Text", logGroup: "/aws/lambda/provider-test" },
  tracingConfig: { mode: "Active" },
  vpcConfig: changed ? { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } : undefined,
  reservedConcurrentExecutions: changed ? 5 : -1,
  tags,
});

const api = new apigateway.RestApi("api", {
  name: "provider-test",
  description: changed ? "Changed" : "First",
  endpointConfiguration: { types: "REGIONAL" },
  disableExecuteApiEndpoint: false,
  binaryMediaTypes: changed ? ["*/*"] : ["image/jpeg", "image/png"],
  tags,
});
const resource = new apigateway.Resource("resource", {
  restApi: api,
  parentId: api.rootResourceId,
  pathPart: "api",
});
const method = new apigateway.Method("method", {
  restApi: api,
  resourceId: resource.id,
  httpMethod: "POST",
  authorization: changed ? "AWS_IAM" : "NONE",
  apiKeyRequired: !changed,
});
const integration = new apigateway.Integration("integration", {
  restApi: api,
  resourceId: resource.id,
  httpMethod: method.httpMethod,
  integrationHttpMethod: "POST",
  type: "AWS_PROXY",
  uri: fn.invokeArn,
  timeoutMilliseconds: changed ? 10_000 : 29_000,
});
const deployment = new apigateway.Deployment(
  "deployment",
  { restApi: api, description: changed ? "Changed" : "First", triggers: { step: replaced ? "three" : "one" } },
  { dependsOn: [integration] },
);
/** A role with which API Gateway can write logs. */
const logRole = (name: string) => {
  const made = new iam.Role(name, { assumeRolePolicy: trust("apigateway.amazonaws.com") });
  const policyArn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
  const attached = new iam.RolePolicyAttachment(name, { role: made.name, policyArn });
  return pulumi.all([made.arn, attached.id]).apply(([arn]) => arn);
};
const [firstLogRole, secondLogRole] = [logRole("log-role"), logRole("other-log-role")];
new apigateway.Account("account", { cloudwatchRoleArn: changed ? secondLogRole : firstLogRole });
const stage = new apigateway.Stage("stage", {
  restApi: api,
  deployment,
  stageName: "Prod",
  accessLogSettings: {
    destinationArn: logGroup.arn,
    format: changed ? "$context.requestId $context.status" : "$context.requestId",
  },
  xrayTracingEnabled: changed,
  variables: changed ? { added: "yes" } : { gone: "yes" },
  tags,
});
new apigateway.MethodSettings("settings", {
  restApi: api,
  stageName: stage.stageName,
  methodPath: "*/*",
  settings: {
    throttlingBurstLimit: changed ? 20 : 10,
    throttlingRateLimit: 5,
    metricsEnabled: true,
    loggingLevel: "OFF",
    dataTraceEnabled: false,
  },
});
const apiKey = new apigateway.ApiKey("key-of-api", {
  value: pulumi.secret(`key-value-of-the-test-${replaced ? "three" : "one"}`),
  enabled: !changed,
  tags,
});
const plan = new apigateway.UsagePlan("plan", {
  apiStages: [{ apiId: api.id, stage: stage.stageName }],
  throttleSettings: { burstLimit: changed ? 20 : 10, rateLimit: 5 },
  tags,
});
new apigateway.UsagePlanKey("plan-key", { keyId: apiKey.id, keyType: "API_KEY", usagePlanId: plan.id });
new lambda.Permission("permission", {
  function: fn.name,
  qualifier: fn.version,
  action: "lambda:InvokeFunction",
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/POST/api`,
  sourceAccount: caller.accountId,
});

const alarm = new cloudwatch.MetricAlarm("alarm", {
  name: "provider-test",
  alarmDescription: "Test",
  comparisonOperator: "GreaterThanThreshold",
  evaluationPeriods: changed ? 3 : 2,
  datapointsToAlarm: 2,
  metricName: "ModelFaults",
  namespace: "Test",
  period: 60,
  statistic: "Sum",
  threshold: changed ? 5 : 0,
  dimensions: { FunctionName: fn.name },
  treatMissingData: "notBreaching",
  actionsEnabled: false,
  alarmActions: [],
  unit: "Count",
  tags,
});
const sum = (id: string, metricName: string) => ({
  id,
  metric: { metricName, namespace: "Test", period: 60, stat: "Sum", dimensions: { FunctionName: fn.name } },
});
const rate = new cloudwatch.MetricAlarm("rate-alarm", {
  comparisonOperator: "GreaterThanThreshold",
  evaluationPeriods: 1,
  threshold: 1,
  treatMissingData: "notBreaching",
  metricQueries: [
    { id: "rate", expression: `${changed ? 100 : 1} * faults / requests`, label: "Faults", returnData: true },
    sum("faults", "ModelFaults"),
    sum("requests", "Requests"),
  ],
});
const latency = new cloudwatch.MetricAlarm("latency-alarm", {
  comparisonOperator: "GreaterThanThreshold",
  evaluationPeriods: 3,
  datapointsToAlarm: 2,
  metricName: "ModelLatency",
  namespace: "Test",
  period: 60,
  extendedStatistic: changed ? "p99" : "p99.9",
  evaluateLowSampleCountPercentiles: "ignore",
  threshold: 3000,
});
new cloudwatch.Dashboard("dashboard", {
  dashboardName: "provider-test",
  dashboardBody: JSON.stringify({ widgets: [], start: changed ? "-PT3H" : "-PT1H" }),
});

const application = new codedeploy.Application("application", {
  name: "provider-test",
  computePlatform: "Lambda",
  tags,
});
const deploymentConfig = new codedeploy.DeploymentConfig("deployment-config", {
  computePlatform: "Lambda",
  trafficRoutingConfig: {
    type: "TimeBasedCanary",
    timeBasedCanary: { interval: replaced ? 2 : 1, percentage: 10 },
  },
});
/** Always has the config that is replaced in step 3. */
new codedeploy.DeploymentGroup("using-group", {
  appName: application.name,
  deploymentGroupName: "using",
  serviceRoleArn: deployRole.arn,
  deploymentConfigName: deploymentConfig.deploymentConfigName,
  deploymentStyle: { deploymentOption: "WITH_TRAFFIC_CONTROL", deploymentType: "BLUE_GREEN" },
});
new codedeploy.DeploymentGroup("group", {
  appName: application.name,
  deploymentGroupName: "group",
  serviceRoleArn: deployRole.arn,
  deploymentConfigName: changed ? "CodeDeployDefault.LambdaAllAtOnce" : deploymentConfig.deploymentConfigName,
  deploymentStyle: { deploymentOption: "WITH_TRAFFIC_CONTROL", deploymentType: "BLUE_GREEN" },
  alarmConfiguration: { alarms: [alarm.name, rate.name, latency.name], enabled: true, ignorePollAlarmFailure: changed },
  autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
  tags,
});

/** In another region and, by a role, in another account. */
const elsewhere = new aws.Provider("elsewhere", {
  region: "us-east-1",
  assumeRoles: [{ roleArn: config.require("visitedRoleArn"), sessionName: "visit" }],
});
const topic = new sns.Topic("elsewhere", { name: "elsewhere" }, { provider: elsewhere });

export const topicElsewhere = topic.arn;
export const version = fn.version;
export const invokeUrl = stage.invokeUrl;
export const keyValue = apiKey.value;
export const region = aws.getRegionOutput().region;
export const allTags = role.tagsAll;
