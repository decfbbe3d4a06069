import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { probeInferenceId } from "../../lib/contract";
import { helpOf, programs, scratchFolder } from "./programs";

interface Feature {
  readonly kind: string;
  readonly type: string;
  readonly distance: number | null;
  readonly psi: number | null;
  readonly ks: { readonly statistic: number; readonly pValue: number; readonly rows: number } | null;
  readonly missing: number;
  readonly newCategories: readonly { readonly value: string; readonly count: number }[];
  readonly violated: boolean;
}
interface Drift {
  readonly outcome: string;
  readonly rows: number;
  readonly probesLeftOut: number;
  readonly brokenLines: number;
  readonly firstComplaint: string | null;
  readonly unknownColumns: readonly string[];
  readonly violated: boolean;
  readonly features: Readonly<Record<string, Feature>>;
}
interface Violation {
  readonly feature_name: string;
  readonly constraint_check_type: string;
  readonly description: string;
}

/** Rows of fares as the model's: the label, three inputs, and a text. */
const ROWS = `
import sys, numpy, pandas
def rows(count, seed):
    rng = numpy.random.Generator(numpy.random.PCG64(seed))
    distance = numpy.round(rng.lognormal(0.8, 0.7, count), 2)
    return pandas.DataFrame({
        "fare": numpy.round(4 + 2.6 * distance + rng.normal(0, 1, count), 2),
        "distance": distance,
        "passengers": rng.integers(1, 7, count),
        "tip": numpy.where(rng.random(count) < 0.1, numpy.nan, numpy.round(rng.exponential(2, count), 2)),
        "zone": rng.choice(["north", "south", "east"], count, p=[0.5, 0.3, 0.2]),
    })
`;

/** Such rows as a capture's lines, in requests of five. */
const CAPTURE = `${ROWS}
import json
def capture(table, time="2026-03-01T12:30:00Z", **metadata):
    lines = []
    for start in range(0, len(table), 5):
        some = table.iloc[start : start + 5]
        request = some.drop(columns="fare").to_csv(index=False, header=False)
        answer = "".join(f"{value}\\n" for value in some["fare"])
        of = lambda mode, data: {"observedContentType": "text/csv", "mode": mode, "data": data, "encoding": "CSV"}
        lines.append(json.dumps({
            "captureData": {"endpointInput": of("INPUT", request), "endpointOutput": of("OUTPUT", answer)},
            "eventMetadata": {"eventId": str(start), "inferenceTime": time, **metadata},
            "eventVersion": "0",
        }))
    return "\\n".join(lines) + "\\n"
`;

describe("monitoring/drift.py", function () {
  this.timeout(120_000);
  const folder = scratchFolder();
  const python = programs(join(__dirname, "../../monitoring"));
  const at = (...names: string[]) => join(folder.path, ...names);
  const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));

  /** Runs a program of a test's own, which must succeed, and gives what it prints. */
  async function computed(text: string, args: readonly string[] = []): Promise<unknown> {
    const { code, stdout, stderr } = await python.runText(text, args);
    expect(code, stderr).to.equal(0);
    return stdout === "" ? undefined : JSON.parse(stdout);
  }

  before(async () => {
    await mkdir(at("job/processing/input/baseline"), { recursive: true });
    await computed(`${ROWS}\nrows(20000, 1).to_csv(sys.argv[1], index=False)`, [
      at("job/processing/input/baseline/baseline.csv"),
    ]);
    const ended = await python.run("baseline.py", [], { SAGEMAKER_BASE_DIR: at("job") });
    expect(ended, ended.stderr).to.include({ code: 0 });
  });

  let jobs = 0;
  /** Runs the job over captures, by their folder below the variant's. */
  async function drift(
    captures: Readonly<Record<string, string>>,
    settings: object = {},
    baseline = at("job/processing/output"),
    more: readonly string[] = [],
  ) {
    const job = `job-${++jobs}`;
    await mkdir(at(job), { recursive: true });
    for (const [place, text] of Object.entries(captures)) {
      const file = at(job, "captures/endpoint-1/variant-1", place);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    await writeFile(at(job, "settings.json"), JSON.stringify({ target: "fare", ...settings }));
    const args = ["--baseline", baseline, "--captures", at(job, "captures")];
    const window = ["--from", "2026-03-01T12:00:00Z", "--to", "2026-03-01T13:00:00Z"];
    const named = ["--endpoint", "endpoint-1", "--settings", at(job, "settings.json"), ...window];
    const ended = await python.run("drift.py", [...args, ...named, ...more], { SAGEMAKER_BASE_DIR: at(job) });
    const output = (name: string) => json(at(job, "processing/output", name));
    return { ...ended, output, read: async () => (await output("drift.json")) as Drift };
  }
  const captured = (change = "", metadata = "", rows = 3000) =>
    python
      .runText(`${CAPTURE}\nt = rows(${rows}, 2)\n${change}\nprint(capture(t${metadata}), end="")`, [])
      .then(({ stdout }) => stdout);
  const HOUR = "2026/03/01/12/30-00-000-a.jsonl";
  const violatedIn = ({ features }: Drift) =>
    Object.entries(features).flatMap(([name, { violated }]) => (violated ? [name] : []));

  it("finds nothing in traffic like the training data", async () => {
    const ended = await drift({ [HOUR]: await captured() });
    expect(ended, ended.stderr).to.include({ code: 0, stdout: "3000 rows: as the baseline\n" });
    const report = await ended.read();
    expect(report).to.deep.include({ outcome: "compared", rows: 3000, brokenLines: 0, violated: false });
    expect(violatedIn(report)).to.deep.equal([]);
    expect(report.features.fare).to.include({ kind: "prediction", type: "number", distance: 0, missing: 0 });
    expect(report.features.zone).to.include({ kind: "input", type: "text", distance: 0, ks: null });
    expect(report.features.tip!.missing).to.be.within(0.08, 0.12);
    expect(await ended.output("constraint_violations.json")).to.deep.equal({ violations: [] });
  });

  it("finds drift in the columns that have shifted, and in those only", async () => {
    const report = await (await drift({ [HOUR]: await captured('t["distance"] *= 2') })).read();
    expect(violatedIn(report)).to.deep.equal(["distance"]);
    expect(report.features.distance!.distance).to.be.above(0.2);
    expect(report.features.distance!.psi).to.be.above(0.2);
    expect(report.features.distance!.ks!.pValue).to.be.below(1e-9);
    expect(report.features.passengers!.psi).to.be.below(0.05);
  });

  it("finds drift of the predictions alone", async () => {
    const report = await (await drift({ [HOUR]: await captured('t["fare"] += 8') })).read();
    expect(violatedIn(report)).to.deep.equal(["fare"]);
  });

  it("writes violations in Model Monitor's words", async () => {
    const ended = await drift({
      [HOUR]: await captured('t["distance"] *= 2\nt.loc[t.index < 600, "passengers"] = None'),
    });
    const { violations } = (await ended.output("constraint_violations.json")) as { violations: Violation[] };
    expect(violations.map((one) => [one.feature_name, one.constraint_check_type])).to.deep.equal([
      ["distance", "baseline_drift_check"],
      ["passengers", "completeness_check"],
    ]);
    expect(violations[0]!.description).to.match(/^Baseline drift distance: 0\.\d+ exceeds threshold: 0\.2$/);
  });

  it("describes the window as the baseline describes the training data", async () => {
    const ended = await drift({ [HOUR]: await captured() });
    const written = (await ended.output("statistics.json")) as { features: { name: string }[] };
    const expected = await computed(`${ROWS}
import json, baseline
print(json.dumps(baseline.statistics(rows(3000, 2))))`);
    const shape = (one: unknown) =>
      JSON.parse(
        JSON.stringify(one, (key, value: unknown) =>
          key === "sketch" || key === "buckets"
            ? typeof value
            : typeof value === "number"
              ? Number(value.toPrecision(9))
              : value,
        ),
      ) as unknown;
    expect(shape(written)).to.deep.equal(shape(expected));
  });

  it("takes thresholds of single columns", async () => {
    const settings = { thresholds: { distance: 0.9 } };
    const ended = await drift({ [HOUR]: await captured('t["distance"] *= 2') }, settings);
    expect(violatedIn(await ended.read())).to.deep.equal([]);
  });

  it("tells new categories and counts them", async () => {
    const ended = await drift({ [HOUR]: await captured('t.loc[t.index < 7, "zone"] = "harbour"') });
    const { zone } = (await ended.read()).features;
    expect(zone).to.deep.include({ newCategories: [{ value: "harbour", count: 7 }], violated: true });
    expect(zone!.distance).to.be.below(0.01);
  });

  it("leaves out the rollout's own probes", async () => {
    const probes = await captured('t["distance"] *= 50', `, inferenceId="${probeInferenceId("1")}"`, 500);
    const report = await (await drift({ [HOUR]: (await captured()) + probes })).read();
    expect(report).to.deep.include({ rows: 3000, probesLeftOut: 500, violated: false });
  });

  it("counts and tells broken lines, and goes on", async () => {
    const wrong = ["{", "[]", '{"captureData":{},"eventMetadata":{}}', "null", '{"eventMetadata":{"inferenceTime":7}}'];
    const narrow = (await captured("", "", 5)).replace(/,(north|south|east)/g, "");
    const report = await (await drift({ [HOUR]: `${wrong.join("\n")}\n${narrow}${await captured()}` })).read();
    expect(report).to.deep.include({ rows: 3000, brokenLines: 6, violated: false });
    expect(report.firstComplaint).to.be.a("string");
  });

  it("counts bodies in JSON that are no rows as broken, and takes none for rows without values", async () => {
    const body = (data: string) =>
      JSON.stringify({
        captureData: {
          endpointInput: { observedContentType: "application/json", mode: "INPUT", data, encoding: "JSON" },
        },
        eventMetadata: { inferenceTime: "2026-03-01T12:30:00Z" },
      });
    const wrong = ["5", "null", "true", '"text"', '{"features":[1,2,3,"north"]}', '{"instances":7}'].map(body);
    const ended = await drift({ [HOUR]: `${wrong.join("\n")}\n${await captured()}` });
    expect(ended, ended.stderr).to.include({ code: 0 });
    expect(await ended.read()).to.deep.include({ rows: 3000, brokenLines: wrong.length, violated: false });
  });

  it("goes on after a number so great that its square is none, which any caller can send", async () => {
    const ended = await drift({ [HOUR]: await captured('t["distance"] = [1e308, -1e300] + [1.5] * 2998') });
    expect(ended, ended.stderr).to.include({ code: 0 });
    expect((await ended.read()).features.distance!.ks!.rows).to.equal(3000);
  });

  it("reads the window's folders in UTC, whatever zone its ends are given in", async () => {
    const args = ["--from", "2026-03-01T17:30:00+05:30", "--to", "2026-03-01T18:30:00+05:30"];
    const ended = await drift({ [HOUR]: await captured() }, {}, undefined, args);
    expect(ended.stdout, ended.stderr).to.equal("3000 rows: as the baseline\n");
  });

  it("does not compare numbers that a model answers with a label that is a text", async () => {
    const folder = at("by text");
    await mkdir(folder, { recursive: true });
    await computed(
      `${ROWS}
import json, baseline
t = rows(3000, 1)
t["fare"] = numpy.where(t["fare"] > 10, "dear", "cheap")
for name, content in (("statistics", baseline.statistics(t)), ("constraints", baseline.constraints(t))):
    open(sys.argv[1] + "/" + name + ".json", "w").write(json.dumps(content))`,
      [folder],
    );
    const report = await (await drift({ [HOUR]: await captured() }, {}, folder)).read();
    expect(report.features.fare).to.deep.include({ distance: null, violated: false, newCategories: [] });
    expect(violatedIn(report)).to.deep.equal([]);
  });

  it("takes the rows of the window alone, wherever they are filed", async () => {
    const report = await (
      await drift({
        "2026/03/01/13/00-00-010-b.jsonl": await captured("", ', time="2026-03-01T12:59:59Z"', 200),
        "2026/03/01/12/59-00-000-a.jsonl": await captured("", ', time="2026-03-01T13:00:00Z"', 300),
        "2026/03/01/11/59-00-000-a.jsonl": await captured("", ', time="2026-03-01T11:59:59Z"', 400),
      })
    ).read();
    expect(report).to.deep.include({ rows: 200, outcome: "compared" });
  });

  it("says neither drift nor fine of too few rows", async () => {
    const ended = await drift({ [HOUR]: await captured('t["distance"] *= 50', "", 99) });
    expect(ended.code).to.equal(0);
    expect(await ended.read()).to.deep.include({ outcome: "tooFewRows", rows: 99, violated: false, features: {} });
    await expectNone(ended.output("constraint_violations.json"));
  });

  it("says of no data that there is none", async () => {
    const ended = await drift({});
    expect(ended).to.include({ code: 0, stdout: "no data\n" });
    expect(await ended.read()).to.deep.include({ outcome: "noData", rows: 0 });
    await expectNone(ended.output("statistics.json"));
  });

  it("reads rows and answers in JSON", async () => {
    const asJson = `
lines = []
for row in json.loads(t.to_json(orient="records")):
    fare = row.pop("fare")
    of = lambda mode, data: {"observedContentType": "application/json", "mode": mode, "data": json.dumps(data), "encoding": "JSON"}
    lines.append(json.dumps({
        "captureData": {"endpointInput": of("INPUT", {"instances": [row]}), "endpointOutput": of("OUTPUT", {"predictions": [{"score": fare}]})},
        "eventMetadata": {"inferenceTime": "2026-03-01T12:30:00Z"},
    }))
print("\\n".join(lines))
sys.exit()`;
    const settings = { answer: { type: "json", path: "predictions.*.score" } };
    const report = await (await drift({ [HOUR]: await captured(asJson, "", 500) }, settings)).read();
    expect(report).to.deep.include({ rows: 500, brokenLines: 0, violated: false });
    expect(report.features.fare!.ks!.rows).to.equal(500);
  });

  it("checks the output of a batch transform", async () => {
    await mkdir(at("transformed"), { recursive: true });
    await computed(
      `${ROWS}
t = rows(800, 3)
t["distance"] *= 3
t[["distance", "passengers", "tip", "zone", "fare"]].to_csv(sys.argv[1], index=False, header=False)`,
      [at("transformed/trips.csv.out")],
    );
    await writeFile(at("target.json"), JSON.stringify({ target: "fare" }));
    const args = ["--baseline", at("job/processing/output"), "--table", at("transformed")];
    const ended = await python.run("drift.py", [...args, "--settings", at("target.json")], {
      SAGEMAKER_BASE_DIR: at("transform"),
    });
    expect(ended.stdout, ended.stderr).to.match(/^800 rows: violated by distance \(distance 0\.\d{3}\)\n$/);
  });

  it("reads tables with Excel's mark and empty files, and says which file it cannot read", async () => {
    const rows = "1.5,2,0.5,north,9\n".repeat(200);
    const read = async (name: string, content: string | Buffer) => {
      await mkdir(at(name), { recursive: true });
      await writeFile(at(name, "empty.csv"), "");
      await writeFile(at(name, "trips.csv"), content);
      await writeFile(at(name, "settings.json"), JSON.stringify({ target: "fare" }));
      const args = ["--baseline", at("job/processing/output"), "--settings", at(name, "settings.json")];
      return python.run("drift.py", [...args, "--table", at(name)], { SAGEMAKER_BASE_DIR: at(name) });
    };
    const marked = await read("marked", `\uFEFFdistance,passengers,tip,zone,fare\n${rows}`);
    expect(marked.stdout, marked.stderr).to.match(/^200 rows: /);
    const wrong = await read("wrong", Buffer.concat([Buffer.from(rows), Buffer.from([0xff, 0xfe])]));
    expect(wrong).to.include({ code: 1 });
    expect(wrong.stderr).to.match(/^drift\.py: .*trips\.csv cannot be read as CSV: .*0xff/);
  });

  it("names the column of a baseline that lacks something", async () => {
    const broken = async (change: string) => {
      const folder = at("broken baseline");
      await mkdir(folder, { recursive: true });
      await computed(
        `
import json, sys
from pathlib import Path
before, after = Path(sys.argv[1]), Path(sys.argv[2])
for name in ("statistics.json", "constraints.json"):
    content = json.loads((before / name).read_text())
    one = {entry["name"]: entry for entry in content["features"]}
    if name == "statistics.json":
        ${change}
    (after / name).write_text(json.dumps(content))`,
        [at("job/processing/output"), folder],
      );
      const { code, stderr } = await drift({}, {}, folder);
      expect(code).to.equal(1);
      return stderr.replace(/ of the baseline in .* cannot be read: /, ": ");
    };
    const kll = 'one["distance"]["numerical_statistics"]["distribution"]["kll"]';
    expect(await broken(`${kll}.pop("sketch")`)).to.equal("drift.py: column distance: KeyError('sketch')\n");
    expect(await broken(`${kll}["sketch"].update(data=[])`)).to.match(/column distance: .*its sketch has no values/);
    expect(await broken('one["zone"]["string_statistics"].pop("distribution")')).to.match(/column zone: KeyError/);
    expect(await broken('one["zone"].pop("inferred_type")')).to.match(/column zone: KeyError\('inferred_type'\)/);
    expect(await broken('content["features"].append(one["zone"])')).to.match(/must have each column once/);
  });

  it("says which settings are wrong and how, all at once", async () => {
    const wrong = { leastRows: "100", treshold: 0.3, answer: null };
    expect((await drift({}, wrong)).stderr).to.match(
      /settings\.json: there is no setting treshold; answer must be an object, got null; leastRows must be a number, got "100"\n$/,
    );
    const later = await drift({}, { threshold: 0, thresholds: { distance: "x" }, watched: [], target: 5 });
    expect(later.stderr).to.equal(
      "drift.py: threshold must be a number above 0, got 0; thresholds.distance must be a number above 0, got x; " +
        "target must be a text, got 5; watched must name columns, got []\n",
    );
  });

  it("compares a release with its own columns, whatever more another release has, and names what it does not have", async () => {
    // Without its tips: the columns that are left are as before.
    const fewer = await captured("t = t.drop(columns='tip')\nt['distance'] *= 3", "", 500);
    await mkdir(at("without-tip"), { recursive: true });
    for (const file of ["statistics.json", "constraints.json"]) {
      const { features, ...rest } = (await json(at("job/processing/output", file))) as { features: { name: string }[] };
      const left = features.filter(({ name }) => name !== "tip");
      await writeFile(at("without-tip", file), JSON.stringify({ ...rest, features: left }));
    }
    const more = { thresholds: { tip: 0.5, distance: 0.3 }, watched: ["distance", "tip", "zone"] };

    const found = await drift({ [HOUR]: fewer }, more, at("without-tip"));
    const report = await found.read();
    expect(report).to.deep.include({ outcome: "compared", rows: 500, brokenLines: 0, unknownColumns: ["tip"] });
    expect(violatedIn(report)).to.deep.equal(["distance"]);
    expect(found.stdout).to.match(
      /^500 rows: violated by distance \(distance 0\.\d+\); no column tip in this release\n$/,
    );
    // And the release that has the column.
    const whole = await (await drift({ [HOUR]: await captured("", "", 500) }, more)).read();
    expect(whole).to.deep.include({ outcome: "compared", violated: false, unknownColumns: [] });
  });

  it("refuses a baseline and settings that it cannot use", async () => {
    for (const settings of [{ watched: ["weather"] }, { target: "weather" }]) {
      const noColumn = await drift({}, settings);
      expect(noColumn).to.include({ code: 1 });
      expect(noColumn.stderr).to.include(
        "the baseline has no column weather: it has fare, distance, passengers, tip, zone",
      );
    }
    const none = await python.run("drift.py", ["--baseline", at("nowhere")], { SAGEMAKER_BASE_DIR: at("none") });
    expect(none.stderr).to.match(/^drift\.py: the baseline in .*nowhere cannot be read: /);
    await mkdir(at("empty"), { recursive: true });
    for (const file of ["statistics.json", "constraints.json"]) {
      await writeFile(at("empty", file), '{"features": []}');
    }
    const empty = await python.run("drift.py", ["--baseline", at("empty")], { SAGEMAKER_BASE_DIR: at("none") });
    expect(empty.stderr).to.match(/^drift\.py: the baseline in .*empty has no columns\n$/);
  });

  it("dates metrics at the window's end, never ahead, and puts none that CloudWatch would refuse for their age", async () => {
    const ended = await python.runText(
      `
import json, sys, types
from datetime import datetime, timedelta, timezone
dates = []
class CloudWatch:
    def put_metric_data(self, Namespace, MetricData):
        dates.extend(one["Timestamp"] for one in MetricData)
sys.modules["boto3"] = types.SimpleNamespace(client=lambda name: CloudWatch())
from metrics import put_metrics
now = datetime.now(timezone.utc)
for days in (-15, -13, 1):
    put_metrics("s", "e", (now + timedelta(days=days)).isoformat(), {"drift_rows": 1}, is_live=False)
del sys.modules["boto3"]
print(json.dumps([round((date - now).total_seconds() / 86400) for date in dates]))`,
      [],
    );
    expect(ended, ended.stderr).to.include({ code: 0 });
    expect(ended.stdout).to.match(/^no metrics are put: \S+ is more than two weeks ago\n\[-13, 0\]\n$/);
  });

  it("says how it is used", async () => {
    expect(await helpOf(join(__dirname, "../../monitoring/drift.py"))).to.include("Compares a window");
  });

  describe("its distances", () => {
    /** Both ways to each of these pairs of samples. */
    const PAIRS = `
import json, numpy
from scipy import special, stats
from distances import kolmogorov, kolmogorov_smirnov, robust
from sketch import Sketch
rng = numpy.random.Generator(numpy.random.PCG64(5))
pairs = {
    "the same": [rng.normal(size=5000)] * 2,
    "apart": [rng.normal(size=5000), rng.normal(0.5, 1.2, 700)],
    "constant": [numpy.full(3000, 4.0), numpy.full(200, 4.0)],
    "constants apart": [numpy.full(3000, 4.0), numpy.full(200, 3.9)],
    "few values": [rng.integers(0, 3, 4000) * 1.0, rng.integers(0, 4, 1000) * 1.0],
    "one row": [rng.exponential(size=4000), numpy.asarray([0.7])],
    "many": [rng.lognormal(size=300000), rng.lognormal(0.1, 1, 200000)],
}
`;
    it("are those of SciPy, within what the sketches leave out", async () => {
      const found = (await computed(`${PAIRS}
def sketched(values):
    sketch = Sketch()
    for start in range(0, len(values), 999):
        sketch.add(values[start : start + 999])
    return sketch.weighted()
out = {}
for name, (a, b) in pairs.items():
    statistic, p = kolmogorov_smirnov(sketched(a), sketched(b))
    exact = stats.ks_2samp(a, b).statistic
    en = numpy.sqrt(len(a) * len(b) / (len(a) + len(b)))
    out[name] = [statistic, exact, p, float(special.kolmogorov(en * statistic))]
print(json.dumps(out))`)) as Record<string, number[]>;
      for (const [name, [statistic, exact, p, expected]] of Object.entries(found)) {
        expect(statistic, name).to.be.closeTo(exact!, 0.004);
        expect(p, name).to.be.closeTo(expected!, 1e-9);
      }
      expect(found.constant![0]).to.equal(0);
      expect(found["constants apart"]![0]).to.equal(1);
    });

    it("are Model Monitor's robust ones: without what chance may do", async () => {
      expect(
        await computed(
          "import json\nfrom distances import robust\nprint(json.dumps([robust(0.3, 4000, 1000), robust(0.01, 100, 100)]))",
        ),
      ).to.deep.equal([0.3 - 1.8 * Math.sqrt(5000 / 4_000_000), 0]);
    });

    it("take no more memory for ten million rows than for some", async () => {
      const [values, statistic] = (await computed(`
import json, numpy
from scipy import stats
from sketch import Sketch
rng = numpy.random.Generator(numpy.random.PCG64(6))
sketch = Sketch()
for _ in range(200):
    sketch.add(rng.normal(size=50_000))
weighted = sketch.weighted()
assert weighted.rows == 10_000_000
print(json.dumps([len(weighted.values), float(numpy.max(numpy.abs(weighted.share_up_to(weighted.values) - stats.norm.cdf(weighted.values))))]))`)) as [
        number,
        number,
      ];
      expect(values).to.be.below(10_000);
      expect(statistic).to.be.below(0.002);
    });

    it("take a probability for a share of class 1, where the label is 0 or 1", async () => {
      const of = (mean: number) => `
import json, numpy, pandas, baseline, comparison
from features import Numbers
rng = numpy.random.Generator(numpy.random.PCG64(7))
labels = pandas.DataFrame({"left": (rng.random(20000) < 0.3).astype(int)})
before = comparison.Baseline("left", baseline.statistics(labels)["features"][0], baseline.constraints(labels)["features"][0])
column = Numbers("left")
column.add([str(value) for value in rng.beta(${mean} * 4, (1 - ${mean}) * 4, 2000)])
print(json.dumps(comparison.compare(before, column, 0.2, True).written()))`;
      expect(await computed(of(0.3))).to.deep.include({ distance: 0, violated: false });
      expect(await computed(of(0.7))).to.deep.include({ violated: true });
    });
  });

  describe("of columns at the edge", () => {
    /** What comes of a column, whose training data and whose traffic are such. */
    const compared = (before: string, cells: readonly string[]) =>
      computed(
        `
import json, sys, io, pandas, baseline, comparison
table = pandas.read_csv(io.StringIO("x\\n" + sys.argv[1]), skip_blank_lines=False)
before = comparison.Baseline("x", baseline.statistics(table)["features"][0], baseline.constraints(table)["features"][0])
column = before.column()
column.add(json.loads(sys.argv[2]))
result = comparison.compare(before, column, 0.2, False)
json.dumps(column.statistics(), allow_nan=False)
print(json.dumps({**result.written(), "checks": [check for check, _ in result.violations]}, allow_nan=False))`,
        [before, JSON.stringify(cells)],
      ) as Promise<Feature & { checks: string[] }>;
    const many = (text: string, count = 1000) => Array.from({ length: count }, () => text);
    const numbers = Array.from({ length: 1000 }, (_, i) => String(i / 10)).join("\n");

    it("is none for a constant that stays", async () => {
      expect(await compared(many("4").join("\n"), many("4"))).to.deep.include({ distance: 0, checks: [] });
    });
    it("is drift for a constant that changes", async () => {
      const found = await compared(many("4").join("\n"), many("3"));
      expect(found).to.deep.include({ checks: ["baseline_drift_check"] });
      expect(found.psi).to.be.above(1);
    });
    it("has no distance, and is incomplete, where all values are missing", async () => {
      expect(await compared(numbers, many(""))).to.deep.include({
        distance: null,
        missing: 1,
        checks: ["completeness_check"],
      });
    });
    it("has no distance where the training data had none", async () => {
      expect(await compared(many("").join("\n"), many("3"))).to.deep.include({ distance: null, checks: [] });
    });
    it("says nothing by one row", async () => {
      expect(await compared(numbers, ["7"])).to.deep.include({ distance: 0, checks: [] });
    });
    it("takes NaN for missing, and infinity and text for no number", async () => {
      const found = await compared(numbers, ["NaN", "inf", "many", ...many("50.5", 7)]);
      expect(found.missing).to.equal(0.1);
      expect(found.checks).to.include.members(["completeness_check", "data_type_check"]);
    });
    it("takes a boolean for the same in any case, as pandas has read those of the training data", async () => {
      const same = [...many("true", 500), ...many("FALSE", 500)];
      expect(await compared(`${many("true").join("\n")}\n${many("false").join("\n")}`, same)).to.deep.include({
        ...{ distance: 0, checks: [], newCategories: [] },
      });
    });
    it("takes no notice of blanks around the training data's texts", async () => {
      expect(await compared(many(" a").join("\n"), many("a"))).to.deep.include({ distance: 0, checks: [] });
    });
    it("takes for a text what an older pandas has not read as missing", async () => {
      const found = await computed(`
import json, comparison
statistics = {"name": "x", "inferred_type": "String", "string_statistics": {
    "common": {"num_present": 1000, "num_missing": 0}, "distinct_count": 2.0,
    "distribution": {"categorical": {"buckets": [{"value": "None", "count": 500}, {"value": "some", "count": 500}]}}}}
before = comparison.Baseline("x", statistics, {"completeness": 1.0, "string_constraints": {"domains": ["None", "some"]}})
column = before.column()
column.add(["None", "some"] * 500)
print(json.dumps(comparison.compare(before, column, 0.2, False).written()))`);
      expect(found).to.deep.include({ distance: 0, missing: 0, violated: false });
    });
    it("knows a text for new among few, and not among more than are listed", async () => {
      expect(await compared(many("a").join("\n"), [...many("a"), "b"])).to.deep.include({
        checks: ["categorical_values_check"],
      });
      const distinct = Array.from({ length: 300 }, (_, i) => `t${i}`).join("\n");
      expect(await compared(distinct, ["new"])).to.deep.include({ checks: [], newCategories: [] });
    });
  });

  it("gives a false alarm in less than 1 % of the samples of the training data itself", async () => {
    const [alarms, samples] = (await computed(
      `${ROWS}
import json
from pathlib import Path
from comparison import compare, read_baselines
table = pandas.read_csv(sys.argv[1])
baselines = read_baselines(Path(sys.argv[2]))
texts = {name: table[name].map(lambda value: "" if value != value else str(value)).to_numpy(dtype=object) for name in table}
rng = numpy.random.Generator(numpy.random.PCG64(8))
alarms = 0
for _ in range(1000):
    chosen = rng.integers(0, len(table), 1000)
    violated = False
    for baseline in baselines:
        column = baseline.column()
        column.add(texts[baseline.name][chosen])
        violated = violated or len(compare(baseline, column, 0.2, baseline.name == "fare").violations) > 0
    alarms += violated
print(json.dumps([alarms, 1000]))`,
      [at("job/processing/input/baseline/baseline.csv"), at("job/processing/output")],
    )) as [number, number];
    expect(alarms / samples).to.be.below(0.01);
  });
});

async function expectNone(file: Promise<unknown>): Promise<void> {
  const error = await file.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.an("error").with.property("code", "ENOENT");
}
