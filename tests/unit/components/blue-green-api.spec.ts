import { expect } from "chai";
import { BlueGreenApi, type BlueGreenApiArgs } from "../../../components/blue-green-api";
import { record, valueOf, type Recording, type Registered } from "../../support/recorder";

const args: BlueGreenApiArgs = {
  apiName: "mlops-nyctaxi-api",
  release: "r2",
  endpoint: {
    endpointName: "mlops-nyctaxi-prd-r2",
    endpointArn: "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mlops-nyctaxi-prd-r2",
    variantName: "prd-mlops-nyctaxi",
  },
  check: { requests: ["5,1,1"], acceptKnown: { type: "number", minimum: 4, maximum: 100 } },
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

/** The environment variables that a function was given. */
function variablesOf({ inputs }: Registered): Readonly<Record<string, string>> {
  return (inputs.environment as { variables: Record<string, string> }).variables;
}

describe("BlueGreenApi", () => {
  it("serves one release by a published function version", async () => {
    const { find } = await record(() => new BlueGreenApi("api", args));

    const { inputs } = find(FUNCTION, "api");
    expect(inputs).to.deep.include({
      name: "mlops-nyctaxi-api",
      runtime: "nodejs24.x",
      memorySize: 1024,
      timeout: 10,
      publish: true,
    });
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
          request: { columns: [{ minimum: 0, maximum: 120 }, { minimum: 0 }, {}] },
          check: { ...args.check, accept: { type: "number", minimum: -1.5, maximum: 1000 } },
        }),
    );

    expect(find(FUNCTION, "api").inputs.environment).to.deep.equal({
      variables: {
        ENDPOINT_NAME: "mlops-nyctaxi-prd-r2",
        RELEASE: "r2",
        MODEL_REQUEST: '{"columns":[{"minimum":0,"maximum":120},{"minimum":0},{}]}',
        ACCEPT: '{"type":"number","minimum":-1.5,"maximum":1000}',
      },
    });
    const { ACCEPT, KNOWN_REQUESTS } = variablesOf(find(FUNCTION, "api-pre-traffic"));
    expect({ ACCEPT, KNOWN_REQUESTS }).to.deep.equal({
      ACCEPT: '{"type":"number","minimum":4,"maximum":100}',
      KNOWN_REQUESTS: '[{"body":"5,1,1"}]',
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
          memorySize: 64,
          timeout: 30,
          request: { columns: [{}, {}, { maximum: 2 }] },
          check: { requests: ["5,1", "5,1,1", "5,1,3"] },
        }),
    ).then(
      () => "accepted",
      (error: unknown) => (error as Error).message,
    );

    expect(message.split("; ")).to.deep.equal([
      `apiName must have at most 36 characters, got "${"a".repeat(37)}"`,
      'release must be lower-case letters, digits and inner hyphens, got "R3"',
      "memorySize must be a whole number from 128 to 10240, got 64",
      "strategy: percent must be a whole number from 1 to 99, got 0",
      "alarms.modelFaultsPercent must be a number of 0 or more, or false, got -1",
      "probesPerSecond must be 0 to 50, got 51",
      "alarmNames must name each alarm once",
      "alarmNames: CodeDeploy watches at most 10 alarms, got 7 and 4 of the release itself",
      'check.requests[0] must be one row of 3 columns, got "5,1"',
      'check.requests[2] has a value that request.columns leaves out: "5,1,3"',
      "timeout must be a whole number from 1 to 29 behind an API, got 30",
      "drainSeconds (30) must be longer than timeout (30)",
    ]);
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
