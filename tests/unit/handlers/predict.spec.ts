import type { APIGatewayProxyEvent } from "aws-lambda";
import { expect } from "chai";
import { handler, type PredictEvent } from "../../../handlers/predict";
import { context, environment, probe, request, withOutput } from "./lambda";
import { modelError, sageMakerRuntime, serviceError, type Reply } from "./runtime-server";

const ENDPOINT = "mlops-nyctaxi-prd-r2";
const INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id";
const NO_ID = `${INFERENCE_ID} must not be empty or begin with safe-deploy-probe-`;

/** Calls the function; gives its answer and its log, the line with the metrics apart. */
async function call(event: PredictEvent, remainingMs?: number) {
  const { result, lines } = await withOutput(() => handler(event, context(remainingMs)));
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const metrics = parsed.filter((line) => "_aws" in line);
  expect(metrics, "exactly one line of metrics").to.have.length(1);
  return { result, metrics: metrics[0]!, log: parsed.filter((line) => !("_aws" in line)), lines };
}

/** The metrics of a line by which the release is judged: those without a source. */
function judged(line: Record<string, unknown>): Record<string, number> {
  const { CloudWatchMetrics } = line._aws as {
    CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[];
  };
  const names = CloudWatchMetrics.filter(({ Dimensions }) => !Dimensions.flat().includes("Source")).flatMap(
    ({ Metrics }) => Metrics.map(({ Name }) => Name),
  );
  return Object.fromEntries(names.map((name) => [name, line[name] as number]));
}

describe("predict", () => {
  environment({
    ENDPOINT_NAME: ENDPOINT,
    RELEASE: "r2",
    AWS_LAMBDA_FUNCTION_NAME: "mlops-nyctaxi-api",
    MODEL_REQUEST: undefined,
    ACCEPT: undefined,
    ALLOW_ORIGIN: undefined,
  });
  const { answers, modelAnswers, sent } = sageMakerRuntime();

  describe("with a model that answers", () => {
    it("sends CSV rows to this release's endpoint and answers CSV, a prediction per line", async () => {
      modelAnswers("10.5,20");

      const { result } = await call(request("1,2,3\n4,5,6\n", { "Content-Type": "text/csv" }));

      expect(sent()).to.deep.equal([
        {
          EndpointName: ENDPOINT,
          ContentType: "text/csv",
          Accept: "text/csv",
          Body: "1,2,3\n4,5,6",
          CustomAttributes: undefined,
          InferenceId: "request-1",
        },
      ]);
      expect(result).to.deep.equal({
        statusCode: 200,
        headers: { "Content-Type": "text/csv", [INFERENCE_ID]: "request-1", "X-SageMaker-Endpoint": ENDPOINT },
        body: "10.5\n20\n",
      });
    });

    it("sends JSON instances as CSV and answers JSON", async () => {
      modelAnswers("10.5\n20\n");

      const { result } = await call(request('{"instances": [[1, 2], [3, 4]]}', { "Content-Type": "application/json" }));

      expect(sent()[0]).to.include({ Body: "1,2\n3,4", ContentType: "text/csv" });
      expect(result).to.deep.equal({
        statusCode: 200,
        headers: { "Content-Type": "application/json", [INFERENCE_ID]: "request-1", "X-SageMaker-Endpoint": ENDPOINT },
        body: '{"predictions":[10.5,20]}',
      });
    });

    const negotiated: [string, string, Record<string, string>, string][] = [
      ["CSV where nothing is said", "1,2", {}, "text/csv"],
      [
        "CSV for a header in small letters with parameters",
        "1,2",
        { "content-type": "Text/CSV; charset=utf-8" },
        "text/csv",
      ],
      [
        "JSON for JSON with parameters",
        "[1, 2]",
        { "CONTENT-TYPE": "application/json;charset=utf-8" },
        "application/json",
      ],
      ["JSON for CSV where Accept says so", "1,2", { accept: "application/json" }, "application/json"],
      [
        "CSV for JSON where Accept says so",
        "[1, 2]",
        { "Content-Type": "application/json", Accept: "text/csv" },
        "text/csv",
      ],
      [
        "the first format that Accept lists",
        "1,2",
        { Accept: "text/html, application/json;q=0.9, text/csv" },
        "application/json",
      ],
      [
        "as asked where Accept takes anything",
        "[1, 2]",
        { "Content-Type": "application/json", Accept: "*/*" },
        "application/json",
      ],
    ];
    for (const [what, body, headers, contentType] of negotiated) {
      it(`answers ${what}`, async () => {
        modelAnswers("7");

        const { result } = await call(request(body, headers));

        expect(result.headers).to.include({ "Content-Type": contentType });
        expect(result.body).to.equal(contentType === "text/csv" ? "7\n" : '{"predictions":[7]}');
      });
    }

    it("takes a body that API Gateway encoded as base64", async () => {
      modelAnswers("7");

      await call(request(Buffer.from("1,2,3").toString("base64"), {}, true));

      expect(sent()[0]).to.include({ Body: "1,2,3" });
    });

    it("passes SageMaker's custom attributes on, and back", async () => {
      modelAnswers("7", "text/csv", "trace=2");

      const { result } = await call(request("1", { "x-amzn-sagemaker-custom-attributes": "trace=1" }));

      expect(sent()[0]).to.include({ CustomAttributes: "trace=1" });
      expect(result.headers).to.include({ "X-Amzn-SageMaker-Custom-Attributes": "trace=2" });
    });

    it("takes the caller's own id of a request, by which it can be labelled, and tells it", async () => {
      modelAnswers("7");

      const { result } = await call(request("1", { "x-amzn-sagemaker-inference-id": "order 17" }));

      expect(sent()[0]).to.include({ InferenceId: "order 17" });
      expect(result.headers).to.include({ [INFERENCE_ID]: "order 17" });
    });

    it("writes one line of metrics, in CloudWatch's embedded format", async () => {
      modelAnswers("7\n8");
      const before = Date.now();

      const { metrics } = await call(request("1\n2"));

      const { Timestamp: timestamp, ...aws } = metrics._aws as { Timestamp: number };
      expect(timestamp).to.be.within(before, Date.now());
      expect(metrics.ModelLatency).to.be.a("number").within(0, 1000);
      expect(aws).to.deep.equal({
        CloudWatchMetrics: [
          {
            Namespace: "SageMakerSafeDeploy",
            Dimensions: [["FunctionName", "Release", "Source"]],
            Metrics: [
              { Name: "Requests", Unit: "Count" },
              { Name: "ModelFaults", Unit: "Count" },
              { Name: "ModelRefusals", Unit: "Count" },
              { Name: "UnusualRequests", Unit: "Count" },
              { Name: "ModelLatency", Unit: "Milliseconds" },
            ],
          },
          {
            Namespace: "SageMakerSafeDeploy",
            Dimensions: [["FunctionName", "Release"]],
            Metrics: [
              { Name: "ModelRefusals", Unit: "Count" },
              { Name: "Requests", Unit: "Count" },
              { Name: "ModelFaults", Unit: "Count" },
              { Name: "CallerRequests", Unit: "Count" },
              { Name: "CallerFaults", Unit: "Count" },
              { Name: "ModelLatency", Unit: "Milliseconds" },
            ],
          },
        ],
      });
      expect({ ...metrics, _aws: undefined, ModelLatency: undefined }).to.deep.equal({
        _aws: undefined,
        ModelLatency: undefined,
        RequestId: "request-1",
        Endpoint: ENDPOINT,
        StatusCode: 200,
        Rows: 2,
        FunctionName: "mlops-nyctaxi-api",
        Release: "r2",
        Source: "caller",
        Requests: 1,
        ModelFaults: 0,
        ModelRefusals: 0,
        UnusualRequests: 0,
        CallerRequests: 1,
        CallerFaults: 0,
      });
    });

    const ranges: [string, string, { minimum?: number; maximum?: number }, number | undefined][] = [
      ["inside of the range, both ends included", "4\n100", { minimum: 4, maximum: 100 }, 0],
      ["below the range", "5\n3.99", { minimum: 4, maximum: 100 }, 1],
      ["above the range", "100.01\n5", { minimum: 4, maximum: 100 }, 1],
      ["outside of it more than once", "1\n1000", { minimum: 4, maximum: 100 }, 2],
      ["below a minimum alone", "-1\n5", { minimum: 0 }, 1],
      ["above a minimum alone", "0\n1e9", { minimum: 0 }, 0],
      ["above a maximum alone", "5\n101", { maximum: 100 }, 1],
      ["anywhere where no range is given", "-1\n1e9", {}, undefined],
    ];
    for (const [what, predictions, limits, outOfRange] of ranges) {
      it(`counts ${outOfRange ?? "nothing"} as out of range for predictions ${what}`, async () => {
        process.env.ACCEPT = JSON.stringify({ type: "number", ...limits });
        modelAnswers(predictions);

        const { result, metrics } = await call(request("1\n2"));

        expect(result.statusCode).to.equal(200);
        expect(metrics.PredictionsOutOfRange).to.equal(outOfRange);
        const { ModelFaults, PredictionsOutOfRange, CallerRowsOutOfRange } = judged(metrics);
        expect([ModelFaults, PredictionsOutOfRange, CallerRowsOutOfRange]).to.deep.equal([0, outOfRange, outOfRange]);
        expect(metrics.PredictedRows).to.equal(outOfRange === undefined ? undefined : 2);
      });
    }

    it("judges no predictions where there are none", async () => {
      process.env.ACCEPT = '{"type":"number","maximum":100}';
      modelAnswers("nan");

      expect((await call(request("1"))).metrics).not.to.have.property("PredictionsOutOfRange");
      expect((await call(request("one"))).metrics).not.to.have.property("PredictionsOutOfRange");
    });

    describe("asked by a rollout's probe", () => {
      it("answers as it answers a caller, and says in metrics and captures that it was a probe", async () => {
        process.env.ACCEPT = '{"type":"number","maximum":10}';
        modelAnswers("7\n11");

        const { result, metrics } = await call(probe("1,2\n3,4"));

        expect(result).to.deep.equal({
          statusCode: 200,
          headers: {
            "Content-Type": "text/csv",
            [INFERENCE_ID]: "safe-deploy-probe-request-1",
            "X-SageMaker-Endpoint": ENDPOINT,
          },
          body: "7\n11\n",
        });
        expect(sent()[0]).to.include({ Body: "1,2\n3,4", InferenceId: "safe-deploy-probe-request-1" });
        expect(metrics).to.include({ Source: "probe", Requests: 1, ModelFaults: 0, PredictionsOutOfRange: 1 });
        expect(judged(metrics)).to.include({
          Requests: 1,
          CallerRequests: 0,
          PredictedRows: 2,
          PredictionsOutOfRange: 1,
          CallerRows: 0,
          CallerRowsOutOfRange: 0,
        });
      });

      it("is not taken in by a caller who calls himself one", async () => {
        modelAnswers("7");
        const event = request('{"safeDeployProbe": true, "instances": [[1]]}', {
          "Content-Type": "application/json",
          safeDeployProbe: "true",
        });

        expect((await call(event)).metrics).to.include({ Source: "caller" });
        const textual = { ...request("1"), safeDeployProbe: "true" as unknown as boolean };
        expect((await call(textual)).metrics).to.include({ Source: "caller" });
        expect(sent().map(({ InferenceId }) => InferenceId)).to.deep.equal(["request-1", "request-1"]);
      });

      it("blames the model for refusing rows that are known to be good", async () => {
        answers(modelError(400, "no"));

        const { result, metrics } = await call(probe("1,2"));

        expect(result.statusCode).to.equal(400);
        expect(metrics).to.include({ Source: "probe", ModelFaults: 1 });
        expect(judged(metrics))
          .to.include({ ModelFaults: 1, CallerFaults: 0 })
          .and.not.to.have.property("ModelRefusals");
      });
    });

    const mistakes: [string, APIGatewayProxyEvent, number, string][] = [
      ["no body", request(null), 400, "the body is empty: send at least one row"],
      ["an empty body", request(" \n"), 400, "the body is empty: send at least one row"],
      ["bytes that are not UTF-8", request("/w==", {}, true), 400, "the body is not UTF-8"],
      ["a word", request("1,two"), 400, 'row 1, column 2 is not a number: "two"; rows are sent without a header'],
      [
        "another content type",
        request("<x/>", { "Content-Type": "text/xml; charset=utf-8" }),
        415,
        "Content-Type must be text/csv or application/json or application/jsonlines, got text/xml",
      ],
      [
        "too large a body",
        request("1".repeat(4_194_305)),
        413,
        "the body has 4194305 bytes, at most 4194304 are taken",
      ],
      [
        "custom attributes that SageMaker would refuse",
        request("1", { "X-Amzn-SageMaker-Custom-Attributes": "ü" }),
        400,
        "X-Amzn-SageMaker-Custom-Attributes must be at most 1024 printable characters of ASCII",
      ],
      [
        "custom attributes that no header can carry",
        request("1", { "X-Amzn-SageMaker-Custom-Attributes": "a\u0001b" }),
        400,
        "X-Amzn-SageMaker-Custom-Attributes must be at most 1024 printable characters of ASCII",
      ],
      ["an empty id", request("1", { [INFERENCE_ID]: "" }), 400, NO_ID],
      ["the id of a probe", request("1", { [INFERENCE_ID]: "safe-deploy-probe-1" }), 400, NO_ID],
      ["a blank id", request("1", { [INFERENCE_ID]: "  " }), 400, NO_ID],
      ["the id of a probe after a blank", request("1", { [INFERENCE_ID]: " safe-deploy-probe-1" }), 400, NO_ID],
      [
        "too long an id",
        request("1", { [INFERENCE_ID]: "i".repeat(65) }),
        400,
        `${INFERENCE_ID} must be at most 64 printable characters of ASCII`,
      ],
      [
        "an event that cannot be read",
        { ...request("1"), body: Symbol("body") } as unknown as APIGatewayProxyEvent,
        400,
        "the request cannot be read (TypeError)",
      ],
    ];
    for (const [what, event, statusCode, error] of mistakes) {
      it(`answers ${statusCode} to ${what}, asks no model, and blames none`, async () => {
        const { result, metrics } = await call(event);

        expect(result).to.deep.equal({
          statusCode,
          headers: {
            "Content-Type": "application/json",
            "X-SageMaker-Endpoint": ENDPOINT,
          },
          body: JSON.stringify({ error }),
        });
        expect(sent()).to.deep.equal([]);
        expect(metrics)
          .to.include({ Requests: 1, ModelFaults: 0, StatusCode: statusCode })
          .and.not.to.have.property("ModelLatency");
        expect(judged(metrics)).to.deep.equal({});
      });
    }

    describe("that is known to take three columns of these ranges", () => {
      environment({
        MODEL_REQUEST: '{"columns":[{"minimum":0,"maximum":120},{"minimum":0},{"maximum":121}]}',
        ACCEPT: '{"type":"number","maximum":100}',
      });

      for (const [rows, error] of [
        ["9.92,1.84", "row 1 has 2 columns, the model takes 3"],
        ["9.92,1,1.84,7", "row 1 has 4 columns, the model takes 3"],
        ["1", "row 1 has 1 column, the model takes 3"],
        ["1,two,3", 'row 1, column 2 is not a number: "two"; rows are sent without a header'],
      ] as const) {
        it(`refuses ${rows} and counts it as a refusal, asking no model`, async () => {
          const { result, metrics } = await call(request(rows));

          expect(result).to.include({ statusCode: 400, body: JSON.stringify({ error }) });
          expect(sent()).to.deep.equal([]);
          expect(judged(metrics)).to.deep.equal({ ModelRefusals: 1 });
          expect((await call(probe(rows))).metrics).to.include({ Source: "probe", ModelFaults: 1 });
        });
      }

      for (const [what, rows, isUnusual] of [
        ["inside of all ranges, their ends included", "0,1e9,121\n120,0,-1e9", false],
        ["above a range", "9,1,1\n120.5,1,1", true],
        ["below a range", "-1,1,1", true],
        ["absurd", "1e38,1,-1e38", true],
      ] as const) {
        it(`judges a release by rows that are ${what}: ${!isUnusual}`, async () => {
          modelAnswers(rows.includes("\n") ? "1000\n1000" : "1000");
          const answered = await call(request(rows));
          expect(answered.result.statusCode).to.equal(200);
          expect(answered.metrics).to.include({ UnusualRequests: Number(isUnusual) });
          expect(Object.keys(judged(answered.metrics))).to.have.length(isUnusual ? 0 : 10);

          answers("breaks");
          const failed = await call(request(rows));
          expect(failed.metrics).to.include({ ModelFaults: 1 });
          expect(judged(failed.metrics).CallerFaults).to.equal(isUnusual ? undefined : 1);
        });
      }
    });

    it("judges the first hundred rows of a request, and no latency of a larger one", async () => {
      process.env.ACCEPT = '{"type":"number","maximum":10}';
      modelAnswers("11\n".repeat(101));
      const large = judged((await call(request("1\n".repeat(101)))).metrics);
      expect(large).to.include({ Requests: 1, PredictedRows: 100, PredictionsOutOfRange: 100 });
      expect(large).not.to.have.property("ModelLatency");
      modelAnswers("11\n".repeat(100));
      expect(judged((await call(request("1\n".repeat(100)))).metrics)).to.have.property("ModelLatency");
    });

    it("judges a release by no more than 120 requests of one caller in a minute", async () => {
      modelAnswers("7");
      const from = (identity: object) => ({ ...request("1"), requestContext: { identity } }) as APIGatewayProxyEvent;
      const flood = from({ apiKeyId: "flood", userArn: null, sourceIp: "192.0.2.1" });
      const countsOf = async (event: APIGatewayProxyEvent) => judged((await call(event)).metrics).Requests ?? 0;
      let counted = 0;
      for (let i = 0; i < 130; i++) {
        counted += await countsOf(flood);
      }
      // The minute may have ended meanwhile.
      expect(counted).to.be.within(120, 129);
      expect(
        await countsOf(from({ apiKeyId: null, userArn: "arn:aws:iam::1:user/a", sourceIp: "192.0.2.1" })),
      ).to.equal(1);
      expect(await countsOf(from({ apiKeyId: null, userArn: null, sourceIp: "192.0.2.1" }))).to.equal(1);
    });

    const badAnswers: [string, string, string][] = [
      ["NaN", "nan", "prediction 1 of the model's answer is not a finite number"],
      ["too few predictions", "1", "the model answered 1 predictions to 2 rows"],
      ["nothing", "", "the model answered 0 predictions to 2 rows"],
      ["no numbers", "<html>oops", "prediction 1 of the model's answer is not a finite number"],
    ];
    for (const [what, body, error] of badAnswers) {
      it(`answers 502 and counts a model fault where the model answers ${what}`, async () => {
        modelAnswers(body);

        const { result, metrics } = await call(request("1\n2"));

        expect(result).to.include({ statusCode: 502, body: JSON.stringify({ error }) });
        expect(metrics).to.include({ ModelFaults: 1, StatusCode: 502 });
      });
    }

    const failures: [string, Reply, number, number, string][] = [
      ["the container answers 500", modelError(500, "boom"), 502, 1, "the model answered an error (500)"],
      ["the container is overloaded", modelError(429), 502, 1, "the model answered an error (429)"],
      ["the container is too slow", modelError(408), 502, 1, "the model answered an error (408)"],
      [
        "the container refuses the rows",
        modelError(400, "expected 3 features"),
        400,
        0,
        "the model refused the request: expected 3 features",
      ],
      ["the container wants less", modelError(413), 413, 0, "the model refused the request: status 413"],
      [
        "the service is unavailable",
        serviceError("ServiceUnavailable", { Message: "later" }, 503),
        503,
        1,
        `endpoint ${ENDPOINT} cannot answer (ServiceUnavailable)`,
      ],
      [
        "calls are throttled",
        serviceError("ThrottlingException", { message: "slower" }),
        503,
        1,
        `endpoint ${ENDPOINT} cannot answer (ThrottlingException)`,
      ],
      [
        "there is no endpoint",
        serviceError("ValidationError", { Message: "Endpoint not found" }),
        503,
        1,
        `endpoint ${ENDPOINT} cannot answer (ValidationError)`,
      ],
      [
        "it may not call",
        serviceError("AccessDeniedException", { Message: "no" }, 403),
        503,
        1,
        `endpoint ${ENDPOINT} cannot answer (AccessDeniedException)`,
      ],
      ["the network fails", "breaks", 503, 1, `endpoint ${ENDPOINT} cannot answer (TimeoutError)`],
    ];
    for (const [what, reply, statusCode, modelFaults, error] of failures) {
      it(`answers ${statusCode} and counts ${modelFaults} model faults where ${what}`, async () => {
        answers(reply);

        const { result, metrics } = await call(request("1,2,3"));

        expect(result).to.deep.equal({
          statusCode,
          headers: {
            "Content-Type": "application/json",
            "X-SageMaker-Endpoint": ENDPOINT,
          },
          body: JSON.stringify({ error }),
        });
        expect(metrics)
          .to.include({ Requests: 1, ModelFaults: modelFaults, StatusCode: statusCode, Rows: 1 })
          .and.not.to.have.property("ModelLatency");
        expect(judged(metrics)).to.include(modelFaults === 1 ? { CallerFaults: 1 } : { ModelRefusals: 1 });
      });
    }

    it("logs a fault with what is needed to find it, and nothing of what was sent", async () => {
      answers(modelError(500, "row 12345,6 broke it", { LogStreamArn: "arn:log" }));

      const { log, lines } = await call(request("12345,6"));

      expect(log).to.have.length(1);
      expect(log[0]).to.include({
        level: "ERROR",
        message: "the model answered an error (500)",
        requestId: "request-1",
        endpoint: ENDPOINT,
        error: "ModelError",
        originalStatusCode: 500,
        logStreamArn: "arn:log",
      });
      expect(lines.join("\n")).not.to.include("12345");
    });

    it("fails as a function, not as a model, where its environment is incomplete", async () => {
      Reflect.deleteProperty(process.env, "RELEASE");

      const failed: unknown = await handler(request("1"), context()).catch((error: unknown) => error);

      expect(failed).to.be.instanceOf(Error).with.property("message", "the function's environment has no RELEASE");
    });
  });

  describe("over the wire", () => {
    it("tries once more where the endpoint is throttled", async () => {
      answers(serviceError("ThrottlingException"), { body: "7" });

      const { result } = await call(request("1"));

      expect(result).to.include({ statusCode: 200, body: "7\n" });
      expect(sent()).to.have.length(2);
    });

    it("does not ask a model again that answered an error", async () => {
      answers(modelError(500, "boom"));

      const { result, metrics } = await call(request("1"));

      expect(result).to.include({ statusCode: 502, body: '{"error":"the model answered an error (500)"}' });
      expect(metrics.ModelFaults).to.equal(1);
      expect(sent()).to.have.length(1);
    });

    it("answers 503 before its own time is over where the model hangs", async () => {
      answers("hangs");
      const started = performance.now();

      const { result, metrics } = await call(request("1"), 1600);

      expect(performance.now() - started).to.be.lessThan(1500);
      expect(result).to.include({ statusCode: 503, body: `{"error":"endpoint ${ENDPOINT} did not answer in time"}` });
      expect(metrics.ModelFaults).to.equal(1);
      expect(metrics).not.to.have.property("ModelLatency");
    });
  });
});
