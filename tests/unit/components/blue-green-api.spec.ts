import { expect } from "chai";
import { BlueGreenApi, type BlueGreenApiArgs } from "../../../components/blue-green-api";
import { record, valueOf, type Recording } from "../../support/recorder";

const args: BlueGreenApiArgs = {
  apiName: "mlops-nyctaxi-api",
  release: "r2",
  endpoint: {
    endpointName: "mlops-nyctaxi-prd-r2",
    endpointArn: "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mlops-nyctaxi-prd-r2",
    variantName: "prd-mlops-nyctaxi",
  },
  preTraffic: { knownRows: ["5,1,1"], minimumPrediction: 4, maximumPrediction: 100 },
  dataCaptureUri: "s3://data/mlops-nyctaxi/datacapture",
};
const FUNCTION = "aws:lambda/function:Function";
const ROLLOUT = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout";

/** What the one deployment group was given. */
function groupOf(find: Recording<unknown>["find"]) {
  return find("aws:codedeploy/deploymentGroup:DeploymentGroup").inputs as {
    readonly alarmConfiguration: { readonly enabled: boolean; readonly alarms: readonly string[] };
    readonly autoRollbackConfiguration: object;
    readonly deploymentConfigName: string;
  };
}

describe("BlueGreenApi", () => {
  it("serves one release by a published function version", async () => {
    const { find } = await record(() => new BlueGreenApi("api", args));

    const { inputs } = find(FUNCTION, "api");
    expect(inputs).to.deep.include({ name: "mlops-nyctaxi-api", runtime: "nodejs24.x", publish: true });
    expect(inputs.environment).to.deep.equal({ variables: { ENDPOINT_NAME: "mlops-nyctaxi-prd-r2", RELEASE: "r2" } });
  });

  it("hands the version, the release and both hooks to the rollout", async () => {
    const { find, result } = await record(() => new BlueGreenApi("api", args));

    expect(find(ROLLOUT).inputs).to.deep.include({
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

  it("hands the rollout what a release must stand", async () => {
    const { find } = await record(
      () =>
        new BlueGreenApi("api", {
          ...args,
          strategy: { type: "linear", percent: 20, intervalMinutes: 60 },
          alarms: { latencyP99TimesBlue: 3 },
          alarmNames: ["business"],
          emergency: true,
          probesPerSecond: 5,
          minimumRequests: 7,
          bakeSeconds: 60,
          undecidedSeconds: 90,
          hookTimeoutSeconds: 120,
          notificationTopicArn: "arn:aws:sns:us-east-1:123456789012:releases",
          standbyReleases: ["r1"],
        }),
    );

    const { alarmNames, timeoutSeconds, ...inputs } = find(ROLLOUT).inputs;
    expect(inputs).to.deep.include({
      trafficShift: "20 % more every 60 minutes",
      emergency: true,
      probe: { rows: ["5,1,1"], perSecond: 5 },
      minimumRequests: 7,
      bakeSeconds: 60,
      undecidedSeconds: 90,
      latencyTimesBlue: 3,
      hookTimeoutSeconds: 120,
      notificationTopicArn: "arn:aws:sns:us-east-1:123456789012:releases",
      standbyReleases: ["r1"],
    });
    expect(alarmNames).to.include.members(["mlops-nyctaxi-api-r2-alias-errors", "business"]);
    expect(alarmNames).to.deep.equal(groupOf(find).alarmConfiguration.alarms);
    // Shift of four steps, two hooks, bake, undecided, drain, and half an hour for the rest.
    expect(timeoutSeconds).to.equal(4 * 3600 + 2 * 120 + 60 + 90 + 30 + 1800);
  });

  it("has the rollout judge with probes of its own and at least a hundred requests, unless told otherwise", async () => {
    const usual = await record(() => new BlueGreenApi("api", args));
    expect(usual.find(ROLLOUT).inputs).to.deep.include({
      probe: { rows: ["5,1,1"], perSecond: 2 },
      minimumRequests: 100,
      latencyTimesBlue: 5,
    });

    const alone = await record(
      () => new BlueGreenApi("api", { ...args, probesPerSecond: 0, alarms: { latencyP99TimesBlue: false } }),
    );
    expect(alone.find(ROLLOUT).inputs).not.to.have.any.keys("probe", "latencyTimesBlue");
  });

  it("tells the function which predictions are believed, and what the model takes", async () => {
    const { find } = await record(
      () =>
        new BlueGreenApi("api", {
          ...args,
          predictionRange: { minimum: -1.5, maximum: 1000 },
          inputs: [{ minimum: 0, maximum: 120 }, { minimum: 0 }, {}],
        }),
    );

    expect(find(FUNCTION, "api").inputs.environment).to.deep.equal({
      variables: {
        ENDPOINT_NAME: "mlops-nyctaxi-prd-r2",
        RELEASE: "r2",
        PREDICTION_MINIMUM: "-1.5",
        PREDICTION_MAXIMUM: "1000",
        MODEL_COLUMNS: "3",
        INPUT_RANGES: "[[0,120],[0,null],[null,null]]",
      },
    });
    const plain = await record(() => new BlueGreenApi("api", { ...args, inputs: [{}, {}, {}] }));
    expect(plain.find(FUNCTION, "api").inputs.environment).to.deep.equal({
      variables: { ENDPOINT_NAME: "mlops-nyctaxi-prd-r2", RELEASE: "r2", MODEL_COLUMNS: "3" },
    });
  });

  it("refuses what cannot be before it creates anything, all of it at once", async () => {
    const message = await record(
      () =>
        new BlueGreenApi("api", {
          ...args,
          apiName: "a".repeat(37),
          release: "R3",
          strategy: { type: "canary", percent: 0, intervalMinutes: 5 },
          alarms: { modelFaultsPercent: -1 },
          alarmNames: ["a", "b", "c", "d", "e", "f", "f"],
          probesPerSecond: 51,
          predictionRange: { minimum: 5, maximum: 5 },
          preTraffic: { ...args.preTraffic, knownRows: ["5,1", "5,1,1", "5,1,3"] },
          inputs: [{}, { minimum: 1, maximum: 1 }, { maximum: 2 }],
        }),
    ).then(
      () => "accepted",
      (error: unknown) => (error as Error).message,
    );

    expect(message.split("; ")).to.deep.equal([
      `apiName must have at most 36 characters, got "${"a".repeat(37)}"`,
      'release must be lower-case letters, digits and inner hyphens, got "R3"',
      "strategy: percent must be a whole number from 1 to 99, got 0",
      "alarmNames must name each alarm once",
      "alarms.modelFaultsPercent must be a number of 0 or more, or false, got -1",
      "probesPerSecond must be 0 to 50, got 51",
      "alarmNames: CodeDeploy watches at most 10 alarms, got 7 and 5 of the release itself",
      "predictionRange: minimum (5) must be below maximum (5)",
      "inputs[1]: minimum (1) must be below maximum (1)",
      'preTraffic.knownRows[0] must have 3 columns within the ranges of inputs, got "5,1"',
      'preTraffic.knownRows[2] must have 3 columns within the ranges of inputs, got "5,1,3"',
    ]);
  });

  it("refuses ranges of more columns than fit into the function's environment", async () => {
    const inputs = Array.from({ length: 300 }, () => ({ minimum: 0, maximum: 1e6 }));
    const knownRows = [inputs.map(() => "1").join(",")];
    const making = record(
      () => new BlueGreenApi("api", { ...args, preTraffic: { ...args.preTraffic, knownRows }, inputs }),
    );
    await making.then(
      () => expect.fail("accepted"),
      (error: unknown) =>
        expect(String(error)).to.contain("inputs: the ranges take 3601 characters, at most 3000 fit into"),
    );
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

  it("lets the function ask the endpoints of all releases: its versions share a role, and the one before still serves", async () => {
    const { made } = await record(() => new BlueGreenApi("api", args));

    const role = made.find(({ type, name }) => type === "aws:iam/rolePolicy:RolePolicy" && name === "api-role");
    const { Statement } = JSON.parse(role?.inputs.policy as string) as {
      Statement: { Action: unknown; Resource: unknown }[];
    };
    expect(Statement.find(({ Action }) => Action === "sagemaker:InvokeEndpoint")?.Resource).to.equal(
      "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mlops-nyctaxi-prd-*",
    );
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
    const verdict = "codedeploy:PutLifecycleEventHookExecutionStatus";
    expect(wild).to.deep.equal([verdict, verdict, "cloudwatch:DescribeAlarms"]);
  });

  it("gives functions policies that stay as they are from release to release", async () => {
    const policiesOf = async (release: string) => {
      const name = `mlops-nyctaxi-prd-${release}`;
      const endpointArn = `arn:aws:sagemaker:us-east-1:123456789012:endpoint/${name}`;
      const endpoint = { ...args.endpoint, endpointName: name, endpointArn };
      const { made } = await record(() => new BlueGreenApi("api", { ...args, release, endpoint }));
      return made.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy").map(({ inputs }) => inputs.policy);
    };

    expect(await policiesOf("r3")).to.deep.equal(await policiesOf("r2"));
  });
});
