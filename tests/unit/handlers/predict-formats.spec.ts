import { expect } from "chai";
import { handler, type PredictEvent } from "../../../handlers/predict";
import { context, environment, request, withOutput } from "./lambda";
import { modelError, sageMakerRuntime } from "./runtime-server";

const ENDPOINT = "churn-r2";
const TYPE = "Content-Type";

/** Calls the function; gives its answer and its metrics. */
async function call(event: PredictEvent) {
  const { result, lines } = await withOutput(() => handler(event, context()));
  const metrics = lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => "_aws" in line);
  return { result, metrics };
}

describe("predict, for models of all kinds,", () => {
  environment({
    ENDPOINT_NAME: ENDPOINT,
    RELEASE: "r2",
    AWS_LAMBDA_FUNCTION_NAME: "churn",
    MODEL_REQUEST: undefined,
    ACCEPT: undefined,
    ALLOW_ORIGIN: undefined,
  });
  const { answers, arrived, modelAnswers, sent } = sageMakerRuntime();

  describe("of a table", () => {
    environment({
      MODEL_REQUEST: JSON.stringify({
        columns: [
          { name: "plan", type: "text", values: ["basic", "pro"] },
          { name: "months", minimum: 0, optional: true },
        ],
      }),
    });
    const objects = request('{"instances":[{"months":3,"plan":"pro"},{"plan":"basic"}]}', {
      [TYPE]: "application/json",
    });

    it("sends named fields in the model's order, and gives a label for each row", async () => {
      process.env.ACCEPT = '{"type":"label","labels":["stays","goes"]}';
      modelAnswers("stays\nflies\n");

      const { result, metrics } = await call(objects);

      expect(sent()[0]).to.include({ ContentType: "text/csv", Accept: "text/csv", Body: "pro,3\nbasic," });
      expect(result.body).to.equal('{"predictions":["stays","flies"]}');
      expect(metrics).to.include({ Rows: 2, PredictedRows: 2, PredictionsOutOfRange: 1, ModelFaults: 0 });
    });

    it("gives a vector for each row", async () => {
      process.env.ACCEPT = '{"type":"vector","length":2,"sum":1}';
      modelAnswers("0.1,0.9\n0.5,0.6\n");

      const { result, metrics } = await call(objects);

      expect(result.body).to.equal('{"predictions":[[0.1,0.9],[0.5,0.6]]}');
      expect(metrics).to.include({ PredictedRows: 2, PredictionsOutOfRange: 1 });
    });

    it("gives the model's own JSON as it is, and judges what it says", async () => {
      process.env.ACCEPT = '{"type":"json","path":"out.*.p","value":{"type":"number","maximum":1}}';
      const json = '{ "out": [{"p": 0.5}, {"p": 2}, {}] }';
      modelAnswers(json);

      const { result, metrics } = await call(objects);

      expect(sent()[0]).to.include({ Accept: "application/json" });
      expect(result).to.deep.include({ statusCode: 200, body: json });
      expect(result.headers).to.include({ [TYPE]: "application/json" });
      expect(metrics).to.include({ PredictedRows: 3, PredictionsOutOfRange: 2 });
    });

    it("answers JSON Lines with JSON Lines", async () => {
      modelAnswers("7\n8");

      const { result } = await call(request('["pro",1]\n["basic",null]', { [TYPE]: "application/jsonlines" }));

      expect(result.headers).to.include({ [TYPE]: "application/jsonlines" });
      expect(result.body).to.equal('{"prediction":7}\n{"prediction":8}\n');
    });

    it("counts rows that these columns do not take as refused, and those with unknown texts as unusual", async () => {
      modelAnswers("7");
      expect((await call(request("pro,x"))).metrics).to.include({ ModelRefusals: 1, ModelFaults: 0 });
      const probed = await call({ ...request("pro,x"), safeDeployProbe: true });
      expect(probed.metrics).to.include({ ModelFaults: 1 });
      expect((await call(request("gold,1"))).metrics)
        .to.include({ UnusualRequests: 1 })
        .and.not.have.any.keys("CallerRequests");
    });

    for (const [accept, body, error] of [
      ['{"type":"json"}', "no JSON", "the model's answer is not JSON"],
      ['{"type":"vector"}', "0.1,nan", "prediction 1 of the model's answer is not a list of finite numbers"],
      ['{"type":"label"}', "a\nb", "the model answered 2 predictions to 1 rows"],
    ] as const) {
      it(`counts a fault where ${accept} is wanted and ${JSON.stringify(body)} answered`, async () => {
        process.env.ACCEPT = accept;
        modelAnswers(body);

        const { result, metrics } = await call(request("pro,1"));

        expect(result).to.include({ statusCode: 502, body: JSON.stringify({ error }) });
        expect(metrics).to.include({ ModelFaults: 1 });
      });
    }
  });

  describe("of bodies that are passed through", () => {
    environment({ MODEL_REQUEST: '{"contentType":"image/jpeg"}' });
    const bytes = Uint8Array.from([0xff, 0xd8, 0, 1]);
    const picture = (headers: Record<string, string> = { [TYPE]: "image/jpeg" }) =>
      request(Buffer.from(bytes).toString("base64"), headers, true);

    it("hands the very bytes on, and back", async () => {
      modelAnswers(bytes, "image/png");

      const { result, metrics } = await call(picture({ [TYPE]: "image/jpeg", Accept: "image/png" }));

      expect(sent()[0]).to.include({ ContentType: "image/jpeg", Accept: "image/png" });
      expect(arrived()[0]!.body).to.deep.equal(Buffer.from(bytes));
      expect(result).to.deep.equal({
        statusCode: 200,
        headers: {
          [TYPE]: "image/png",
          "X-Amzn-SageMaker-Inference-Id": "request-1",
          "X-SageMaker-Endpoint": ENDPOINT,
        },
        body: Buffer.from(bytes).toString("base64"),
        isBase64Encoded: true,
      });
      expect(metrics).to.include({ Requests: 1, ModelFaults: 0 }).and.not.have.any.keys("PredictedRows");
      expect(metrics).to.have.property("CallerRequests", 1);
    });

    it("takes what has no media type for the one that it takes, and refuses another", async () => {
      modelAnswers("{}");
      await call(picture({}));
      expect(sent()[0]).to.include({ ContentType: "image/jpeg" });

      const { result, metrics } = await call(picture({ [TYPE]: "text/csv" }));
      expect(result).to.include({ statusCode: 415, body: '{"error":"Content-Type must be image/jpeg, got text/csv"}' });
      expect(metrics).to.include({ ModelRefusals: 0, ModelFaults: 0 });
    });

    it("takes any media type if it says so", async () => {
      process.env.MODEL_REQUEST = '{"contentType":"*","accept":"application/json"}';
      modelAnswers("{}");

      await call(picture({ [TYPE]: "audio/wav; rate=16000" }));
      await call(picture({}));

      expect(sent().map(({ ContentType, Accept }) => [ContentType, Accept])).to.deep.equal([
        ["audio/wav; rate=16000", "application/json"],
        ["application/octet-stream", "application/json"],
      ]);
    });

    it("judges what the model's JSON says", async () => {
      process.env.ACCEPT = '{"type":"json","path":"label","value":{"type":"label","labels":["cat"]}}';
      modelAnswers('{"label":"dog"}');

      const { metrics } = await call(picture());

      expect(metrics).to.include({ PredictedRows: 1, PredictionsOutOfRange: 1, CallerRowsOutOfRange: 1 });
    });

    it("refuses what is empty or too large before a model sees it, and an answer too large to be passed on", async () => {
      expect((await call(request(null))).result).to.include({ statusCode: 400, body: '{"error":"the body is empty"}' });
      expect((await call(request("1".repeat(4_194_305)))).result.statusCode).to.equal(413);
      expect(sent()).to.deep.equal([]);

      modelAnswers(Buffer.alloc(4_194_305));
      const { result, metrics } = await call(picture());
      expect(result.statusCode).to.equal(413);
      expect(metrics).to.include({ ModelRefusals: 1, ModelFaults: 0 });
    });

    it("takes a model's own refusal for the caller's mistake, and its error for a fault", async () => {
      const fails = (OriginalStatusCode: number) => answers(modelError(OriginalStatusCode));
      fails(415);
      expect((await call(picture())).metrics).to.include({ ModelRefusals: 1, ModelFaults: 0 });
      fails(500);
      expect((await call(picture())).metrics).to.include({ ModelRefusals: 0, ModelFaults: 1 });
    });
  });

  it("lets pages of one origin read all answers", async () => {
    process.env.ALLOW_ORIGIN = "https://app.example.com";
    modelAnswers("7");
    for (const event of [request("1"), request("one")]) {
      expect((await call(event)).result.headers).to.include({
        "Access-Control-Allow-Origin": "https://app.example.com",
        "Access-Control-Expose-Headers":
          "X-SageMaker-Endpoint, X-Amzn-SageMaker-Custom-Attributes, X-Amzn-SageMaker-Inference-Id",
      });
    }
  });
});
