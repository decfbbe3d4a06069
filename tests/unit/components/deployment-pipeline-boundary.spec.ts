import { expect } from "chai";
import { AutoscaledEndpoint } from "../../../components/autoscaled-endpoint";
import { BaselineJob } from "../../../components/baseline-job";
import { BlueGreenApi } from "../../../components/blue-green-api";
import { ApiCanary } from "../../../components/api-canary";
import { DriftMonitor } from "../../../components/drift-monitor";
import { ModelQualityMonitor } from "../../../components/model-quality-monitor";
import { TrainingJob } from "../../../components/training-job";
import { contextOf } from "local-aws/services/iam/authority";
import { evaluate } from "local-aws/services/iam/evaluate";
import { parsePolicy, type Policy } from "local-aws/services/iam/policy";
import {
  AT,
  CANARY_BUCKET,
  list,
  made,
  MODEL_KEY,
  ROLE_POLICY,
  type Statement,
} from "../../support/deployment-pipeline";
import { record, type Registered } from "../../support/recorder";

const ACCOUNT_POLICY = "aws:iam/policy:Policy";
const RELEASE = { model: "mlops-nyctaxi" };
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";
const OUTPUT = `s3://models/${RELEASE.model}`;

const STACKS = ["train", "dev", "prod"] as const;
const common = { kmsKeyArn: MODEL_KEY, instanceType: "ml.m5.large" };
const endpointOf = (stage: string) => ({
  ...common,
  endpointName: `${RELEASE.model}-${stage}-r1`,
  variantName: "v",
  image: IMAGE,
  modelDataUrl: `${OUTPUT}/${RELEASE.model}-r1/output/model.tar.gz`,
});

/** What each stack of a model makes that has roles. */
const PROGRAMS = {
  train: () => {
    new TrainingJob("training", {
      ...common,
      jobName: `${RELEASE.model}-r1`,
      trainingImage: IMAGE,
      channels: [{ name: "train", s3Uri: "s3://somebodys-data/v1/training" }],
      hyperparameters: {},
      outputUri: OUTPUT,
    });
    new BaselineJob("baseline", {
      ...common,
      jobName: `${RELEASE.model}-pbl-r1`,
      image: IMAGE,
      scriptFile: __filename,
      datasetUri: "s3://somebodys-data/v1/baseline",
      outputUri: `${OUTPUT}/monitoring/baseline/${RELEASE.model}-pbl-r1`,
    });
  },
  dev: () => {
    new AutoscaledEndpoint("dev", endpointOf("dev"));
  },
  prod: () => {
    const { endpointName, variantName } = new AutoscaledEndpoint("prod", {
      ...endpointOf("prd"),
      dataCapture: { destinationUri: `${OUTPUT}/datacapture` },
    });
    const endpointArn = `arn:aws:sagemaker:${AT}:endpoint/${RELEASE.model}-prd-r1`;
    new DriftMonitor("drift", {
      monitorName: `${RELEASE.model}-pms`,
      functionName: `${RELEASE.model}-api`,
      captureUri: `${OUTPUT}/datacapture`,
      baselineUri: `${OUTPUT}/monitoring/baseline/${RELEASE.model}-pbl-{release}`,
      outputUri: `${OUTPUT}/monitoring`,
      image: IMAGE,
      kmsKeyArn: MODEL_KEY,
    });
    new ApiCanary("canary", {
      canaryName: `${RELEASE.model}-canary`,
      url: "https://abc.execute-api.us-east-1.amazonaws.com/live/api",
      auth: { type: "iam", executionArn: `arn:aws:execute-api:${AT}:abc` },
      check: { requests: ["5,1,1"] },
      folderUri: `s3://${CANARY_BUCKET}/canary`,
      kmsKeyArn: MODEL_KEY,
    });
    new ModelQualityMonitor("quality", {
      monitorName: `${RELEASE.model}-quality`,
      functionName: `${RELEASE.model}-api`,
      captureUri: `${OUTPUT}/datacapture`,
      outputUri: `${OUTPUT}/monitoring`,
      training: { jobName: `${RELEASE.model}-{release}`, metricName: "validation:rmse" },
      image: IMAGE,
      kmsKeyArn: MODEL_KEY,
    });
    new BlueGreenApi("api", {
      apiName: `${RELEASE.model}-api`,
      release: "r1",
      endpoint: { endpointName, endpointArn, variantName },
      check: { requests: ["5,1,1"] },
      dataCaptureUri: `${OUTPUT}/datacapture`,
      kmsKeyArn: MODEL_KEY,
    });
  },
};
const ROLES_OF = {
  train: ["training-role", "baseline-role"],
  dev: ["dev-role"],
  prod: [
    "prod-role",
    "api-role",
    "api-pre-traffic-role",
    "api-post-traffic-role",
    "api-codedeploy-role",
    "drift-job-role",
    "drift-start-role",
    "canary-role",
    "quality-job-role",
    "quality-start-role",
  ],
};

/** ARNs that AWS would give: those of the recorder tell only logical names. */
function realArn(resource: string, everything: readonly Registered[]): string {
  const [, logical, rest = ""] = /^arn:aws:test:[^:]+:[^:]+:([^:]+)(.*)$/.exec(resource) ?? [];
  if (everything.some(({ type, name }) => type === "aws:iam/role:Role" && name === logical)) {
    return `arn:aws:iam::123456789012:role/${RELEASE.model}/prod/${logical}`;
  }
  const KINDS: Readonly<Record<string, string>> = {
    "aws:lambda/function:Function": "lambda:AT:function:",
    "aws:cloudwatch/logGroup:LogGroup": "logs:AT:log-group:",
    "aws:sagemaker/endpoint:Endpoint": "sagemaker:AT:endpoint/",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "sagemaker:AT:endpoint-config/",
  };
  const found = everything.find(({ type, name }) => name === logical && KINDS[type] !== undefined);
  const arn = found === undefined ? resource : `arn:aws:${KINDS[found.type]}${String(found.inputs.name)}${rest}`;
  return arn.replace("AT", AT).replace(":*:*:", `:${AT}:`).replaceAll("*", "x");
}

const statementsOf = ({ inputs }: Registered) =>
  (JSON.parse(inputs.policy as string) as { Statement: Statement[] }).Statement;

describe("boundaries of DeploymentPipeline", () => {
  const boundaries: Record<string, Policy> = {};
  before(async () => {
    const { find } = await made();
    for (const stack of STACKS) {
      const { inputs } = find(ACCOUNT_POLICY, `-${stack}-boundary`);
      boundaries[stack] = parsePolicy(stack, inputs.policy as string);
    }
  });

  const CONTEXT = contextOf({
    "kms:GrantIsForAWSResource": "true",
    "cloudwatch:namespace": "/aws/sagemaker/Endpoints",
    "iam:PassedToService": "sagemaker.amazonaws.com",
  });
  const allows = (stack: string, action: string, resource: string) =>
    evaluate([boundaries[stack]!], { action, resource, context: CONTEXT }, "permissions boundary").allowed;

  for (const stack of STACKS) {
    it(`take in all that the roles of the stack are allowed: ${stack}`, async () => {
      const recording = await record(PROGRAMS[stack]);
      const policies = recording.made.filter(({ type }) => type === ROLE_POLICY);
      const beyond = policies.flatMap((one) =>
        statementsOf(one).flatMap(({ Action, Resource }) =>
          list(Action).flatMap((action) =>
            list(Resource)
              .map((resource) => realArn(resource, recording.made))
              .filter((resource) => !allows(stack, action, resource))
              .map((resource) => `${one.name}: ${action} ${resource}`),
          ),
        ),
      );

      expect(policies.map(({ name }) => name)).to.have.members(ROLES_OF[stack]);
      expect(beyond).to.deep.equal([]);
    });
  }

  for (const [action, resource] of [
    ["lambda:UpdateAlias", `arn:aws:lambda:${AT}:function:mlops-nyctaxi-api:live`],
    ["lambda:InvokeFunction", `arn:aws:lambda:${AT}:function:mlops-nyctaxi-api`],
    ["codedeploy:PutLifecycleEventHookExecutionStatus", "*"],
    ["sagemaker:InvokeEndpoint", `arn:aws:sagemaker:${AT}:endpoint/mlops-nyctaxi-prd-r1`],
    ["s3:PutObject", "arn:aws:s3:::models/mlops-nyctaxi/datacapture/x"],
    ["logs:PutLogEvents", `arn:aws:logs:${AT}:log-group:/aws/lambda/mlops-nyctaxi-api:log-stream:x`],
    ["cloudwatch:DescribeAlarms", "*"],
    ["iam:PassRole", "arn:aws:iam::123456789012:role/mlops-nyctaxi/prod/x"],
    ["sagemaker:CreateProcessingJob", `arn:aws:sagemaker:${AT}:processing-job/mlops-nyctaxi-pms-1`],
    ["s3:PutObject", "arn:aws:s3:::models/mlops-nyctaxi/monitoring/reports/x"],
    ["s3:PutObject", `arn:aws:s3:::${CANARY_BUCKET}/canary/runs/x`],
    ["execute-api:Invoke", `arn:aws:execute-api:${AT}:abc/live/POST/api`],
  ] as const) {
    it(`leave ${action} on ${resource} to production`, () => {
      expect(STACKS.filter((stack) => allows(stack, action, resource))).to.deep.equal(["prod"]);
    });
  }

  for (const [action, resource] of [
    ["iam:CreateRole", "arn:aws:iam::123456789012:role/admin"],
    ["iam:PassRole", "arn:aws:iam::123456789012:role/mlops-nyctaxi/pipeline/x"],
    ["iam:PassRole", "arn:aws:iam::123456789012:role/admin"],
    ["sts:AssumeRole", "arn:aws:iam::123456789012:role/admin"],
    ["lambda:UpdateFunctionCode", `arn:aws:lambda:${AT}:function:mlops-nyctaxi-api`],
    ["lambda:InvokeFunction", `arn:aws:lambda:${AT}:function:other`],
    ["sagemaker:InvokeEndpoint", `arn:aws:sagemaker:${AT}:endpoint/mlops-other-prd-r1`],
    ["apigateway:PATCH", "arn:aws:apigateway:us-east-1::/restapis/x"],
    ["s3:PutObject", "arn:aws:s3:::models/mlops-other/x"],
    ["s3:PutObject", "arn:aws:s3:::state/pulumi/.pulumi/stacks/safe/prod.json"],
    ["s3:GetObject", "arn:aws:s3:::state/pulumi/.pulumi/stacks/safe/prod.json"],
    ["s3:GetObject", `arn:aws:test:${AT}:pipeline-artifacts/mlops-nyctaxi-pipeli/Release/x`],
    ["s3:PutObject", "arn:aws:s3:::models/mlops-nyctaxi/x"],
    ["logs:GetLogEvents", `arn:aws:logs:${AT}:log-group:x`],
    ["logs:PutLogEvents", `arn:aws:logs:${AT}:log-group:x`],
    ["s3:PutObject", `arn:aws:s3:::${CANARY_BUCKET}/canary/script/x`],
    ["s3:PutObject", "arn:aws:s3:::models/mlops-nyctaxi/deployed/mlops-nyctaxi-prd-r1/model.tar.gz"],
    ["s3:PutObject", "arn:aws:s3:::models/mlops-nyctaxi/monitoring/code/x"],
    ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:${AT}:secret:token-1`],
  ] as const) {
    it(`leave out ${action} on ${resource}`, () => {
      expect(STACKS.filter((stack) => allows(stack, action, resource))).to.deep.equal([]);
    });
  }
});
