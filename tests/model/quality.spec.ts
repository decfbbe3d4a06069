import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { probeInferenceId } from "../../lib/contract";
import { helpOf, programs, scratchFolder } from "./programs";

interface Estimate {
  readonly value: number;
  readonly lower: number | null;
  readonly upper: number | null;
}
interface Report {
  readonly outcome: string;
  readonly pairs: number;
  readonly predictions: Readonly<Record<string, number>>;
  readonly measures: Readonly<Record<string, Estimate | null>>;
  readonly watched: { readonly overLimit: number | null };
  readonly violated: boolean;
}
interface Run {
  readonly labels: Readonly<Record<string, number | string | null>>;
  readonly captures: Readonly<Record<string, number | string | null>>;
  readonly days: readonly { readonly date: string; readonly outcome: string; readonly changed: boolean }[];
}

/** One captured request. @param predictions one for each of its rows */
function capture(id: string, predictions: readonly unknown[], time = "2026-03-01T12:30:00Z", metadata: object = {}) {
  const of = (mode: string, data: string) => ({ observedContentType: "text/csv", mode, data, encoding: "CSV" });
  return JSON.stringify({
    captureData: {
      endpointInput: of("INPUT", predictions.map(() => "1,2,3\n").join("")),
      endpointOutput: of("OUTPUT", predictions.map((value) => `${String(value)}\n`).join("")),
    },
    eventMetadata: { eventId: id, inferenceTime: time, ...metadata },
    eventVersion: "0",
  });
}
const label = (eventId: string, value: unknown) => JSON.stringify({ eventId, value });
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("monitoring/quality.py", function () {
  this.timeout(60_000);
  const folder = scratchFolder();
  const python = programs(join(__dirname, "../../monitoring"));
  const at = (...names: string[]) => join(folder.path, ...names);

  async function computed(text: string): Promise<unknown> {
    const { code, stdout, stderr } = await python.runText(text, []);
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout);
  }

  let jobs = 0;
  /** A job over the two first days of March, by the lines of its captures and its files of labels. */
  async function quality(
    captures: readonly string[],
    labels: Readonly<Record<string, readonly string[]>>,
    settings: object = {},
    { args = [], job = `job-${++jobs}` }: { readonly args?: readonly string[]; readonly job?: string } = {},
  ) {
    const files = {
      "captures/endpoint-1/variant-1/2026/03/01/12/30-00-000-a.jsonl": captures,
      ...Object.fromEntries(Object.entries(labels).map(([name, lines]) => [`labels/${name}`, lines])),
    };
    for (const [name, lines] of Object.entries(files)) {
      await mkdir(dirname(at(job, name)), { recursive: true });
      await writeFile(at(job, name), `${lines.join("\n")}\n`);
    }
    await mkdir(at(job, "labels"), { recursive: true });
    await rm(at(job, "processing"), { recursive: true, force: true });
    await writeFile(at(job, "settings.json"), JSON.stringify({ leastPairs: 2, ...settings }));
    const places = ["--captures", at(job, "captures"), "--labels", at(job, "labels")];
    const window = ["--from", "2026-03-01T00:00:00Z", "--to", "2026-03-03T00:00:00Z"];
    const named = ["--endpoint", "endpoint-1", "--settings", at(job, "settings.json")];
    const ended = await python.run("quality.py", [...places, ...window, ...named, ...args], {
      SAGEMAKER_BASE_DIR: at(job),
    });
    const read = async (name: string): Promise<unknown> =>
      JSON.parse(await readFile(at(job, "processing/output", name), "utf8"));
    return {
      ...ended,
      files: () => readdir(at(job, "processing/output")),
      day: async (date = "2026-03-01") => (await read(`${date}.json`)) as Report,
      run: async () => (await read("run.json")) as Run,
    };
  }

  it("joins predictions with labels, of several rows too, and measures RMSE and bias", async () => {
    const captures = [capture("a", [10]), capture("b", [20, 30]), capture("c", [40])];
    const ended = await quality(captures, { "late/x.jsonl": [label("a", 9), label("b", [22, 33]), label("c", "38")] });

    expect(ended, ended.stderr).to.include({ code: 0 });
    expect(ended.stdout).to.equal("2026-03-01: 4 pairs, rmse 2.121, bias -0.5; 2 of 2 days written\n");
    const report = await ended.day();
    expect(report).to.deep.include({ outcome: "measured", pairs: 4, violated: false });
    expect(report.measures.rmse!.value).to.be.closeTo(Math.sqrt((1 + 4 + 9 + 4) / 4), 1e-12);
    expect(report.measures.bias!.value).to.be.closeTo(-0.5, 1e-12);
    expect(await ended.day("2026-03-02")).to.deep.include({ outcome: "noData", pairs: 0, measures: {} });
  });

  it("reads CSV with and without header, and Model Monitor's ground truth", async () => {
    const truth = (data: string, eventId: string) =>
      JSON.stringify({ groundTruthData: { data, encoding: "CSV" }, eventMetadata: { eventId }, eventVersion: "0" });
    const ended = await quality(
      ["a", "b", "c", "d"].map((id) => capture(id, id === "d" ? [1, 2] : [1])),
      {
        "1.csv": ["eventId,value", "a,2"],
        "2.csv": ["b,2"],
        "2026/03/04/05/3.jsonl": [truth("2", "c"), truth("2,3", "d")],
      },
    );

    expect(await ended.day()).to.deep.include({ pairs: 5 });
    expect((await ended.run()).labels).to.deep.include({ read: 4, brokenLines: 0, withoutCapture: 0 });
  });

  it("knows a request by the id that its caller gave, and leaves probes out", async () => {
    const ended = await quality(
      [
        capture("a", [1], undefined, { inferenceId: "mine-1" }),
        capture("b", [1], undefined, { inferenceId: "mine-2" }),
        capture("c", [99], undefined, { inferenceId: probeInferenceId("1") }),
      ],
      { "x.csv": ["mine-1,1", "mine-2,1", "a,50"] },
    );

    expect(await ended.day()).to.deep.include({ pairs: 2, predictions: counts({ rows: 2 }) });
    const { labels, captures } = await ended.run();
    expect(labels.withoutCapture).to.equal(1);
    expect(captures.probesLeftOut).to.equal(1);
  });

  it("takes the last of several labels, and tells of them", async () => {
    const ended = await quality([capture("a", [1]), capture("b", [1])], { "x.csv": ["a,7", "b,1", "a,1"] });

    expect((await ended.day()).measures.rmse!.value).to.equal(0);
    expect((await ended.run()).labels.duplicates).to.equal(1);
    expect(ended.stdout).to.include("1 labels given twice");
  });

  it("completes a label by a later one, and forgets nothing for what that does not know yet", async () => {
    const ended = await quality([capture("a", [1, 2, 3])], { "1.csv": ["a,1,,9"], "2.csv": ["a,,2,3"] });

    expect(await ended.day()).to.deep.include({ pairs: 3, predictions: counts({ rows: 3 }) });
    expect((await ended.day()).measures.rmse!.value).to.equal(0);
  });

  it("reads files with the mark that Excel puts at the begin", async () => {
    const ended = await quality(
      ["a", "b", "c"].map((id) => capture(id, [1])),
      {
        "1.csv": ["\uFEFFeventId,value", "a,1"],
        "2.csv": ["\uFEFFb,1"],
        "3.jsonl": [`\uFEFF${label("c", 1)}`],
      },
    );

    expect(await ended.day()).to.deep.include({ pairs: 3 });
    expect((await ended.run()).labels).to.deep.include({ read: 3, brokenLines: 0 });
  });

  it("leaves out and counts numbers whose square is none, and ids that no file can have", async () => {
    const captures = [capture("a", [1]), capture("b", [1]), capture("c", ["1e300"]), capture("d", [1])];
    const half = JSON.stringify({ eventId: "\ud800", value: 1 });
    const ended = await quality([...captures, capture("\ud800", [1])], {
      "x.jsonl": [label("a", 1), label("b", 1), label("c", 1), label("d", 1e200), half],
    });

    expect(ended, ended.stderr).to.include({ code: 0 });
    expect(await ended.day()).to.deep.include({
      pairs: 2,
      predictions: counts({ rows: 4, unfit: 1, withoutLabel: 1 }),
    });
    const { labels, captures: read } = await ended.run();
    expect(labels.brokenLines).to.equal(2);
    expect(labels.firstComplaint).to.match(/x\.jsonl, line 4: the value 1e\+200 is no number below 1e\+140$/);
    expect(read.brokenLines).to.equal(1);
  });

  it("takes the first of several requests with one id, and tells of them", async () => {
    const captures = [capture("a", [1]), capture("a", [5]), capture("b", [1])];
    const ended = await quality(captures, { "x.csv": ["a,1", "b,1"] });

    expect(await ended.day()).to.deep.include({ pairs: 2, predictions: counts({ rows: 3, repeatedIds: 1 }) });
  });

  it("counts labels without a prediction, predictions without a label, and what fits no label", async () => {
    const captures = [capture("a", [1, 2]), capture("b", [1]), capture("c", ["nan"]), capture("d", [3, 4])];
    const ended = await quality(captures, {
      "x.jsonl": [label("a", [1, null]), label("c", 1), label("d", 3), label("none", 1)],
    });

    expect(await ended.day()).to.deep.include({
      outcome: "tooFewPairs",
      pairs: 1,
      measures: {},
      predictions: counts({ rows: 6, withoutLabel: 2, unfit: 3 }),
    });
    expect((await ended.run()).labels).to.deep.include({ read: 4, withoutCapture: 1 });
    expect(ended.stdout).to.match(
      /^no day has the 2 pairs that a measurement needs;.*; 1 labels without a prediction\n$/,
    );
  });

  it("counts and tells broken lines of both, and goes on", async () => {
    const wrong = ["{", "[]", "7", label("", 1), label("x", "many"), label("x", []), '{"eventId":7,"value":1}'];
    const truths = ['{"groundTruthData":1,"eventMetadata":{}}', label("x", "nan"), label("x", "inf")];
    const ended = await quality(["{", capture("a", [1]), capture("b", [1])], {
      "1.jsonl": [...wrong, ...truths],
      "2.csv": ["a,1", "b", '"b,1', "b,1"],
      _SUCCESS: [""],
    });

    expect(await ended.day()).to.deep.include({ pairs: 2 });
    const { labels, captures } = await ended.run();
    expect(labels).to.deep.include({ read: 2, brokenLines: wrong.length + truths.length + 3 });
    expect(labels.firstComplaint).to.match(/1\.jsonl, line 1: /);
    expect(captures.brokenLines).to.equal(1);
  });

  it("measures a day again when its labels have arrived, and writes no other", async () => {
    const captures = [
      ...range(3).map((n) => capture(`a${n}`, [n])),
      ...range(3).map((n) => capture(`b${n}`, [n], "2026-03-02T12:30:00Z")),
    ];
    const job = "again";
    // A request of the second day is in a file of its own hour.
    await mkdir(at(job, "captures/endpoint-1/variant-1/2026/03/02/12"), { recursive: true });
    await writeFile(at(job, "captures/endpoint-1/variant-1/2026/03/02/12/30.jsonl"), captures.slice(3).join("\n"));
    const first = { "1.csv": range(3).map((n) => `a${n},${n}`) };
    const start = (labels: Record<string, string[]>) =>
      quality(captures.slice(0, 3), labels, {}, { job, args: ["--reports", at(job, "before")] });
    const before = await start(first);
    expect(await before.files()).to.have.members(["2026-03-01.json", "2026-03-02.json", "run.json"]);
    expect(await before.day("2026-03-02")).to.deep.include({ outcome: "tooFewPairs", pairs: 0 });
    await mkdir(at(job, "before"));
    for (const day of ["2026-03-01.json", "2026-03-02.json"]) {
      await writeFile(at(job, "before", day), await readFile(at(job, "processing/output", day)));
    }

    const after = await start({ "2.csv": range(3).map((n) => `b${n},${n + 1}`) });

    expect(await after.files()).to.have.members(["2026-03-02.json", "run.json"]);
    expect((await after.run()).days).to.deep.equal([
      { date: "2026-03-01", outcome: "measured", pairs: 3, violated: false, changed: false },
      { date: "2026-03-02", outcome: "measured", pairs: 3, violated: false, changed: true },
    ]);
    expect((await after.day("2026-03-02")).measures.bias!.value).to.equal(-1);
  });

  it("holds the better end of the interval against the limit, so that chance alone is not beyond it", async () => {
    const captures = range(50).map((n) => capture(`a${n}`, [n % 2 === 0 ? 3 : 5]));
    const labels = { "x.csv": range(50).map((n) => `a${n},0`) };
    const { rmse } = (await (await quality(captures, labels)).day()).measures;
    const lower = rmse!.lower!;

    const within = await (await quality(captures, labels, { limit: lower * 1.01 })).day();
    expect(rmse!.value).to.be.above(lower * 1.01);
    expect(within.violated).to.equal(false);
    const ended = await quality(captures, labels, { limit: 100 }, { args: ["--limit", String(lower * 0.99)] });
    expect((await ended.day()).watched.overLimit).to.be.closeTo(1 / 0.99, 1e-9);
    expect(await ended.day()).to.deep.include({ violated: true });
    expect(ended.stdout).to.include("beyond the limit");
  });

  it("measures classes by probabilities, and watches a score from below", async () => {
    const captures = range(40).map((n) => capture(`a${n}`, [n < 20 ? 0.2 : 0.8]));
    const labels = { "x.csv": range(40).map((n) => `a${n},${n % 10 === 0 ? "1" : n < 20 ? "false" : "true"}`) };
    const settings = { problemType: "BinaryClassification", measure: "accuracy", limit: 0.999 };
    const report = await (await quality(captures, labels, settings)).day();

    expect(report.measures.accuracy!.value).to.equal(0.95);
    expect(report.measures.f1!.value).to.be.closeTo((2 * 20) / (2 * 20 + 2), 1e-12);
    expect(report.measures.brier!.value).to.be.closeTo(0.95 * 0.04 + 0.05 * 0.64, 1e-12);
    expect(report.violated).to.equal(report.measures.accuracy!.upper! < 0.999);
    const unfit = await quality([capture("a", [1.2])], { "x.csv": ["a,1", "b,0.5"] }, settings);
    expect((await unfit.day()).predictions.unfit).to.equal(1);
    expect((await unfit.run()).labels.brokenLines).to.equal(1);
  });

  it("refuses settings that it does not know", async () => {
    const wrong = await quality([], {}, { problemType: "Ranking" });
    expect(wrong.stderr).to.equal("quality.py: problemType must be Regression or BinaryClassification, got Ranking\n");
    const measure = await quality([], {}, { measure: "auc" });
    expect(measure.stderr).to.equal("quality.py: measure must be rmse of a Regression, got auc\n");
    const limit = await quality([], {}, {}, { args: ["--limit", "nan"] });
    expect(limit.stderr).to.equal("quality.py: the limit must be a number, got nan\n");
    const none = await quality([], {}, { leastPairs: 0 });
    expect(none.stderr).to.equal("quality.py: leastPairs must be at least 1, got 0\n");
    const kinds = await quality([], {}, { probabilityThreshold: "x", foo: 1 });
    expect(kinds.stderr).to.match(/there is no setting foo; probabilityThreshold must be a number, got "x"\n$/);
  });

  it("says how it is used", async () => {
    expect(await helpOf(join(__dirname, "../../monitoring/quality.py"))).to.include("Measures how well a model");
  });

  describe("its measures", () => {
    /** Pairs of one day, without files. */
    const PAIRS = `
import json, numpy
from datetime import date
from measures import classification, regression
from pairs import Pairs
DAY = date(2026, 3, 1)
def measured(predictions, labels, how, is_class):
    pairs = Pairs(is_class)
    rows = zip([DAY.isoformat()] * len(labels), map(float, predictions), map(float, labels))
    pairs._database.executemany("INSERT INTO pairs VALUES (?, ?, ?)", rows)
    found = how(pairs, DAY)
    pairs.close()
    return {name: None if one is None else one.written() for name, one in found.items()}
def numbers(predictions, labels):
    return measured(predictions, labels, regression, False)
def classes(predictions, labels):
    return measured(predictions, labels, lambda pairs, day: classification(pairs, day, 0.5), True)
rng = numpy.random.Generator(numpy.random.PCG64(9))
`;

    it("are those of scikit-learn, with ties and more than one chunk", async () => {
      const [own, theirs] = (await computed(`${PAIRS}
from sklearn import metrics
labels = rng.integers(0, 2, 60_000)
scores = numpy.round(numpy.clip(0.5 * labels + rng.normal(0.3, 0.3, 60_000), 0, 1), 2)
found = classes(scores, labels)
numbers_found = numbers(scores * 7, labels)
print(json.dumps([{name: one["value"] for name, one in {**found, **numbers_found}.items()}, {
    "accuracy": metrics.accuracy_score(labels, scores >= 0.5),
    "f1": metrics.f1_score(labels, scores >= 0.5),
    "auc": metrics.roc_auc_score(labels, scores),
    "brier": metrics.brier_score_loss(labels, scores),
    "rmse": float(numpy.sqrt(numpy.mean((scores * 7 - labels) ** 2))),
    "bias": float(numpy.mean(scores * 7 - labels)),
}]))`)) as [Record<string, number>, Record<string, number>];

      for (const [name, value] of Object.entries(theirs)) {
        expect(own[name], name).to.be.closeTo(value, 1e-9);
      }
    });

    it("have no interval of one pair, and none where they are not defined", async () => {
      const none = { lower: null, upper: null };
      expect(await computed(`${PAIRS}\nprint(json.dumps(numbers([3], [1])))`)).to.deep.equal({
        rmse: { value: 2, ...none },
        bias: { value: 2, ...none },
      });
      const oneClass = (await computed(
        `${PAIRS}\nprint(json.dumps(classes([0.1] * 9, [0] * 9)))`,
      )) as Report["measures"];
      expect(oneClass).to.deep.include({ f1: null, auc: null });
      expect(oneClass.accuracy).to.deep.include({ value: 1, upper: 1 });
    });

    it("stay finite for constants and for a perfect model", async () => {
      const found = (await computed(`${PAIRS}
print(json.dumps({**numbers([4] * 50, [3] * 50), **classes([0.0] * 25 + [1.0] * 25, [0] * 25 + [1] * 25)}, allow_nan=False))`)) as Record<
        string,
        Estimate
      >;
      expect(found.rmse).to.deep.equal({ value: 1, lower: 1, upper: 1 });
      expect(found.brier).to.deep.equal({ value: 0, lower: 0, upper: 0 });
      expect(found.auc).to.deep.include({ value: 1, upper: 1 });
      expect(found.auc!.lower).to.be.within(0.8, 0.9);
    });

    it("have intervals that hold the true value as often as they say", async () => {
      const shares = (await computed(`${PAIRS}
from scipy import stats
runs, hits = 500, {}
truth = {"rmse": 2.0, "bias": 0.5, "auc": float(stats.norm.cdf(1 / numpy.sqrt(2)))}
for _ in range(runs):
    found = numbers(rng.normal(0.5, numpy.sqrt(3.75), 300), numpy.zeros(300))
    labels = (rng.random(300) < 0.4).astype(int)
    p = stats.norm.cdf(rng.normal(labels, 1) - 0.5)
    found["auc"] = classes(p, labels)["auc"]
    shown = rng.random(300) < 0.8
    by_share = classes(shown.astype(float), numpy.where(rng.random(300) < 0.9, shown, ~shown).astype(int))
    found.update({name: by_share[name] for name in ("accuracy", "f1", "brier")})
    for name, true in {**truth, "accuracy": 0.9, "f1": 2 * 0.72 / (2 * 0.72 + 0.1), "brier": 0.1}.items():
        hits[name] = hits.get(name, 0) + (found[name]["lower"] <= true <= found[name]["upper"])
print(json.dumps({name: count / runs for name, count in hits.items()}))`)) as Record<string, number>;

      expect(Object.keys(shares)).to.have.members(["rmse", "bias", "auc", "accuracy", "f1", "brier"]);
      for (const [name, share] of Object.entries(shares)) {
        expect(share, name).to.be.within(0.92, 0.98);
      }
    });
  });

  it("takes no more memory for many labels than for some", async () => {
    const grown = (await computed(`
import json, tracemalloc
from datetime import datetime, timezone, date
from captures import Event
from pairs import Pairs
from measures import regression
def peak(count):
    pairs = Pairs(False)
    time = datetime(2026, 3, 1, tzinfo=timezone.utc)
    tracemalloc.start()
    pairs.add_labels((f"id-{n}", [1.0]) for n in range(count))
    pairs.add_predictions(Event(f"id-{n}", time, [], ["2"]) for n in range(count))
    assert regression(pairs, date(2026, 3, 1))["rmse"].value == 1
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    pairs.close()
    return most
print(json.dumps([peak(20_000), peak(60_000)]))`)) as [number, number];

    expect(grown[1]).to.be.below(grown[0] * 1.1);
  });
});

/** Those of a day, of which all but these are 0. */
function counts(some: Readonly<Record<string, number>>) {
  return { rows: 0, withoutLabel: 0, repeatedIds: 0, unfit: 0, ...some };
}
