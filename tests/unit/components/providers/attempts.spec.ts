import { expect } from "chai";
import { processingJobRun, trainingJobRun } from "../../../../components/providers";
import type { TrainingJobInputs } from "../../../../components/providers/jobs/training-job-provider";
import { AwsError } from "local-aws/core/aws-error";
import { FakeSageMaker } from "./fake-sagemaker";
import { failureOf, startAws, type TestAws } from "./test-aws";
import { ARN, completed, given, training } from "./training-fixture";

const NO_CAPACITY =
  "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.";
const INTERNAL = "InternalServerError: We encountered an internal error.  Please try again.";
const failedBy = (FailureReason: string) =>
  ({ TrainingJobStatus: "Failed", SecondaryStatus: "Failed", FailureReason }) as const;

describe("a job that failed in a way that passes", () => {
  let sageMaker: FakeSageMaker;
  let aws: TestAws;
  let inputs: TrainingJobInputs;

  beforeEach(async () => {
    sageMaker = new FakeSageMaker();
    aws = await startAws({ sagemaker: sageMaker.service });
    inputs = (await trainingJobRun.check({}, given)).inputs!;
  });
  afterEach(() => aws.close());

  const creations = () => aws.calls.filter((call) => call === "CreateTrainingJob");

  /** Lets an update start the job with what the looks at it will show; gives its state. */
  async function failing(...looks: FakeSageMaker["trainingLooks"]) {
    sageMaker.trainingLooks = looks;
    const { message, id, properties } = await failureOf(trainingJobRun.create(inputs));
    aws.calls.length = 0;
    aws.told.length = 0;
    return { message, id, olds: { ...inputs, jobArn: ARN, status: "Failed", ...properties } };
  }

  it("says that the next update makes another attempt, and under which name", async () => {
    const { message, id } = await failing(failedBy(NO_CAPACITY));

    expect(message.split("\n")).to.include.members([
      `training job mlops-nyctaxi-r1 failed: ${NO_CAPACITY}`,
      "Another attempt can heal this: the next pulumi up makes it, as mlops-nyctaxi-r1-attempt-2",
    ]);
    expect(id).to.equal("mlops-nyctaxi-r1");
  });

  for (const reason of [NO_CAPACITY, INTERNAL]) {
    it(`is tried again by the next update: ${reason.split(":")[0]}`, async () => {
      const { olds } = await failing(failedBy(reason));
      sageMaker.trainingLooks = [training, completed()];

      expect((await trainingJobRun.diff("mlops-nyctaxi-r1", olds, inputs)).changes).to.equal(true);
      const { outs } = await trainingJobRun.update("mlops-nyctaxi-r1", olds, inputs);

      expect(outs).to.deep.include({ ...inputs, status: "Completed", jobArn: `${ARN}-attempt-2` });
      const { request } = sageMaker.trainingJobs.get("mlops-nyctaxi-r1-attempt-2")!;
      expect(request.OutputDataConfig!.S3OutputPath).to.equal("s3://bucket/mlops-nyctaxi/mlops-nyctaxi-r1");
      expect(request.ExperimentConfig).to.deep.equal(
        sageMaker.trainingJobs.get("mlops-nyctaxi-r1")!.request.ExperimentConfig,
      );
      expect(aws.told[0]).to.equal(
        `training job mlops-nyctaxi-r1: mlops-nyctaxi-r1 failed: ${reason}; trying again as mlops-nyctaxi-r1-attempt-2`,
      );
    });
  }

  it("is tried again once in each update, and not without end in one", async () => {
    const { olds } = await failing(failedBy(INTERNAL));

    const error = await failureOf(trainingJobRun.update("mlops-nyctaxi-r1", olds, inputs));

    expect(error.message).to.match(/^training job mlops-nyctaxi-r1-attempt-2 failed: /);
    expect(error.message).to.contain("as mlops-nyctaxi-r1-attempt-3");
    expect(error.id).to.equal("mlops-nyctaxi-r1");
    expect(creations()).to.have.length(1);
  });

  it("is tried again where the state has lost it", async () => {
    await failing(failedBy(NO_CAPACITY));
    sageMaker.trainingLooks = [completed()];

    const { outs } = await trainingJobRun.create(inputs);

    expect(outs?.jobArn).to.equal(`${ARN}-attempt-2`);
  });

  it("is not tried again while the next attempt runs, which an interrupted update has started", async () => {
    const { olds } = await failing(failedBy(NO_CAPACITY));
    sageMaker.trainingLooks = [training, training, completed()];
    await failureOf(trainingJobRun.update("mlops-nyctaxi-r1", olds, { ...inputs, timeoutSeconds: 0.001 }));
    aws.calls.length = 0;

    const [updated, created] = [await trainingJobRun.update("", olds, inputs), await trainingJobRun.create(inputs)];

    expect(updated.outs?.jobArn).to.equal(`${ARN}-attempt-2`);
    expect(created.outs?.jobArn).to.equal(`${ARN}-attempt-2`);
    expect(creations()).to.deep.equal([]);
  });

  it("is tried again once where the request got through and its answer did not", async () => {
    const { olds } = await failing(failedBy(NO_CAPACITY));
    sageMaker.trainingLooks = [completed()];
    aws.trouble("CreateTrainingJob", "dropped after the work");

    const { outs } = await trainingJobRun.update("mlops-nyctaxi-r1", olds, inputs);

    expect(outs?.jobArn).to.equal(`${ARN}-attempt-2`);
    expect([...sageMaker.trainingJobs.keys()]).to.have.length(2);
  });

  it("stays in the state where AWS refuses the next attempt", async () => {
    const { olds } = await failing(failedBy(NO_CAPACITY));
    aws.trouble("CreateTrainingJob", new AwsError("ResourceLimitExceeded", "The account-level limit is 0 Instances"));

    const error = await failureOf(trainingJobRun.update("mlops-nyctaxi-r1", olds, inputs));

    expect(error).to.deep.include({
      id: "mlops-nyctaxi-r1",
      message: "ResourceLimitExceeded: The account-level limit is 0 Instances",
    });
  });

  it("is its newest attempt to refresh, to tags and to destroy", async () => {
    const { olds } = await failing(failedBy(NO_CAPACITY));
    sageMaker.trainingLooks = [training];
    const short = { ...inputs, timeoutSeconds: 0.001, tags: {} };
    await failureOf(trainingJobRun.update("mlops-nyctaxi-r1", olds, short));
    await failureOf(trainingJobRun.update("mlops-nyctaxi-r1", olds, { ...short, tags: { GitBranch: "other" } }));

    const { props } = await trainingJobRun.read("mlops-nyctaxi-r1", olds);
    await trainingJobRun.delete("mlops-nyctaxi-r1", olds);

    expect(props).to.deep.include({ jobArn: `${ARN}-attempt-2`, status: "InProgress" });
    expect(sageMaker.tags.get(`${ARN}-attempt-2`)!.get("GitBranch")).to.equal("other");
    expect(sageMaker.trainingJobs.get("mlops-nyctaxi-r1-attempt-2")!.looks[0]!.TrainingJobStatus).to.equal("Stopped");
  });

  for (const reason of [
    "AlgorithmError: InternalServerError in the script, exit code: 1",
    "ClientError: Data download failed:Please ensure that there is no duplicate in the paths of the channels",
    "ClientError: Please use an instance type with more memory, or reduce the size of training data processed on an instance.",
    "CapacityErrors are not this one",
  ]) {
    it(`is not one that failed by ${reason.slice(0, 40)}…`, async () => {
      const { olds, message } = await failing(failedBy(reason));

      await failureOf(trainingJobRun.update("mlops-nyctaxi-r1", olds, inputs));

      expect(message).to.contain("use a new release id");
      expect(creations()).to.deep.equal([]);
    });
  }

  it("may be a processing job, whose outputs stay where they were to be", async () => {
    const job = {
      ...{ region: "us-east-1", jobName: "mlops-nyctaxi-pbl-r1", roleArn: given.roleArn, image: "image" },
      ...{ instanceType: "ml.m5.xlarge", pollSeconds: 0.002, timeoutSeconds: 5 },
      outputs: [{ name: "baseline", s3Uri: "s3://bucket/baseline", localPath: "/opt/ml/processing/output" }],
    };
    const { inputs: checked } = await processingJobRun.check({}, job);
    sageMaker.processingLooks = [{ ProcessingJobStatus: "Failed", FailureReason: NO_CAPACITY }];
    const { properties } = await failureOf(processingJobRun.create(checked!));
    sageMaker.processingLooks = [{ ProcessingJobStatus: "Completed" }];

    const { outs } = await processingJobRun.update(
      "",
      { ...checked!, ...properties, jobArn: "", status: "Failed" },
      checked!,
    );

    expect(outs?.status).to.equal("Completed");
    const [first, second] = ["mlops-nyctaxi-pbl-r1", "mlops-nyctaxi-pbl-r1-attempt-2"].map(
      (name) => sageMaker.processingJobs.get(name)!.request.ProcessingOutputConfig,
    );
    expect(second).to.deep.equal(first);
  });
});
