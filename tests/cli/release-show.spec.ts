import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import {
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { mockClient } from "aws-sdk-client-mock";
import { expect } from "chai";
import { clientEnvironment } from "local-aws/core/local";
import { approval, gitSource } from "local-aws/tests/codepipeline/declarations";
import { Fixture } from "local-aws/tests/codepipeline/fixture";
import { gateIn, type Lineage } from "../../cli/release/lineage";
import { metricsText } from "../../pipeline/metrics";
import { call } from "./call";

const DIGEST = "a".repeat(64);
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost";
const NO_FUNCTION = new ResourceNotFoundException({ message: "Function not found", $metadata: {} });
const CODE = { ...gitSource(), name: "Code", namespace: "Code", outputArtifacts: [{ name: "SourceCode" }] };

const mockSageMaker = () => mockClient(SageMakerClient);
const mockLambda = () => mockClient(LambdaClient);

describe("safe-deploy release show", function () {
  this.timeout(30_000);
  let sageMaker: ReturnType<typeof mockSageMaker>;
  let lambda: ReturnType<typeof mockLambda>;
  let fixture: Fixture;

  beforeEach(async () => {
    fixture = await Fixture.start();
    sageMaker = mockSageMaker();
    lambda = mockLambda();
    sageMaker
      .on(DescribeTrainingJobCommand)
      .rejects(Object.assign(new Error("Requested resource not found."), { name: "ValidationException" }));
    sageMaker.on(DescribeEndpointCommand).rejects(new Error("Could not find endpoint."));
    sageMaker.on(ListTagsCommand).resolves({ Tags: [] });
    lambda.on(GetAliasCommand).rejects(NO_FUNCTION);
  });
  afterEach(async () => {
    sageMaker.restore();
    lambda.restore();
    await fixture.close();
  });

  const run = (line: string) => call(["--model", "taxi", ...line.split(" ")], { env: clientEnvironment(fixture.aws) });

  function serves(release: string): void {
    const EndpointName = `mlops-taxi-prd-${release}`;
    sageMaker.on(DescribeTrainingJobCommand, { TrainingJobName: `mlops-taxi-${release}` }).resolves({
      TrainingJobName: `mlops-taxi-${release}`,
      TrainingJobArn: "arn:job",
      TrainingJobStatus: "Completed",
      TrainingStartTime: new Date("2026-11-30T10:00:00Z"),
      TrainingEndTime: new Date("2026-11-30T10:01:10Z"),
      HyperParameters: { num_round: "50" },
      FinalMetricDataList: [{ MetricName: "validation:rmse", Value: 2.757 }],
    });
    sageMaker.on(DescribeEndpointCommand, { EndpointName }).resolves({
      EndpointName,
      EndpointArn: "arn:endpoint",
      EndpointStatus: "InService",
      ProductionVariants: [
        {
          VariantName: "prd",
          CurrentInstanceCount: 2,
          DeployedImages: [{ SpecifiedImage: `${IMAGE}:1.7-1`, ResolvedImage: `${IMAGE}@sha256:77` }],
        },
      ],
    });
    sageMaker.on(ListTagsCommand, { ResourceArn: "arn:endpoint" }).resolves({
      Tags: Object.entries({ ModelArchiveSha256: DIGEST, GitCommitHash: "c0ffee", GitBranch: "main" }).map(
        ([Key, Value]) => ({ Key, Value }),
      ),
    });
    lambda
      .on(GetAliasCommand, { FunctionName: "mlops-taxi-api" })
      .resolves({ FunctionVersion: "3", RoutingConfig: { AdditionalVersionWeights: { "4": 0.1 } } });
    const version = (Qualifier: string, RELEASE: string) =>
      lambda
        .on(GetFunctionConfigurationCommand, { FunctionName: "mlops-taxi-api", Qualifier })
        .resolves({ Environment: { Variables: { RELEASE, ENDPOINT_NAME: `mlops-taxi-prd-${RELEASE}` } } });
    version("3", "before");
    version("4", release);
  }

  /** An execution that somebody has answered. */
  async function passed(command: string): Promise<string> {
    fixture.commit({ "model.yaml": "better" }, "Weigh distance more\n\nIt was too low.");
    const stages = [{ name: "Approve", actions: [approval("Approve")] }];
    await fixture.createPipeline(stages, { name: "mlops-taxi-pipeline" }, [CODE]);
    const { stdout } = await run("release watch --until Approve --json");
    await run(command);
    await run("release watch");
    return (JSON.parse(stdout) as { execution: string }).execution;
  }

  it("tells where a release comes from, who has approved it, and what serves it", async () => {
    const release = await passed("approve --comment tried --yes");
    serves(release);

    const { status, stdout, stderr } = await run(`release show ${release}`);

    expect(stderr).to.match(/^asking .*\n$/);
    expect(status).to.equal(0);
    expect(stdout)
      .to.match(/outcome +Succeeded, 10 % of the traffic of prod/)
      .and.match(/commit +[0-9a-f]{40} on main/)
      .and.match(/message +Weigh distance more\n/)
      .and.match(/approval +Approved by arn:\S+ at .*: tried/)
      .and.match(/metrics +validation:rmse 2.757/)
      .and.match(/status +Completed, 1 min 10 s/)
      .and.match(/hyperparameters +num_round 50/)
      .and.match(/Approve +Succeeded/)
      .and.match(/status +InService, 2 instances, live, 10 % of the traffic/)
      .and.contain(DIGEST)
      .and.contain(`${IMAGE}@sha256:77`);
    const json = JSON.parse((await run(`release show ${release} --json`)).stdout) as Lineage;
    expect(json.pipeline?.approval).to.include({ status: "Approved", comment: "tried" });
    expect(json.endpoints).to.have.length(1);
  });

  it("tells who has rejected a release, and that none of it is left", async () => {
    const release = await passed("reject --comment never --yes");

    const { status, stdout } = await run(`release show ${release}`);

    expect(status).to.equal(0);
    expect(stdout)
      .to.match(/outcome +Failed/)
      .and.match(/why +Approve: .*never/)
      .and.match(/approval +Rejected by arn:/)
      .and.contain("no endpoint of it is there");
  });

  it("marks the live release in the list, and who has approved it", async () => {
    const release = await passed("approve --comment tried --yes");
    serves(release);

    const { stdout } = await run("release list");

    expect(stdout.split("\n")[1]).to.match(new RegExp(`^${release} +Succeeded +10 % .* root +CreatePipeline$`));
  });

  it("tells what there is of one that was deployed by hand", async () => {
    serves("2026-11-24-1");

    const { stdout } = await run("release show 2026-11-24-1");

    expect(stdout)
      .to.match(/outcome +deployed by hand, 10 %/)
      .and.match(/commit +c0ffee on main/)
      .and.contain("mlops-taxi-prd-2026-11-24-1");
  });

  it("says which releases there are where it knows none of that id, and what an id must be", async () => {
    const release = await passed("approve --comment tried --yes");

    expect(await run("release show r-9")).to.deep.include({ status: 1, stdout: "" });
    expect((await run("release show r-9")).stderr).to.contain(`"r-9" of model taxi; the newest are ${release}`);
    expect((await run("release show R_9")).stderr)
      .to.contain("must be lower-case letters")
      .and.contain('got "R_9"');
  });

  it("says where there is not even a pipeline", async () => {
    expect((await run("release show r-9")).stderr).to.contain("pipeline mlops-taxi-pipeline has none: look at --model");
  });
});

describe("the gate in what stage Train tells", () => {
  it("is the metric that it has judged by, with its limits", () => {
    const own = { "train:auc": 0.95, "validation:auc": 0.9123 };
    const live = { release: "r1", metrics: { "validation:auc": 0.9 } };
    const gate = { metricName: "validation:auc", minimum: 0.8 };
    const read = { metric: "validation:auc", value: 0.9123, limits: "at least 0.8" };
    expect(gateIn(metricsText(own, undefined, gate))).to.deep.equal(read);
    expect(gateIn(metricsText(own, live, gate))).to.deep.equal(read);
    expect(gateIn(metricsText(own, live, { ...gate, maximum: 1 }))?.limits).to.equal("at least 0.8, at most 1");
  });

  it("is none where there is none", () => {
    expect(gateIn(metricsText({}, undefined, { metricName: "validation:auc", minimum: 0.8 }))).to.equal(undefined);
    expect(gateIn(undefined)).to.equal(undefined);
  });
});
