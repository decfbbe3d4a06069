import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { sdkStreamMixin } from "@smithy/core/serde";
import { mockClient } from "aws-sdk-client-mock";
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { call } from "./call";

const FOLDER = "mlops-taxi/datacapture";
const REQUEST = "0d5a0c7e-1111-4222-8333-444455556666";

const hourOf = (hoursAgo: number) =>
  new Date(Date.now() - hoursAgo * 3_600_000).toISOString().slice(0, 13).replaceAll(/[-T]/g, "/");

function line(eventId: string, inferenceId: string, output = "12.5\n", encoding = "CSV"): string {
  const body = (data: string, its: string) => ({ observedContentType: "text/csv", mode: "-", data, encoding: its });
  return JSON.stringify({
    captureData: { endpointInput: body("9.92,1,1.84", "CSV"), endpointOutput: body(output, encoding) },
    eventMetadata: { eventId, inferenceId, inferenceTime: "2026-11-30T12:00:00Z" },
    eventVersion: "0",
  });
}

describe("safe-deploy explain", () => {
  let mocks: { restore(): void }[];
  let read: string[];

  /** A bucket with these objects, by key below the folder of captures, and what the log of the function has. */
  function there(objects: Readonly<Record<string, string>>, log: readonly string[] = []): void {
    const s3 = mockClient(S3Client);
    const keys = Object.keys(objects).map((key) => `${FOLDER}/${key}`);
    s3.on(ListObjectsV2Command).callsFake(({ Prefix = "", Delimiter, StartAfter = "" }: Record<string, string>) => {
      const found = keys.filter((key) => key.startsWith(Prefix) && key > StartAfter).sort();
      const folders = found.map((key) => key.slice(0, key.indexOf("/", Prefix.length) + 1));
      return Delimiter === undefined
        ? { Contents: found.map((Key) => ({ Key })) }
        : { CommonPrefixes: [...new Set(folders)].map((folder) => ({ Prefix: folder })) };
    });
    s3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
      read.push(Key.slice(FOLDER.length + 1));
      return { Body: sdkStreamMixin(Readable.from([objects[Key.slice(FOLDER.length + 1)]])) };
    });
    const logs = mockClient(CloudWatchLogsClient);
    logs
      .on(FilterLogEventsCommand)
      .resolves({ events: log.map((message) => ({ timestamp: 1_764_504_000_000, message })) });
    mocks = [s3, logs];
  }
  beforeEach(() => (read = []));
  afterEach(() => mocks.forEach((mock) => mock.restore()));

  const CONFIG = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  /** Of a project whose bucket no account has to be asked for. */
  const project = mkdtempSync(join(tmpdir(), "explain "));
  writeFileSync(join(project, "Pulumi.pipeline.yaml"), "config:\n  bucket: data\n");
  after(() => rmSync(project, { recursive: true }));
  const run = (args: string) =>
    call(["--model", "taxi", "--project", project, "explain", ...args.split(" ")], { env: CONFIG });

  const emf = JSON.stringify({
    ...{ RequestId: REQUEST, Release: "r2", Source: "caller", Endpoint: "mlops-taxi-prd-r2" },
    ...{ StatusCode: 200, Rows: 1, ModelLatency: 4.2 },
  });

  it("tells which release has answered, what it got and what it said, by the id that the answer had", async () => {
    there(
      {
        [`mlops-taxi-prd-r1/prd-mlops-taxi/${hourOf(1)}/a.jsonl`]: `${line("e1", "i1")}\n`,
        [`mlops-taxi-prd-r2/prd-mlops-taxi/${hourOf(1)}/b.jsonl`]: `not JSON ${REQUEST}\n${line("e2", REQUEST)}\n`,
        [`mlops-taxi-dev-r2/dev-mlops-taxi/${hourOf(1)}/c.jsonl`]: `${line("e3", REQUEST)}\n`,
        [`mlops-taxi-prd-r2/prd-mlops-taxi/${hourOf(30)}/d.jsonl`]: `${line("e4", "i4")}\n`,
      },
      [emf, `{"level":"ERROR","message":"slow","requestId":"${REQUEST}"}`],
    );

    const { status, stdout } = await run(REQUEST);

    expect(status).to.equal(0);
    expect(stdout)
      .to.match(/release +r2\n/)
      .and.match(/endpoint +mlops-taxi-prd-r2\n/)
      .and.match(/asked by +a caller/)
      .and.match(/event id +e2\n/)
      .and.match(/status +200\n/)
      .and.match(/latency +4.2 ms/)
      .and.contain("it got (text/csv):\n  9.92,1,1.84\n")
      .and.contain("it said (text/csv):\n  12.5\n")
      .and.contain('"message":"slow"')
      .and.contain("2 objects of captures read");
    expect(read.map((key) => key.slice(-7)).sort()).to.deep.equal(["a.jsonl", "b.jsonl"]);
  });

  it("finds an event of a capture, further back, and tells what is no text", async () => {
    there({
      [`mlops-taxi-prd-r2/prd-mlops-taxi/${hourOf(30)}/d.jsonl`]: line("e4", "safe-deploy-probe-1", "AAEC", "BASE64"),
    });

    expect((await run("e4")).status).to.equal(1);
    const { stdout } = await run("e4 --since 2d --json");

    const { release, captured, objectsRead } = JSON.parse(stdout) as {
      release: string;
      captured: { output: unknown; uri: string };
      objectsRead: number;
    };
    expect({ release, objectsRead }).to.deep.equal({ release: "r2", objectsRead: 1 });
    expect(captured.output).to.deep.equal({ contentType: "text/csv", data: "AAEC", isBase64: true });
    expect((await run("e4 --since 2d")).stdout)
      .to.match(/asked by +a rollout's own probe/)
      .and.contain("(text/csv, in base64)");
  });

  it("tells what the log has of a request that was not captured", async () => {
    there({}, [emf]);
    const { status, stdout } = await run(REQUEST);
    expect(status).to.equal(0);
    expect(stdout)
      .to.match(/release +r2\n/)
      .and.contain("0 objects of captures read, and it is in none of them");
  });

  it("says where it has looked for one that is not there, and what a time must be", async () => {
    there({ [`mlops-taxi-prd-r1/prd-mlops-taxi/${hourOf(1)}/a.jsonl`]: line("e1", "i1") });
    expect(await run("nobody")).to.deep.include({ status: 1, stdout: "" });
    expect((await run("nobody")).stderr)
      .to.contain("(1 objects read)")
      .and.contain("--since");
    expect((await run("nobody --since yesterday")).stderr).to.contain("must be a time in the past such as 90m");
    expect((await run("nobody --since 2099-01-01")).stderr).to.contain("must be a time in the past");
  });
});
