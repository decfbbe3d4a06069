import { expect } from "chai";
import { serve, type Served } from "local-aws/testing/serve";
import { type CallFailed, type Plugin, awsEnvironment, startPlugin, withEnvironment } from "./plugin";
import { type FakeEndpoint, fakeEndpoints } from "./fakes";

const ENDPOINT = "aws:sagemaker/endpoint:Endpoint";

describe("the provider plugin waits for an endpoint", () => {
  const endpoints = new Map<string, FakeEndpoint>();
  let served: Served;
  let plugin: Plugin;
  let restore: () => void;

  before(async () => {
    served = await serve(
      fakeEndpoints(endpoints, (config, before) => {
        switch (config) {
          case "bad":
            return before === undefined
              ? { config, statuses: ["Creating", "Failed"], failureReason: "The container did not start." }
              : { ...before, statuses: ["Updating", "InService"], failureReason: "The container did not start." };
          case "slow":
            return { config, statuses: ["Creating"] };
          default:
            return { config, statuses: [before === undefined ? "Creating" : "Updating", "InService"] };
        }
      }),
    );
    restore = withEnvironment(awsEnvironment(served.endpoint));
  });
  after(async () => {
    restore();
    await served.close();
  });
  beforeEach(async () => {
    endpoints.clear();
    plugin = await startPlugin();
  });
  afterEach(() => plugin.close());

  const inputs = (endpointConfigName: string) => ({ name: "e", endpointConfigName, __defaults: [] });
  const failed = async (call: Promise<unknown>) => (await call.catch((error: unknown) => error)) as CallFailed;

  it("until it is in service", async () => {
    const { id, outputs } = await plugin.create(ENDPOINT, inputs("good"));
    expect(id).to.equal("e");
    expect(outputs).to.deep.include({
      endpointConfigName: "good",
      arn: "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e",
    });
    expect(endpoints.get("e")?.statuses).to.deep.equal(["InService"]);
  });

  it("and forgets one that failed, since the AWS provider knows its id only once it is in service", async () => {
    const error = await failed(plugin.create(ENDPOINT, inputs("bad")));
    expect(error.message).to.equal(
      'creating aws:sagemaker/endpoint:Endpoint "thing": endpoint e failed: The container did not start.',
    );
    expect(error.partial).to.equal(undefined);
    expect(endpoints.get("e")?.statuses).to.deep.equal(["Failed"]);
  });

  it("and does not tell that one has failed later: a refresh shows nothing of its status", async () => {
    endpoints.set("e", { config: "good", statuses: ["Failed"], failureReason: "The instance was lost." });
    expect((await plugin.read(ENDPOINT, "e", inputs("good"))).inputs).to.deep.equal(inputs("good"));
  });

  it("and is not fooled by an update that SageMaker took back", async () => {
    await plugin.create(ENDPOINT, inputs("good"));
    const error = await failed(plugin.update(ENDPOINT, "e", inputs("good"), inputs("bad")));
    expect(error.message).to.equal(
      'updating aws:sagemaker/endpoint:Endpoint "thing": SageMaker rolled back to good from bad: The container did not start.',
    );
    expect(error.partial).to.equal(undefined);
  });

  it("and updates it to another configuration", async () => {
    await plugin.create(ENDPOINT, inputs("good"));
    const outputs = await plugin.update(ENDPOINT, "e", inputs("good"), inputs("better"));
    expect(outputs.endpointConfigName).to.equal("better");
  });

  it("and tells SageMaker how to move the traffic, which reads back as the program has it, also on an import", async () => {
    const size = { type: "CAPACITY_PERCENT", value: 10 };
    const routing = { type: "CANARY", waitIntervalInSeconds: 300, canarySize: size };
    const policies = [
      { blueGreenUpdatePolicy: { trafficRoutingConfiguration: routing, terminationWaitInSeconds: 60 } },
      { rollingUpdatePolicy: { maximumBatchSize: size, waitIntervalInSeconds: 60, rollbackMaximumBatchSize: size } },
    ];
    for (const policy of policies) {
      const deploymentConfig = { ...policy, autoRollbackConfiguration: { alarms: [{ alarmName: "a" }] } };
      const guarded = { ...inputs("good"), deploymentConfig };
      const { outputs } = await plugin.create(ENDPOINT, guarded);
      expect((await plugin.read(ENDPOINT, "e", guarded, outputs)).inputs).to.deep.equal(guarded);
      const imported = await plugin.read(ENDPOINT, "e");
      expect(await plugin.diff(ENDPOINT, imported.inputs, guarded, imported.outputs)).to.deep.include({ some: false });
      await plugin.update(ENDPOINT, "e", guarded, { ...guarded, endpointConfigName: "better" });
      expect(endpoints.get("e")?.deployment?.AutoRollbackConfiguration).to.deep.equal({ Alarms: [{ AlarmName: "a" }] });
      endpoints.clear();
    }
  });

  it("is read as it is while it is still being made: nobody waits for what is imported", async () => {
    endpoints.set("e", { config: "good", statuses: ["Creating"] });
    expect((await plugin.read(ENDPOINT, "e")).inputs).to.deep.equal({ name: "e", endpointConfigName: "good" });
  });

  it("no longer than the program allows", async () => {
    const error = await failed(plugin.create(ENDPOINT, inputs("slow"), { timeout: 0.3 }));
    expect(error.message).to.equal(
      'creating aws:sagemaker/endpoint:Endpoint "thing": gave up after 0.3 s waiting for endpoint e to be InService',
    );
  });

  it("until the user cancels", async () => {
    const creating = failed(plugin.create(ENDPOINT, inputs("slow")));
    while (!endpoints.has("e")) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await plugin.cancel();
    expect((await creating).message).to.equal(
      'creating aws:sagemaker/endpoint:Endpoint "thing": cancelled while waiting for endpoint e to be InService',
    );
  });

  it("until it is gone", async () => {
    await plugin.create(ENDPOINT, inputs("good"));
    await plugin.delete(ENDPOINT, "e", inputs("good"));
    expect(endpoints.size).to.equal(0);
  });

  it("and is refused to delete one that is being updated, like the AWS provider", async () => {
    await plugin.create(ENDPOINT, inputs("good"));
    endpoints.set("e", { config: "good", statuses: ["Updating", "InService"] });
    const error = await failed(plugin.delete(ENDPOINT, "e", inputs("good")));
    expect(error.message).to.contain("Cannot update in-progress endpoint");
  });
});
