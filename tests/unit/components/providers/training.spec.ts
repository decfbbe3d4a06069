import { expect } from "chai";
import { trainingJobRun } from "../../../../components/providers";
import { digest } from "../../../../components/providers/jobs/definition";
import type { TrainingJobInputs } from "../../../../components/providers/jobs/training-job-provider";
import { AwsError } from "local-aws/core/aws-error";
import { FakeSageMaker } from "./fake-sagemaker";
import { failureOf, startAws, type TestAws } from "./test-aws";
import { ARN, ARCHIVE, given, starting, training, completed, failed } from "./training-fixture";

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

    it("asks for spot capacity, checkpoints and a VPC in SageMaker's words", async () => {
      sageMaker.trainingLooks = [completed()];
      const vpc = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };

      await trainingJobRun.create({ ...inputs, maxWaitSeconds: 7200, checkpointUri: "s3://bucket/checkpoints", vpc });

      expect(sageMaker.trainingJobs.get("mlops-nyctaxi-r1")!.request).to.deep.include({
        EnableManagedSpotTraining: true,
        StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
        CheckpointConfig: { S3Uri: "s3://bucket/checkpoints" },
        VpcConfig: { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] },
      });
    });

    it("waits for a role that AWS does not know yet, and for no other refusal", async () => {
      sageMaker.refusals.push(
        "Could not assume role arn:aws:iam::123456789012:role/training. Please ensure that the role exists",
        "Access denied to OutputDataConfig S3 bucket bucket",
      );
      sageMaker.trainingLooks = [completed()];
      await trainingJobRun.create(inputs);
      expect(aws.calls.filter((call) => call === "CreateTrainingJob")).to.have.length(3);

      sageMaker.refusals.push("Access denied for repository r", "1 validation error detected");
      const other = await failureOf(trainingJobRun.create({ ...inputs, jobName: "other" }));
      expect(other.message).to.include("1 validation error detected");

      const never = Array.from({ length: 20 }, () => "Unauthorized to List objects under S3 URL: s3://b");
      sageMaker.refusals.push(...never);
      const late = await failureOf(trainingJobRun.create({ ...inputs, jobName: "late", timeoutSeconds: 0.5 }));
      expect(late.message).to.include("Unauthorized to List objects");
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

    it("runs without being filed where the experiment is full, says so once, and knows the job again", async () => {
      const limit =
        "The account-level service limit 'Total number of trials allowed in a single experiment, excluding those automatically created " +
        "by SageMaker' is 300 Trials, with current utilization of 300 Trials and a request delta of 1 Trials.";
      aws.trouble("CreateTrial", new AwsError("ResourceLimitExceeded", limit));
      sageMaker.trainingLooks = [training, completed()];

      const { outs } = await trainingJobRun.create(inputs);
      const told = aws.told.filter((line) => line.includes("300"));
      await trainingJobRun.create(inputs);

      expect(outs).to.deep.include({ status: "Completed", experiment: given.experiment });
      expect(sageMaker.trainingJobs.get("mlops-nyctaxi-r1")!.request.ExperimentConfig).to.equal(undefined);
      expect(told).to.deep.equal([
        `training job mlops-nyctaxi-r1: there is no room in experiment mlops-nyctaxi: ${limit} The job runs without being filed`,
      ]);
      expect(aws.calls.filter((call) => call === "CreateTrainingJob")).to.have.length(1);
    });

    it("takes over the job that an interrupted run has started", async () => {
      await leaveBehind(training, training, training, completed());

      const { outs } = await trainingJobRun.create(inputs);

      expect(aws.calls).to.not.include("CreateTrainingJob");
      expect(outs?.status).to.equal("Completed");
      expect(aws.told[0]).to.equal(
        "training job mlops-nyctaxi-r1: exists already with this definition: going on with it",
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
        "training job mlops-nyctaxi-r1 exists already with another definition: " +
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
          "SageMaker never runs a name twice: fix the cause and use a new release id",
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

    it("names the limit that a job was stopped at", async () => {
      sageMaker.trainingLooks = [{ TrainingJobStatus: "Stopped", SecondaryStatus: "MaxRuntimeExceeded" }];

      const error = await failureOf(trainingJobRun.create({ ...inputs, maxRuntimeSeconds: 600 }));

      const [how, , remedy] = error.message.split("\n");
      expect(how).to.equal("training job mlops-nyctaxi-r1 was stopped after 600 s, its maxRuntimeSeconds");
      expect(remedy).to.match(/allow it more time, or give it less to do, and use a new release id$/);
    });

    it("says that there was too little spot capacity, and what to do", async () => {
      sageMaker.trainingLooks = [{ TrainingJobStatus: "Stopped", SecondaryStatus: "MaxWaitTimeExceeded" }];

      const error = await failureOf(trainingJobRun.create({ ...inputs, maxWaitSeconds: 7200 }));

      const [how, , remedy] = error.message.split("\n");
      expect(how).to.equal(
        "training job mlops-nyctaxi-r1 did not get enough spot capacity within 7200 s, its maxWaitSeconds",
      );
      expect(remedy).to.match(/let it wait longer, or take on-demand instances, and use a new release id$/);
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
        "training job mlops-nyctaxi-r1 completed, but the quality gate needs the metric validation:rmse, and no such number was " +
          "reported (reported: train:rmse)",
      );
      expect(error.properties!.metrics).to.deep.equal({ "train:rmse": 2.69 });
    });
  });
});
