import { expect } from "chai";
import { trainingJobRun } from "../../../../components/providers";
import type { TrainingJobInputs } from "../../../../components/providers/jobs/training-job-provider";
import { UNKNOWN } from "../../../../components/providers/support/inputs";
import { AwsError } from "local-aws/core/aws-error";
import { FakeSageMaker } from "./fake-sagemaker";
import { failureOf, serverError, startAws, throttled, type TestAws } from "./test-aws";
import { ARN, ARCHIVE, given, training, completed, failed } from "./training-fixture";

describe("the provider of TrainingJobRun, as a resource:", () => {
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
        maxRuntimeSeconds: 2_419_201,
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
        "maxRuntimeSeconds must be at most 2419200, got 2419201",
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

    it("holds hyperparameters to SageMaker's limits", async () => {
      const refused = async (hyperparameters: Record<string, string>) =>
        (await trainingJobRun.check({}, { ...given, hyperparameters })).failures!.map(({ reason }) => reason);

      expect(await refused({ monotone_constraints: "1".repeat(2501) })).to.deep.equal([
        "must have at most 2500 characters, got 2501",
      ]);
      const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`h${n}`, "1"]));
      expect(await refused(many)).to.deep.equal(["must be at most 100, got 101"]);
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

    it("waits as long as the job may run, and an hour for its instances and its data", async () => {
      const waiting = async (maxRuntimeSeconds: number | undefined, timeoutSeconds?: number) =>
        (await trainingJobRun.check({}, { ...given, maxRuntimeSeconds, timeoutSeconds: timeoutSeconds! })).inputs!
          .timeoutSeconds;

      expect(await waiting(undefined)).to.equal(7200);
      expect(await waiting(86_400)).to.equal(90_000);
      expect(await waiting(86_400, 60)).to.equal(60);
      const onSpot = { ...given, maxRuntimeSeconds: 3600, maxWaitSeconds: 86_400, timeoutSeconds: undefined! };
      expect((await trainingJobRun.check({}, onSpot)).inputs!.timeoutSeconds).to.equal(90_000);
      const unknown = Object.assign({}, given, { maxRuntimeSeconds: UNKNOWN, timeoutSeconds: undefined });
      expect((await trainingJobRun.check({}, unknown)).failures).to.deep.equal([]);
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
      expect(aws.calls).to.deep.equal(["DescribeTrainingJob", "DescribeTrainingJob"]);
      expect([...sageMaker.trainingJobs.keys()]).to.deep.equal(["mlops-nyctaxi-r1"]);
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
