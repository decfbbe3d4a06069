import { execFileSync } from "node:child_process";
import { CreateEndpointConfigCommand, DeleteEndpointCommand } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, ModelError, type InvokeEndpointCommandInput } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { z } from "zod";
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

const side = z.strictObject({
  observedContentType: z.string(),
  mode: z.string(),
  data: z.string(),
  encoding: z.string(),
});
const record = z.strictObject({
  captureData: z.strictObject({ endpointInput: side.optional(), endpointOutput: side.optional() }),
  eventMetadata: z.strictObject({
    eventId: z.uuid(),
    inferenceId: z.string().optional(),
    customAttributes: z.array(z.string()).optional(),
    inferenceTime: z.iso.datetime(),
  }),
  eventVersion: z.literal("0"),
});

describe("SageMaker's runtime", function () {
  this.timeout(60_000);
  let test: TestSageMaker;
  const invoke = (changes: Partial<InvokeEndpointCommandInput> = {}) =>
    test.runtime.send(
      new InvokeEndpointCommand({ EndpointName: "plain", ContentType: "text/csv", Body: "1,2", ...changes }),
    );

  before(async () => {
    test = await startSageMaker();
    await createGoodModel(test);
    await createConfig(test, "plain", "good");
    await createEndpoint(test, "plain", "plain");
    await endpointIn(test, "plain", "InService");
  });
  after(() => test.close());

  it("answers a prediction for each row, in CSV or as JSON, and says which variant it came from", async () => {
    const csv = await invoke({ Body: "1,2\n9,9\n" });
    expect(csv.ContentType).to.equal("text/csv; charset=utf-8");
    expect(csv.InvokedProductionVariant).to.equal("main");
    const [low, high, ...rest] = csv.Body.transformToString().trim().split("\n").map(Number);
    expect(rest).to.deep.equal([]);
    // The plane says 8 and 45; eight rounds come near enough to tell the two apart.
    expect(low).to.be.within(4, 14);
    expect(high).to.be.within(38, 50);

    const json = await invoke({ Accept: "application/json" });
    expect(json.ContentType).to.equal("application/json");
    expect(JSON.parse(json.Body.transformToString())).to.deep.equal({ predictions: [{ score: low }] });
  });

  it("tells a container's refusal as ModelError with its status and words", async () => {
    const refused = async (changes: Partial<InvokeEndpointCommandInput>) => {
      const error: unknown = await invoke(changes).catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(ModelError);
      return error as ModelError;
    };
    const columns = await refused({ Body: "1,2,3" });
    expect(columns.$metadata.httpStatusCode).to.equal(424);
    expect(columns.OriginalStatusCode).to.equal(400);
    expect(columns.OriginalMessage).to.equal(
      "Unable to evaluate payload provided: Feature size of csv inference data 3 is not consistent with feature size of trained model 2",
    );
    expect(columns.message).to.match(
      /^Received client error \(400\) from primary with message "Unable to evaluate .*"\. See https:/,
    );
    expect(columns.LogStreamArn).to.equal(
      "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/plain",
    );
    // SageMaker's own container answers a number to one column too few: aws/sagemaker-xgboost-container#410.
    expect(Number((await invoke({ Body: "1" })).Body.transformToString())).to.be.within(0, 50);
    expect((await refused({ ContentType: "application/json", Body: "{}" })).OriginalStatusCode).to.equal(415);
    expect((await refused({ Body: "a,b" })).OriginalStatusCode).to.equal(415);
    expect((await refused({ Accept: "image/png" })).OriginalStatusCode).to.equal(406);
  });

  it("refuses an endpoint that is not there, an unknown variant and a body that is too large", async () => {
    expect(await refusal(invoke({ EndpointName: "nobody" }))).to.deep.equal({
      name: "ValidationError",
      message: "Endpoint nobody of account 123456789012 not found.",
    });
    expect((await refusal(invoke({ TargetVariant: "other" }))).name).to.equal("ValidationError");
    const large = await refusal(invoke({ Body: new Uint8Array(25 * 1024 * 1024 + 1) }));
    expect(large.message).to.equal("HTTP content length exceeded 26214400 bytes.");
  });

  it("measures invocations, errors and latencies of the variant", async () => {
    const before = test.metrics.length;
    await invoke();
    const values = new Map(test.metrics.slice(before).map((value) => [value.name, value]));
    expect([...values.keys()]).to.deep.equal([
      "Invocations",
      "InvocationsPerInstance",
      "Invocation4XXErrors",
      "Invocation5XXErrors",
      "ModelLatency",
      "OverheadLatency",
    ]);
    expect(values.get("Invocations")).to.deep.include({
      namespace: "AWS/SageMaker",
      value: 1,
      dimensions: { EndpointName: "plain", VariantName: "main" },
    });
    expect(values.get("InvocationsPerInstance")!.value).to.equal(0.5);
    expect(values.get("ModelLatency")).to.include({ unit: "Microseconds" });
    expect(values.get("ModelLatency")!.value).to.be.greaterThan(100);
  });

  it("has a container that dies started again, says so in its log, and tells once that it was killed from outside", async () => {
    const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
    const containers = processes
      .map((line) => line.trim().split(/\s+/))
      .filter(([, parent, ...args]) => Number(parent) === process.pid && args.join(" ").endsWith("serve.py"));
    expect(containers).to.have.length(1);
    containers.forEach(([pid]) => process.kill(Number(pid), "SIGKILL"));
    const answered = await until(
      () =>
        invoke().then(
          () => true,
          () => false,
        ),
      (answer) => answer,
    );
    expect(answered).to.equal(true);
    expect(test.logs.map((entry) => entry.line)).to.include(
      "the container ended with exit code none, a signal ended it and is started again",
    );
    expect(test.killed).to.have.length(1);
    expect(test.killed[0]).to.match(/^the container of endpoint plain was killed from outside, by SIGKILL, so /);
  });

  it("captures what went in and out, in AWS's files", async () => {
    await createConfig(test, "captured", "good", {
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 100,
        DestinationS3Uri: `s3://${BUCKET}/captures/`,
        CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
        CaptureContentTypeHeader: { CsvContentTypes: ["text/csv"] },
      },
    });
    await createEndpoint(test, "captured", "captured");
    const endpoint = await endpointIn(test, "captured", "InService");
    expect(endpoint.DataCaptureConfig).to.include({ CaptureStatus: "Started", CurrentSamplingPercentage: 100 });
    const csv = await invoke({ EndpointName: "captured", InferenceId: "one", CustomAttributes: "source=test" });
    await invoke({ EndpointName: "captured", Accept: "application/json" });
    await invoke({ EndpointName: "captured", Body: "1,2,3" }).catch(() => undefined);
    await test.sagemaker.send(new DeleteEndpointCommand({ EndpointName: "captured" }));

    const records = await until(
      async () => capturedRecords(await keys(test, "captures/")),
      (found) => found.length >= 2,
    );
    expect(records).to.have.length(2);
    const [first, second] = records.map((line) => record.parse(JSON.parse(line)));
    expect(first!.captureData).to.deep.equal({
      endpointInput: { observedContentType: "text/csv", mode: "INPUT", data: "1,2", encoding: "CSV" },
      endpointOutput: {
        observedContentType: "text/csv; charset=utf-8",
        mode: "OUTPUT",
        data: csv.Body.transformToString(),
        encoding: "CSV",
      },
    });
    expect(first!.eventMetadata).to.include({ inferenceId: "one" });
    expect(first!.eventMetadata.customAttributes).to.deep.equal(["source=test"]);
    expect(second!.captureData.endpointOutput!.encoding).to.equal("BASE64");
    expect(Buffer.from(second!.captureData.endpointOutput!.data, "base64").toString()).to.match(/^\{"predictions"/);
  });

  const capturedRecords = async (found: readonly string[]) => {
    for (const key of found) {
      expect(key).to.match(
        /^captures\/captured\/main\/\d{4}\/\d{2}\/\d{2}\/\d{2}\/\d{2}-\d{2}-\d{3}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.jsonl$/,
      );
    }
    const files = await Promise.all(found.map((key) => text(test, key)));
    return files.flatMap((file) => file.trim().split("\n"));
  };

  it("spreads requests over the variants by their weights", async () => {
    const variant = (VariantName: string, InitialVariantWeight: number) => ({
      VariantName,
      ModelName: "good",
      InstanceType: "ml.m5.large" as const,
      InitialInstanceCount: 1,
      InitialVariantWeight,
    });
    await test.sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: "two",
        ProductionVariants: [variant("all", 1), variant("none", 0)],
      }),
    );
    await createEndpoint(test, "two", "two");
    await endpointIn(test, "two", "InService");
    for (let i = 0; i < 10; i++) {
      expect((await invoke({ EndpointName: "two" })).InvokedProductionVariant).to.equal("all");
    }
    const chosen = await invoke({ EndpointName: "two", TargetVariant: "none" });
    expect(chosen.InvokedProductionVariant).to.equal("none");
  });

  it("writes what is captured, and ends every container, when the local AWS closes", async () => {
    await createConfig(test, "closing", "good", {
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 100,
        DestinationS3Uri: `s3://${BUCKET}/closing`,
        CaptureOptions: [{ CaptureMode: "Input" }],
      },
    });
    await createEndpoint(test, "closing", "closing");
    await endpointIn(test, "closing", "InService");
    await invoke({ EndpointName: "closing" });
    await test.closeServices();
    const [key] = await keys(test, "closing/closing/main/");
    expect(record.parse(JSON.parse(await text(test, key!))).captureData.endpointOutput).to.equal(undefined);
  });
});
