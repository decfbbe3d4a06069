import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { BlueGreenApi, type BlueGreenApiArgs } from "../../../components/blue-green-api";
import { record, valueOf, type Registered } from "../../support/recorder";

const args: BlueGreenApiArgs = {
  apiName: "churn",
  release: "r2",
  endpoint: {
    endpointName: "churn-r2",
    endpointArn: "arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn-r2",
    variantName: "all",
  },
  check: { requests: ["5,1,1"] },
};
const FUNCTION = "aws:lambda/function:Function";
const ROLLOUT = "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

const declare = (given: Partial<BlueGreenApiArgs>) => record(() => new BlueGreenApi("api", { ...args, ...given }));

/** The problems with which arguments are refused. */
const problemsOf = (given: object): Promise<string[]> =>
  record(() => new BlueGreenApi("api", Object.assign({}, args, given))).then(
    () => [],
    (error: unknown) => (error as Error).message.split("; "),
  );

function variablesOf({ inputs }: Registered): Readonly<Record<string, string>> {
  return (inputs.environment as { variables: Record<string, string> }).variables;
}

function statementsOf(made: readonly Registered[], role: string): { Action: string | string[]; Resource: unknown }[] {
  const policy = made.find(({ type, name }) => type === "aws:iam/rolePolicy:RolePolicy" && name === role)?.inputs
    .policy;
  return (JSON.parse(policy as string) as { Statement: { Action: string; Resource: unknown }[] }).Statement;
}

describe("BlueGreenApi, as people bring their own things,", () => {
  describe("with settings of the function", () => {
    it("hands them to Lambda in its words", async () => {
      const { find, made } = await declare({
        memorySize: 2048,
        timeout: 20,
        environment: { THRESHOLD: "0.5" },
        vpc: { subnetIds: ["subnet-1"], securityGroupIds: pulumi.output(["sg-1"]) },
        reservedConcurrency: 20,
        layers: ["arn:aws:lambda:us-east-1:123456789012:layer:x:1"],
      });

      const { inputs } = find(FUNCTION, "api");
      expect(inputs).to.deep.include({
        memorySize: 2048,
        timeout: 20,
        vpcConfig: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
        reservedConcurrentExecutions: 20,
        layers: ["arn:aws:lambda:us-east-1:123456789012:layer:x:1"],
      });
      expect(variablesOf(find(FUNCTION, "api"))).to.include({ THRESHOLD: "0.5", RELEASE: "r2" });
      expect(statementsOf(made, "api-role").flatMap(({ Action }) => Action)).to.include("ec2:CreateNetworkInterface");
      expect(find(FUNCTION, "api-pre-traffic").inputs).not.to.have.property("vpcConfig");
    });

    it("keeps environments of the alias warm, once it serves one version", async () => {
      const { find } = await declare({ provisionedConcurrency: 3 });

      expect(find("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig").inputs).to.deep.include({
        functionName: "churn",
        qualifier: "live",
        provisionedConcurrentExecutions: 3,
      });
    });

    it("refuses what cannot be", async () => {
      expect(
        await problemsOf({
          timeout: 25,
          drainSeconds: 20,
          reservedConcurrency: 2,
          provisionedConcurrency: 3,
          layers: ["a", "b", "c", "d", "e", "f"],
          environment: { RELEASE: "x" },
        }),
      ).to.deep.equal([
        "reservedConcurrency must be a whole number from 3 to 1000000, got 2",
        "layers must name at most 5 layers",
        "drainSeconds (20) must be longer than timeout (25)",
        "provisionedConcurrency (3) must be at most reservedConcurrency (2), of which it is a part",
        "environment.RELEASE is set by the component: choose another name",
      ]);
    });

    it("refuses an environment that is too large, and says what takes the room", async () => {
      const columns = Array.from({ length: 300 }, () => ({ minimum: 0, maximum: 1e6 }));
      const requests = [columns.map(() => "1").join(",")];

      expect(await problemsOf({ request: { columns }, check: { requests } })).to.deep.equal([
        "the environment of function churn takes 10835 bytes, and Lambda has room for 4096: MODEL_REQUEST 10817",
        "the environment of function CodeDeployHook_churn-pre-traffic takes 11471 bytes, and Lambda has room for 4096: " +
          "MODEL_REQUEST 10817, KNOWN_REQUESTS 618",
      ]);
    });
  });

  describe("with a handler of one's own", () => {
    const handler = { code: __dirname, handler: "app.handler", runtime: "python3.13" };

    it("runs it, and judges it by Lambda's metrics and by probes", async () => {
      const { find, made } = await declare({ handler });

      const { inputs } = find(FUNCTION, "api");
      expect(inputs).to.deep.include({ handler: "app.handler", runtime: "python3.13", architectures: ["x86_64"] });
      expect(find(FUNCTION, "api-pre-traffic").inputs.runtime).to.equal("nodejs24.x");
      expect(find(ROLLOUT).inputs).to.deep.include({ kind: "function", probe: { rows: ["5,1,1"], perSecond: 2 } });
      expect(find(ROLLOUT).inputs).not.to.have.property("refusalsPercentAboveBlue");
      expect(made.filter(({ type }) => type === ALARM).map(({ name }) => name)).to.deep.equal([
        "api-r2-alias-errors",
        "api-r2-version-errors",
      ]);
    });

    it("judges it by the release's metrics if it writes them", async () => {
      const { find, made } = await declare({ handler: { ...handler, writesMetrics: true } });

      expect(find(ROLLOUT).inputs).not.to.have.property("kind");
      expect(made.filter(({ type }) => type === ALARM)).to.have.length(4);
    });

    it("refuses code that is not there", async () => {
      expect(await problemsOf({ handler: { ...handler, code: "nowhere" } })).to.deep.equal([
        "handler.code is not there: nowhere",
      ]);
    });
  });

  describe("with hooks of one's own", () => {
    it("has the built hooks ask them, and allows no more", async () => {
      const { find, made } = await declare({ preTrafficHook: "smoke", postTrafficHook: pulumi.output("later") });

      expect(variablesOf(find(FUNCTION, "api-pre-traffic"))).to.include({ OWN_HOOK: "smoke", RELEASE: "r2" });
      expect(variablesOf(find(FUNCTION, "api-post-traffic"))).to.deep.equal({
        ENDPOINT_NAME: "churn-r2",
        OWN_HOOK: "later",
        RELEASE: "r2",
      });
      expect(find(FUNCTION, "api-pre-traffic").inputs.timeout).to.equal(900);
      const invoking = statementsOf(made, "api-pre-traffic-role").filter(
        ({ Action }) => Action === "lambda:InvokeFunction",
      );
      expect(invoking.map(({ Resource }) => Resource)).to.deep.equal(["arn:aws:lambda:*:*:function:smoke"]);
    });
  });

  describe("without captures", () => {
    it("looks for none, and has no hook that would", async () => {
      const { find, made, result } = await declare({});

      expect(made.filter(({ type }) => type === FUNCTION).map(({ name }) => name)).to.deep.equal([
        "api",
        "api-pre-traffic",
      ]);
      expect(variablesOf(find(FUNCTION, "api-pre-traffic")).REQUIRE_CAPTURE).to.equal("false");
      expect(find(ROLLOUT).inputs).not.to.have.property("postTrafficHook");
      expect(result.nodes.postTraffic).to.equal(undefined);
    });

    it("takes a URI that another resource gives, and refuses one that is none", async () => {
      const { made } = await declare({ dataCaptureUri: pulumi.output("s3://data/churn/captures") });
      const [statement] = statementsOf(made, "api-post-traffic-role").filter(
        ({ Action }) => Action === "s3:ListBucket",
      );
      expect(statement).to.deep.include({
        Resource: "arn:aws:s3:::data",
        Condition: { StringLike: { "s3:prefix": "churn/captures/*" } },
      });
      expect(await problemsOf({ dataCaptureUri: "nope" })).to.deep.equal([
        'dataCaptureUri must be s3://<bucket>/<prefix>, got "nope"',
      ]);
    });
  });

  describe("without an API", () => {
    it("makes nothing of API Gateway, and hands out the alias", async () => {
      const { made, result } = await declare({ front: "none", timeout: 300, drainSeconds: 310 });

      expect(made.filter(({ type }) => type.startsWith("aws:apigateway"))).to.deep.equal([]);
      expect(await valueOf(result.aliasArn)).to.equal("arn:alias");
      expect(await valueOf(result.url)).to.equal("");
    });

    it("refuses what only an API has", async () => {
      expect(await problemsOf({ front: "none", auth: "none", wafAclArn: "arn" })).to.deep.equal([
        'auth has no effect with front: "none": leave one of them out',
        'wafAclArn has no effect with front: "none": leave one of them out',
      ]);
    });
  });

  describe("with more of an API", () => {
    it("answers browsers of one origin", async () => {
      const { find, made } = await declare({ cors: { allowOrigin: "https://app.example.com" } });

      expect(variablesOf(find(FUNCTION, "api")).ALLOW_ORIGIN).to.equal("https://app.example.com");
      expect(find("aws:apigateway/method:Method", "options").inputs).to.include({
        httpMethod: "OPTIONS",
        authorization: "NONE",
      });
      expect(find("aws:apigateway/integration:Integration", "options-integration").inputs.type).to.equal("MOCK");
      expect(find("aws:apigateway/integrationResponse:IntegrationResponse").inputs.responseParameters).to.include({
        "method.response.header.Access-Control-Allow-Origin": "'https://app.example.com'",
        "method.response.header.Access-Control-Max-Age": "'600'",
      });
      const gateway = made.filter(({ type }) => type === "aws:apigateway/response:Response");
      expect(gateway.map(({ inputs }) => inputs.responseType)).to.deep.equal(["DEFAULT_4XX", "DEFAULT_5XX"]);
    });

    it("has a name of one's own, and a web ACL", async () => {
      const { find, result } = await declare({
        customDomain: {
          domainName: "api.example.com",
          certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1",
          basePath: "churn",
          hostedZoneId: "Z1",
        },
        wafAclArn: "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/x/1",
      });

      expect(await valueOf(result.url)).to.equal("https://api.example.com/churn/api");
      expect(find("aws:apigateway/basePathMapping:BasePathMapping").inputs).to.include({
        domainName: "api.example.com",
        basePath: "churn",
      });
      expect(find("aws:route53/record:Record").inputs).to.include({ name: "api.example.com", type: "A", zoneId: "Z1" });
      expect(find("aws:wafv2/webAclAssociation:WebAclAssociation").inputs.webAclArn).to.contain("webacl/x/1");
    });

    it("takes bytes where bodies are passed through", async () => {
      const { find } = await declare({
        request: { contentType: "image/jpeg" },
        check: { requests: [{ base64: "/9j/" }], accept: { type: "json", path: "score", value: { type: "number" } } },
      });

      expect(find("aws:apigateway/restApi:RestApi").inputs.binaryMediaTypes).to.deep.equal(["*/*"]);
      expect(find(ROLLOUT).inputs.probe).to.deep.equal({
        requests: [{ body: "/9j/", isBase64Encoded: true, contentType: "image/jpeg" }],
        perSecond: 2,
      });
      expect(variablesOf(find(FUNCTION, "api-pre-traffic")).KNOWN_REQUESTS).to.equal(
        '[{"body":"/9j/","isBase64Encoded":true}]',
      );
    });
  });

  it("takes known rows by the names of their columns", async () => {
    const { find } = await declare({
      request: {
        columns: [
          { name: "plan", type: "text" },
          { name: "months", optional: true },
        ],
      },
      check: {
        requests: [
          { plan: "a,b", months: null },
          { months: 3, plan: "pro" },
        ],
        accept: { type: "label" },
      },
    });

    expect(variablesOf(find(FUNCTION, "api-pre-traffic")).KNOWN_REQUESTS).to.equal('[{"body":"\\"a,b\\",\\npro,3"}]');
  });

  it("refuses formats that cannot be, all at once", async () => {
    expect(
      await problemsOf({
        request: {
          columns: [
            { name: "a", minimum: 2, maximum: 1 },
            { type: "text", minimum: 0 },
          ],
        },
        check: { requests: ["1"], accept: { type: "json", path: "a" }, acceptKnown: { type: "word" } },
      }),
    ).to.deep.equal([
      "request.columns.0: minimum (2) must be below maximum (1)",
      "request.columns.1: minimum and maximum are for numbers: a column of text has values",
      "check.accept: path and value go together: give both, or neither",
      'check.acceptKnown.type must be "number", "vector", "label" or "json", got "word"',
    ]);
    expect(await problemsOf({ request: { columns: [{ name: "a" }, {}] }, check: { requests: ["1,2"] } })).to.deep.equal(
      ["request.columns must all have a name, or none"],
    );
    expect(
      await problemsOf({
        request: { contentType: "image/jpeg" },
        check: { requests: ["1"], accept: { type: "number" }, acceptKnown: { type: "json" } },
      }),
    ).to.deep.equal([
      'check.accept must have the type "json" for bodies that are passed through, got "number"',
      'check.acceptKnown must have the type of check.accept, "number", got "json"',
    ]);
  });

  it("tells what was meant by an argument that there is not", async () => {
    expect(
      await problemsOf({ memorySiz: 1, request: { columns: [{ nmae: "a" }] }, check: { requests: ["1"], acept: 1 } }),
    ).to.deep.equal([
      "memorySiz is not an argument: did you mean memorySize?",
      "request.columns[0].nmae is not an argument: did you mean request.columns[0].name?",
      "check.acept is not an argument: did you mean check.accept?",
    ]);
    expect(await problemsOf({ check: undefined })).to.deep.equal(["check is missing"]);
  });

  it("tells a topic when an alarm of a release fires, however long after its rollout", async () => {
    const notificationTopicArn = pulumi.output("arn:aws:sns:us-east-1:123456789012:told");
    const actions = async (args: Parameters<typeof declare>[0]) =>
      (await declare(args)).made.filter(({ type }) => type === ALARM).map(({ inputs }) => inputs.alarmActions);

    const told = await actions({ notificationTopicArn });
    expect(told).to.have.length.of.at.least(4);
    expect(new Set(told.flat())).to.deep.equal(new Set(["arn:aws:sns:us-east-1:123456789012:told"]));
    expect(told).not.to.include(undefined);
    expect(new Set(await actions({}))).to.deep.equal(new Set([undefined]));
  });

  it("lets a program change each child, and look at it", async () => {
    const { find, made, result } = await declare({
      tags: { team: pulumi.output("growth") },
      transform: {
        predict: { function: { tracingConfig: { mode: "Active" } }, role: (role) => void (role.path = "/churn/") },
        alarm: (alarm) => void (alarm.alarmActions = ["arn:topic"]),
        codeDeploy: { group: { outdatedInstancesStrategy: "IGNORE" } },
        front: { stage: { xrayTracingEnabled: true } },
      },
    });

    expect(find(FUNCTION, "api").inputs).to.deep.include({
      tracingConfig: { mode: "Active" },
      tags: { team: "growth" },
    });
    expect(find("aws:iam/role:Role", "api-role").inputs.path).to.equal("/churn/");
    expect(made.filter(({ type }) => type === ALARM).every(({ inputs }) => "alarmActions" in inputs)).to.equal(true);
    expect(find("aws:codedeploy/deploymentGroup:DeploymentGroup").inputs.outdatedInstancesStrategy).to.equal("IGNORE");
    expect(find("aws:apigateway/stage:Stage").inputs.xrayTracingEnabled).to.equal(true);
    expect(await valueOf(result.nodes.predict.function.name)).to.equal("churn");
    expect(await valueOf(result.nodes.front!.stage.xrayTracingEnabled)).to.equal(true);
  });
});
