import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { handler as preTraffic } from "../../../handlers/pre-traffic";
import { ENDPOINT, hookCaller } from "./hook-fixture";
import { context, environment, withOutput } from "./lambda";
import { modelError, sageMakerRuntime } from "./runtime-server";

describe("the hook", () => {
  const { verdictOf } = hookCaller();

  describe("pre-traffic", () => {
    environment({
      KNOWN_REQUESTS: '[{"body":"5,1,1\\n30,2,8"}]',
      ACCEPT: '{"type":"number","minimum":4,"maximum":100}',
      MODEL_REQUEST: undefined,
      OWN_HOOK: undefined,
      REQUIRE_CAPTURE: "true",
    });
    let sagemaker: AwsClientStub<SageMakerClient>;
    before(() => {
      sagemaker = mockClient(SageMakerClient);
    });
    const { answers, arrived, modelAnswers, sent } = sageMakerRuntime();
    beforeEach(() => {
      sagemaker.reset();
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
    after(() => sagemaker.restore());

    it("succeeds for an endpoint in service, with capture on, that predicts sanely", async () => {
      expect(await verdictOf(preTraffic)).to.deep.equal({
        status: "Succeeded",
        reason: `endpoint ${ENDPOINT} is in service with capture on and answers known rows with 8.25, 35 (4 to 100 allowed)`,
      });
    });

    it("sends all known rows in one request", async () => {
      await verdictOf(preTraffic);

      expect(sent()).to.have.length(1);
      expect(sent()[0]).to.include({ EndpointName: ENDPOINT, Body: "5,1,1\n30,2,8", ContentType: "text/csv" });
    });

    it("marks the known rows, each time anew, as a probe that readers of captures leave out", async () => {
      await withOutput(() => preTraffic({}, context()));
      await withOutput(() => preTraffic({}, context()));

      const ids = sent().map(({ InferenceId }) => InferenceId);
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
        () => answers(modelError(500)),
        "2 known rows got no prediction: the model answered an error (500)",
      ],
      [
        "the model was trained on other columns",
        () => answers(modelError(400, "expected 4 features")),
        "2 known rows got no prediction: the model refused the request: expected 4 features",
      ],
      [
        "the endpoint cannot be reached",
        () => answers("breaks"),
        `2 known rows got no prediction: endpoint ${ENDPOINT} cannot answer (TimeoutError): ECONNRESET: socket hang up`,
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
        () => Reflect.deleteProperty(process.env, "KNOWN_REQUESTS"),
        "the function's environment has no KNOWN_REQUESTS",
      ],
    ];
    for (const [what, arrange, reason] of failures) {
      it(`fails, and says why, where ${what}`, async () => {
        arrange();

        expect(await verdictOf(preTraffic)).to.deep.equal({ status: "Failed", reason });
      });
    }

    describe("of a model that answers", () => {
      const passed = {
        MODEL_REQUEST: '{"contentType":"image/jpeg"}',
        KNOWN_REQUESTS: '[{"body":"/9j/","isBase64Encoded":true}]',
      };
      const kinds: [string, Record<string, string>, string, string | undefined, string | undefined][] = [
        [
          "labels",
          { ACCEPT: '{"type":"label","labels":["stays","goes"]}' },
          "stays\ngoes",
          "answers known rows with stays, goes (stays or goes allowed)",
          undefined,
        ],
        [
          "labels that nobody knows",
          { ACCEPT: '{"type":"label","labels":["stays","goes"]}' },
          "stays\nflies",
          undefined,
          `endpoint ${ENDPOINT} predicts flies for the known row 30,2,8, outside of stays or goes`,
        ],
        [
          "probabilities",
          { ACCEPT: '{"type":"vector","length":2,"minimum":0,"maximum":1,"sum":1}' },
          "0.2,0.8\n0.5,0.4999",
          "answers known rows with 0.2,0.8, 0.5,0.4999 (2 numbers 0 to 1 that sum to 1 allowed)",
          undefined,
        ],
        [
          "probabilities that are none",
          { ACCEPT: '{"type":"vector","length":2,"minimum":0,"maximum":1,"sum":1}' },
          "0.2,0.8\n0.5,0.9",
          undefined,
          `endpoint ${ENDPOINT} predicts 0.5,0.9 for the known row 30,2,8, outside of 2 numbers 0 to 1 that sum to 1`,
        ],
        [
          "JSON of its own",
          { ACCEPT: '{"type":"json","path":"scores.*.p","value":{"type":"number","maximum":1}}' },
          '{"scores":[{"p":0.5},{"p":1}]}',
          "answers known rows with 0.5, 1 (any to 1 at scores.*.p allowed)",
          undefined,
        ],
        [
          "JSON without what was wanted",
          { ACCEPT: '{"type":"json","path":"scores.*.p","value":{"type":"number","maximum":1}}' },
          '{"scores":[{"p":0.5},{}]}',
          undefined,
          `endpoint ${ENDPOINT} predicts nothing of the kind for the known row 30,2,8, outside of any to 1 at scores.*.p`,
        ],
        [
          "a body that was passed through",
          { ...passed, ACCEPT: "" },
          "cat",
          "answers known requests (anything allowed)",
          undefined,
        ],
        [
          "no JSON to a body that was passed through",
          { ...passed, ACCEPT: '{"type":"json"}' },
          "cat",
          undefined,
          "a known request of 3 bytes got no prediction: the model's answer is not JSON",
        ],
      ];
      for (const [what, given, body, seen, wrong] of kinds) {
        it(`says what it thinks of ${what}`, async () => {
          Object.assign(process.env, given);
          modelAnswers(body);

          expect(await verdictOf(preTraffic)).to.deep.equal(
            wrong === undefined
              ? { status: "Succeeded", reason: `endpoint ${ENDPOINT} is in service with capture on and ${seen ?? ""}` }
              : { status: "Failed", reason: wrong },
          );
        });
      }

      it("bodies that are passed through, each by itself and as the bytes they are", async () => {
        Object.assign(process.env, passed, {
          ACCEPT: "",
          KNOWN_REQUESTS: '[{"body":"/9j/","isBase64Encoded":true},{"body":"b"}]',
        });

        await verdictOf(preTraffic);

        expect(arrived().map(({ body, headers }) => [body.toString(), headers["content-type"]])).to.deep.equal([
          [Buffer.from("/9j/", "base64").toString(), "image/jpeg"],
          ["b", "image/jpeg"],
        ]);
      });
    });

    it("asks a model that answers wrongly only once", async () => {
      modelAnswers("nan");
      await verdictOf(preTraffic);
      expect(sent()).to.have.length(1);
    });
  });
});
