import { join } from "node:path";
import {
  DescribeEndpointCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  SageMakerClient,
  waitUntilEndpointInService,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { type LocalAws, startLocalAws } from "local-aws";
import { testPython } from "pulumi-engine/testing/python";
import { Project } from "./engine";
import { uploadModel } from "./model-archive";

describe("the provider plugin when the engine is killed while an endpoint is made", function () {
  this.timeout(300_000);
  let local: LocalAws;
  let project: Project;
  let sagemaker: SageMakerClient;
  const opened: { close(): Promise<void> }[] = [];

  before(async () => {
    // Slow enough for the endpoint to be still in the making when the next engine reads it.
    local = await startLocalAws({ python: testPython(), speed: 6 });
    opened.push(local);
    sagemaker = new SageMakerClient(clientConfig(local));
    project = await Project.create("interrupted", join(__dirname, "interrupted/index.ts"), local.environment);
    opened.push(project);
    await project.setConfig({ ...(await uploadModel(local)) });
  });
  after(async () => {
    await Promise.all(opened.map((each) => each.close()));
  });

  it("keeps a note of it, and will not go on before its lock is taken away", async () => {
    await project.upKilled(async () => (await endpointStatus()) === "Creating");
    expect((await project.run("up", "--stack", "test", "--yes", "--skip-preview")).output).to.contain(
      "the stack is currently locked by 1 lock(s)",
    );
    expect((await project.run("cancel", "--stack", "test", "--yes")).code).to.equal(0);
    const state = JSON.parse(await project.state()) as { deployment: { pending_operations: { type: string }[] } };
    expect(state.deployment.pending_operations.map(({ type }) => type)).to.deep.equal(["creating"]);
  });

  it("would make it again, and says why it cannot", async () => {
    const { code, errors, warnings } = await project.operate("up");
    expect(code).not.to.equal(0);
    expect(errors.join("\n")).to.contain("Cannot create already existing endpoint");
    expect(warnings.join("\n")).to.contain("aws:sagemaker/endpoint:Endpoint::endpoint, interrupted while creating");
  });

  it("goes on with the endpoint that is there, by its name, once the note is dropped", async () => {
    await project.setConfig({ adopt: "true" });
    // A refresh that nobody answers questions of keeps the note unless it is told otherwise.
    expect((await project.operate("refresh", "--clear-pending-creates")).errors).to.deep.equal([]);
    expect(await endpointStatus()).to.equal("Creating");
    const outcome = await project.operate("up");
    expect([outcome.errors, outcome.warnings]).to.deep.equal([[], []]);
    expect(outcome.steps.filter((step) => step.includes("Endpoint "))).to.deep.equal([
      "import aws:sagemaker/endpoint:Endpoint endpoint",
    ]);
  });

  it("finds nothing to do or to import a second time, nor any drift", async () => {
    for (const operation of ["up", "refresh", "up"] as const) {
      const outcome = await project.operate(operation, "--expect-no-changes");
      expect([
        outcome.errors,
        outcome.warnings,
        outcome.steps.filter((step) => !step.startsWith("refresh ")),
      ]).to.deep.equal([[], [], []]);
    }
  });

  it("leaves nothing behind once the endpoint is there, since SageMaker deletes none that is in the making", async () => {
    await waitUntilEndpointInService(
      { client: sagemaker, maxWaitTime: 120, minDelay: 1, maxDelay: 1 },
      { EndpointName: "interrupted" },
    );
    expect((await project.operate("destroy")).errors).to.deep.equal([]);
    const { Endpoints } = await sagemaker.send(new ListEndpointsCommand({}));
    const { EndpointConfigs } = await sagemaker.send(new ListEndpointConfigsCommand({}));
    const { Models } = await sagemaker.send(new ListModelsCommand({}));
    expect([Endpoints, EndpointConfigs, Models]).to.deep.equal([[], [], []]);
  });

  async function endpointStatus(): Promise<string | undefined> {
    const request = new DescribeEndpointCommand({ EndpointName: "interrupted" });
    return (await sagemaker.send(request).catch(() => undefined))?.EndpointStatus;
  }
});
