import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { build, type BuildResult } from "esbuild";

const run = promisify(execFile);
const HANDLERS = join(__dirname, "../../../handlers");

/** What no unit test of the source shows: that the bundle, as Lambda gets it, loads and runs under plain Node. */
describe("bundles of the handlers", function () {
  this.timeout(30_000);
  let folder: string;
  let built: BuildResult<{ metafile: true }>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "handlers-"));
    built = await build({
      entryPoints: ["predict", "pre-traffic", "post-traffic", "retrain", "start-drift", "start-quality", "canary"].map(
        (name) => join(HANDLERS, `${name}.ts`),
      ),
      outdir: folder,
      bundle: true,
      minify: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      metafile: true,
      logLevel: "silent",
    });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const SHARED = [
    "attempts",
    "content-name",
    "contract",
    "errors",
    "model-format-rules",
    "model-rows",
    "monitoring-names",
    "s3-uri",
  ].map((name) => `lib/${name}.ts`);

  it("contain the handlers, what they share with the components and AWS's SDK, and nothing else of the project", () => {
    const ours = Object.keys(built.metafile.inputs).filter((file) => !file.includes("node_modules/"));
    expect(ours.filter((file) => !file.startsWith("handlers/") && !SHARED.includes(file))).to.deep.equal([]);
    const foreign = Object.keys(built.metafile.inputs).filter((file) => /node_modules\/@pulumi\//.test(file));
    expect(foreign).to.deep.equal([]);
  });

  for (const [source, mark] of [
    ["caller", {}],
    ["probe", { safeDeployProbe: true }],
  ] as const) {
    it(`answer a request under plain Node: ${source}`, async () => {
      const event = { body: "1,two", headers: null, isBase64Encoded: false, ...mark };
      const program = `
      const { handler } = require(${JSON.stringify(join(folder, "predict.js"))});
      handler(${JSON.stringify(event)}, { awsRequestId: "r", getRemainingTimeInMillis: () => 1000 }).then((answer) => console.log(JSON.stringify(answer)));`;
      const { stdout } = await run(process.execPath, ["-e", program], {
        env: {
          PATH: process.env.PATH,
          ENDPOINT_NAME: "e",
          RELEASE: "r2",
          AWS_LAMBDA_FUNCTION_NAME: "f",
          AWS_REGION: "us-east-1",
        },
      });
      const [metrics, answer] = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(metrics).to.include({ Requests: 1, ModelFaults: 0, Release: "r2", Source: source });
      expect(answer).to.include({ statusCode: 400 });
    });
  }

  for (const hook of ["pre-traffic", "post-traffic"]) {
    it(`give a verdict under plain Node: ${hook}`, async () => {
      const program = `
        const { handler } = require(${JSON.stringify(join(folder, `${hook}.js`))});
        handler({}, { getRemainingTimeInMillis: () => 30000 }).then((verdict) => console.log(JSON.stringify(verdict)));`;
      const { stdout } = await run(process.execPath, ["-e", program], {
        env: { PATH: process.env.PATH, AWS_REGION: "us-east-1" },
      });
      const [line, returned] = stdout.trim().split("\n");
      const missing = hook === "pre-traffic" ? "ENDPOINT_NAME" : "DATA_CAPTURE_URI";
      expect(line).to.equal(`verdict: Failed: the function's environment has no ${missing}`);
      expect(JSON.parse(returned!)).to.deep.equal({
        status: "Failed",
        reason: `the function's environment has no ${missing}`,
      });
    });
  }
});
