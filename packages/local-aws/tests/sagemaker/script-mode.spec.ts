import {
  CreateModelCommand,
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import {
  BUCKET,
  createConfig,
  createEndpoint,
  endpointIn,
  keys,
  put,
  refusal,
  ROLE,
  SKLEARN,
  startSageMaker,
  text,
  trainingEnd,
  trainingJob,
  type TestSageMaker,
} from "./support";

/** Trains a classifier, counts its starts in the checkpoints, and keeps its own code in the archive, by which it is served. */
const SCRIPT = `
import argparse, json, os, pathlib, shutil, time

def model_fn(model_dir):
    import joblib
    time.sleep(float(os.environ.get("START_SECONDS", 0)))
    return joblib.load(os.path.join(model_dir, "tree.joblib"))

def input_fn(body, content_type):
    return json.loads(body)["rows"]

def output_fn(prediction, accept):
    return json.dumps({"answer": prediction.tolist(), "level": os.environ.get("LEVEL")}), "application/json"

def count_start(first_run_seconds):
    checkpoints = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "checkpoints")
    if checkpoints.is_dir():
        starts = checkpoints / "starts"
        count = int(starts.read_text()) + 1 if starts.exists() else 1
        starts.write_text(str(count))
        time.sleep(first_run_seconds if count == 1 else 0)

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-depth", type=int)
    parser.add_argument("--first-run-seconds", type=float, default=0)
    given = parser.parse_args()
    count_start(given.first_run_seconds)
    import joblib, numpy
    from sklearn.tree import DecisionTreeClassifier
    rows = numpy.loadtxt(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "rows.csv"), delimiter=",")
    tree = DecisionTreeClassifier(max_depth=given.max_depth).fit(rows[:, 1:], rows[:, 0])
    print(f"auc={tree.score(rows[:, 1:], rows[:, 0])};", flush=True)
    model = pathlib.Path(os.environ["SM_MODEL_DIR"])
    joblib.dump(tree, model / "tree.joblib")
    shutil.copytree(pathlib.Path(__file__).parent, model / "code")
`;

describe("Scripts in training and serving", function () {
  this.timeout(90_000);
  let test: TestSageMaker;

  before(async () => {
    test = await startSageMaker();
    await put(test, "code/train.py", SCRIPT);
    await put(test, "data/train/rows.csv", "0,1,1\n0,2,1\n1,8,9\n1,9,8\n");
    await put(test, "data/validation/rows.csv", "0,1,1\n");
    await test.sagemaker.send(new CreateTrainingJobCommand(scriptJob("tree")));
    const { TrainingJobStatus, FailureReason } = await trainingEnd(test, "tree");
    expect(TrainingJobStatus, FailureReason).to.equal("Completed");
  });
  after(() => test.close());

  function scriptJob(name: string, changes: Partial<CreateTrainingJobCommandInput> = {}) {
    const plain = trainingJob(name);
    const source = { S3DataType: "S3Prefix" as const, S3Uri: `s3://${BUCKET}/code` };
    return trainingJob(name, {
      AlgorithmSpecification: {
        TrainingImage: SKLEARN,
        TrainingInputMode: "File",
        MetricDefinitions: [{ Name: "validation:auc", Regex: "auc=([0-9.]+)" }],
      },
      HyperParameters: {
        "max-depth": "3",
        sagemaker_program: '"train.py"',
        sagemaker_submit_directory: '"/opt/ml/input/data/code"',
      },
      InputDataConfig: [
        ...(plain.InputDataConfig ?? []),
        { ChannelName: "code", DataSource: { S3DataSource: source } },
      ],
      EnableNetworkIsolation: true,
      ...changes,
    });
  }

  it("train, report metrics of their own and keep their archive", async () => {
    const job = await trainingEnd(test, "tree");

    expect(job.FinalMetricDataList?.map(({ MetricName, Value }) => [MetricName, Value])).to.deep.equal([
      ["validation:auc", 1],
    ]);
    expect(await keys(test, "output/tree/")).to.deep.equal(["output/tree/output/model.tar.gz"]);
    expect(job.BillableTimeInSeconds).to.equal(job.TrainingTimeInSeconds);
  });

  it("cost less on spot capacity, and go on from their checkpoints", async () => {
    const spot = {
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
      CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/tree` },
    };
    for (const [name, starts] of [
      ["spot-1", "1"],
      ["spot-2", "2"],
    ] as const) {
      await test.sagemaker.send(new CreateTrainingJobCommand(scriptJob(name, spot)));
      const job = await trainingEnd(test, name);
      expect(job.TrainingJobStatus, job.FailureReason).to.equal("Completed");
      expect(job.EnableManagedSpotTraining).to.equal(true);
      expect(job.BillableTimeInSeconds).to.be.lessThan(job.TrainingTimeInSeconds ?? 0);
      expect(await text(test, "checkpoints/tree/starts")).to.equal(starts);
    }
  });

  it("are started again where their capacity is taken back, and find their checkpoints", async () => {
    const spot = {
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
      CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/interrupted` },
    };
    const script = scriptJob("interrupted", spot);
    const HyperParameters = { ...script.HyperParameters, "first-run-seconds": "30" };
    test.faults.set({ kind: "spot-interruption", jobName: "interrupted", afterSeconds: 4 });
    await test.sagemaker.send(new CreateTrainingJobCommand({ ...script, HyperParameters }));
    const job = await trainingEnd(test, "interrupted");

    expect(job.TrainingJobStatus, job.FailureReason).to.equal("Completed");
    expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).to.deep.equal([
      ...["Starting", "Starting", "Downloading", "Training", "Interrupted"],
      ...["Starting", "Downloading", "Training", "Uploading", "Completed"],
    ]);
    expect(await text(test, "checkpoints/interrupted/starts")).to.equal("2");
  });

  for (const [what, changes, reason] of [
    [
      "waits for less than it runs",
      { EnableManagedSpotTraining: true, StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 59 } },
      /at least MaxRuntimeInSeconds \(60\), got 59/,
    ],
    [
      "does not say how long it waits",
      { EnableManagedSpotTraining: true },
      /must be given with EnableManagedSpotTraining/,
    ],
    [
      "waits without spot capacity",
      { StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 60 } },
      /only for jobs with EnableManagedSpotTraining/,
    ],
    [
      "keeps its checkpoints elsewhere",
      { CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints`, LocalPath: "/opt/ml/kept" } },
      /CheckpointConfig\.LocalPath other than \/opt\/ml\/checkpoints/,
    ],
  ] as const) {
    it(`are refused where a job ${what}`, async () => {
      const job = new CreateTrainingJobCommand(scriptJob("refused", changes));
      expect((await refusal(test.sagemaker.send(job))).message).to.match(reason);
    });
  }

  async function served(name: string, environment: Readonly<Record<string, string>>, startupSeconds?: number) {
    await test.sagemaker.send(
      new CreateModelCommand({
        ModelName: name,
        ExecutionRoleArn: ROLE,
        PrimaryContainer: {
          Image: SKLEARN,
          ModelDataUrl: `s3://${BUCKET}/output/tree/output/model.tar.gz`,
          Environment: {
            SAGEMAKER_PROGRAM: "train.py",
            SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
            ...environment,
          },
        },
        EnableNetworkIsolation: true,
      }),
    );
    await createConfig(test, name, name, {
      ProductionVariants: [
        {
          VariantName: "main",
          ModelName: name,
          InstanceType: "ml.m5.large",
          InitialInstanceCount: 1,
          ContainerStartupHealthCheckTimeoutInSeconds: startupSeconds,
        },
      ],
    });
    await createEndpoint(test, name, name);
  }

  it("serve what they have trained, with the container's environment", async () => {
    await served("tree", { LEVEL: "debug" });
    await endpointIn(test, "tree", "InService");
    const { Body, ContentType } = await test.runtime.send(
      new InvokeEndpointCommand({
        EndpointName: "tree",
        ContentType: "application/json",
        Body: JSON.stringify({
          rows: [
            [1, 1],
            [9, 9],
          ],
        }),
      }),
    );

    expect(ContentType).to.equal("application/json");
    expect(JSON.parse(Body.transformToString())).to.deep.equal({ answer: [0, 1], level: "debug" });
  });

  it("get no more time to start than was asked for", async () => {
    // AWS takes no less than a minute, as the constraints of its service model say, which this test does not load.
    await served("late", { START_SECONDS: "30" }, 1);
    const { FailureReason } = await endpointIn(test, "late", "Failed");

    expect(FailureReason).to.match(/did not pass the ping health check/);
  });
});
