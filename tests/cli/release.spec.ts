import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
} from "@aws-sdk/client-codepipeline";
import { LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { expect } from "chai";
import { clientEnvironment } from "local-aws/core/local";
import { approval } from "local-aws/tests/codepipeline/declarations";
import { Fixture } from "local-aws/tests/codepipeline/fixture";
import { call } from "./call";

/** What the approval shows, with a commit's message that would hide what comes before it. */
const TEXT = "one to replace\nsmall fix\u001b[2K\u001b[1A\u009b8m\r";

describe("safe-deploy, with a release that waits for approval", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  let execution: string;
  let lambda: { restore(): void };

  beforeEach(async () => {
    lambda = mockClient(LambdaClient).rejects(new ResourceNotFoundException({ message: "none", $metadata: {} }));
    fixture = await Fixture.start();
    const stages = [{ name: "Approve", actions: [approval("Approve", { CustomData: TEXT })] }];
    await fixture.createPipeline(stages, { name: "mlops-taxi-pipeline" });
    execution = (JSON.parse((await run("release watch --until Approve --json")).stdout) as { execution: string })
      .execution;
  });
  afterEach(async () => {
    lambda.restore();
    await fixture.close();
  });

  const run = (line: string, typed?: readonly string[]) =>
    call(["--model", "taxi", ...line.split(" ")], { env: clientEnvironment(fixture.aws), typed });

  it("lists the executions for people and for scripts", async () => {
    const { status, stdout } = await run("release list");
    expect(status).to.equal(0);
    expect(stdout)
      .to.match(/^execution +status +live +started/)
      .and.contain(execution);
    expect(JSON.parse((await run("release list --json")).stdout)).to.have.length(1);
  });

  it("approves none without being told to, where nobody can be asked", async () => {
    const { status, stderr } = await run("approve --comment fine");
    expect(status).to.equal(1);
    expect(stderr).to.contain("one to replace\nsmall fix\n").and.contain("add --yes");
  });

  it("approves it, and follows it to its end", async () => {
    expect((await run("approve --comment fine", ["y"])).status).to.equal(0);
    const { status, stdout } = await run("release watch");
    expect(status).to.equal(0);
    expect(stdout).to.contain(`${execution}: Succeeded`);
  });

  it("rejects it, and says who watches why it has ended", async () => {
    expect((await run("reject --comment never --yes")).status).to.equal(0);
    const { status, stdout } = await run(`release watch ${execution}`);
    expect(status).to.equal(1);
    expect(stdout).to.match(/: Failed: Approve: .*never/);
  });

  it("says it where none waits any more", async () => {
    await run("reject --comment never --yes");
    await run("release watch");
    const { status, stderr } = await run("approve --comment fine --yes");
    expect(status).to.equal(1);
    expect(stderr).to.equal("error: no release of mlops-taxi-pipeline waits for approval: safe-deploy release list\n");
  });

  it("says which stages there are, and which pipeline is not there", async () => {
    expect((await run("release watch --until Test")).stderr).to.contain('no stage "Test"; there are Source, Approve');
    const { stderr } = await call(["--model", "other", "release", "list"], { env: clientEnvironment(fixture.aws) });
    expect(stderr).to.match(/^error: PipelineNotFoundException: .*mlops-other-pipeline.*\nlook at --model/s);
  });
});

describe("safe-deploy release watch --until", () => {
  it("does not take a stage that has failed for passed, though CodePipeline says a moment later that the execution has", async () => {
    const pipeline = mockClient(CodePipelineClient);
    try {
      pipeline.on(GetPipelineStateCommand).resolves({ stageStates: [{ stageName: "Train" }] });
      const execution = (status: "InProgress" | "Failed") => ({ pipelineExecution: { status } });
      pipeline.on(GetPipelineExecutionCommand).resolvesOnce(execution("InProgress")).resolves(execution("Failed"));
      const [first, second] = ["Build", "Train"].map((stageName) => ({ stageName, status: "Failed" as const }));
      pipeline.on(ListActionExecutionsCommand).resolves({ actionExecutionDetails: [second!], nextToken: "more" });
      pipeline.on(ListActionExecutionsCommand, { nextToken: "more" }).resolves({ actionExecutionDetails: [first!] });

      const env = { AWS_REGION: "us-east-1" };
      const { status, stdout } = await call(["--model", "taxi", "release", "watch", "1", "--until", "Train"], { env });

      expect(stdout).to.match(/^Build +Failed .*\nTrain +Failed .*\n\n1: Failed/);
      expect(status).to.equal(1);
    } finally {
      pipeline.restore();
    }
  });
});

describe("safe-deploy release start", () => {
  it("says which hyperparameter is wrong", async () => {
    const { status, stderr } = await call(["--model", "taxi", "release", "start", "-p", "eta=0.1", "-p", "grow=[]"]);
    expect(stderr).to.equal("error: --hyperparameter grow must not be an empty list\n");
    expect(status).to.equal(1);
  });
});
