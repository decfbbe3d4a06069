import { DeleteEndpointCommand } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, ModelError, type InvokeEndpointCommandInput } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import {
  BUCKET,
  createConfig,
  createEndpoint,
  createGoodModel,
  endpointIn,
  keys,
  refusal,
  startSageMaker,
  text,
  until,
  type TestSageMaker,
} from "./support";

describe("an endpoint with faults", function () {
  this.timeout(60_000);
  let test: TestSageMaker;
  const invoke = (changes: Partial<InvokeEndpointCommandInput> = {}) =>
    test.runtime.send(
      new InvokeEndpointCommand({ EndpointName: "other", ContentType: "text/csv", Body: "1,2", ...changes }),
    );
  /** Creates an endpoint for a test, since requests are counted from its creation on. */
  const inService = async (name: string, changes: Parameters<typeof createConfig>[3] = {}) => {
    await createConfig(test, name, "good", changes);
    await createEndpoint(test, name, name);
    await endpointIn(test, name, "InService");
  };

  before(async () => {
    test = await startSageMaker();
    await createGoodModel(test);
    await inService("other");
  });
  after(() => test.close());
  afterEach(() => test.faults.clear());

  it("answers as if the container had failed, after the invocations that are to go well", async () => {
    await inService("faulty");
    test.faults.set({ kind: "model-errors", endpoint: "faulty", afterInvocations: 1 });
    await invoke({ EndpointName: "faulty" });
    const failed: unknown = await invoke({ EndpointName: "faulty" }).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(ModelError);
    expect(failed).to.include({ OriginalStatusCode: 500 });
    const errors = test.metrics.filter(
      ({ name, dimensions }) =>
        name === "Invocation5XXErrors" && dimensions.EndpointName === "faulty" && Object.keys(dimensions).length === 2,
    );
    expect(errors.map((value) => value.value)).to.deep.equal([0, 1]);
    // Another endpoint is none the wiser.
    await invoke();
  });

  it("fails each n-th request, and those above a rate, where that is ordered", async () => {
    await inService("now-and-then");
    const outcomes = async (count: number) => {
      const results: boolean[] = [];
      for (let i = 0; i < count; i++) {
        results.push(
          await invoke({ EndpointName: "now-and-then" }).then(
            () => true,
            () => false,
          ),
        );
      }
      return results;
    };
    const fault = { kind: "model-errors", endpoint: "now-and-then" } as const;
    test.faults.set({ ...fault, afterInvocations: 2, everyNth: 3 });
    expect(await outcomes(8)).to.deep.equal([true, true, true, true, false, true, true, false]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    test.faults.set({ ...fault, aboveRequestsPerSecond: 2 });
    expect(await outcomes(4)).to.deep.equal([true, true, false, false]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await outcomes(2)).to.deep.equal([true, true]);
  });

  it("fails each n-th of those that are not spared", async () => {
    await inService("callers-alone");
    test.faults.set({
      kind: "model-errors",
      endpoint: "callers-alone",
      everyNth: 2,
      status: 400,
      sparedInferenceIds: "probe-",
    });
    const outcomes: boolean[] = [];
    for (const InferenceId of ["probe-1", "a", "probe-2", "b", "c", "probe-3", undefined]) {
      const answer = invoke({ EndpointName: "callers-alone", InferenceId });
      outcomes.push(
        await answer.then(
          () => true,
          () => false,
        ),
      );
    }
    expect(outcomes).to.deep.equal([true, true, true, false, true, true, false]);
    await invoke({ EndpointName: "callers-alone" });
    const refused: unknown = await invoke({ EndpointName: "callers-alone" }).catch((error: unknown) => error);
    expect(refused).to.include({ OriginalStatusCode: 400 });
  });

  it("is slow, or predicts nonsense, where that is ordered, as long as it is", async () => {
    const predicted = async (changes: Partial<InvokeEndpointCommandInput> = {}) =>
      (await invoke({ Body: "1,2\n9,9\n", ...changes })).Body.transformToString();
    test.faults.set({ kind: "model-predictions", endpoint: "other", answer: "nan" });
    expect(await predicted()).to.equal("nan\nnan\n");
    expect(await predicted({ Accept: "application/json" })).to.equal(
      '{"predictions": [{"score": NaN}, {"score": NaN}]}',
    );
    // What the container refuses it refuses still.
    expect(await refusal(invoke({ Body: "1,2,3" }))).to.have.property("name", "ModelError");

    test.faults.set({ kind: "model-predictions", endpoint: "other", answer: -7 });
    test.faults.set({ kind: "model-slow", endpoint: "other", delaySeconds: 0.5 });
    const [measured, began] = [test.metrics.length, Date.now()];
    expect(await predicted()).to.equal("-7.0\n-7.0\n");
    expect(Date.now() - began).to.be.within(490, 1500);
    const latency = test.metrics.slice(measured).find((value) => value.name === "ModelLatency");
    expect(latency!.value).to.be.greaterThan(490_000);
    expect(await predicted({ Accept: "application/json" })).to.equal(
      '{"predictions": [{"score": -7.0}, {"score": -7.0}]}',
    );

    test.faults.clear();
    expect(await predicted()).to.not.contain("-7");
  });

  it("answers the requests in flight of a slow container before the endpoint is gone", async () => {
    await inService("leaving");
    test.faults.set({ kind: "model-slow", endpoint: "leaving", delaySeconds: 1 });
    const slow = invoke({ EndpointName: "leaving" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await test.sagemaker.send(new DeleteEndpointCommand({ EndpointName: "leaving" }));
    expect((await slow).InvokedProductionVariant).to.equal("main");
  });

  it("never brings an endpoint into service whose container is unhealthy by order", async () => {
    await createConfig(test, "ill", "good");
    test.faults.set({ kind: "container-unhealthy", endpoint: "ill" });
    const began = Date.now();
    await createEndpoint(test, "ill", "ill");
    const { FailureReason } = await endpointIn(test, "ill", "Failed");
    expect(FailureReason).to.match(
      /^The primary container for production variant main did not pass the ping health check\. /,
    );
    expect(Date.now() - began).to.be.lessThan(10_000);
  });

  it("loses captures where that is ordered, and says so in the endpoint's data-log", async () => {
    await inService("forgetful", {
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 100,
        DestinationS3Uri: `s3://${BUCKET}/captures/`,
        CaptureOptions: [{ CaptureMode: "Input" }],
      },
    });
    test.faults.set({ kind: "captures-lost", endpoint: "forgetful" });
    await invoke({ EndpointName: "forgetful", InferenceId: "lost" });
    await invoke({ EndpointName: "forgetful", InferenceId: "lost" });
    test.faults.clear();
    await invoke({ EndpointName: "forgetful", InferenceId: "kept" });
    await test.sagemaker.send(new DeleteEndpointCommand({ EndpointName: "forgetful" }));
    const found = await until(
      async () => Promise.all((await keys(test, "captures/")).map((key) => text(test, key))),
      (files) => files.length > 0,
    );
    const ids = found.join("").match(/"inferenceId":"[^"]*"/g);
    expect(ids).to.deep.equal(['"inferenceId":"kept"']);
    const log = test.logs.filter((entry) => entry.group === "/aws/sagemaker/Endpoints/forgetful");
    const told = log.filter((entry) => entry.stream.endsWith("/data-log")).map((entry) => entry.line);
    expect(told.join()).to.match(/captured records were lost: a fault was ordered for this endpoint/);
  });
});
