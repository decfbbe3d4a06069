import type { DescribeTrainingJobResponse } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { FakeSageMaker } from "../../unit/components/providers/fake-sagemaker";
import { startAws, type TestAws } from "../../unit/components/providers/test-aws";
import { POLICIES } from "../../support/policies";
import { TestStack, type Door } from "./test-stack";

const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { TrainingJobRun } from "resources/training-job-run";
  const job = new TrainingJobRun("job", new pulumi.Config().requireObject("inputs"));
  export const { jobArn, modelDataUrl, metrics, status } = job;
`;
const inputs = {
  region: "us-east-1",
  jobName: "mlops-nyctaxi-r1",
  trainingImage: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
  roleArn: "arn:aws:iam::123456789012:role/training",
  hyperparameters: { max_depth: "9" },
  channels: [{ name: "train", s3Uri: "s3://bucket/data" }],
  s3OutputPath: "s3://bucket/mlops-nyctaxi",
  instanceType: "ml.m4.xlarge",
  tags: { GitCommitHash: "c0ffee" },
  pollSeconds: 0.1,
};
const training = { TrainingJobStatus: "InProgress", SecondaryStatus: "Training" } as const;
const completed: Partial<DescribeTrainingJobResponse> = {
  TrainingJobStatus: "Completed",
  SecondaryStatus: "Completed",
  ModelArtifacts: { S3ModelArtifacts: "s3://bucket/model.tar.gz" },
  FinalMetricDataList: [{ MetricName: "validation:rmse", Value: 2.74, Timestamp: new Date(0) }],
};

/** Names of the processes that do what the resource does. */
const PROCESS: Readonly<Record<Door, string>> = { dynamic: "dynamic-provider", plugin: "cmd/run-plugin" };

/** One set of tests through both doors. */
export function trainingJobRunThrough(door: Door): void {
  describe(`TrainingJobRun on the real engine, ${door === "dynamic" ? "as a dynamic resource" : "served by the plugin"}`, function () {
    this.timeout(120_000);
    let sageMaker: FakeSageMaker;
    let aws: TestAws;
    let stack: TestStack;

    beforeEach(async () => {
      sageMaker = new FakeSageMaker();
      aws = await startAws({ sagemaker: sageMaker.service });
      stack = await TestStack.create(PROGRAM, door);
    });
    afterEach(async () => {
      await stack.remove();
      await aws.close();
    });

    it("lives from up to destroy, and tells what happens on the way", async () => {
      sageMaker.trainingLooks = [training, training, completed];

      const first = await stack.up(inputs);
      expect(first.ok, first.output).to.equal(true);
      expect(first.output).to.match(/training job mlops-nyctaxi-r1: InProgress \(Training\)/);
      expect(await stack.outputs()).to.deep.equal({
        jobArn: "arn:aws:sagemaker:us-east-1:123456789012:training-job/mlops-nyctaxi-r1",
        modelDataUrl: "s3://bucket/model.tar.gz",
        metrics: { "validation:rmse": 2.74 },
        status: "Completed",
      });

      const again = await stack.up(inputs);
      expect(again.output).to.match(/2 unchanged/);

      const refreshed = await stack.run("refresh", "--yes", "--skip-preview", "--non-interactive");
      expect(refreshed.output).to.match(/2 unchanged/);

      const next = await stack.up({ ...inputs, jobName: "mlops-nyctaxi-r2", hyperparameters: { max_depth: "7" } });
      expect(next.output).to.match(/1 replaced/);

      const destroyed = await stack.run("destroy", "--yes", "--skip-preview", "--non-interactive");
      expect(destroyed.ok, destroyed.output).to.equal(true);
      expect(await stack.resources()).to.deep.equal([]);
      expect(aws.calls).to.not.include("StopTrainingJob");
    });

    it("does not change when the behaviour, or the way the program is built, changes; and runs today's behaviour", async () => {
      sageMaker.trainingLooks = [completed];
      await stack.up(inputs);
      const [before] = await stack.resources();
      await stack.buildProviders('console.log("providers of today");');

      const unchanged = await stack.up(inputs);
      expect(unchanged.output).to.match(/2 unchanged/);
      expect((await stack.resources())[0]!.inputs.__provider).to.equal(before!.inputs.__provider);
      expect(unchanged.output).to.contain("providers of today");

      await stack.buildProgram(PROGRAM, true);
      expect((await stack.up(inputs)).output).to.match(/2 unchanged/);

      const destroyed = await stack.run("destroy", "--yes", "--skip-preview", "--non-interactive");
      expect(destroyed.output).to.contain("providers of today");
    });

    it("takes over its job after the engine was killed while it polled, and leaves no process behind", async () => {
      sageMaker.trainingLooks = [training];
      const killed = stack.startUp({ ...inputs, jobName: "mlops-nyctaxi-killed" });
      await until(() => aws.calls.filter((call) => call === "DescribeTrainingJob").length > 3);
      const provider = processesOf(killed.pid!, PROCESS[door]);
      expect(provider).to.have.length(1);
      killed.kill("SIGKILL");
      await until(() => !isAlive(provider[0]!));

      sageMaker.trainingJobs.get("mlops-nyctaxi-killed")!.looks = [training, completed];
      await stack.run("cancel", "--yes");
      const next = await stack.up({ ...inputs, jobName: "mlops-nyctaxi-killed" });

      expect(next.ok, next.output).to.equal(true);
      expect(next.output).to.contain("exists already with this definition: going on with it");
      expect(aws.calls.filter((call) => call === "CreateTrainingJob")).to.have.length(1);
    });

    it("keeps a failed job in the state, fails again for it, and goes on with a new release", async () => {
      sageMaker.trainingLooks = [
        { TrainingJobStatus: "Failed", SecondaryStatus: "Failed", FailureReason: "AlgorithmError: no rows" },
      ];
      const failed = await stack.up(inputs);
      expect(failed.ok).to.equal(false);
      expect(failed.output).to.contain("training job mlops-nyctaxi-r1 failed: AlgorithmError: no rows");
      const [kept] = await stack.resources();
      expect(kept).to.deep.include({ id: "mlops-nyctaxi-r1" });
      expect(kept!.outputs).to.deep.include({ status: "Failed" });

      expect((await stack.up(inputs)).ok).to.equal(false);
      // A refresh makes the engine forget that the job has failed; the provider does not.
      await stack.run("refresh", "--yes", "--skip-preview", "--non-interactive");
      expect((await stack.up(inputs)).ok).to.equal(false);

      sageMaker.trainingLooks = [completed];
      const next = await stack.up({ ...inputs, jobName: "mlops-nyctaxi-r2" });
      expect(next.ok, next.output).to.equal(true);
    });

    it("says in the preview that a definition cannot change under a name that was run", async () => {
      sageMaker.trainingLooks = [completed];
      await stack.up(inputs);
      const changed = JSON.stringify({ ...inputs, instanceType: "ml.m5.xlarge" });

      const preview = await stack.run("preview", "--non-interactive", "-c", `inputs=${changed}`);

      expect(preview.ok).to.equal(false);
      expect(preview.output).to.match(/instanceType.*use a new release id, or change it back/s);
    });

    it("forgets a job that is gone", async () => {
      sageMaker.trainingLooks = [completed];
      await stack.up(inputs);
      sageMaker.trainingJobs.clear();

      await stack.run("refresh", "--yes", "--skip-preview", "--non-interactive");

      expect(await stack.resources()).to.deep.equal([]);
    });

    it("is refused by the policy pack before it starts, where everything must have a key and it has none", async () => {
      const config = await stack.write("policy.json", JSON.stringify({ encryption: { ownKeys: true } }));

      const refused = await stack.run(
        ...["up", "--yes", "--skip-preview", "--non-interactive", "-c", `inputs=${JSON.stringify(inputs)}`],
        ...[...POLICIES, "--policy-pack-config", config],
      );

      expect(refused.ok).to.equal(false);
      expect(refused.output).to.match(/\[mandatory\]\s+encryption[^]*outputKmsKeyId is not set: set it to a KMS key/);
      expect(aws.calls).to.not.include("CreateTrainingJob");
    });
  });
}

async function until(condition: () => boolean, timeoutMilliseconds = 30_000): Promise<void> {
  const end = Date.now() + timeoutMilliseconds;
  while (!condition()) {
    if (Date.now() > end) {
      throw new Error("it did not happen in time");
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Processes below `pid` that run what has this in its command. */
function processesOf(pid: number, command: string): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,args="]).toString().split("\n");
  const all = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter((match) => match !== null);
  const below = (parent: number): number[] =>
    all
      .filter(([, , ppid]) => Number(ppid) === parent)
      .flatMap(([, child]) => [Number(child), ...below(Number(child))]);
  const mine = new Set(below(pid));
  return all.filter(([, id, , args]) => mine.has(Number(id)) && args!.includes(command)).map(([, id]) => Number(id));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
