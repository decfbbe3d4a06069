import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { programs, scratchFolder } from "./programs";

const HOUR = "captures/endpoint-1/variant-1/2026/03/01/12";
const KNOWN = "5,1,1";
const CANARY = { row: KNOWN, intervalSeconds: 600 };

/** A captured request. */
const line = (request: string, time: string) =>
  JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: "text/csv", mode: "INPUT", data: request, encoding: "CSV" },
      endpointOutput: {
        observedContentType: "text/csv",
        mode: "OUTPUT",
        data: "7.5\n".repeat(request.trim().split("\n").length),
        encoding: "CSV",
      },
    },
    eventMetadata: { eventId: "e", inferenceTime: time },
    eventVersion: "0",
  });
const times = (count: number, request: string) =>
  Array.from({ length: count }, () => line(request, "2026-03-01T12:30:00Z"));

describe("monitoring/drift.py, where a canary asks the API", function () {
  this.timeout(60_000);
  const folder = scratchFolder();
  const python = programs(join(__dirname, "../../monitoring"));
  const at = (...names: string[]) => join(folder.path, ...names);

  before(async () => {
    await mkdir(at("job/processing/input/baseline"), { recursive: true });
    const rows = Array.from({ length: 200 }, (_, n) => `${n % 50},${n % 40},${n % 4},${n % 30}`);
    const table = ["fare,minutes,passengers,miles", ...rows].join("\n");
    await writeFile(at("job/processing/input/baseline/baseline.csv"), table);
    const ended = await python.run("baseline.py", [], { SAGEMAKER_BASE_DIR: at("job") });
    expect(ended, ended.stderr).to.include({ code: 0 });
  });

  let runs = 0;
  async function drift(lines: readonly string[], settings: object = { canary: CANARY }) {
    const run = `run-${++runs}`;
    await mkdir(at(run, HOUR), { recursive: true });
    await writeFile(at(run, HOUR, "a.jsonl"), lines.join("\n"));
    await writeFile(at(run, "settings.json"), JSON.stringify({ target: "fare", ...settings }));
    const args = ["--baseline", at("job/processing/output"), "--captures", at(run, "captures")];
    const window = ["--from", "2026-03-01T12:00:00Z", "--to", "2026-03-01T13:00:00Z", "--endpoint", "endpoint-1"];
    const ended = await python.run("drift.py", [...args, ...window, "--settings", at(run, "settings.json")], {
      SAGEMAKER_BASE_DIR: at(run),
    });
    const read = async () =>
      JSON.parse(await readFile(at(run, "processing/output/drift.json"), "utf8")) as Record<string, unknown>;
    return { ...ended, read };
  }

  it("leaves out what the canary sends, however it is written", async () => {
    const ended = await drift([...times(3, KNOWN), ...times(3, "5.0, 1,1\n"), ...times(4, "30,2,8")]);

    expect(ended.stdout).to.equal(
      "4 rows, fewer than the 100 that a comparison needs; 6 rows of the canary left out\n",
    );
    expect(await ended.read()).to.include({ rows: 4, canaryLeftOut: 6, probesLeftOut: 0 });
  });

  it("finds no data where nobody but the canary has asked", async () => {
    expect(await (await drift(times(6, KNOWN))).read()).to.include({ outcome: "noData", canaryLeftOut: 6 });
  });

  it("leaves out no more than the canary sends, so that nobody can hide behind it", async () => {
    const report = await (await drift(times(300, KNOWN))).read();

    expect(report).to.include({ outcome: "compared", rows: 293, canaryLeftOut: 7, violated: true });
  });

  it("counts rows that are the canary's in part, beside others, or of another width", async () => {
    const others = ["5,1,2", `${KNOWN}\n30,2,8`];
    expect(await (await drift(others.flatMap((one) => times(1, one)))).read()).to.include({
      rows: 3,
      canaryLeftOut: 0,
    });
    const wide = { canary: { ...CANARY, row: "5,1,1,1" } };
    expect(await (await drift(times(1, KNOWN), wide)).read()).to.include({ rows: 1, canaryLeftOut: 0 });
  });

  it("counts every row where there is no canary", async () => {
    expect(await (await drift(times(6, KNOWN), {})).read()).to.include({ rows: 6, canaryLeftOut: 0 });
  });

  it("says what a canary must have", async () => {
    for (const canary of [{ row: KNOWN }, { row: 5, intervalSeconds: 600 }, { ...CANARY, intervalSeconds: 0 }, "on"]) {
      const { code, stderr } = await drift([], { canary });
      expect(code).to.equal(1);
      expect(stderr).to.contain("canary must have row, a line of CSV, and intervalSeconds above 0, got ");
    }
  });
});
