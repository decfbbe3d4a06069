import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand, ListLayersCommand } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { clientConfig } from "../../core/local";
import { startLocalAws, type LocalAws } from "../../server";
import { openRole } from "../../testing/role";
import { until } from "../core/support";
import { call, canary, endedRun, endedRuns, inState, keys, makeBucket } from "./support";

const FINE = "exports.handler = async () => 'fine';";

describe("Synthetics", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let role: string;
  let s3: S3Client;
  const client = () => clientConfig(aws);

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600, functionsUseRoles: true });
    role = await openRole(aws, "canary");
    s3 = await makeBucket(aws);
  });
  after(() => aws.close());

  /** Makes a canary and starts it. */
  async function start(name: string, script: string, changes: object = {}) {
    const { body } = await call(aws, "POST /canary", canary(name, role, script, changes));
    expect(body.Canary?.Status.State, JSON.stringify(body)).to.equal("CREATING");
    await inState(aws, name, "READY");
    await call(aws, `POST /canary/${name}/start`);
    return inState(aws, name, "RUNNING");
  }

  async function remove(name: string, query = "") {
    await call(aws, `POST /canary/${name}/stop`);
    await inState(aws, name, "STOPPED");
    await call(aws, `DELETE /canary/${name}${query}`);
    await until(async () => (await call(aws, `GET /canary/${name}`)).status === 404);
  }

  const functions = async () => (await new LambdaClient(client()).send(new ListFunctionsCommand({}))).Functions ?? [];
  const layers = async () => (await new LambdaClient(client()).send(new ListLayersCommand({}))).Layers ?? [];
  async function logGroups(): Promise<(string | undefined)[]> {
    const logs = new CloudWatchLogsClient(client());
    const { logGroups: found = [] } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/lambda/" }),
    );
    return found.map(({ logGroupName }) => logGroupName);
  }

  async function points(MetricName: string, name: string, Statistics: ("Average" | "SampleCount")[]) {
    const now = Date.now();
    const { Datapoints = [] } = await new CloudWatchClient(client()).send(
      new GetMetricStatisticsCommand({
        Namespace: "CloudWatchSynthetics",
        MetricName,
        Dimensions: [{ Name: "CanaryName", Value: name }],
        StartTime: new Date(now - 3_600_000),
        EndTime: new Date(now + 3_600_000),
        Period: 7200,
        Statistics,
      }),
    );
    return Datapoints;
  }

  it("runs a canary's script on its schedule, under its role, and leaves artifacts and metrics", async () => {
    const made = await start(
      "fine",
      "exports.handler = async () => { console.log('asked', process.env.WHOM); return process.env.AWS_SESSION_TOKEN ? 1 : 0; };",
      { RunConfig: { TimeoutInSeconds: 60, EnvironmentVariables: { WHOM: "everybody" } } },
    );
    await until(async () => (await endedRuns(aws, "fine")).length >= 3);

    const last = await endedRun(aws, "fine");
    expect(last.Status).to.deep.include({ State: "PASSED", StateReason: "", TestResult: "PASSED" });
    expect(last.ArtifactS3Location).to.match(
      /^artifacts\/of\/canaries\/canary\/us-east-1\/fine-\w{3}-\w{12}\/\d{4}\/\d\d\/\d\d\/\d\d\/\d\d-\d\d-\d{3}$/,
    );
    const folder = last.ArtifactS3Location.replace("artifacts/", "");
    expect(await keys(s3)).to.include.members([`${folder}/SyntheticsReport-PASSED.json`, `${folder}/log.txt`]);
    const [success] = await points("SuccessPercent", "fine", ["Average", "SampleCount"]);
    expect(success).to.deep.include({ Average: 100, Unit: "Percent" });
    expect(success?.SampleCount).to.be.at.least(3);
    expect((await points("Failed", "fine", ["Average"]))[0]?.Average).to.equal(0);
    expect((await points("Duration", "fine", ["Average"]))[0]?.Unit).to.equal("Milliseconds");

    expect(made.EngineArn).to.equal(undefined);
    expect(made.EngineConfigs[0]!.EngineArn).to.match(
      /^arn:aws:lambda:us-east-1:123456789012:function:cwsyn-fine-[0-9a-f-]{36}:1$/,
    );
    expect(made.Code.SourceLocationArn).to.match(/:layer:cwsyn-fine-[0-9a-f-]{36}:1$/);
    expect(made.ArtifactS3Location).to.equal("artifacts/of/canaries/");
    const { body } = await call(aws, "POST /canaries/last-run", {});
    expect(body.CanariesLastRun?.map(({ CanaryName }) => CanaryName)).to.deep.equal(["fine"]);
    await remove("fine");
  });

  it("says why a run failed: what the script threw, or which library it lacks", async () => {
    await start("broken", "exports.handler = async () => { throw new Error('the API answered with status 500'); };");
    await start("browser", "exports.handler = async () => require('@aws/synthetics-puppeteer');");

    expect((await endedRun(aws, "broken")).Status).to.deep.equal({
      State: "FAILED",
      StateReason: "the API answered with status 500",
      StateReasonCode: "CANARY_FAILURE",
      TestResult: "FAILED",
    });
    expect((await endedRun(aws, "browser")).Status.StateReason).to.equal(
      "NotImplemented: Synthetics' library @aws/synthetics-puppeteer is not part of the local AWS",
    );
    expect((await points("SuccessPercent", "broken", ["Average"]))[0]?.Average).to.equal(0);
    await Promise.all([remove("broken"), remove("browser")]);
  });

  it("writes no artifacts and no metrics that the role does not allow", async () => {
    const limited = await openRole(aws, "limited");
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "logs:CreateLogStream", Resource: "*" }],
    });
    await new IAMClient(client()).send(
      new PutRolePolicyCommand({ RoleName: "limited", PolicyName: "everything", PolicyDocument }),
    );
    const before = await logGroups();
    await start("limited", FINE, { ExecutionRoleArn: limited });

    const { Status } = await endedRun(aws, "limited");
    expect(Status).to.deep.include({
      State: "FAILED",
      StateReasonCode: "EXECUTION_FAILURE",
      TestResult: "PASSED",
    });
    expect(Status.StateReason).to.include("s3:PutObject");
    expect(await points("SuccessPercent", "limited", ["Average"])).to.deep.equal([]);
    // A role that may make no log group has none made.
    expect(await logGroups()).to.deep.equal(before);
    await remove("limited");
  });

  it("leaves the log group behind, and function and layer where it is told to", async () => {
    const taken = async (name: string) => [
      (await functions()).some(({ FunctionName = "" }) => FunctionName.startsWith(`cwsyn-${name}-`)),
      (await layers()).some(({ LayerName = "" }) => LayerName.startsWith(`cwsyn-${name}-`)),
      (await logGroups()).some((group = "") => group.startsWith(`/aws/lambda/cwsyn-${name}-`)),
    ];
    await start("kept", FINE, { ProvisionedResourceCleanup: "OFF" });
    await start("deleted", FINE, { ProvisionedResourceCleanup: "OFF" });
    await start("automatic", FINE);
    for (const name of ["kept", "deleted", "automatic"]) {
      await endedRun(aws, name);
    }
    await remove("kept");
    await remove("deleted", "?deleteLambda=true");
    await remove("automatic");

    expect(await taken("kept")).to.deep.equal([true, true, true]);
    expect(await taken("deleted")).to.deep.equal([false, false, true]);
    expect(await taken("automatic")).to.deep.equal([false, false, true]);
  });

  it("updates the script from S3, and shows a canary that cannot be made", async () => {
    await start("changing", "exports.handler = async () => { throw new Error('not yet'); };");
    const conflict = await call(aws, "PATCH /canary/changing", { RunConfig: { TimeoutInSeconds: 30 } });
    expect(conflict.body.message).to.include("in the state RUNNING: it must be READY or STOPPED");
    await endedRun(aws, "changing");
    await call(aws, "POST /canary/changing/stop");
    await inState(aws, "changing", "STOPPED");
    const Code = { S3Bucket: "artifacts", S3Key: "script.zip", Handler: "canary.handler" };
    await call(aws, "PATCH /canary/changing", { Code });
    await until(async () => {
      const status = (await call(aws, "GET /canary/changing")).body.Canary?.Status;
      return status?.State === "STOPPED" && status.StateReasonCode === "UPDATE_COMPLETE";
    });
    await call(aws, "POST /canary/changing/start");
    await until(async () => (await endedRun(aws, "changing")).Status.State === "PASSED");
    await remove("changing");

    const input = canary("unmade", role, FINE, { Code: { ...Code, Handler: "other.handler" } });
    await call(aws, "POST /canary", input);
    const { Status } = await inState(aws, "unmade", "ERROR");
    expect(Status.StateReason).to.equal(
      "The canary's zip has no nodejs/node_modules/other.js, which its handler other.handler names",
    );
    await call(aws, "DELETE /canary/unmade");
  });

  it("tags canaries and lists runtimes", async () => {
    await call(aws, "POST /canary", canary("tagged", role, FINE, { Tags: { owner: "me" } }));
    await inState(aws, "tagged", "READY");
    const tags = `/tags/${encodeURIComponent("arn:aws:synthetics:us-east-1:123456789012:canary:tagged")}`;
    await call(aws, `POST ${tags}`, { Tags: { more: "of them" } });
    await call(aws, `DELETE ${tags}?tagKeys=owner`);
    expect((await call(aws, `GET ${tags}`)).body).to.deep.equal({ Tags: { more: "of them" } });
    const { body } = await call(aws, "POST /runtime-versions", {});
    expect(body.RuntimeVersions![0]!.VersionName).to.equal("syn-nodejs-puppeteer-15.0");
    const again = await call(aws, "POST /canary", canary("tagged", role, FINE));
    expect(again.body.message).to.equal("Canary already exists: tagged");
    await call(aws, "DELETE /canary/tagged");
  });

  const refused: readonly (readonly [what: string, changes: object, message: string])[] = [
    ["no such name", { Name: "Upper" }, "Member must satisfy regular expression pattern: ^[0-9a-z_\\-]+$"],
    [
      "no schedule",
      { Schedule: undefined },
      "Value at 'schedule' failed to satisfy constraint: Member must not be null",
    ],
    ["a runtime whose time is over", { RuntimeVersion: "syn-nodejs-puppeteer-7.0" }, "deprecated since 2026-01-22"],
    ["a runtime that there is none of", { RuntimeVersion: "syn-1.0" }, "Unsupported runtime version: syn-1.0"],
    [
      "two sources",
      { Code: { ZipFile: "AA==", S3Bucket: "b", S3Key: "k", Handler: "a.b" } },
      "either ZipFile, or S3Bucket",
    ],
    [
      "a time-out beyond the schedule",
      { RunConfig: { TimeoutInSeconds: 61 } },
      "longer than the frequency of the runs, rate(1 minute)",
    ],
    ["memory between two steps", { RunConfig: { MemoryInMB: 1000 } }, "a multiple of 64, got 1000"],
    ["a bucket with periods", { ArtifactS3Location: "s3://a.b/c" }, 'without periods, got "s3://a.b/c"'],
    ["a rate that is too slow", { Schedule: { Expression: "rate(61 minutes)" } }, "rate(1 minute) to rate(1 hour)"],
    [
      "a cron",
      { Schedule: { Expression: "cron(0 10 * * ? *)" } },
      "NotImplemented: Synthetics Schedule.Expression cron(0 10 * * ? *) is not",
    ],
    [
      "another language",
      { RuntimeVersion: "syn-python-selenium-6.0" },
      "NotImplemented: Synthetics RuntimeVersion syn-python-selenium-6.0 is not",
    ],
    [
      "a VPC",
      { VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: [] } },
      "NotImplemented: Synthetics VpcConfig is not",
    ],
    [
      "retries",
      { Schedule: { Expression: "rate(1 minute)", RetryConfig: { MaxRetries: 1 } } },
      "NotImplemented: Synthetics Schedule.RetryConfig is not",
    ],
  ];
  for (const [what, changes, message] of refused) {
    it(`refuses ${what}`, async () => {
      const answer = await call(aws, "POST /canary", canary("refused", role, FINE, changes));
      expect(answer.body.message).to.include(message);
    });
  }
});
