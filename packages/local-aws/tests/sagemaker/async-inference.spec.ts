import { InvokeEndpointAsyncCommand, InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import type { CreateEndpointConfigCommandInput } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import {
  BUCKET,
  createConfig,
  createEndpoint,
  createGoodModel,
  endpointIn,
  keys,
  put,
  refusal,
  startSageMaker,
  text,
  until,
  type TestSageMaker,
} from "./support";

describe("Asynchronous endpoints", function () {
  this.timeout(60_000);
  let test: TestSageMaker;

  before(async () => {
    test = await startSageMaker();
    await createGoodModel(test);
    await createConfig(test, "queued", "good", queue());
    await createConfig(test, "plain", "good");
    for (const name of ["queued", "plain"]) {
      await createEndpoint(test, name, name);
      await endpointIn(test, name, "InService");
    }
    await put(test, "requests/two.csv", "1,2\n3,4\n");
    await put(test, "requests/wrong.csv", "1,2,3,4,5,6\n");
  });
  after(() => test.close());

  const queue = (): Partial<CreateEndpointConfigCommandInput> => ({
    AsyncInferenceConfig: {
      ClientConfig: { MaxConcurrentInvocationsPerInstance: 2 },
      OutputConfig: { S3OutputPath: `s3://${BUCKET}/answers/`, S3FailurePath: `s3://${BUCKET}/failures` },
    },
  });
  const ask = (file: string, EndpointName = "queued") =>
    test.runtime.send(
      new InvokeEndpointAsyncCommand({
        EndpointName,
        ContentType: "text/csv",
        InputLocation: `s3://${BUCKET}/requests/${file}`,
      }),
    );
  const written = async (location: string | undefined) => {
    const key = location?.replace(`s3://${BUCKET}/`, "") ?? "";
    await until(
      () => keys(test, key),
      (found) => found.length === 1,
    );
    return text(test, key);
  };

  it("answer at once with where the answer will be, and put it there", async () => {
    const { OutputLocation, FailureLocation, InferenceId } = await ask("two.csv");

    expect(InferenceId).not.to.equal("");
    expect(OutputLocation).to.match(/^s3:\/\/models\/answers\/[0-9a-f-]{36}\.out$/);
    expect(FailureLocation).to.match(/^s3:\/\/models\/failures\/[0-9a-f-]{36}-error\.out$/);
    expect((await written(OutputLocation)).trim().split("\n")).to.have.length(2);
  });

  for (const [what, file, reason] of [
    [
      "the container refuses",
      "wrong.csv",
      /^Received error \(400\) from primary with message "Unable to evaluate payload/,
    ],
    ["is not there", "none.csv", /does not exist/],
  ] as const) {
    it(`write down why a request failed that ${what}`, async () => {
      const { FailureLocation } = await ask(file);
      expect(await written(FailureLocation)).to.match(reason);
    });
  }

  it("are called by their own operation only, and others not by it", async () => {
    const waiting = new InvokeEndpointCommand({ EndpointName: "queued", ContentType: "text/csv", Body: "1,2" });

    expect((await refusal(test.runtime.send(waiting))).message).to.match(/only supports asynchronous invocations/);
    expect((await refusal(ask("two.csv", "plain"))).message).to.match(/does not support asynchronous invocations/);
  });

  it("cannot have a capture, which their requests and answers make needless", async () => {
    const capture = {
      EnableCapture: true,
      InitialSamplingPercentage: 100,
      DestinationS3Uri: `s3://${BUCKET}/captures`,
      CaptureOptions: [{ CaptureMode: "Input" as const }],
    };
    const captured = createConfig(test, "captured", "good", { ...queue(), DataCaptureConfig: capture });
    expect((await refusal(captured)).message).to.match(/AsyncInferenceConfig cannot be given with DataCaptureConfig/);
  });
});
