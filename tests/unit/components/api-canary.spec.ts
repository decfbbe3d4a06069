import { expect } from "chai";
import { ApiCanary, type ApiCanaryArgs } from "../../../components";
import { record } from "../../support/recorder";

const ARGS: ApiCanaryArgs = {
  canaryName: "mlops-nyctaxi-canary",
  url: "https://abc.execute-api.us-east-1.amazonaws.com/Prod/api",
  auth: { type: "iam", executionArn: "arn:aws:execute-api:us-east-1:123456789012:abc" },
  request: { columns: [{ name: "minutes" }, { name: "passengers" }, { name: "miles" }] },
  check: {
    requests: ["5,1,1", "30,2,8"],
    accept: { type: "number", minimum: 0, maximum: 500 },
    acceptKnown: { type: "number", minimum: 4, maximum: 100 },
  },
};

const recorded = (args: Partial<ApiCanaryArgs> = {}) => record(() => new ApiCanary("canary", { ...ARGS, ...args }));

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: object;
}

async function statements(args: Partial<ApiCanaryArgs> = {}): Promise<readonly Statement[]> {
  const { find } = await recorded(args);
  const { policy } = find("aws:iam/rolePolicy:RolePolicy").inputs;
  return (JSON.parse(String(policy)) as { readonly Statement: readonly Statement[] }).Statement;
}

describe("ApiCanary", () => {
  it("runs the newest runtime every ten minutes, with what the model's check knows", async () => {
    const { inputs } = (await recorded()).find("aws:synthetics/canary:Canary");
    expect(inputs).to.deep.include({
      name: "mlops-nyctaxi-canary",
      artifactS3Location: "s3://made-bucket/runs/",
      handler: "canary.handler",
      runtimeVersion: "syn-nodejs-puppeteer-99.0",
      schedule: { expression: "rate(10 minutes)" },
      startCanary: true,
      deleteLambda: true,
      successRetentionPeriod: 31,
      failureRetentionPeriod: 31,
    });
    expect(inputs.s3Key).to.match(/^script\/[0-9a-f]{16}\.zip$/);
    const { environmentVariables } = inputs.runConfig as { readonly environmentVariables: object };
    expect(environmentVariables).to.deep.equal({
      API_URL: ARGS.url,
      API_AUTH: "iam",
      MOST_LATENCY_MS: "10000",
      KNOWN_REQUESTS: '[{"body":"5,1,1"}]',
      MODEL_REQUEST: JSON.stringify(ARGS.request),
      ACCEPT: JSON.stringify(ARGS.check.acceptKnown),
    });
  });

  it("takes another interval, runtime and folder", async () => {
    const other = { intervalMinutes: 1, runtimeVersion: "syn-nodejs-puppeteer-12.0", folderUri: "s3://mine/a/b/" };
    const { find, made } = await recorded(other);
    expect(find("aws:synthetics/canary:Canary").inputs).to.deep.include({
      schedule: { expression: "rate(1 minute)" },
      runtimeVersion: "syn-nodejs-puppeteer-12.0",
      artifactS3Location: "s3://mine/a/b/runs/",
      s3Bucket: "mine",
    });
    expect(find("aws:s3/bucketObjectv2:BucketObjectv2").inputs.key).to.match(/^a\/b\/script\//);
    expect(made.filter(({ type }) => type === "aws:s3/bucket:Bucket")).to.deep.equal([]);
  });

  it("keeps artifacts for 31 days in a private bucket of its own, and the script as long as the canary", async () => {
    const { find } = await recorded();
    expect(find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).to.include({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs.rules).to.deep.equal([
      { id: "runs", status: "Enabled", filter: { prefix: "runs/" }, expiration: { days: 31 } },
    ]);
    expect(find("aws:s3/bucket:Bucket").inputs.forceDestroy).to.equal(true);
    const kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/k";
    const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    const byKey = { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn };
    expect((await recorded({ kmsKeyArn })).find(ENCRYPTION).inputs.rules).to.deep.equal([
      { applyServerSideEncryptionByDefault: byKey, bucketKeyEnabled: true },
    ]);
  });

  it("alarms when one of two runs fails, and when neither has left a result", async () => {
    const { find } = await recorded({ intervalMinutes: 5, notificationTopicArn: "arn:topic" });
    expect(find("aws:cloudwatch/metricAlarm:MetricAlarm").inputs).to.deep.include({
      name: "mlops-nyctaxi-canary",
      namespace: "CloudWatchSynthetics",
      metricName: "SuccessPercent",
      dimensions: { CanaryName: "mlops-nyctaxi-canary" },
      statistic: "Average",
      period: 600,
      evaluationPeriods: 1,
      comparisonOperator: "LessThanThreshold",
      threshold: 90,
      treatMissingData: "breaching",
      alarmActions: ["arn:topic"],
      okActions: ["arn:topic"],
    });
    expect(find("aws:cloudwatch/metricAlarm:MetricAlarm").inputs).to.not.have.property("unit");
  });

  it("owns the log group of the canary's function, which its role can write to but not make", async () => {
    const { find } = await recorded();
    expect(find("aws:cloudwatch/logGroup:LogGroup").inputs).to.deep.include({
      name: "/aws/lambda/cwsyn-mlops-nyctaxi-canary-0a1b",
      retentionInDays: 31,
    });
    const actions = (await statements()).flatMap(({ Action }) => Action);
    expect(actions).to.include("logs:PutLogEvents").and.not.include("logs:CreateLogGroup");
    // Of a longer name AWS takes the first 21 characters.
    const logs = (await statements({ canaryName: "mlops-churn-in-europe-canary" })).find(({ Action }) =>
      [Action].flat().includes("logs:PutLogEvents"),
    );
    expect(logs?.Resource).to.match(/:log-group:\/aws\/lambda\/cwsyn-mlops-churn-in-europe-\*$/);
  });

  it("may call the one method, or read the one key, and nothing else of API Gateway", async () => {
    const ofApi = async (args: Partial<ApiCanaryArgs>) =>
      (await statements(args)).filter(({ Action }) => /^(execute-api|apigateway):/.test(String(Action)));
    expect(await ofApi({})).to.deep.equal([
      {
        Effect: "Allow",
        Action: "execute-api:Invoke",
        Resource: "arn:aws:execute-api:us-east-1:123456789012:abc/*/POST/api",
      },
    ]);
    expect(await ofApi({ auth: { type: "apiKey", apiKeyId: "key-1" } })).to.deep.equal([
      { Effect: "Allow", Action: "apigateway:GET", Resource: "arn:aws:apigateway:us-east-1::/apikeys/key-1" },
    ]);
    expect(await ofApi({ auth: { type: "none" } })).to.deep.equal([]);
  });

  it("may write metrics of canaries alone, and objects below its own artifacts alone", async () => {
    const all = await statements();
    expect(all.find(({ Action }) => Action === "cloudwatch:PutMetricData")?.Condition).to.deep.equal({
      StringEquals: { "cloudwatch:namespace": "CloudWatchSynthetics" },
    });
    expect(all.find(({ Action }) => Action === "s3:PutObject")?.Resource).to.equal("arn:aws:s3:::made-bucket/runs/*");
  });

  it("refuses all that is wrong at once", async () => {
    const wrong = {
      canaryName: "Canary",
      intervalMinutes: 61,
      mostLatencyMs: 0,
      folderUri: "mine",
      check: { requests: ["1,2"] },
      ...{ intervalMinute: 5 },
    };
    expect(await recorded(wrong).catch(String)).to.equal(
      [
        "Error: intervalMinute is not an argument: did you mean intervalMinutes?",
        'canaryName must be 1 to 255 lower-case letters, digits, hyphens and underscores, got "Canary"',
        "intervalMinutes must be a whole number from 1 to 60, got 61",
        "mostLatencyMs must be a whole number from 1 to 30000, got 0",
        'folderUri must be s3://bucket/key, got "mine"',
        'check.requests[0] must be one row of 3 columns, got "1,2"',
      ].join("; "),
    );
  });

  it("takes a transform of each child", async () => {
    const { find } = await recorded({ transform: { canary: { schedule: { expression: "cron(0 * * * ? *)" } } } });
    expect(find("aws:synthetics/canary:Canary").inputs.schedule).to.deep.equal({ expression: "cron(0 * * * ? *)" });
  });
});
