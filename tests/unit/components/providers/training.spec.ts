import { expect } from "chai";
import { trainingJobRun } from "../../../../components/providers";
import { digest } from "../../../../components/providers/jobs/definition";
import type { TrainingJobInputs } from "../../../../components/providers/jobs/training-job-provider";
import { UNKNOWN } from "../../../../components/providers/support/inputs";
import { AwsError } from "local-aws/core/aws-error";
import { FakeSageMaker } from "./fake-sagemaker";
import { failureOf, serverError, startAws, throttled, type TestAws } from "./test-aws";

const ARN = "arn:aws:sagemaker:us-east-1:123456789012:training-job/mlops-nyctaxi-r1";
const ARCHIVE = "s3://bucket/mlops-nyctaxi/mlops-nyctaxi-r1/output/model.tar.gz";

const given: TrainingJobInputs = {
  region: "us-east-1",
  jobName: "mlops-nyctaxi-r1",
  trainingImage: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
  roleArn: "arn:aws:iam::123456789012:role/training",
  hyperparameters: { max_depth: "9", eta: "0.2" },
  channels: [{ name: "train", s3Uri: "s3://bucket/nyc-tlc/v1/data/training", contentType: "csv" }],
  s3OutputPath: "s3://bucket/mlops-nyctaxi",
  instanceType: "ml.m4.xlarge",
  experiment: { experimentName: "mlops-nyctaxi", trialName: "mlops-nyctaxi-r1", displayName: "Training" },
  tags: { GitBranch: "main", GitCommitHash: "c0ffee" },
  gate: { metricName: "validation:rmse", maximum: 10 },
  pollSeconds: 0.002,
  timeoutSeconds: 5,
};

const metrics = (rmse: number) => [
  { MetricName: "train:rmse", Value: 2.69, Timestamp: new Date(0) },
  { MetricName: "validation:rmse", Value: rmse, Timestamp: new Date(0) },
];
const starting = { TrainingJobStatus: "InProgress", SecondaryStatus: "Starting" } as const;
const training = { TrainingJobStatus: "InProgress", SecondaryStatus: "Training" } as const;
const completed = (rmse = 2.74) =>
  ({
    TrainingJobStatus: "Completed",
    SecondaryStatus: "Completed",
    ModelArtifacts: { S3ModelArtifacts: ARCHIVE },
    FinalMetricDataList: metrics(rmse),
    BillableTimeInSeconds: 61,
    TrainingTimeInSeconds: 62,
  }) as const;
const failed = {
  TrainingJobStatus: "Failed",
  SecondaryStatus: "Failed",
  FailureReason: "AlgorithmError: no rows",
} as const;

describe("the provider of TrainingJobRun", () => {
  let sageMaker: FakeSageMaker;
  let aws: TestAws;
  let inputs: TrainingJobInputs;

  beforeEach(async () => {
    sageMaker = new FakeSageMaker();
    aws = await startAws({ sagemaker: sageMaker.service });
    const checked = await trainingJobRun.check({}, given);
    expect(checked.failures).to.deep.equal([]);
    inputs = checked.inputs!;
  });
  afterEach(() => aws.close());

  /** The job as an earlier run has left it, with what the next looks at it will show. */
  async function leaveBehind(...looks: FakeSageMaker["trainingLooks"]): Promise<void> {
    sageMaker.trainingLooks = looks;
    await trainingJobRun.create({ ...inputs, timeoutSeconds: 0.001 }).catch(() => "left as it is");
    aws.calls.length = 0;
    aws.told.length = 0;
  }

  describe("create", () => {
    it("starts the job with everything it was given, and finishes with what the job made", async () => {
      sageMaker.trainingLooks = [starting, starting, training, completed()];

      const { id, outs } = await trainingJobRun.create(inputs);

      const { request } = sageMaker.trainingJobs.get("mlops-nyctaxi-r1")!;
      const { Tags, TrainingJobName, ...definition } = request;
      expect(TrainingJobName).to.equal("mlops-nyctaxi-r1");
      expect(request).to.deep.include({
        RoleArn: "arn:aws:iam::123456789012:role/training",
        HyperParameters: { max_depth: "9", eta: "0.2" },
        ResourceConfig: { InstanceType: "ml.m4.xlarge", InstanceCount: 1, VolumeSizeInGB: 30 },
        StoppingCondition: { MaxRuntimeInSeconds: 3600 },
        ExperimentConfig: {
          ExperimentName: "mlops-nyctaxi",
          TrialName: "mlops-nyctaxi-r1",
          TrialComponentDisplayName: "Training",
        },
      });
      expect(Tags).to.deep.equal([
        { Key: "GitBranch", Value: "main" },
        { Key: "GitCommitHash", Value: "c0ffee" },
        { Key: "sagemaker-safe-deploy:definition", Value: digest({ ...definition }) },
      ]);
      expect([...sageMaker.experiments, ...sageMaker.trials]).to.deep.equal(["mlops-nyctaxi", "mlops-nyctaxi-r1"]);
      expect(id).to.equal("mlops-nyctaxi-r1");
      expect(outs).to.deep.equal({
        ...inputs,
        jobArn: ARN,
        status: "Completed",
        modelDataUrl: ARCHIVE,
        metrics: { "train:rmse": 2.69, "validation:rmse": 2.74 },
        billableSeconds: 61,
        trainingSeconds: 62,
      });
    });

    it("tells each change of the job's status once", async () => {
      sageMaker.trainingLooks = [starting, starting, training, training, completed()];

      await trainingJobRun.create(inputs);

      expect(aws.told).to.deep.equal([
        "training job mlops-nyctaxi-r1: started",
        "training job mlops-nyctaxi-r1: InProgress (Starting)",
        "training job mlops-nyctaxi-r1: InProgress (Training)",
        "training job mlops-nyctaxi-r1: Completed",
      ]);
    });

    it("goes on with the experiment where another job of the release has made it", async () => {
      sageMaker.experiments.add("mlops-nyctaxi");

      await trainingJobRun.create({ ...inputs, gate: undefined });

      expect(sageMaker.trainingJobs.size).to.equal(1);
    });

    it("takes over the job that an interrupted run has started", async () => {
      await leaveBehind(training, training, training, completed());

      const { outs } = await trainingJobRun.create(inputs);

      expect(aws.calls).to.not.include("CreateTrainingJob");
      expect(outs?.status).to.equal("Completed");
      expect(aws.told[0]).to.equal(
        "training job mlops-nyctaxi-r1: is there already, with this definition: going on with it",
      );
    });

    it("takes over a job that has completed in the meantime", async () => {
      await leaveBehind(training, completed());

      const { outs } = await trainingJobRun.create(inputs);

      expect(aws.calls).to.not.include("CreateTrainingJob");
      expect(outs?.modelDataUrl).to.equal(ARCHIVE);
    });

    it("takes over a job that somebody else has started with the same definition, and puts its tags on", async () => {
      await leaveBehind(completed());
      sageMaker.tags.set(ARN, new Map([["GitBranch", "main"]]));

      await trainingJobRun.create(inputs);

      expect(sageMaker.tags.get(ARN)!.get("GitCommitHash")).to.equal("c0ffee");
    });

    it("refuses a name that belongs to a job with another definition, and says what differs", async () => {
      await leaveBehind(completed());

      const error = await failureOf(
        trainingJobRun.create({
          ...inputs,
          hyperparameters: { max_depth: "7", gamma: "4", eta: "0.2" },
          instanceType: "ml.m5.xlarge",
        }),
      );

      expect(error.message).to.equal(
        "training job mlops-nyctaxi-r1 is there already with another definition: " +
          'HyperParameters.max_depth is "9" there, "7" here; HyperParameters.gamma is nothing there, "4" here; ' +
          'ResourceConfig.InstanceType is "ml.m4.xlarge" there, "ml.m5.xlarge" here. ' +
          "SageMaker never runs a name twice: use a new release id, or the definition that the job was run with",
      );
      expect(error.id).to.equal(undefined);
      expect(aws.calls).to.not.include("AddTags");
    });

    it("keeps a failed job in the state, and says why it failed, where its log is and what to do", async () => {
      sageMaker.trainingLooks = [starting, failed];

      const error = await failureOf(trainingJobRun.create(inputs));

      expect(error.message).to.equal(
        "training job mlops-nyctaxi-r1 failed: AlgorithmError: no rows\n" +
          "Its log: aws logs tail /aws/sagemaker/TrainingJobs --log-stream-name-prefix mlops-nyctaxi-r1/ --since 1d --region us-east-1\n" +
          "SageMaker never runs a name twice: put the cause right and use a new release id",
      );
      expect(error.id).to.equal("mlops-nyctaxi-r1");
      expect(error.properties).to.deep.equal({ ...inputs, jobArn: ARN, status: "Failed", metrics: {} });
      expect(error.reasons).to.deep.equal([error.message]);
    });

    it("takes a job that was stopped for what it is", async () => {
      sageMaker.trainingLooks = [{ TrainingJobStatus: "Stopped" }];

      const error = await failureOf(trainingJobRun.create(inputs));

      expect(error.message).to.match(/^training job mlops-nyctaxi-r1 was stopped before it had completed\n/);
    });

    it("gives up waiting at its deadline, and keeps the job that goes on", async () => {
      sageMaker.trainingLooks = [training];

      const error = await failureOf(trainingJobRun.create({ ...inputs, timeoutSeconds: 0.05 }));

      expect(error.message).to.equal(
        "training job mlops-nyctaxi-r1 has not ended within timeoutSeconds (0.05); it goes on in SageMaker, " +
          "and the next pulumi up goes on watching it",
      );
      expect(error).to.deep.include({ id: "mlops-nyctaxi-r1" });
      expect(error.properties).to.deep.include({ jobArn: ARN, status: "InProgress" });
    });

    it("fails with AWS's code where AWS refuses the job, and keeps nothing", async () => {
      aws.trouble("CreateTrainingJob", new AwsError("ResourceLimitExceeded", "The account-level limit is 0 Instances"));

      const error = await failureOf(trainingJobRun.create(inputs));

      expect(error.message).to.equal("ResourceLimitExceeded: The account-level limit is 0 Instances");
      expect(error.id).to.equal(undefined);
    });
  });

  describe("the quality gate", () => {
    it("fails the update with metric, value and limit, and keeps the job with its metrics", async () => {
      sageMaker.trainingLooks = [completed(11.5)];

      const error = await failureOf(trainingJobRun.create(inputs));

      expect(error.message).to.equal(
        "training job mlops-nyctaxi-r1 completed, but the quality gate wants validation:rmse to be at most 10, and it is 11.5",
      );
      expect(error.properties).to.deep.include({ modelDataUrl: ARCHIVE, status: "Completed" });
      expect(error.properties!.metrics).to.deep.equal({ "train:rmse": 2.69, "validation:rmse": 11.5 });
    });

    it("passes with a relaxed limit, without training again", async () => {
      sageMaker.trainingLooks = [completed(11.5)];
      const { properties } = await failureOf(trainingJobRun.create(inputs));
      const olds = { ...inputs, ...properties, jobArn: ARN, status: "Completed" };
      const relaxed = { ...inputs, gate: { metricName: "validation:rmse", maximum: 12 } };
      aws.calls.length = 0;

      expect(await trainingJobRun.diff("mlops-nyctaxi-r1", olds, relaxed)).to.deep.equal({
        changes: true,
        replaces: [],
      });
      const { outs } = await trainingJobRun.update("mlops-nyctaxi-r1", olds, relaxed);

      expect(outs?.metrics).to.deep.equal({ "train:rmse": 2.69, "validation:rmse": 11.5 });
      expect(aws.calls).to.deep.equal(["DescribeTrainingJob"]);
    });

    it("takes a minimum", async () => {
      sageMaker.trainingLooks = [completed(0.4)];

      const error = await failureOf(
        trainingJobRun.create({ ...inputs, gate: { metricName: "validation:rmse", minimum: 0.5 } }),
      );

      expect(error.message).to.contain("wants validation:rmse to be at least 0.5, and it is 0.4");
    });

    it("does not pass a metric that was not reported, or is no number", async () => {
      sageMaker.trainingLooks = [completed(Number.NaN)];

      const error = await failureOf(trainingJobRun.create(inputs));

      expect(error.message).to.equal(
        "training job mlops-nyctaxi-r1 completed, but the quality gate asks for the metric validation:rmse, and no such number was " +
          "reported (reported: train:rmse)",
      );
      expect(error.properties!.metrics).to.deep.equal({ "train:rmse": 2.69 });
    });
  });

  describe("trouble in AWS", () => {
    it("is outlasted while polling, and told once", async () => {
      sageMaker.trainingLooks = [training, completed()];
      await leaveBehind(training, completed());
      aws.trouble("DescribeTrainingJob", serverError(), throttled(), "dropped", serverError());

      const { outs } = await trainingJobRun.create(inputs);

      expect(outs?.status).to.equal("Completed");
      expect(aws.told.filter((line) => line.includes("trouble"))).to.deep.equal([
        "training job mlops-nyctaxi-r1: AWS has trouble (InternalFailure: We encountered an internal error.); trying again",
      ]);
      expect(aws.told).to.include("training job mlops-nyctaxi-r1: AWS answers again");
    });

    it("does not start a second job where the first request got through and its answer did not", async () => {
      sageMaker.trainingLooks = [completed()];
      aws.trouble("CreateTrainingJob", "dropped after the work");

      const { outs } = await trainingJobRun.create(inputs);

      expect(outs?.status).to.equal("Completed");
      expect(sageMaker.trainingJobs.size).to.equal(1);
    });

    it("is not waited out beyond the deadline", async () => {
      aws.trouble("DescribeTrainingJob", ...Array.from({ length: 500 }, serverError));

      const error = await failureOf(trainingJobRun.create({ ...inputs, timeoutSeconds: 0.05 }));

      expect(error.message).to.equal("InternalFailure: We encountered an internal error.");
      expect(error.id).to.equal(undefined);
    });

    it("fails at once, but keeps the job, where AWS refuses to be asked about it", async () => {
      sageMaker.trainingLooks = [training];
      await leaveBehind(training);
      aws.trouble(
        "DescribeTrainingJob",
        throttled(),
        new AwsError("AccessDeniedException", "not authorized to perform: sagemaker:DescribeTrainingJob"),
      );

      const error = await failureOf(
        trainingJobRun.update("mlops-nyctaxi-r1", { ...inputs, jobArn: ARN, status: "InProgress" }, inputs),
      );

      expect(error.message).to.equal("AccessDeniedException: not authorized to perform: sagemaker:DescribeTrainingJob");
      expect(error.id).to.equal("mlops-nyctaxi-r1");
    });

    it("takes up credentials that were renewed while it polled", async () => {
      await leaveBehind(training, completed());
      aws.accessKeys.length = 0;
      process.env.AWS_ACCESS_KEY_ID = "OLDKEY";
      aws.trouble("DescribeTrainingJob", new AwsError("ExpiredTokenException", "The security token has expired"));
      const creating = trainingJobRun.create(inputs);
      process.env.AWS_ACCESS_KEY_ID = "NEWKEY";

      await creating;

      expect(new Set(aws.accessKeys.slice(1))).to.deep.equal(new Set(["NEWKEY"]));
    });
  });

  describe("check", () => {
    it("finds everything that is wrong, at once", async () => {
      const wrong = Object.assign({}, given, {
        jobName: "under_score",
        roleArn: "training",
        hyperparameters: { max_depth: 9 },
        channels: [
          { name: "train", s3Uri: "bucket/data" },
          { name: "train", s3Uri: "s3://bucket/data" },
        ],
        instanceCount: 0,
        pollSeconds: -1,
        timeoutSeconds: "long",
        gate: { metricName: "validation:rmse" },
        spot: true,
      });

      const { failures } = await trainingJobRun.check({}, wrong);

      expect(failures!.map(({ property, reason }) => `${property} ${reason}`)).to.have.members([
        'jobName must be 1 to 63 letters, digits and single hyphens, got "under_score"',
        'roleArn must be the ARN of an IAM role, got "training"',
        "hyperparameters.max_depth must be a string, got 9",
        'channels.0.s3Uri must be an S3 URI (s3://bucket/key), got "bucket/data"',
        "channels must have different names",
        "instanceCount must be above 0, got 0",
        "pollSeconds must be above 0, got -1",
        'timeoutSeconds must be a number, got "long"',
        "gate must have a maximum or a minimum",
        "spot is not an input",
      ]);
    });

    it("does not judge what is not known until deployment", async () => {
      const unknown = Object.assign({}, given, {
        roleArn: UNKNOWN,
        trainingImage: UNKNOWN,
        instanceCount: UNKNOWN,
        channels: [{ name: "train", s3Uri: UNKNOWN }],
        experiment: UNKNOWN,
      });

      expect((await trainingJobRun.check({}, unknown)).failures).to.deep.equal([]);
    });

    it("fills in the defaults", async () => {
      const short = Object.assign({}, given, { pollSeconds: undefined, timeoutSeconds: undefined });

      const checked = await trainingJobRun.check({}, short);

      expect(checked.inputs).to.deep.include({
        instanceCount: 1,
        volumeSizeInGB: 30,
        maxRuntimeSeconds: 3600,
        enableNetworkIsolation: false,
        pollSeconds: 120,
        timeoutSeconds: 7200,
      });
    });

    it("refuses another definition under the name of a job that is in the state", async () => {
      const { failures } = await trainingJobRun.check(inputs, {
        ...given,
        instanceType: "ml.m5.xlarge",
        maxRuntimeSeconds: 60,
      });

      expect(failures).to.deep.equal([
        {
          property: "instanceType",
          reason:
            'changed from "ml.m4.xlarge" to "ml.m5.xlarge", but training job mlops-nyctaxi-r1 was run as it was, and SageMaker never ' +
            "runs a name twice: use a new release id, or change it back",
        },
        {
          property: "maxRuntimeSeconds",
          reason:
            "changed from 3600 to 60, but training job mlops-nyctaxi-r1 was run as it was, and SageMaker never runs a name twice: " +
            "use a new release id, or change it back",
        },
      ]);
    });

    it("accepts another definition under a new name, and other tags, gates and waiting times under the same", async () => {
      const another = { ...given, jobName: "mlops-nyctaxi-r2", instanceType: "ml.m5.xlarge" };
      const besides = { ...given, tags: {}, gate: undefined, pollSeconds: 1, timeoutSeconds: 1 };

      expect((await trainingJobRun.check(inputs, another)).failures).to.deep.equal([]);
      expect((await trainingJobRun.check(inputs, besides)).failures).to.deep.equal([]);
    });
  });

  describe("diff", () => {
    const outputs = () => ({ ...inputs, jobArn: ARN, status: "Completed", metrics: { "validation:rmse": 2.74 } });

    it("sees no change in equal inputs, whatever text of the provider the state holds", async () => {
      const olds = { ...outputs(), __provider: "exports.handler = old" };
      const news = { ...inputs, __provider: "exports.handler = new" };

      expect(await trainingJobRun.diff("id", olds, news)).to.deep.equal({ changes: false, replaces: [] });
    });

    it("replaces the job where its name or definition is another", async () => {
      const news = { ...inputs, jobName: "mlops-nyctaxi-r2", hyperparameters: {} };

      expect(await trainingJobRun.diff("id", outputs(), news)).to.deep.equal({
        changes: true,
        replaces: ["jobName", "hyperparameters"],
      });
    });

    it("updates in place what is not part of the definition", async () => {
      for (const change of [{ tags: {} }, { pollSeconds: 1 }, { timeoutSeconds: 1 }, { gate: undefined }]) {
        expect(await trainingJobRun.diff("id", outputs(), { ...inputs, ...change })).to.deep.equal({
          changes: true,
          replaces: [],
        });
      }
    });

    it("looks again at a job that failed, or that its gate refuses, though no input has changed", async () => {
      const failedJob = { ...outputs(), status: "Failed" };
      const poorJob = { ...outputs(), metrics: { "validation:rmse": 11 } };

      expect((await trainingJobRun.diff("id", failedJob, inputs)).changes).to.equal(true);
      expect((await trainingJobRun.diff("id", poorJob, inputs)).changes).to.equal(true);
    });
  });

  describe("update", () => {
    it("puts other tags on the job, takes old ones away and leaves the definition's", async () => {
      await leaveBehind(completed());
      const before = sageMaker.tags.get(ARN)!.get("sagemaker-safe-deploy:definition")!;
      const news = { ...inputs, tags: { GitBranch: "main", DataVersionId: "v2" } };

      await trainingJobRun.update("mlops-nyctaxi-r1", { ...inputs, jobArn: ARN, status: "Completed" }, news);

      expect(Object.fromEntries(sageMaker.tags.get(ARN)!)).to.deep.equal({
        GitBranch: "main",
        DataVersionId: "v2",
        "sagemaker-safe-deploy:definition": before,
      });
    });

    it("fails again for a job that failed, and starts no other", async () => {
      await leaveBehind(failed);

      const error = await failureOf(
        trainingJobRun.update("mlops-nyctaxi-r1", { ...inputs, jobArn: ARN, status: "Failed" }, inputs),
      );

      expect(error.message).to.contain("use a new release id");
      expect(aws.calls).to.deep.equal(["DescribeTrainingJob"]);
    });
  });

  describe("read", () => {
    it("tells what SageMaker says now", async () => {
      await leaveBehind(completed());
      const olds = { ...inputs, jobArn: ARN, status: "InProgress" };

      const { id, props } = await trainingJobRun.read("mlops-nyctaxi-r1", olds);

      expect(id).to.equal("mlops-nyctaxi-r1");
      expect(props).to.deep.include({ status: "Completed", modelDataUrl: ARCHIVE });
    });

    it("tells that a job is gone", async () => {
      expect(
        await trainingJobRun.read("mlops-nyctaxi-r1", { ...inputs, jobArn: ARN, status: "Completed" }),
      ).to.deep.equal({});
    });
  });

  describe("delete", () => {
    const outputs = () => ({ ...inputs, jobArn: ARN, status: "InProgress" });

    it("stops a job that runs, and waits until it has stopped", async () => {
      await leaveBehind(training);

      await trainingJobRun.delete("mlops-nyctaxi-r1", outputs());

      expect(aws.calls).to.deep.equal([
        "DescribeTrainingJob",
        "StopTrainingJob",
        "DescribeTrainingJob",
        "DescribeTrainingJob",
      ]);
      expect(aws.told).to.deep.equal(["training job mlops-nyctaxi-r1: still running: stopping it"]);
    });

    it("leaves a finished job alone, and one that is gone", async () => {
      await leaveBehind(completed());
      await trainingJobRun.delete("mlops-nyctaxi-r1", outputs());
      sageMaker.trainingJobs.clear();
      await trainingJobRun.delete("mlops-nyctaxi-r1", outputs());

      expect(aws.calls).to.deep.equal(["DescribeTrainingJob", "DescribeTrainingJob"]);
    });
  });
});
