import { expect } from "chai";
import { BlueGreenApi, type BlueGreenApiArgs } from "../../../components/blue-green-api";
import { record, valueOf } from "../../support/recorder";

const args: BlueGreenApiArgs = {
  apiName: "mlops-nyctaxi-api",
  release: "r2",
  endpoint: {
    endpointName: "mlops-nyctaxi-prd-r2",
    endpointArn: "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mlops-nyctaxi-prd-r2",
    endpointConfigArn: "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/mlops-nyctaxi-prd-r2-1",
    variantName: "prd-mlops-nyctaxi",
  },
  preTraffic: { knownRows: ["5,1,1"], minimumPrediction: 4, maximumPrediction: 100 },
  dataCaptureUri: "s3://data/mlops-nyctaxi/datacapture",
};
const FUNCTION = "aws:lambda/function:Function";

describe("BlueGreenApi", () => {
  it("serves one release by a published function version", async () => {
    const { find } = await record(() => new BlueGreenApi("api", args));

    const { inputs } = find(FUNCTION, "api");
    expect(inputs).to.deep.include({ name: "mlops-nyctaxi-api", runtime: "nodejs24.x", publish: true });
    expect(inputs.environment).to.deep.equal({ variables: { ENDPOINT_NAME: "mlops-nyctaxi-prd-r2", RELEASE: "r2" } });
  });

  it("hands the version, the release and both hooks to the rollout", async () => {
    const { find, result } = await record(() => new BlueGreenApi("api", args));

    expect(find("pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout").inputs).to.deep.include({
      region: "us-east-1",
      functionName: "mlops-nyctaxi-api",
      functionVersion: "7",
      aliasName: "live",
      release: "r2",
      applicationName: "mlops-nyctaxi-api",
      deploymentGroupName: "mlops-nyctaxi-api",
      preTrafficHook: "CodeDeployHook_mlops-nyctaxi-api-pre-traffic",
      postTrafficHook: "CodeDeployHook_mlops-nyctaxi-api-post-traffic",
    });
    expect(await valueOf(result.liveRelease)).to.equal("r1");
  });

  it("rolls back on an alarm of alias, version or model, each of them watched by the group", async () => {
    const { find, made } = await record(() => new BlueGreenApi("api", args));

    const alarms = ["api-alias-errors", "api-version-errors", "api-model-faults"].map(
      (name) => find("aws:cloudwatch/metricAlarm:MetricAlarm", name).inputs,
    );
    expect(made.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm")).to.have.length(alarms.length);
    expect(find("aws:codedeploy/deploymentGroup:DeploymentGroup").inputs).to.deep.include({
      alarmConfiguration: { enabled: true, alarms: alarms.map(({ name }) => name as string) },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
      deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    });
    expect(alarms.map(({ name }) => name)).to.deep.equal([
      "mlops-nyctaxi-api-alias-errors",
      "mlops-nyctaxi-api-version-errors",
      "mlops-nyctaxi-api-model-faults",
    ]);
    expect(alarms.map(({ dimensions }) => dimensions)).to.deep.equal([
      { FunctionName: "mlops-nyctaxi-api", Resource: "mlops-nyctaxi-api:live" },
      { FunctionName: "mlops-nyctaxi-api", Resource: "mlops-nyctaxi-api:live", ExecutedVersion: "7" },
      { FunctionName: "mlops-nyctaxi-api", Release: "r2" },
    ]);
    for (const alarm of alarms) {
      expect(alarm).to.deep.include({
        period: 60,
        evaluationPeriods: 1,
        threshold: 0,
        treatMissingData: "notBreaching",
      });
    }
  });

  for (const [auth, authorization, apiKeyRequired, keys] of [
    [undefined, "AWS_IAM", false, 0],
    ["apiKey", "NONE", true, 1],
    ["none", "NONE", false, 0],
  ] as const) {
    it(`lets in ${auth ?? "signed requests only, by default"}`, async () => {
      const { find, made, result } = await record(() => new BlueGreenApi("api", { ...args, auth }));

      expect(find("aws:apigateway/method:Method").inputs).to.deep.include({
        authorization,
        apiKeyRequired,
        httpMethod: "POST",
      });
      expect(made.filter(({ type }) => type === "aws:apigateway/apiKey:ApiKey")).to.have.length(keys);
      expect(result.apiKey !== undefined).to.equal(keys === 1);
    });
  }

  it("calls the alias, never a version, and only for its own method", async () => {
    const { find } = await record(() => new BlueGreenApi("api", args));

    expect(find("aws:lambda/permission:Permission").inputs).to.deep.include({
      qualifier: "live",
      principal: "apigateway.amazonaws.com",
      sourceArn: "arn:aws:execute-api:us-east-1:123456789012:abc/Prod/POST/api",
    });
  });

  it("throttles and logs the stage", async () => {
    const { find } = await record(
      () => new BlueGreenApi("api", { ...args, throttling: { rateLimit: 5, burstLimit: 9 } }),
    );

    expect(find("aws:apigateway/methodSettings:MethodSettings").inputs.settings).to.deep.equal({
      throttlingRateLimit: 5,
      throttlingBurstLimit: 9,
      metricsEnabled: true,
    });
    expect(find("aws:apigateway/stage:Stage").inputs.accessLogSettings).to.have.property("destinationArn");
  });

  it("grants each function what it needs on the resources it needs it on", async () => {
    const { made } = await record(() => new BlueGreenApi("api", args));

    const policies = made.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy");
    const wild = policies.flatMap(({ inputs }) => {
      const { Statement } = JSON.parse(inputs.policy as string) as {
        Statement: { Action: string; Resource: unknown }[];
      };
      return Statement.filter(({ Resource }) => Resource === "*").map(({ Action }) => Action);
    });
    expect(wild).to.deep.equal(["cloudwatch:DescribeAlarms"]);
  });
});
