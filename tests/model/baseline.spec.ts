import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { helpOf, programs, scratchFolder } from "./programs";

interface Feature {
  readonly name: string;
  readonly inferred_type: string;
  readonly numerical_statistics: {
    readonly common: { readonly num_present: number; readonly num_missing: number };
    readonly mean: number;
    readonly sum: number;
    readonly std_dev: number;
    readonly min: number;
    readonly max: number;
    readonly distribution: {
      readonly kll: {
        readonly buckets: { readonly lower_bound: number; readonly upper_bound: number; readonly count: number }[];
        readonly sketch: { readonly parameters: { readonly c: number; readonly k: number }; readonly data: number[][] };
      };
    };
  };
}

/** Writes a table like that of a model that has one label, two measured inputs and one that counts, each with a long tail. */
const MADE_UP = `
import sys, numpy, pandas
rng = numpy.random.Generator(numpy.random.PCG64(3))
table = {name: numpy.round(rng.lognormal(2, 0.7, 8000), 4) for name in ("total_amount", "duration_minutes", "trip_distance")}
table["passenger_count"] = rng.integers(1, 7, 8000)
columns = ["total_amount", "duration_minutes", "passenger_count", "trip_distance"]
pandas.DataFrame(table)[columns].to_csv(sys.argv[1], index=False)
`;

describe("monitoring/baseline.py", function () {
  this.timeout(30_000);
  const folder = scratchFolder();
  const python = programs(join(__dirname, "../../monitoring"));
  const at = (...names: string[]) => join(folder.path, ...names);
  const content = (file: string) => readFile(file, "utf8");

  /** Runs the job over these files of its input folder. */
  async function run(job: string, files: Record<string, string>) {
    await mkdir(at(job, "processing/input/baseline"), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await writeFile(at(job, "processing/input/baseline", name), text);
    }
    const ended = await python.run("baseline.py", [], { SAGEMAKER_BASE_DIR: at(job) });
    return { ...ended, message: await content(at(job, "output/message")) };
  }
  const output = async (job: string, name: string): Promise<unknown> =>
    JSON.parse(await content(at(job, "processing/output", name)));

  describe("of a large table", () => {
    let csv: string;
    let features: Feature[];
    before(async () => {
      const made = await python.runText(MADE_UP, [at("baseline.csv")]);
      expect(made, made.stderr).to.include({ code: 0 });
      csv = await content(at("baseline.csv"));
      const ended = await run("job", { "baseline.csv": csv });
      expect(ended, ended.stderr).to.include({ code: 0, stderr: "" });
      features = ((await output("job", "statistics.json")) as { features: Feature[] }).features;
    });

    it("describes the prediction's and every input's column", async () => {
      const statistics = (await output("job", "statistics.json")) as Record<string, unknown>;
      const rows = csv.trimEnd().split("\n").length - 1;
      expect(statistics).to.deep.include({ version: 0, dataset: { item_count: rows } });
      expect(features.map(({ name, inferred_type }) => [name, inferred_type])).to.deep.equal([
        ["total_amount", "Fractional"],
        ["duration_minutes", "Fractional"],
        ["passenger_count", "Integral"],
        ["trip_distance", "Fractional"],
      ]);
      expect(await content(at("job/output/message"))).to.equal(
        `baseline of ${rows} rows with the columns total_amount, duration_minutes, passenger_count, trip_distance`,
      );
    });

    it("has the moments, bounds and counts that NumPy computes of the file by itself", async () => {
      const program = `
import json, sys, numpy
table = numpy.loadtxt(sys.argv[1], delimiter=",", skiprows=1)
print(json.dumps([
    {"mean": c.mean(), "sum": c.sum(), "std_dev": c.std(), "min": c.min(), "max": c.max(), "counts": numpy.histogram(c, 10)[0].tolist()}
    for c in table.T.copy()
]))`;
      const { stdout } = await python.runText(program, [at("baseline.csv")]);
      const expected = JSON.parse(stdout) as Record<string, unknown>[];
      const actual = features.map(({ numerical_statistics: statistics }) => ({
        mean: statistics.mean,
        sum: statistics.sum,
        std_dev: statistics.std_dev,
        min: statistics.min,
        max: statistics.max,
        counts: statistics.distribution.kll.buckets.map(({ count }) => count),
      }));
      expect(actual).to.deep.equal(expected);
    });

    it("has ten buckets that touch, from the least to the greatest value", () => {
      for (const { numerical_statistics: statistics } of features) {
        const { buckets } = statistics.distribution.kll;
        expect(buckets).to.have.length(10);
        expect(buckets.slice(1).map(({ lower_bound }) => lower_bound)).to.deep.equal(
          buckets.slice(0, -1).map(({ upper_bound }) => upper_bound),
        );
        expect(statistics).to.include({ min: buckets[0]!.lower_bound, max: buckets[9]!.upper_bound });
      }
    });

    it("has a sketch whose weights are all the rows, and whose ranks are off by less than 2 n / k", () => {
      const rows = csv
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.split(",").map(Number));
      features.forEach(({ numerical_statistics: statistics }, column) => {
        const { parameters, data } = statistics.distribution.kll.sketch;
        expect(parameters).to.deep.equal({ c: 0.64, k: 2048 });
        const weighted = data.flatMap((values, level) => values.map((value) => ({ value, weight: 2 ** level })));
        expect(weighted.reduce((sum, { weight }) => sum + weight, 0)).to.equal(rows.length);
        // It is smaller than the data, or it would prove nothing.
        expect(weighted.length).to.be.lessThan(rows.length / 2);
        for (const share of [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]) {
          const value = rows.map((row) => row[column]!).sort((a, b) => a - b)[Math.floor(share * rows.length)]!;
          const rank = rows.filter((row) => row[column]! <= value).length;
          const estimate = weighted.reduce((sum, item) => sum + (item.value <= value ? item.weight : 0), 0);
          expect(Math.abs(rank - estimate)).to.be.at.most((2 * rows.length) / parameters.k);
        }
      });
    });

    it("suggests the constraints that all its rows satisfy, in Model Monitor's format", async () => {
      const numeric = (name: string, inferred_type: string) => ({
        name,
        inferred_type,
        completeness: 1,
        num_constraints: { is_non_negative: true },
      });
      expect(await output("job", "constraints.json")).to.deep.equal({
        version: 0,
        features: [
          numeric("total_amount", "Fractional"),
          numeric("duration_minutes", "Fractional"),
          numeric("passenger_count", "Integral"),
          numeric("trip_distance", "Fractional"),
        ],
        monitoring_config: {
          evaluate_constraints: "Enabled",
          emit_metrics: "Enabled",
          datatype_check_threshold: 1,
          domain_content_threshold: 1,
          distribution_constraints: {
            perform_comparison: "Enabled",
            comparison_threshold: 0.1,
            comparison_method: "Robust",
          },
        },
      });
    });

    it("is the same, to the byte, each time", async () => {
      await run("again", { "baseline.csv": csv });
      for (const name of ["statistics.json", "constraints.json"]) {
        expect(await content(at("again/processing/output", name))).to.equal(
          await content(at("job/processing/output", name)),
        );
      }
    });
  });

  it("describes gaps, negative numbers, text, and a column that never varies or never is there", async () => {
    const { code } = await run("mixed", {
      "a.csv": "number,text,same,nothing\n-1.5,red,7,\n2.5,blue,7,\n",
      "b.csv": "number,text,same,nothing\n,red,7,\n2,,7,\n",
    });
    expect(code).to.equal(0);
    const statistics = (await output("mixed", "statistics.json")) as { features: unknown[] };
    const constraints = (await output("mixed", "constraints.json")) as { features: unknown[] };
    const number = statistics.features[0] as Feature;
    expect(number.numerical_statistics).to.deep.include({
      common: { num_present: 3, num_missing: 1 },
      mean: 1,
      sum: 3,
      min: -1.5,
      max: 2.5,
    });
    expect(number.numerical_statistics.distribution.kll.sketch.data).to.deep.equal([[-1.5, 2, 2.5]]);
    expect(statistics.features[1]).to.deep.equal({
      name: "text",
      inferred_type: "String",
      string_statistics: {
        common: { num_present: 3, num_missing: 1 },
        distinct_count: 2,
        distribution: {
          categorical: {
            buckets: [
              { value: "red", count: 2 },
              { value: "blue", count: 1 },
            ],
          },
        },
      },
    });
    expect((statistics.features[2] as Feature).numerical_statistics.distribution.kll.buckets).to.deep.equal([
      { lower_bound: 7, upper_bound: 7, count: 4 },
    ]);
    expect(constraints.features).to.deep.equal([
      { name: "number", inferred_type: "Fractional", completeness: 0.75, num_constraints: { is_non_negative: false } },
      { name: "text", inferred_type: "String", completeness: 0.75, string_constraints: { domains: ["blue", "red"] } },
      { name: "same", inferred_type: "Integral", completeness: 1, num_constraints: { is_non_negative: true } },
      { name: "nothing", inferred_type: "Unknown", completeness: 0 },
    ]);
  });

  const wrong: [string, Record<string, string>, RegExp][] = [
    ["no file", {}, /^no CSV file under .*baseline; give the baseline as a processing input there$/],
    ["an empty file", { "a.csv": "" }, /a\.csv cannot be read as CSV: No columns to parse from file$/],
    ["a header and no rows", { "a.csv": "x,y\n" }, /a\.csv: a header and no rows; there is nothing to describe$/],
    ["no header", { "a.csv": "12.3,4,1,2\n9,8,1,6\n" }, /a\.csv has no header: its first line is 12\.3,4,1,2$/],
    [
      "files of different columns",
      { "a.csv": "x,y\n1,2\n", "b.csv": "x,z\n1,2\n" },
      /b\.csv has the columns x, z, but .*a\.csv has x, y$/,
    ],
    [
      "a name too few",
      { "a.csv": "x,y\n1,2,3\n4,5,6\n" },
      /a\.csv: its rows have 3 fields, and its header names 2 columns$/,
    ],
    [
      "a row that is too long",
      { "a.csv": "x,y\n1,2\n4,5,6\n" },
      /a\.csv cannot be read as CSV: .*Expected 2 fields in line 3, saw 3/,
    ],
    ["infinite numbers", { "a.csv": "x,y\n1,2\ninf,3\n" }, /^column x contains infinite values$/],
  ];
  for (const [what, files, message] of wrong) {
    it(`fails, and leaves a message for SageMaker, where there is ${what}`, async () => {
      const ended = await run(`wrong ${what}`, files);
      expect(ended).to.include({ code: 1, stdout: "", stderr: `baseline.py: ${ended.message}\n` });
      expect(ended.message).to.match(message);
    });
  }

  it("reads a long column in one piece, so that a text is the same in all of it", async () => {
    // pandas takes pieces of a million cells, and has the first of these for numbers.
    const zeros = ",0".repeat(40);
    const header = `code${zeros.replace(/0/g, (_, at) => `n${at}`)}`;
    const numbers = `1${zeros}\n${zeros}\n`.repeat(20_000);
    await run("long", { "a.csv": `${header}\n${numbers}${`x${zeros}\n`.repeat(5_000)}` });
    const { features } = (await output("long", "statistics.json")) as {
      features: { string_statistics: { distribution: { categorical: { buckets: unknown } } } }[];
    };
    expect(features[0]!.string_statistics.distribution.categorical.buckets).to.have.deep.members([
      { value: "1", count: 20_000 },
      { value: "x", count: 5_000 },
    ]);
  });

  it("says how it is used", async () => {
    expect(await helpOf(join(__dirname, "../../monitoring/baseline.py")))
      .to.include("usage: baseline.py")
      .and.to.include("SAGEMAKER_BASE_DIR");
  });
});
