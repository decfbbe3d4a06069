import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { expect } from "chai";
import { Prober } from "../../../../components/providers/rollout/prober";
import { AwsError } from "local-aws/core/aws-error";
import { operation } from "local-aws/core/operation";
import { restJsonService } from "local-aws/core/rest-json";
import { serverError, startAws, throttled, type TestAws } from "./test-aws";

const ROWS = ["5.1,1,1", "30,2,8"];
const INVOKE = "POST /2015-03-31/functions/mlops-nyctaxi-api/invocations";
const given = { region: "us-east-1", functionName: "mlops-nyctaxi-api", probe: { rows: ROWS, perSecond: 200 } };

describe("the probes of a rollout", () => {
  let answer: { payload: unknown; error?: string };
  let asked: { version: string | undefined; event: unknown; at: number }[];
  /** The function answers when this is settled. */
  let gate: Promise<void>;
  let aws: TestAws;

  const lambda = restJsonService("Lambda", [
    operation(InvokeCommand, async ({ Qualifier, Payload }) => {
      const event: unknown = JSON.parse(Payload instanceof Uint8Array ? Buffer.from(Payload).toString() : "null");
      asked.push({ version: Qualifier, event, at: performance.now() });
      await gate;
      const payload = new Uint8ArrayBlobAdapter(Buffer.from(JSON.stringify(answer.payload)));
      return { StatusCode: 200, Payload: payload, FunctionError: answer.error };
    }),
  ]);

  beforeEach(async () => {
    answer = { payload: { statusCode: 200, headers: {}, body: "8.25\n35\n" } };
    asked = [];
    gate = Promise.resolve();
    aws = await startAws({ lambda });
  });
  afterEach(() => aws.close());

  /** Probes until at least so many calls have come. */
  async function probe(calls: number, inputs: ConstructorParameters<typeof Prober>[0] = given) {
    const prober = new Prober(inputs, "5");
    prober.start();
    while (aws.calls.length < calls) {
      await sleep(2);
    }
    return prober.stop();
  }

  it("call the version itself with the known rows, marked as probes", async () => {
    const counts = await probe(3);

    expect(new Set(asked.map(({ version }) => version))).to.deep.equal(new Set(["5"]));
    expect(asked[0]!.event).to.deep.equal({
      safeDeployProbe: true,
      httpMethod: "POST",
      path: "/api",
      headers: { "Content-Type": "text/csv" },
      body: "5.1,1,1\n30,2,8",
      isBase64Encoded: false,
    });
    expect(counts).to.deep.equal({ answered: asked.length, failed: 0, lastFailure: undefined });
  });

  it("send bodies that are passed through in turn, as the bytes they are", async () => {
    const requests = [
      { body: "/9j/", isBase64Encoded: true, contentType: "image/jpeg" },
      { body: "text", contentType: "text/plain" },
    ];

    await probe(4, { ...given, probe: { requests, perSecond: 200 } });

    expect(asked.slice(0, 4).map(({ event }) => event)).to.deep.equal(
      [...requests, ...requests].map(({ contentType, body, isBase64Encoded = false }) => ({
        safeDeployProbe: true,
        httpMethod: "POST",
        path: "/api",
        headers: { "Content-Type": contentType },
        body,
        isBase64Encoded,
      })),
    );
  });

  it("come no faster than is asked for", async () => {
    const started = performance.now();
    await probe(4, { ...given, probe: { rows: ROWS, perSecond: 20 } });

    // Three pauses of 50 ms; timers may be late, never early by more than their resolution.
    expect(asked[3]!.at - started).to.be.greaterThan(140);
  });

  it("do not come where there are no rows to send", async () => {
    const prober = new Prober({ region: "us-east-1", functionName: "mlops-nyctaxi-api" }, "5");
    prober.start();
    await sleep(20);

    expect(await prober.stop()).to.deep.equal({ answered: 0, failed: 0, lastFailure: undefined });
    expect(aws.calls).to.deep.equal([]);
  });

  it("end with stop, which waits for those that are in flight", async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const prober = new Prober(given, "5");
    prober.start();
    while (asked.length === 0) {
      await sleep(1);
    }
    expect(prober.counts()).to.deep.equal({ answered: 0, failed: 0, lastFailure: undefined });
    const stopped = prober.stop();
    open();

    const { answered } = await stopped;
    const calls = aws.calls.length;
    await sleep(30);

    expect(answered).to.equal(calls);
    expect(aws.calls).to.have.length(calls);
  });

  it("are no more than 2 at a time where the version hangs", async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const prober = new Prober({ ...given, probe: { rows: ROWS, perSecond: 1000 } }, "5");
    prober.start();
    while (asked.length < 2) {
      await sleep(1);
    }
    await sleep(30);
    expect(asked).to.have.length(2);

    open();
    while (asked.length < 15) {
      await sleep(1);
    }
    expect((await prober.stop()).answered).to.equal(asked.length);
  });

  it("begin at once, only once however often they are started, and again after a stop", async () => {
    const prober = new Prober({ ...given, probe: { rows: ROWS, perSecond: 0.001 } }, "5");
    prober.start();
    prober.start();
    expect((await prober.stop()).answered).to.equal(1);
    prober.start();
    expect((await prober.stop()).answered).to.equal(2);
  });

  const failures: [string, typeof answer, string][] = [
    [
      "the function answers an error",
      { payload: { statusCode: 502, body: '{"error":"the model answered an error (500)"}' } },
      "the function answered 502: the model answered an error (500)",
    ],
    [
      "the model refuses the rows, which are not repeated",
      {
        payload: { statusCode: 400, body: '{"error":"the model refused the request: row\\n5.1,1,1\\nhas 3 features"}' },
      },
      "the function answered 400: the model refused the request: row <row> has 3 features",
    ],
    [
      "the function says too much",
      { payload: { statusCode: 500, body: JSON.stringify({ error: "x".repeat(1000) }) } },
      `the function answered 500: ${"x".repeat(200 - 27)}...`,
    ],
    ["the function answers something else", { payload: [1] }, "the function answered no status"],
    ["the body is no JSON", { payload: { statusCode: 503, body: "<html>" } }, "the function answered 503"],
    [
      "the function fails",
      {
        error: "Unhandled",
        payload: { errorType: "Sandbox.Timedout", errorMessage: "Task timed out after 3.00 seconds" },
      },
      "the function failed (Unhandled): Sandbox.Timedout: Task timed out after 3.00 seconds",
    ],
    ["the function fails without a word", { error: "Unhandled", payload: null }, "the function failed (Unhandled)"],
  ];
  for (const [what, failing, reason] of failures) {
    it(`count as failed, with a short reason, where ${what}`, async () => {
      answer = failing;

      expect(await probe(2)).to.deep.equal({ answered: 0, failed: asked.length, lastFailure: reason });
    });
  }

  describe("with an event of any function", () => {
    const any = (event: unknown, expected?: unknown) => ({
      ...given,
      probe: {
        event: JSON.stringify(event),
        expect: expected === undefined ? undefined : JSON.stringify(expected),
        perSecond: 200,
      },
    });

    it("send it as it is, and take any answer for a good one, unless something is expected", async () => {
      answer = { payload: null };

      const counts = await probe(2, any({ order: [1, { id: null }] }));

      expect(asked[0]!.event).to.deep.equal({ order: [1, { id: null }] });
      expect(counts).to.deep.equal({ answered: asked.length, failed: 0, lastFailure: undefined });
    });

    it("find what is expected within a larger answer", async () => {
      answer = { payload: { statusCode: 200, body: { ok: true, items: [1, 2] }, requestId: "r" } };

      const { answered, failed } = await probe(2, any({}, { statusCode: 200, body: { items: [1, 2] } }));

      expect({ answered, failed }).to.deep.equal({ answered: asked.length, failed: 0 });
    });

    const mismatches: [what: string, payload: unknown, expected: unknown, reason: string][] = [
      [
        "another number",
        { a: { statusCode: 500 } },
        { a: { statusCode: 200 } },
        "answer.a.statusCode is not what the probe expects: got 500",
      ],
      [
        "another text, which is not told",
        { name: "Jane Doe" },
        { name: "none" },
        "answer.name is not what the probe expects",
      ],
      ["a member too few", {}, { ok: true }, "answer.ok is not what the probe expects: got undefined"],
      ["a list with more", { list: [1, 2] }, { list: [1] }, "answer.list is not what the probe expects"],
      ["no object", "down", { ok: true }, "answer is not what the probe expects"],
    ];
    for (const [what, payload, expected, reason] of mismatches) {
      it(`count as failed where the answer has ${what}`, async () => {
        answer = { payload };

        expect(await probe(2, any({}, expected))).to.deep.equal({
          answered: 0,
          failed: asked.length,
          lastFailure: reason,
        });
      });
    }

    it("count as failed where the function fails, whatever is expected", async () => {
      answer = { error: "Unhandled", payload: { errorType: "TypeError" } };

      expect((await probe(2, any({}))).lastFailure).to.equal("the function failed (Unhandled): TypeError");
    });
  });

  it("count as failed where they are not allowed, and never throw", async () => {
    aws.trouble(
      INVOKE,
      new AwsError("AccessDeniedException", "User is not authorized to perform: lambda:InvokeFunction", 403),
    );

    const { answered, failed, lastFailure } = await probe(2);

    expect({ answered, failed, lastFailure }).to.deep.equal({
      answered: aws.calls.length - 1,
      failed: 1,
      lastFailure: "AccessDeniedException: User is not authorized to perform: lambda:InvokeFunction",
    });
  });

  it("count as neither where AWS has trouble that passes, which is no fault of the release, but remember it", async () => {
    aws.trouble(INVOKE, throttled(), serverError(), "dropped");

    const { answered, failed, lastFailure } = await probe(5);

    expect({ answered, failed }).to.deep.equal({ answered: aws.calls.length - 3, failed: 0 });
    expect(lastFailure).to.be.a("string");
  });
});
