import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  StopTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import {
  BUCKET,
  keys,
  planeRows,
  put,
  refusal,
  startSageMaker,
  trainingEnd,
  trainingJob,
  type TestSageMaker,
} from "./support";

// What this does not prove: that AWS's container prints and refuses exactly so; its texts were taken from its source and from users' logs.
describe("SageMaker training jobs", function () {
  this.timeout(60_000);
  let test: TestSageMaker;
  const create = (...args: Parameters<typeof trainingJob>) =>
    test.sagemaker.send(new CreateTrainingJobCommand(trainingJob(...args)));

  before(async () => {
    test = await startSageMaker();
    await put(test, "data/train/train.csv", planeRows(300));
    await put(test, "data/validation/validation.csv", planeRows(100, 7));
  });
  after(() => test.close());

  it("train a real model, tell their phases in order and leave archive, metrics and log", async () => {
    const { TrainingJobArn: arn } = await create("first", { Tags: [{ Key: "GitBranch", Value: "main" }] });
    expect(arn).to.equal("arn:aws:sagemaker:us-east-1:123456789012:training-job/first");

    const job = await trainingEnd(test, "first");
    expect(job.FailureReason).to.equal(undefined);
    expect(job.TrainingJobStatus).to.equal("Completed");
    expect(job.SecondaryStatus).to.equal("Completed");
    expect(job.SecondaryStatusTransitions?.map((transition) => transition.Status)).to.deep.equal([
      "Starting",
      "Starting",
      "Downloading",
      "Training",
      "Uploading",
      "Completed",
    ]);
    for (const transition of job.SecondaryStatusTransitions ?? []) {
      expect(transition.EndTime).to.be.instanceOf(Date);
    }
    expect(job.ModelArtifacts?.S3ModelArtifacts).to.equal(`s3://${BUCKET}/output/first/output/model.tar.gz`);
    expect(await keys(test, "output/first/")).to.deep.equal(["output/first/output/model.tar.gz"]);
    expect(job.BillableTimeInSeconds).to.be.greaterThan(0);

    const metrics = new Map((job.FinalMetricDataList ?? []).map((metric) => [metric.MetricName, metric.Value!]));
    expect([...metrics.keys()]).to.deep.equal(["train:rmse", "validation:rmse"]);
    const [trainRmse, validationRmse] = [...metrics.values()];
    const rounds = test.logs.filter((entry) =>
      /^\[\d+\]#011train-rmse:[\d.]+#011validation-rmse:[\d.]+$/.test(entry.line),
    );
    expect(rounds).to.have.length(8);
    expect(rounds.at(-1)!.line).to.equal(
      `[7]#011train-rmse:${trainRmse!.toFixed(5)}#011validation-rmse:${validationRmse!.toFixed(5)}`,
    );
    expect(rounds[0]!.group).to.equal("/aws/sagemaker/TrainingJobs");
    expect(rounds[0]!.stream).to.match(/^first\/algo-1-\d{10}$/);
    // The plane's values spread over 50: a model that learned nothing is about 9 off.
    expect(validationRmse).to.be.lessThan(4);
    expect(test.metrics.filter((value) => value.name === "validation:rmse")).to.have.length(8);
  });

  it("refuse a name that is taken, whatever became of the first job", async () => {
    await create("taken");
    expect(await refusal(create("taken"))).to.deep.equal({
      name: "ResourceInUse",
      message:
        "Training job names must be unique within an AWS account and region, and a training job with this name already exists " +
        "(arn:aws:sagemaker:us-east-1:123456789012:training-job/taken)",
    });
  });

  it("refuse inputs that are not there, in AWS's words", async () => {
    const empty = trainingJob("empty").InputDataConfig![0]!;
    empty.DataSource!.S3DataSource!.S3Uri = `s3://${BUCKET}/nothing/`;
    expect(await refusal(create("empty", { InputDataConfig: [empty] }))).to.deep.equal({
      name: "ValidationException",
      message:
        `No S3 objects found under S3 URL "s3://${BUCKET}/nothing/" given in input data source. Please ensure that the bucket exists in ` +
        `the selected region (us-east-1), that objects exist under that S3 prefix, and that the role ` +
        `"arn:aws:iam::123456789012:role/sagemaker" has "s3:ListBucket" permissions on bucket "${BUCKET}".`,
    });
    empty.DataSource!.S3DataSource!.S3Uri = "s3://no-such-bucket/train";
    expect((await refusal(create("empty", { InputDataConfig: [empty] }))).message).to.contain("No S3 objects found");
  });

  it("refuse what the service model does not: own metrics of SageMaker's algorithms, a month, a channel twice", async () => {
    const refused = async (changes: Parameters<typeof trainingJob>[1]) =>
      (await refusal(create("ruled", changes))).message;
    const { AlgorithmSpecification, InputDataConfig } = trainingJob("ruled");

    expect(
      await refused({
        AlgorithmSpecification: {
          ...AlgorithmSpecification!,
          MetricDefinitions: [{ Name: "rmse", Regex: "rmse: (.*)" }],
        },
      }),
    ).to.equal(
      "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request without specifying " +
        "metric definitions.",
    );
    expect(await refused({ StoppingCondition: { MaxRuntimeInSeconds: 2_419_201 } })).to.contain("at most 2419200");
    expect(await refused({ InputDataConfig: [InputDataConfig![0]!, InputDataConfig![0]!] })).to.contain(
      "got train more than once",
    );
  });

  it("fail with the reason that the container gives", async () => {
    await create("wrong", { HyperParameters: { num_round: "2", depth: "3" } });
    const job = await trainingEnd(test, "wrong");
    expect(job.TrainingJobStatus).to.equal("Failed");
    expect(job.FailureReason).to.equal("ClientError: Extraneous hyperparameter found: depth, exit code: 2");
    expect(job.SecondaryStatusTransitions?.at(-1)?.Status).to.equal("Failed");
    expect(job.ModelArtifacts).to.deep.equal({});
  });

  it("fail as they are ordered to, before their container starts, in AWS's words", async () => {
    test.faults.set({ kind: "job-fails", jobName: "no-room", reason: "capacity" });
    test.faults.set({ kind: "job-fails", jobName: "broken", reason: "internal-error" });
    await Promise.all([create("no-room"), create("broken")]);
    const [noRoom, broken] = await Promise.all(["no-room", "broken"].map((name) => trainingEnd(test, name)));
    expect(noRoom).to.deep.include({
      TrainingJobStatus: "Failed",
      SecondaryStatus: "Failed",
      FailureReason:
        "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.",
    });
    expect(broken!.FailureReason).to.equal("InternalServerError: We encountered an internal error. Please try again.");
    expect(test.logs.filter(({ stream }) => /^(no-room|broken)\//.test(stream))).to.deep.equal([]);
  });

  it("fail where there is no such image, and name those that there are", async () => {
    await create("no-image", {
      AlgorithmSpecification: {
        TrainingImage: "1.dkr.ecr.us-east-1.amazonaws.com/prophet:2",
        TrainingInputMode: "File",
      },
    });
    expect((await trainingEnd(test, "no-image")).FailureReason).to.equal(
      'ClientError: Cannot pull algorithm container. The local AWS has no image "prophet" (of 1.dkr.ecr.us-east-1.amazonaws.com/prophet:2); ' +
        "it has sagemaker-model-monitor-analyzer, sagemaker-scikit-learn, sagemaker-xgboost",
    );
  });

  it("stop when asked, and cannot be stopped twice", async () => {
    const slow = await startSageMaker(1);
    try {
      await put(slow, "data/train/train.csv", planeRows(10));
      await put(slow, "data/validation/validation.csv", planeRows(10));
      await slow.sagemaker.send(new CreateTrainingJobCommand(trainingJob("long")));
      const stop = () => slow.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: "long" }));
      await stop();
      const job = await trainingEnd(slow, "long");
      expect([job.TrainingJobStatus, job.SecondaryStatus]).to.deep.equal(["Stopped", "Stopped"]);
      expect(await refusal(stop())).to.deep.equal({
        name: "ValidationException",
        message: "The request was rejected because the training job is in status Stopped.",
      });
    } finally {
      await slow.close();
    }
  });

  it("end a container that runs longer than its stopping condition", async () => {
    await put(test, "data/big/big.csv", planeRows(20_000));
    const { InputDataConfig: channels } = trainingJob("endless");
    channels![0]!.DataSource!.S3DataSource!.S3Uri = `s3://${BUCKET}/data/big`;
    await create("endless", {
      InputDataConfig: [channels![0]!],
      HyperParameters: { num_round: "100000", max_depth: "12" },
      StoppingCondition: { MaxRuntimeInSeconds: 1 },
    });
    const job = await trainingEnd(test, "endless");
    expect([job.TrainingJobStatus, job.SecondaryStatus]).to.deep.equal(["Stopped", "MaxRuntimeExceeded"]);
  });

  it("are not found by describe and stop where they do not exist", async () => {
    const expected = { name: "ValidationException", message: "Requested resource not found." };
    const input = { TrainingJobName: "nobody" };
    expect(await refusal(test.sagemaker.send(new DescribeTrainingJobCommand(input)))).to.deep.equal(expected);
    expect(await refusal(test.sagemaker.send(new StopTrainingJobCommand(input)))).to.deep.equal(expected);
  });
});
