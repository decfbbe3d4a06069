import {
  AssociateTrialComponentCommand,
  CreateExperimentCommand,
  CreateTrainingJobCommand,
  CreateTrialCommand,
  CreateTrialComponentCommand,
  DeleteExperimentCommand,
  DeleteTrialCommand,
  DescribeExperimentCommand,
  DescribeTrialComponentCommand,
  ListExperimentsCommand,
  ListTrialComponentsCommand,
  ListTrialsCommand,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import {
  BUCKET,
  planeRows,
  put,
  refusal,
  startSageMaker,
  trainingEnd,
  trainingJob,
  type TestSageMaker,
} from "./support";

describe("SageMaker experiments, trials and tags", function () {
  this.timeout(60_000);
  let test: TestSageMaker;

  before(async () => {
    test = await startSageMaker();
    await put(test, "data/train/train.csv", planeRows(50));
    await put(test, "data/validation/validation.csv", planeRows(50, 7));
    await test.sagemaker.send(new CreateExperimentCommand({ ExperimentName: "taxi", Description: "fares" }));
    await test.sagemaker.send(new CreateTrialCommand({ TrialName: "taxi-1", ExperimentName: "taxi" }));
  });
  after(() => test.close());

  it("make a trial component of a job, in the trial that the job names, with parameters, artifacts and metrics", async () => {
    const { TrainingJobArn: arn } = await test.sagemaker.send(
      new CreateTrainingJobCommand(
        trainingJob("Fit-1", {
          ExperimentConfig: { ExperimentName: "taxi", TrialName: "taxi-1", TrialComponentDisplayName: "Training" },
        }),
      ),
    );
    await trainingEnd(test, "Fit-1");
    const { TrialComponentSummaries: inTrial } = await test.sagemaker.send(
      new ListTrialComponentsCommand({ TrialName: "taxi-1" }),
    );
    expect(inTrial).to.have.length(1);
    expect(inTrial![0]!.TrialComponentName).to.equal("fit-1-aws-training-job");
    expect(inTrial![0]!.TrialComponentSource).to.deep.equal({ SourceArn: arn, SourceType: "SageMakerTrainingJob" });

    const component = await test.sagemaker.send(
      new DescribeTrialComponentCommand({ TrialComponentName: "fit-1-aws-training-job" }),
    );
    expect(component.DisplayName).to.equal("Training");
    expect(component.Status?.PrimaryStatus).to.equal("Completed");
    expect(component.Parameters).to.include.deep.keys("num_round", "objective", "SageMaker.InstanceType");
    expect(component.Parameters?.num_round).to.deep.equal({ NumberValue: 8 });
    expect(component.Parameters?.objective).to.deep.equal({ StringValue: "reg:linear" });
    expect(component.InputArtifacts?.train).to.deep.equal({ MediaType: "csv", Value: `s3://${BUCKET}/data/train` });
    expect(component.OutputArtifacts?.["SageMaker.ModelArtifact"]?.Value).to.equal(
      `s3://${BUCKET}/output/Fit-1/output/model.tar.gz`,
    );
    const rmse = component.Metrics?.find((metric) => metric.MetricName === "validation:rmse");
    expect(rmse?.Count).to.equal(8);
    expect(rmse?.Min).to.be.lessThan(rmse!.Max!);
  });

  it("refuse a job of an experiment that does not exist, and do not keep it", async () => {
    const job = trainingJob("astray", { ExperimentConfig: { ExperimentName: "none" } });
    expect(await refusal(test.sagemaker.send(new CreateTrainingJobCommand(job)))).to.deep.equal({
      name: "ResourceNotFound",
      message: "Experiment 'none' does not exist.",
    });
    const good = trainingJob("astray", { HyperParameters: { num_round: "1" } });
    await test.sagemaker.send(new CreateTrainingJobCommand(good));
  });

  it("refuse a name that is taken in the words that idempotent callers look for", async () => {
    expect(await refusal(test.sagemaker.send(new CreateExperimentCommand({ ExperimentName: "taxi" })))).to.deep.equal({
      name: "ValidationException",
      message:
        "Experiment names must be unique within an AWS account and region. Experiment with name (taxi) already exists.",
    });
    const trial = new CreateTrialCommand({ TrialName: "taxi-1", ExperimentName: "taxi" });
    expect((await refusal(test.sagemaker.send(trial))).message).to.equal(
      "Trial names must be unique within an AWS account and region. Trial with name (taxi-1) already exists.",
    );
  });

  it("hold 300 trials each, those that SageMaker makes by itself not counted", async () => {
    await test.sagemaker.send(new CreateExperimentCommand({ ExperimentName: "full" }));
    await test.sagemaker.send(
      new CreateTrainingJobCommand(
        trainingJob("unfiled", { HyperParameters: { num_round: "1" }, ExperimentConfig: { ExperimentName: "full" } }),
      ),
    );
    const create = (n: number) =>
      test.sagemaker.send(new CreateTrialCommand({ TrialName: `full-${n}`, ExperimentName: "full" }));
    await Promise.all(Array.from({ length: 300 }, (_, n) => create(n)));

    expect(await refusal(create(300))).to.deep.equal({
      name: "ResourceLimitExceeded",
      message:
        "The account-level service limit 'Total number of trials allowed in a single experiment, excluding those automatically created " +
        "by SageMaker' is 300 Trials, with current utilization of 300 Trials and a request delta of 1 Trials. Please contact AWS " +
        "support to request an increase for this limit.",
    });
    // One that is there already is told as such.
    expect((await refusal(create(299))).name).to.equal("ValidationException");
    await test.sagemaker.send(new DeleteTrialCommand({ TrialName: "full-0" }));
    await create(300);
  });

  it("describe and list what there is, and keep an experiment that still has trials", async () => {
    const experiment = await test.sagemaker.send(new DescribeExperimentCommand({ ExperimentName: "taxi" }));
    expect([experiment.Description, experiment.DisplayName]).to.deep.equal(["fares", "taxi"]);
    const { ExperimentSummaries: experiments } = await test.sagemaker.send(new ListExperimentsCommand({}));
    expect(experiments?.map((found) => found.ExperimentName)).to.have.members(["taxi", "full"]);

    await test.sagemaker.send(new CreateTrialCommand({ TrialName: "taxi-2", ExperimentName: "taxi" }));
    await test.sagemaker.send(
      new CreateTrialComponentCommand({ TrialComponentName: "by-hand", Parameters: { depth: { NumberValue: 3 } } }),
    );
    await test.sagemaker.send(
      new AssociateTrialComponentCommand({ TrialName: "taxi-2", TrialComponentName: "by-hand" }),
    );
    const { TrialSummaries: trials } = await test.sagemaker.send(
      new ListTrialsCommand({ ExperimentName: "taxi", TrialComponentName: "by-hand" }),
    );
    expect(trials?.map((trial) => trial.TrialName)).to.deep.equal(["taxi-2"]);
    const refused = await refusal(test.sagemaker.send(new DeleteExperimentCommand({ ExperimentName: "taxi" })));
    expect(refused.name).to.equal("ValidationException");
  });
});
