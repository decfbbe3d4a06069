import { expect } from "chai";
import { AutoscaledEndpoint } from "../../../components/autoscaled-endpoint";
import { BaselineJob } from "../../../components/baseline-job";
import { BlueGreenApi } from "../../../components/blue-green-api";
import { TrainingJob } from "../../../components/training-job";
import { contextOf } from "../../../local/iam/authority";
import { evaluate } from "../../../local/iam/evaluate";
import { parsePolicy, type Policy } from "../../../local/iam/policy";
import { AT, list, made, MODEL_KEY, ROLE_POLICY, type Statement } from "../../support/deployment-pipeline";
import { record, type Registered } from "../../support/recorder";

const ACCOUNT_POLICY = "aws:iam/policy:Policy";
const RELEASE = { model: "mlops-nyctaxi", endpoint: "mlops-nyctaxi-prd-r1" };
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";
const OUTPUT = `s3://models/${RELEASE.model}`;

/** What the stacks of a model make that has roles. */
function stacks(): void {
  const common = { kmsKeyArn: MODEL_KEY, instanceType: "ml.m5.large" };
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
  const endpoint = new AutoscaledEndpoint("prod", {
    ...common,
    endpointName: RELEASE.endpoint,
    variantName: "v",
    image: IMAGE,
    modelDataUrl: `${OUTPUT}/${RELEASE.model}-r1/output/model.tar.gz`,
    dataCapture: { destinationUri: `${OUTPUT}/datacapture` },
  });
  new BlueGreenApi("api", {
    apiName: `${RELEASE.model}-api`,
    release: "r1",
    endpoint,
    preTraffic: { knownRows: ["5,1,1"], minimumPrediction: 4, maximumPrediction: 100 },
    dataCaptureUri: `${OUTPUT}/datacapture`,
    kmsKeyArn: MODEL_KEY,
  });
}

/** ARNs that AWS would give: those of the recorder tell only logical names. */
function realArn(resource: string, everything: readonly Registered[]): string {
  const [, logical, rest = ""] = /^arn:aws:test:[^:]+:[^:]+:([^:]+)(.*)$/.exec(resource) ?? [];
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

describe("boundary of DeploymentPipeline", () => {
  let boundary: Policy;
  before(async () => {
    const { find } = await made();
    boundary = parsePolicy("boundary", find(ACCOUNT_POLICY).inputs.policy as string);
  });

  const CONTEXT = contextOf({ "kms:GrantIsForAWSResource": "true" });
  const allows = (action: string, resource: string) =>
    evaluate([boundary], { action, resource, context: CONTEXT }, "permissions boundary").allowed;

  it("takes in all that the roles of the stacks are allowed", async () => {
    const stack = await record(stacks);
    const policies = stack.made.filter(({ type }) => type === ROLE_POLICY);
    const beyond = policies.flatMap((one) =>
      statementsOf(one).flatMap(({ Action, Resource }) =>
        list(Action).flatMap((action) =>
          list(Resource)
            .map((resource) => realArn(resource, stack.made))
            .filter((resource) => !allows(action, resource))
            .map((resource) => `${one.name}: ${action} ${resource}`),
        ),
      ),
    );

    expect(policies.map(({ name }) => name)).to.have.members([
      "training-role",
      "baseline-role",
      "prod-role",
      "api-role",
      "api-pre-traffic-role",
      "api-post-traffic-role",
      "api-codedeploy-role",
    ]);
    expect(beyond).to.deep.equal([]);
  });

  it("takes in AWS's policy for the logs of API Gateway", () => {
    const policy = "CreateLogGroup CreateLogStream DescribeLogGroups DescribeLogStreams PutLogEvents GetLogEvents";

    for (const action of [...policy.split(" "), "FilterLogEvents"]) {
      expect(allows(`logs:${action}`, `arn:aws:logs:${AT}:log-group:x`), action).to.equal(true);
    }
  });

  for (const [action, resource] of [
    ["iam:CreateRole", "arn:aws:iam::123456789012:role/admin"],
    ["iam:PassRole", "arn:aws:iam::123456789012:role/mlops-nyctaxi/x"],
    ["sts:AssumeRole", "arn:aws:iam::123456789012:role/admin"],
    ["lambda:UpdateFunctionCode", `arn:aws:lambda:${AT}:function:mlops-nyctaxi-api`],
    ["lambda:InvokeFunction", `arn:aws:lambda:${AT}:function:other`],
    ["sagemaker:InvokeEndpoint", `arn:aws:sagemaker:${AT}:endpoint/mlops-other-prd-r1`],
    ["s3:PutObject", "arn:aws:s3:::models/mlops-other/x"],
    ["s3:PutObject", "arn:aws:s3:::state/pulumi/.pulumi/stacks/safe/prod.json"],
    ["s3:GetObject", "arn:aws:s3:::state/pulumi/.pulumi/stacks/safe/prod.json"],
    ["s3:GetObject", `arn:aws:test:${AT}:pipeline-artifacts/mlops-nyctaxi-pipeli/Release/x`],
    ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:${AT}:secret:token-1`],
  ] as const) {
    it(`leaves out ${action} on ${resource}`, () => {
      expect(allows(action, resource)).to.equal(false);
    });
  }
});
