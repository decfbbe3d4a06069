import { join, resolve } from "node:path";
import { expect } from "chai";
import { probeInferenceId } from "../../lib/contract";
import { programs } from "./programs";

const ROOT = resolve(__dirname, "../..");
/** The classes that the analyzer calls a preprocessor with, as AWS's page has them. */
const ANALYZER = join(ROOT, "packages/local-aws/images/sagemaker-model-monitor-analyzer");

const CALL = `
import json, logging, sys
sys.path.insert(0, sys.argv[1])
from captured import CapturedData
from record_preprocessor import preprocess_handler
print(json.dumps(preprocess_handler(CapturedData(json.loads(sys.argv[2])), logging.getLogger())))
`;

describe("the record preprocessor of Model Monitor", function () {
  this.timeout(30_000);
  const python = programs(join(ROOT, "monitoring"));

  const body = (data: string, encoding = "CSV") => ({ data, encoding, observedContentType: "text/csv" });
  const rowsOf = async (input: object, output: object, inferenceId?: string) => {
    const record = {
      captureData: { endpointInput: input, endpointOutput: output },
      eventMetadata: { eventId: "e", inferenceTime: "2026-03-01T12:00:00Z", inferenceId },
      eventVersion: "0",
    };
    const { code, stdout, stderr } = await python.runText(CALL, [ANALYZER, JSON.stringify(record)]);
    expect(code, stderr).to.equal(0);
    const rows = JSON.parse(stdout) as Record<string, string>[];
    return rows.map((row) => Object.keys(row).sort().map((key) => row[key])); // prettier-ignore
  };

  it("makes a row of each line, the prediction first, in an order that outlives sorting", async () => {
    const eleven = Array.from({ length: 11 }, (_, n) => String(n));
    expect(await rowsOf(body(`${eleven.join(",")}\n`), body("7.5\n"))).to.deep.equal([["7.5", ...eleven]]);
    expect(await rowsOf(body('1,"a, b"\r\n2,c\r\n'), body("10\n20\n"))).to.deep.equal([
      ["10", "1", "a, b"],
      ["20", "2", "c"],
    ]);
  });

  it("reads answers that are all in one line", async () => {
    expect(await rowsOf(body("1\n2"), body("10,20"))).to.deep.equal([
      ["10", "1"],
      ["20", "2"],
    ]);
  });

  it("leaves out the rollout's own requests, and no others", async () => {
    expect(await rowsOf(body("1"), body("10"), probeInferenceId("abc"))).to.deep.equal([]);
    expect(await rowsOf(body("1"), body("10"), "caller-1")).to.deep.equal([["10", "1"]]);
  });

  it("leaves out what is no CSV, and answers that do not fit", async () => {
    expect(await rowsOf(body("{}", "JSON"), body("10"))).to.deep.equal([]);
    expect(await rowsOf(body("1\n2"), body("10\n20\n30"))).to.deep.equal([]);
  });
});
