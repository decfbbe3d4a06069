import { createServer, type Server } from "node:http";
import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from "@aws-sdk/client-codedeploy";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, ModelError, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { lifecycleHook, type HookEvent } from "../../../handlers/hook";
import type { Verdict } from "../../../lib/contract";
import { handler as postTraffic } from "../../../handlers/post-traffic";
import { handler as preTraffic } from "../../../handlers/pre-traffic";
import { context, environment, withOutput } from "./lambda";

const ENDPOINT = "mlops-nyctaxi-prd-r2";
const FROM_CODEDEPLOY: HookEvent = {
  DeploymentId: "d-1",
  LifecycleEventHookExecutionId: "hook-1",
  combined: "d-1:hook-1",
};

describe("lifecycle hooks", () => {
  environment({ AWS_REGION: "us-east-1", ENDPOINT_NAME: ENDPOINT });

  let codeDeploy: AwsClientStub<CodeDeployClient>;
  before(() => {
    codeDeploy = mockClient(CodeDeployClient);
  });
  const reported = () =>
    codeDeploy.commandCalls(PutLifecycleEventHookExecutionStatusCommand).map((made) => made.args[0].input);
  beforeEach(() => codeDeploy.reset());
  after(() => codeDeploy.restore());

  /** Calls a hook as CodeDeploy does and expects of it what every hook promises; gives its verdict. */
  async function verdictOf(hook: typeof preTraffic, remainingMs = 30_000): Promise<Verdict> {
    const { result, lines } = await withOutput(() => hook(FROM_CODEDEPLOY, context(remainingMs)));
    expect(lines).to.deep.equal([`verdict: ${result.status}: ${result.reason}`]);
    expect(reported()).to.deep.equal([
      { deploymentId: "d-1", lifecycleEventHookExecutionId: "hook-1", status: result.status },
    ]);
    return result;
  }

  describe("of any kind", () => {
    it("report that a check succeeded, and what it saw", async () => {
      expect(await verdictOf(lifecycleHook(async () => "all is well"))).to.deep.equal({
        status: "Succeeded",
        reason: "all is well",
      });
    });

    it("report that a check failed, and why, on one line", async () => {
      expect(await verdictOf(lifecycleHook(() => Promise.reject(new Error("it is\n  broken"))))).to.deep.equal({
        status: "Failed",
        reason: "it is broken",
      });
    });

    it("report a failure where a check throws at once", async () => {
      const hook = lifecycleHook(() => {
        throw new TypeError("a bug");
      });
      expect(await verdictOf(hook)).to.deep.equal({ status: "Failed", reason: "a bug" });
    });

    it("report a failure while there is time to, where a check does not end, and tell it to end", async () => {
      let aborted = false;
      const hook = lifecycleHook((signal) => {
        signal.addEventListener("abort", () => (aborted = true));
        return new Promise<string>(() => undefined);
      });
      const started = performance.now();

      expect(await verdictOf(hook, 400)).to.deep.equal({
        status: "Failed",
        reason: "the check did not end within 0.2 s",
      });
      expect(performance.now() - started).to.be.lessThan(400);
      expect(aborted).to.equal(true);
    });

    it("only return the verdict where no deployment asks", async () => {
      const { result, lines } = await withOutput(() => lifecycleHook(async () => "fine")({}, context()));

      expect(result).to.deep.equal({ status: "Succeeded", reason: "fine" });
      expect(lines).to.deep.equal(["verdict: Succeeded: fine"]);
      expect(reported()).to.deep.equal([]);
    });

    it("throw where CodeDeploy refuses the verdict, having logged both", async () => {
      codeDeploy.on(PutLifecycleEventHookExecutionStatusCommand).rejects(new Error("no such deployment"));
      let failed: unknown;

      const { lines } = await withOutput(() =>
        lifecycleHook(async () => "fine")(FROM_CODEDEPLOY, context()).catch((error: unknown) => {
          failed = error;
        }),
      );

      expect(failed).to.be.instanceOf(Error).with.property("message", "no such deployment");
      expect(lines[0]).to.equal("verdict: Succeeded: fine");
      expect(JSON.parse(lines[1]!)).to.include({
        level: "ERROR",
        message: "the verdict could not be reported to CodeDeploy",
        deploymentId: "d-1",
        error: "no such deployment",
      });
    });
  });

  describe("pre-traffic", () => {
    const KNOWN_ROWS = JSON.stringify(["5,1,1", "30,2,8"]);
    environment({ KNOWN_ROWS, PREDICTION_MINIMUM: "4", PREDICTION_MAXIMUM: "100", REQUIRE_CAPTURE: "true" });
    let sagemaker: AwsClientStub<SageMakerClient>;
    before(() => {
      sagemaker = mockClient(SageMakerClient);
    });
    let runtime: AwsClientStub<SageMakerRuntimeClient>;
    before(() => {
      runtime = mockClient(SageMakerRuntimeClient);
    });
    const modelAnswers = (body: string) =>
      runtime.on(InvokeEndpointCommand).resolves({ Body: Buffer.from(body) as never });
    beforeEach(() => {
      sagemaker.reset();
      runtime.reset();
      sagemaker
        .on(DescribeEndpointCommand, { EndpointName: ENDPOINT })
        .resolves({ EndpointStatus: "InService", EndpointConfigName: "config-1" });
      sagemaker.on(DescribeEndpointConfigCommand, { EndpointConfigName: "config-1" }).resolves({
        DataCaptureConfig: {
          EnableCapture: true,
          InitialSamplingPercentage: 100,
          DestinationS3Uri: "s3://b/m",
          CaptureOptions: [],
        },
      });
      modelAnswers("8.25\n35");
    });
    after(() => {
      sagemaker.restore();
      runtime.restore();
    });

    it("succeeds for an endpoint in service, with capture on, that predicts sanely", async () => {
      expect(await verdictOf(preTraffic)).to.deep.equal({
        status: "Succeeded",
        reason: `endpoint ${ENDPOINT} is in service with capture on and answers known rows with 8.25, 35 (4 to 100 allowed)`,
      });
    });

    it("sends all known rows in one request", async () => {
      await verdictOf(preTraffic);

      const sent = runtime.commandCalls(InvokeEndpointCommand).map((made) => made.args[0].input);
      expect(sent).to.have.length(1);
      expect(sent[0]).to.include({ EndpointName: ENDPOINT, Body: "5,1,1\n30,2,8", ContentType: "text/csv" });
    });

    it("marks the known rows, each time anew, as a probe that readers of captures leave out", async () => {
      await withOutput(() => preTraffic({}, context()));
      await withOutput(() => preTraffic({}, context()));

      const ids = runtime.commandCalls(InvokeEndpointCommand).map((made) => made.args[0].input.InferenceId);
      expect(new Set(ids)).to.have.property("size", 2);
      for (const id of ids) {
        expect(id).to.match(/^safe-deploy-probe-[0-9a-f-]{36}$/);
        expect(id!.length).to.be.at.most(64);
      }
    });

    it("does not look at capture where none is required", async () => {
      process.env.REQUIRE_CAPTURE = "false";

      expect((await verdictOf(preTraffic)).status).to.equal("Succeeded");
      expect(sagemaker.commandCalls(DescribeEndpointConfigCommand)).to.deep.equal([]);
    });

    it("approves of an endpoint whose instances are being scaled: it serves", async () => {
      sagemaker
        .on(DescribeEndpointCommand, { EndpointName: ENDPOINT })
        .resolves({ EndpointStatus: "Updating", EndpointConfigName: "config-1" });

      expect((await verdictOf(preTraffic)).status).to.equal("Succeeded");
    });

    const modelError = new ModelError({ message: "x", OriginalStatusCode: 500, $metadata: {} });
    const wrongColumns = new ModelError({
      message: "x",
      OriginalStatusCode: 400,
      OriginalMessage: "expected 4 features",
      $metadata: {},
    });
    const failures: [string, () => unknown, string][] = [
      [
        "the endpoint is being created",
        () => sagemaker.on(DescribeEndpointCommand).resolves({ EndpointStatus: "Creating" }),
        `endpoint ${ENDPOINT} is Creating, not InService`,
      ],
      [
        "the endpoint failed",
        () =>
          sagemaker.on(DescribeEndpointCommand).resolves({ EndpointStatus: "Failed", FailureReason: "no capacity" }),
        `endpoint ${ENDPOINT} is Failed, not InService: no capacity`,
      ],
      [
        "there is no endpoint",
        () => sagemaker.on(DescribeEndpointCommand).rejects(new Error("Could not find endpoint")),
        "Could not find endpoint",
      ],
      [
        "its config captures nothing",
        () => sagemaker.on(DescribeEndpointConfigCommand).resolves({}),
        `endpoint ${ENDPOINT} does not capture its traffic: its config config-1 has capture off`,
      ],
      [
        "the model answers an error",
        () => runtime.on(InvokeEndpointCommand).rejects(modelError),
        "2 known rows got no prediction: the model answered an error (500)",
      ],
      [
        "the model was trained on other columns",
        () => runtime.on(InvokeEndpointCommand).rejects(wrongColumns),
        "2 known rows got no prediction: the model refused the request: expected 4 features",
      ],
      [
        "the endpoint cannot be reached",
        () => runtime.on(InvokeEndpointCommand).rejects(new Error("socket hang up")),
        `2 known rows got no prediction: endpoint ${ENDPOINT} cannot answer (Error): socket hang up`,
      ],
      [
        "a prediction is missing",
        () => modelAnswers("8.25"),
        "2 known rows got no prediction: the model answered 1 predictions to 2 rows",
      ],
      [
        "a prediction is NaN",
        () => modelAnswers("8.25\nnan"),
        "2 known rows got no prediction: prediction 2 of the model's answer is not a finite number",
      ],
      [
        "a prediction is too small",
        () => modelAnswers("3.99\n35"),
        `endpoint ${ENDPOINT} predicts 3.99 for the known row 5,1,1, outside of 4 to 100`,
      ],
      [
        "a prediction is too large",
        () => modelAnswers("8\n100.5"),
        `endpoint ${ENDPOINT} predicts 100.5 for the known row 30,2,8, outside of 4 to 100`,
      ],
      [
        "its environment is incomplete",
        () => Reflect.deleteProperty(process.env, "KNOWN_ROWS"),
        "the function's environment has no KNOWN_ROWS",
      ],
    ];
    for (const [what, arrange, reason] of failures) {
      it(`fails, and says why, where ${what}`, async () => {
        arrange();

        expect(await verdictOf(preTraffic)).to.deep.equal({ status: "Failed", reason });
      });
    }

    it("asks a model that answers wrongly only once", async () => {
      modelAnswers("nan");
      await verdictOf(preTraffic);
      expect(runtime.commandCalls(InvokeEndpointCommand)).to.have.length(1);
    });
  });

  describe("post-traffic", () => {
    environment({
      VARIANT_NAME: "prd-mlops-nyctaxi",
      DATA_CAPTURE_URI: "s3://bucket-1/mlops-nyctaxi/datacapture",
      CAPTURE_WAIT_SECONDS: "0.2",
      CAPTURE_POLL_SECONDS: "0.02",
    });
    const PREFIX = `mlops-nyctaxi/datacapture/${ENDPOINT}/prd-mlops-nyctaxi/`;
    const CAPTURE = `${PREFIX}2026/01/02/03/a.jsonl`;
    let s3: AwsClientStub<S3Client>;
    before(() => {
      s3 = mockClient(S3Client);
    });
    const listed = () => s3.commandCalls(ListObjectsV2Command).map((made) => made.args[0].input);
    beforeEach(() => s3.reset());
    after(() => s3.restore());

    it("succeeds where a capture of this endpoint and variant is there, and looks nowhere else", async () => {
      s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: CAPTURE, Size: 100 }] });

      expect(await verdictOf(postTraffic)).to.deep.equal({
        status: "Succeeded",
        reason: `captured traffic has arrived: s3://bucket-1/${CAPTURE}`,
      });
      expect(listed()).to.deep.equal([{ Bucket: "bucket-1", Prefix: PREFIX, MaxKeys: 10 }]);
    });

    it("takes a capture URI that ends in a slash", async () => {
      process.env.DATA_CAPTURE_URI = "s3://bucket-1/mlops-nyctaxi/datacapture/";
      s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: CAPTURE, Size: 100 }] });

      await verdictOf(postTraffic);

      expect(listed()[0]).to.include({ Bucket: "bucket-1", Prefix: PREFIX });
    });

    it("waits for a capture to arrive", async () => {
      s3.on(ListObjectsV2Command)
        .resolvesOnce({})
        .resolvesOnce({ Contents: [{ Key: PREFIX, Size: 0 }] })
        .resolves({ Contents: [{ Key: CAPTURE, Size: 100 }] });

      expect((await verdictOf(postTraffic)).status).to.equal("Succeeded");
      expect(listed()).to.have.length(3);
    });

    it("fails where none arrives in time", async () => {
      s3.on(ListObjectsV2Command).resolves({});

      expect(await verdictOf(postTraffic)).to.deep.equal({
        status: "Failed",
        reason: `no captured traffic under s3://bucket-1/${PREFIX} within 0.2 s`,
      });
      expect(listed().length).to.be.within(3, 11);
    });

    it("fails at once where it may not look", async () => {
      s3.on(ListObjectsV2Command).rejects(new Error("Access Denied"));

      expect(await verdictOf(postTraffic)).to.deep.equal({ status: "Failed", reason: "Access Denied" });
      expect(listed()).to.have.length(1);
    });

    it("fails where its capture URI is none", async () => {
      process.env.DATA_CAPTURE_URI = "bucket-1/mlops-nyctaxi";

      expect(await verdictOf(postTraffic)).to.deep.equal({
        status: "Failed",
        reason: "DATA_CAPTURE_URI must be s3://<bucket>/<prefix>, got bucket-1/mlops-nyctaxi",
      });
    });
  });
});

describe("reports of lifecycle hooks, over the wire", () => {
  let server: Server;
  let statuses: number[];
  let seen: number;
  environment({
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL: undefined,
  });

  before(async () => {
    server = createServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(statuses[Math.min(seen, statuses.length - 1)]!).end("{}");
      seen += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    seen = 0;
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${String((server.address() as { port: number }).port)}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("are tried again where CodeDeploy has a moment of weakness", async () => {
    statuses = [500, 503, 200];

    const { result } = await withOutput(() => lifecycleHook(async () => "fine")(FROM_CODEDEPLOY, context()));

    expect(result).to.deep.equal({ status: "Succeeded", reason: "fine" });
    expect(seen).to.equal(3);
  });

  it("fail the function where CodeDeploy stays away", async () => {
    statuses = [500];
    let failed: unknown;

    await withOutput(() =>
      lifecycleHook(async () => "fine")(FROM_CODEDEPLOY, context()).catch((error: unknown) => {
        failed = error;
      }),
    );

    expect(failed).to.be.instanceOf(Error);
    expect(seen).to.equal(5);
  });
});
