import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { startLocalAws, type LocalAws } from "../server";
import { openRole } from "../testing/role";
import { testPython } from "pulumi-engine/testing/python";

/** What the Python program prints: see `foreign-client/main.py`. */
interface Tour {
  readonly seen: Readonly<Record<string, unknown>>;
  readonly operations: readonly string[];
  readonly violations: readonly string[];
}

const SERVICES_DIR = resolve(__dirname, "../services");

/** Names of botocore's services by the folder of the local AWS that plays them. */
const SERVICES: Readonly<Record<string, string>> = {
  apigateway: "apigateway",
  autoscaling: "application-autoscaling",
  cloudwatch: "cloudwatch",
  codebuild: "codebuild",
  codedeploy: "codedeploy",
  codepipeline: "codepipeline",
  lambda: "lambda",
  sagemaker: "sagemaker",
  servicequotas: "service-quotas",
  synthetics: "synthetics",
};

/** By the SDK's command, or by the name in AWS's service model. */
const DECLARATION = /\boperation(?:\(\s*(\w+)Command\b|<[^()]*>\(\s*"(\w+)")/g;

/** Every operation that the source of the local AWS declares. */
function declaredOperations(): string[] {
  return Object.entries(SERVICES).flatMap(([folder, service]) =>
    readdirSync(join(SERVICES_DIR, folder))
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => [...readFileSync(join(SERVICES_DIR, folder, file), "utf8").matchAll(DECLARATION)])
      .map(([, command, modelled]) => command ?? modelled ?? "")
      .map((name) => (name.startsWith("InvokeEndpoint") ? `sagemaker-runtime.${name}` : `${service}.${name}`)),
  );
}

describe("boto3 as a foreign client of the local AWS", function () {
  this.timeout(180_000);
  let aws: LocalAws;
  let tour: Tour;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600 });
    await openRole(aws, "foreign");
    const program = join(__dirname, "foreign-client", "main.py");
    const { stdout } = await promisify(execFile)(testPython(), ["-B", program], {
      env: { PATH: process.env.PATH, ...aws.environment },
    });
    tour = JSON.parse(stdout) as Tour;
  });
  after(() => aws.close());

  it("receives what botocore's service models say, member by member, errors included", () => {
    expect(tour.violations).to.deep.equal([
      // The model calls the archive required; a job that has not made one has none to name.
      "sagemaker.DescribeTrainingJob: .ModelArtifacts.S3ModelArtifacts is missing",
    ]);
  });

  it("calls every operation that there is", () => {
    const declared = declaredOperations();
    expect(declared).to.have.length.above(150);
    expect(tour.operations).to.have.members(declared);
  });

  it("waits with its own waiters and pages with its own paginators", () => {
    expect(tour.seen).to.deep.include({
      "training job": "Completed",
      "training jobs": [
        ["failed", "Failed"],
        ["first", "Completed"],
        ["stopped", "Stopped"],
      ],
      "training jobs found": ["first"],
      "processing job": "Completed",
      "processing jobs found": ["count-stopped"],
      "transform job": "Completed",
      "transform jobs found": ["batch-stopped"],
      transformed: ["here", "there"],
      "found in the experiment": ["Training", "By-hand", "Counting"],
      functions: ["CodeDeployHook_prints", "fails", "says"],
      "functions' versions": [
        ["CodeDeployHook_prints", "$LATEST"],
        ["fails", "$LATEST"],
        ["says", "$LATEST"],
        ["says", "1"],
      ],
      deployed: "2",
      application: ["says", "Lambda"],
      "application in a batch": true,
      "applications renamed": ["said"],
      "applications left": [],
      alarms: ["broken", "one", "rate", "tail", "three", "two"],
    });
  });

  it("trains, describes and serves a model on files in S3", () => {
    expect(tour.seen).to.include({ "rows counted": "100", instances: 3 });
    // The plane is 2x + 3y, at (4, 5); eight small trees are near it.
    expect(tour.seen.prediction).to.be.within(20, 26);
    expect(tour.seen["queued prediction"]).to.equal(tour.seen.prediction);
  });

  it("gives functions layers, which outlive their deletion", () => {
    expect(tour.seen).to.deep.include({ layers: ["said"], "layer's versions": [1], "said by a layer": "by a layer" });
  });

  it("makes a canary that runs, changes it and deletes it", () => {
    expect(tour.seen).to.deep.include({
      "canary's time-out": 30,
      "canary's first run": "PASSED",
      "canaries that ran": ["sings"],
    });
  });

  it("calls functions by alias, and through the API only with a key", () => {
    expect(tour.seen).to.include({
      "version invoked": "1",
      answer: "one",
      "function error": "Unhandled",
      greeting: "one",
      "greeting without a key": 403,
    });
  });

  it("deploys an endpoint with a canary, and sees an alarm take a deployment back", () => {
    expect(tour.seen).to.deep.include({
      "deployed with": {
        TrafficRoutingConfiguration: {
          Type: "CANARY",
          WaitIntervalInSeconds: 60,
          CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
        },
        TerminationWaitInSeconds: 30,
      },
      "rolled back": ["large", true],
      "too large a batch": "ValidationException",
    });
  });

  it("has Model Monitor watch an endpoint, changes, stops and starts that, and takes it down", () => {
    expect(tour.seen).to.deep.include({
      "job definitions": ["quality"],
      "monitoring schedule": ["Scheduled", "Scheduled", "Stopped", "Scheduled"],
      "monitoring schedules": ["daily"],
      "monitoring executions": [],
      "no such schedule": "ResourceNotFound",
    });
  });

  it("makes a notebook instance with scripts, changes it where it has stopped, and takes it away", () => {
    expect(tour.seen).to.deep.include({
      "notebook's scripts": [true, true],
      "too long a script": "ValidationException",
      "notebook in use": "ValidationException",
      notebook: "ml.t3.large",
      "notebooks left": [],
    });
  });

  it("has alarms on a rate and on a percentile, and reads in their history why they rang", () => {
    expect(tour.seen).to.deep.include({
      "alarm on a rate": { Id: "rate", Expression: "100 * faults / requests", Label: "Rate" },
    });
    expect(tour.seen.history).to.include("to see it");
  });

  it("gets statistics of what it put into CloudWatch", () => {
    expect(tour.seen).to.deep.include({ statistics: [[9, 3, 3]], half: [4.5] });
  });

  it("finds its dashboards by the beginning of their names", () => {
    expect(tour.seen).to.deep.include({
      dashboards: [["view", true]],
      dashboard: ["arn:aws:cloudwatch::123456789012:dashboard/view", true],
      picture: ["PNG", 300, 200],
    });
  });

  it("gets metrics out of log lines that it put into CloudWatch Logs", () => {
    expect(tour.seen).to.deep.include({ "embedded metric": [[7, "Count"]] });
  });

  it("makes a pipeline, and leads its executions: sees what is to be approved, approves, refuses, retries, stops", () => {
    expect(tour.seen).to.deep.include({
      "first started by": "CreatePipeline",
      pipelines: ["release"],
      pipeline: [3, "QUEUED"],
      "pipeline before": [2, "PARALLEL"],
      "started once": true,
      stages: [
        ["Source", "Succeeded"],
        ["Build", "Succeeded"],
        ["Approve", "InProgress"],
      ],
      "what was to be approved": true,
      "approved at": true,
      "went well": "Succeeded",
      "took the newest": [true, true],
      approval: ["Succeeded", "looked at it", "arn:aws:iam::123456789012:root"],
      actions: [
        ["Source", "Succeeded"],
        ["Build", "Succeeded"],
        ["Somebody", "Succeeded"],
        ["Deploy", "Succeeded"],
      ],
      variables: { ANSWER: "42" },
      artifact: [true, "Built", "foreign-pipeline"],
      "build's log": "/aws/codebuild/builds",
      "went wrong": "Failed",
      why: {
        code: "JobFailed",
        message:
          "Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: Error while executing command: grep -q well told. Reason: exit status 1",
      },
      "after a retry": [
        ["Source", "Succeeded"],
        ["Build", "Failed"],
        ["Build", "Failed"],
      ],
      retries: 1,
      // AWS tells when, of a refusal too.
      refused: [true, "Failed"],
      "while its approval waits": "Stopping",
      stopped: "Stopped",
      executions: ["Stopped", "Failed", "Failed", "Succeeded", "Failed"],
      "why it was stopped": "second thoughts",
      closed: "not before the weekend is over",
      "waits before it": true,
      "went on": "Succeeded",
    });
  });

  it("makes projects, builds with them, and stops a build", () => {
    expect(tour.seen).to.deep.include({
      projects: ["builds", "other"],
      project: [true, [{ key: "owner", value: "me" }], 480],
      "project changed": ["what comes after", true, 480],
      "minutes by default": 60,
      "projects deleted": ["builds", "other"],
      "projects not found": ["none"],
      "stopped build": "STOPPED",
      builds: [true],
      "builds not found": ["other:none"],
      "builds of a project": true,
    });
  });

  it("finds its tags everywhere", () => {
    const list = [{ Key: "more", Value: "of them" }];
    const map = { more: "of them" };
    expect(tour.seen).to.deep.include({
      tags: list,
      "tags added": [{ Key: "owner", Value: "somebody else" }, ...list],
      "target's tags": map,
      "function's tags": map,
      "canary's tags": map,
      "API's tags": map,
      "stage's tags": map,
      "application's tags": list,
      "group's tags": list,
      "alarm's tags": list,
      "pipeline's tags": [{ key: "more", value: "of them" }],
    });
  });

  it("is refused with its own classes of errors", () => {
    expect(tour.seen).to.deep.include({
      "same job again": "ResourceInUse",
      "no such policy": "ObjectNotFoundException",
      "no such function": "ResourceNotFoundException",
      "no such layer": "ResourceNotFoundException",
      "no such canary": "ResourceNotFoundException",
      "running canary deleted": "ConflictException",
      "alias again": "ResourceConflictException",
      "no such API": "NotFoundException",
      "tags of a bucket": "InvalidArnException",
      "no such application": "ApplicationDoesNotExistException",
      "no such alarm": "ResourceNotFound",
      "no such alarm's tags": "ResourceNotFoundException",
      "no such dashboard": "ResourceNotFound",
      "project again": "ResourceAlreadyExistsException",
      "no such project": "ResourceNotFoundException",
      "pipeline again": "PipelineNameInUseException",
      "one stage only": "InvalidStructureException",
      "no such version": "PipelineVersionNotFoundException",
      "no such pipeline": "PipelineNotFoundException",
      "no such stage": "StageNotFoundException",
      "no such execution": "PipelineExecutionNotFoundException",
      "wrong token": "InvalidApprovalTokenException",
      "approved twice": "ApprovalAlreadyCompletedException",
      "stage that was not run": "StageNotRetryableException",
      "older than the latest": "NotLatestPipelineExecutionException",
      "stopped twice": "DuplicatedStopRequestException",
      "stopped too late": "PipelineExecutionNotStoppableException",
      // SageMaker's ValidationException has no class of its own.
      "no such job": "ClientError",
      "no such resource": "ValidationException",
      "updated twice": 'Cannot update in-progress endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/planes".',
      "name that cannot be":
        "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy constraint: " +
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    });
  });

  it("is told by name what is not there", () => {
    expect(tour.seen).to.deep.include({
      "not there": {
        class: "ClientError",
        code: "NotImplemented",
        message: "NotImplemented: Lambda.GET /2016-08-19/account-settings is not part of the local AWS",
      },
      "no anomaly detectors": "NotImplemented: CloudWatch.DescribeAnomalyDetectors is not part of the local AWS",
    });
  });
});
