import { MetricAlarm } from "@pulumi/aws/cloudwatch";
import { Role } from "@pulumi/aws/iam";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { LambdaRollout } from "sagemaker-safe-deploy";

const config = new pulumi.Config();

const role = new Role("greeter", {
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  }),
});

// Each change publishes a version.
const greeter = new lambda.Function("greeter", {
  role: role.arn,
  runtime: "nodejs22.x",
  handler: "index.handler",
  code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.FileAsset("handler.js") }),
  environment: { variables: { GREETING: config.get("greeting") ?? "Hello" } },
  publish: true,
});

const errors = new MetricAlarm("greeter-errors", {
  namespace: "AWS/Lambda",
  metricName: "Errors",
  dimensions: { FunctionName: greeter.name, Resource: pulumi.interpolate`${greeter.name}:live` },
  statistic: "Sum",
  period: 60,
  evaluationPeriods: 1,
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0,
  treatMissingData: "notBreaching",
});

// The new version gets 10 % of the calls for a minute, then all; an error or a wrong answer brings the old one back.
const rollout = new LambdaRollout("greeter", {
  functionName: greeter.name,
  functionVersion: greeter.version,
  strategy: { type: "canary", percent: 10, intervalMinutes: 1 },
  alarmNames: [errors.name],
  probe: { event: { name: "probe" }, expect: { ok: true } },
  minimumRequests: 20,
  bakeSeconds: 60,
});

export const { aliasArn, liveVersion } = rollout;
