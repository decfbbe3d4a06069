import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { mockClient } from "aws-sdk-client-mock";
import { expect } from "chai";
import { Readable, Writable } from "node:stream";
import { clientEnvironment } from "local-aws/core/local";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { APPLICATION, appSpec, Fixture } from "local-aws/tests/codedeploy/fixture";
import { progressOf, type StageUnderWay } from "../../cli/release/progress";
import { Context } from "../../cli/support/context";
import { Terminal } from "../../cli/support/terminal";
import { serveApi } from "./serving-api";

describe("what goes on in a stage", () => {
  const began = new Date(Date.now() - 60_000).toISOString();
  let written: string;

  function terminal(isTTY: boolean): Terminal {
    written = "";
    const stderr = Object.assign(
      new Writable({
        write(chunk: Buffer, _, done) {
          written += chunk.toString();
          done();
        },
      }),
      { isTTY, columns: 40 },
    );
    return new Terminal({ stdin: Readable.from([]), stdout: stderr, stderr, env: {} });
  }
  const lookAt = (stage: Omit<StageUnderWay, "startedAt">) =>
    progressOf(new Context({ model: "nyctaxi" }, terminal(false), {}), { ...stage, startedAt: began });

  it("is the jobs of a training, with what they have reported so far", async () => {
    const sageMaker = mockClient(SageMakerClient);
    sageMaker.on(DescribeTrainingJobCommand).resolves({
      TrainingJobName: "mlops-nyctaxi-r2",
      TrainingJobStatus: "InProgress",
      SecondaryStatus: "Training",
      TrainingStartTime: new Date(Date.now() - 61_000),
      FinalMetricDataList: [{ MetricName: "validation:rmse", Value: 2.75712 }],
    });
    sageMaker.on(ListTagsCommand).resolves({});
    sageMaker.on(DescribeProcessingJobCommand).resolves({ ProcessingJobStatus: "Completed" });
    try {
      expect(await lookAt({ release: "r2", name: "Train" })).to.deep.equal([
        { text: "training job mlops-nyctaxi-r2: InProgress, Training", detail: "1 min 1 s, validation:rmse 2.757" },
        { text: "baseline job: Completed" },
      ]);
    } finally {
      sageMaker.restore();
    }
  });

  it("is both sides of a rollout, with what each was asked", async () => {
    const fixture = await Fixture.start(60);
    const before = { ...process.env };
    Object.assign(process.env, clientEnvironment({ account: LOCAL_ACCOUNT, endpoint: fixture.served.endpoint }));
    try {
      serveApi(fixture, { "1": "r1", "2": "r2" });
      expect(await lookAt({ release: "r2", name: "DeployProd" })).to.deep.equal([]);
      await fixture.createGroup({ deploymentConfigName: "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes" });
      const id = await fixture.deploy(appSpec(), { description: "r2" });
      await fixture.until(() => fixture.lambda.weights["2"] !== undefined);
      const Dimensions = [
        { Name: "FunctionName", Value: APPLICATION },
        { Name: "Release", Value: "r2" },
      ];
      const MetricData = Object.entries({ Requests: 3, ModelFaults: 1 }).map(([MetricName, Value]) => ({
        ...{ MetricName, Value, Dimensions },
      }));
      await fixture.cloudWatch.send(new PutMetricDataCommand({ Namespace: "SageMakerSafeDeploy", MetricData }));

      expect(await lookAt({ release: "r2", name: "DeployProd" })).to.have.deep.members([
        { text: `deployment ${id}: InProgress` },
        {
          text: "90 % of the traffic goes to release r1 at mlops-nyctaxi-prd-r1",
          detail: "0 requests, 0 failed by the model",
        },
        {
          text: "10 % of the traffic goes to release r2 at mlops-nyctaxi-prd-r2",
          detail: "3 requests, 1 failed by the model",
        },
      ]);
    } finally {
      process.env = before;
      await fixture.close();
    }
  });

  it("is drawn anew at a terminal, and told to a program only where it has changed", () => {
    const live = terminal(true);
    live.show([{ text: "stage", detail: "1 s" }, { text: "a job" }]);
    live.show([{ text: "stage", detail: "2 s" }]);
    live.tell("done");
    const bare = written.replaceAll("\x1b[2m", "").replaceAll("\x1b[22m", "");
    expect(bare).to.equal("stage (1 s)\na job\r\x1b[2K\x1b[1A\x1b[2Kstage (2 s)\r\x1b[2Kdone\n");

    const piped = terminal(false);
    piped.show([{ text: "stage", detail: "1 s" }, { text: "a job" }]);
    piped.show([{ text: "stage", detail: "2 s" }, { text: "another job" }]);
    expect(written).to.equal("stage (1 s)\na job\nanother job\n");
  });
});
