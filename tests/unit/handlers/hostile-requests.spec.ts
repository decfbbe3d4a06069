import type { APIGatewayProxyEvent } from "aws-lambda";
import { expect } from "chai";
import fc from "fast-check";
import { handler } from "../../../handlers/predict";
import { context, environment, request, withOutput } from "./lambda";
import { inWords, sageMakerRuntime } from "./runtime-server";

/** Requests that are tried, of rows of numbers; and of each other format. */
const RUNS = 10_000;
const MORE_RUNS = 3000;

/** Longest time of a request here. Lambda gives the function 10 s, and a fraction of this machine's speed. */
const MOST_MS = 1000;

const cell = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.constantFrom("1", "1e308", "-1e999", "0x10", "NaN", "", " ", "null", "1".repeat(40_000), `${"1".repeat(40_000)}x`),
  fc.string({ maxLength: 8 }),
);
const csv = fc.tuple(cell, fc.nat(60), fc.nat(60), fc.constantFrom("\n", "\r\n", "\r", ";")).map(
  // A long cell only once, since the body's size is limited anyway.
  ([text, columns, rows, end]) => [text, `${"1,".repeat(columns)}1${end}`.repeat(rows)].join(""),
);
const nested = fc
  .tuple(fc.constantFrom("[", '{"a":', '{"instances":', '[{"__proto__":'), fc.nat(6000))
  .map(([open, depth]) => open.repeat(depth));
const json = fc.oneof(
  fc.json(),
  fc
    .array(fc.array(fc.oneof(fc.double(), fc.integer()), { maxLength: 5 }), { maxLength: 5 })
    .map((rows) => JSON.stringify({ instances: rows })),
  nested,
  fc.constantFrom(`[${"[1],".repeat(20_000)}[1]]`, "[1],".repeat(20_000), '{"instances": null}', '"', "\\", "[\ud800]"),
);
const rowsOfThree = fc
  .array(fc.tuple(cell, cell, fc.constantFrom("1", "1e30", "-5")), { minLength: 1, maxLength: 3 })
  .map((rows) => rows.map((row) => row.join(",")).join("\n"));
const quoted = fc
  .array(fc.constantFrom('"', '""', ",", "\n", "\r\n", " ", "a", "pro", "\u0000", "\ud800", "1"), { maxLength: 30 })
  .map((parts) => parts.join(""));
const named = fc
  .array(
    fc.dictionary(
      fc.constantFrom("plan", "city", "months", "__proto__", "constructor", "x"),
      fc.oneof(fc.string(), fc.double(), fc.constantFrom(null, "pro", "\u0000", "\ud800", [], {})),
    ),
    { maxLength: 4 },
  )
  .chain((rows) =>
    fc.constantFrom(
      JSON.stringify({ instances: rows }),
      rows.map((row) => JSON.stringify(row)).join("\n"),
      "{}\n".repeat(20_000),
    ),
  );
const good = fc.constantFrom("9.92,1,1.84", "5,1,1\n6,1,1\n");
const body = fc.oneof(good, rowsOfThree, csv, quoted, named, json, fc.string(), fc.constant(null), fc.base64String());
const value = fc.oneof(
  fc.constantFrom(
    "text/csv",
    "image/jpeg",
    "application/jsonlines",
    "application/json",
    "application/json;charset=utf-8",
    "*/*",
    "\r\nX-Injected: 1",
    "\u0000",
  ),
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("a".repeat(1025), `${" ".repeat(5000)}x`, ",".repeat(5000)),
);
const headers = fc.option(
  fc.record(
    {
      "Content-Type": value,
      Accept: value,
      "X-Amzn-SageMaker-Custom-Attributes": value,
      "X-Amzn-SageMaker-Inference-Id": value,
      "x-api-key": value,
    },
    { requiredKeys: [] },
  ),
);
const event = fc.record({ body, headers, isBase64Encoded: fc.boolean() });

/** What the model takes and answers. */
const FORMATS: [string, number, { readonly MODEL_REQUEST: string; readonly ACCEPT?: string }, string][] = [
  [
    "rows of numbers",
    RUNS,
    {
      MODEL_REQUEST: '{"columns":[{"minimum":0,"maximum":120},{"minimum":0},{"minimum":0,"maximum":121}]}',
      ACCEPT: '{"type":"number","minimum":0,"maximum":100}',
    },
    "7",
  ],
  [
    "rows with texts and names",
    MORE_RUNS,
    {
      MODEL_REQUEST: JSON.stringify({
        columns: [
          { name: "plan", type: "text" },
          { name: "city", type: "text", optional: true },
          { name: "months", optional: true },
        ],
      }),
      ACCEPT: '{"type":"label","labels":["7"]}',
    },
    "7",
  ],
  ["bodies of one media type", MORE_RUNS, { MODEL_REQUEST: '{"contentType":"image/jpeg"}' }, "7"],
  [
    "bodies of any media type",
    MORE_RUNS,
    { MODEL_REQUEST: '{"contentType":"*"}', ACCEPT: '{"type":"json","path":"*","value":{"type":"number"}}' },
    "[7]",
  ],
];

describe("predict, asked by a hostile caller", function () {
  this.timeout(120_000);
  const { answers } = sageMakerRuntime();

  for (const [what, runs, format, answer] of FORMATS) {
    describe(`for ${what}`, () => {
      environment({
        ENDPOINT_NAME: "mlops-nyctaxi-prd-r2",
        RELEASE: "r2",
        AWS_LAMBDA_FUNCTION_NAME: "mlops-nyctaxi-api",
        ALLOW_ORIGIN: undefined,
        ACCEPT: undefined,
        ...format,
      });
      // The model answers what it was asked, and nothing arrives that no header can carry.
      beforeEach(() =>
        answers((arrived) => {
          const { Body, CustomAttributes = "", ContentType = "", Accept = "" } = inWords(arrived);
          const isSendable = [CustomAttributes, ContentType, Accept].every((one) => /^[\x20-\x7e]{0,1024}$/.test(one));
          const rows = answer === "7" ? rowsIn(Body) : 1;
          return isSendable ? { body: `${answer}\n`.repeat(rows) } : { status: 500 };
        }),
      );

      it(`answers ${runs} requests with predictions or a 4xx, in time, and counts no fault`, async () => {
        await fc.assert(
          fc.asyncProperty(event, async (given) => {
            const asked = { ...request(null), ...given } as APIGatewayProxyEvent;
            const started = performance.now();
            const { result, lines } = await withOutput(() => handler(asked, context()));
            expect(performance.now() - started).to.be.lessThan(MOST_MS);
            expect(result.statusCode).to.satisfy((status: number) => status === 200 || (status >= 400 && status < 500));
            const metrics = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
            expect(metrics.map(({ ModelFaults }) => ModelFaults)).to.deep.equal([0]);
            expect(metrics[0]!.PredictionsOutOfRange ?? 0).to.equal(0);
          }),
          { numRuns: runs },
        );
      });
    });
  }
});

/** How many rows of CSV a text has: line ends in quotes are none. */
function rowsIn(csv: string): number {
  return csv.replace(/"(?:[^"]|"")*"/g, "").split("\n").length;
}
