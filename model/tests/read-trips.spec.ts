import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { programs, scratchFolder } from "../../tests/model/programs";

const MODEL = join(__dirname, "..");

/**
 * Writes Parquet files of one trip, many times, in which one column is of another type: `[file, column, expression, options?]`. The
 * expression sees PyArrow as `pa` and the column as it otherwise is as `it`.
 */
const WRITER = `
import datetime, decimal, json, sys
import pyarrow as pa, pyarrow.parquet as pq
folder, cases = sys.argv[1], json.loads(sys.argv[2])
ROWS = 20
time = lambda minute, second: pa.array([datetime.datetime(2018, 2, 1, 8, minute, second)] * ROWS, pa.timestamp("us"))
base = {
    "lpep_pickup_datetime": time(0, 0),
    "lpep_dropoff_datetime": time(10, 30),
    "passenger_count": pa.array([2] * ROWS, pa.int64()),
    "trip_distance": pa.array([2.5] * ROWS, pa.float64()),
    "total_amount": pa.array([12.5] * ROWS, pa.float64()),
}
for name, changes, options in cases:
    columns = dict(base)
    for column, expression in changes.items():
        columns[column] = eval(expression, {"pa": pa, "datetime": datetime, "decimal": decimal, "it": base[column], "ROWS": ROWS})
    pq.write_table(pa.table(columns), f"{folder}/{name}.parquet", **options)
`;

type Case = readonly [name: string, changes: Readonly<Record<string, string>>, options: object];

const BOTH = (expression: string) => ({ lpep_pickup_datetime: expression, lpep_dropoff_datetime: expression });
const TEXT = "pa.array([value.strftime('%Y-%m-%d %H:%M:%S') for value in it.to_pylist()])";

/** What writers make of times and numbers: pandas, polars, Spark (INT96, or microseconds of UTC), DuckDB. */
const READ: Readonly<Record<string, readonly [Readonly<Record<string, string>>, object?]>> = {
  "times in seconds": [BOTH("it.cast(pa.timestamp('s'))")],
  "times in milliseconds": [BOTH("it.cast(pa.timestamp('ms'))")],
  "times in nanoseconds": [BOTH("it.cast(pa.timestamp('ns'))")],
  "times as INT96": [{}, { use_deprecated_int96_timestamps: true }],
  "times of UTC": [BOTH("it.cast(pa.timestamp('us', 'UTC'))")],
  "times of New York": [BOTH("it.cast(pa.timestamp('ns', 'America/New_York'))")],
  "times of two zones": [
    {
      lpep_pickup_datetime: "it.cast(pa.timestamp('us', 'UTC'))",
      lpep_dropoff_datetime: "it.cast(pa.timestamp('us', '+02:00'))",
    },
  ],
  "times as text": [BOTH(TEXT)],
  "times as long text": [BOTH(`${TEXT}.cast(pa.large_string())`)],
  "times as a dictionary of text": [BOTH(`${TEXT}.dictionary_encode()`)],
  "times as ISO 8601 with a zone": [BOTH("pa.array([value.isoformat() + '.500Z' for value in it.to_pylist()])")],
  "times as in New York's open data": [
    BOTH("pa.array([value.strftime('%m/%d/%Y %I:%M:%S %p') for value in it.to_pylist()])"),
  ],
  "a time as text beside a timestamp": [{ lpep_dropoff_datetime: TEXT }],
  "numbers as small integers": [{ passenger_count: "it.cast(pa.int8())" }],
  "numbers as unsigned integers": [{ passenger_count: "it.cast(pa.uint64())" }],
  "numbers as half floats": [{ trip_distance: "it.cast(pa.float16())", passenger_count: "it.cast(pa.float16())" }],
  "numbers as floats": [{ trip_distance: "it.cast(pa.float32())", passenger_count: "it.cast(pa.float32())" }],
  "numbers as decimals": [
    { total_amount: "pa.array([decimal.Decimal('12.50')] * ROWS, pa.decimal128(10, 2))" },
    { store_decimal_as_integer: true },
  ],
  "numbers as long decimals": [{ total_amount: "pa.array([decimal.Decimal('12.50')] * ROWS, pa.decimal256(50, 2))" }],
  "numbers as text": [{ trip_distance: "pa.array([' 2.5'] * ROWS)", passenger_count: "pa.array(['2'] * ROWS)" }],
  "numbers as a dictionary": [{ trip_distance: "it.dictionary_encode()" }],
};

/** What is refused, with what is said of the type. */
const REFUSED: Readonly<Record<string, readonly [column: string, expression: string, type: string]>> = {
  "epoch milliseconds": ["lpep_pickup_datetime", "it.cast(pa.timestamp('ms')).cast(pa.int64())", "int64"],
  "epoch seconds": ["lpep_dropoff_datetime", "it.cast(pa.timestamp('s')).cast(pa.int64()).cast(pa.int32())", "int32"],
  "epoch seconds as floats": ["lpep_pickup_datetime", "pa.array([1517472000.5] * ROWS)", "double"],
  "days without a time": ["lpep_pickup_datetime", "it.cast(pa.date32())", "date32[day]"],
  "times without a day": ["lpep_pickup_datetime", "it.cast(pa.time64('us'))", "time64[us]"],
  "truth as a time": ["lpep_pickup_datetime", "pa.array([True] * ROWS)", "bool"],
  "a nested time": ["lpep_pickup_datetime", "pa.array([{'at': 1}] * ROWS)", "struct<at: int64>"],
  "truth as a number": ["passenger_count", "pa.array([True] * ROWS)", "bool"],
  "a timestamp as a number": ["trip_distance", "pa.array([1] * ROWS, pa.timestamp('us'))", "timestamp[us]"],
  "a duration as a number": ["trip_distance", "pa.array([1] * ROWS, pa.duration('s'))", "duration[s]"],
  "bytes as a number": ["trip_distance", "pa.array([b'2.5'] * ROWS)", "binary"],
  "a list of numbers": ["total_amount", "pa.array([[12.5]] * ROWS)", "list<element: double>"],
};

describe("model/read_trips.py", function () {
  this.timeout(60_000);
  const folder = scratchFolder();
  const python = programs(MODEL);
  const at = (name: string) => join(folder.path, name);
  const prepare = (file: string) =>
    python.run("prepare.py", ["--json", "--data", at(file), "--out", at(`${file}.out`)]);
  const write = async (...cases: Case[]) => {
    const ended = await python.runText(WRITER, [folder.path, JSON.stringify(cases)]);
    expect(ended.stderr).to.equal("");
  };
  const refusal = async (file: string) => {
    const { code, stdout, stderr } = await prepare(file);
    expect([code, stdout], stderr).to.deep.equal([1, ""]);
    return stderr.replace(at(file), file).trimEnd();
  };

  describe("of Parquet", () => {
    before(async () => {
      await write(
        ...Object.entries(READ).map(([name, [changes, options = {}]]): Case => [name, changes, options]),
        ...Object.entries(REFUSED).map(([name, [column, expression]]): Case => [name, { [column]: expression }, {}]),
      );
    });

    for (const name of Object.keys(READ)) {
      it(`reads ${name}`, async () => {
        const { code, stderr } = await prepare(`${name}.parquet`);

        expect([code, stderr]).to.deep.equal([0, ""]);
        const rows = (await readFile(at(`${name}.parquet.out/train.csv`), "utf8")).trimEnd().split("\n");
        expect(new Set(rows)).to.deep.equal(new Set(["12.5,10.5,2,2.5"]));
      });
    }

    for (const [name, [column, , type]] of Object.entries(REFUSED)) {
      it(`refuses ${name}, and names column and type`, async () => {
        const must = column.endsWith("datetime") ? "timestamps, or text such as 2018-02-01 08:00:00" : "numbers";
        expect(await refusal(`${name}.parquet`)).to.equal(
          `prepare.py: column ${column} of ${name}.parquet cannot be read: it holds ${type}, and must hold ${must}`,
        );
      });
    }

    it("refuses a time zone in one of the two times only", async () => {
      await write(["half aware", { lpep_pickup_datetime: "it.cast(pa.timestamp('us', 'UTC'))" }, {}]);
      expect(await refusal("half aware.parquet")).to.contain("has a time zone in one of pickup and dropoff only");
    });

    it("counts what is missing, in columns that are nothing else too", async () => {
      await write(
        ["some", { trip_distance: "pa.array([None] * 3 + it.to_pylist()[3:])" }, {}],
        ["all", { lpep_dropoff_datetime: "pa.nulls(ROWS)" }, {}],
      );
      const { rowsDropped } = JSON.parse((await prepare("some.parquet")).stdout) as { rowsDropped: unknown };
      expect(rowsDropped).to.deep.equal({ "trip_distance is missing": 3 });
      expect(await refusal("all.parquet")).to.contain("; 20 dropped: dropoff is missing");
    });

    it("refuses a file that was cut or damaged, whatever the reader calls that", async () => {
      const whole = await readFile(at("times in seconds.parquet"));
      await writeFile(at("cut.parquet"), whole.subarray(0, whole.length - 20));
      const damaged = Buffer.from(whole);
      damaged.fill(0xff, 4, 60);
      await writeFile(at("damaged.parquet"), damaged);
      for (const file of ["cut.parquet", "damaged.parquet"]) {
        expect(await refusal(file)).to.match(/^prepare\.py: \S+ cannot be read as CSV or Parquet: ./);
      }
    });
  });

  describe("of CSV", () => {
    const HEADER = "lpep_pickup_datetime,lpep_dropoff_datetime,passenger_count,trip_distance,total_amount,ehail_fee";
    const ROW = "2018-02-01 08:00:00,2018-02-01 08:10:30,2,2.5,12.5,";
    const csv = (file: string, header: string, ...rows: string[]) =>
      writeFile(at(file), [header, ...Array.from({ length: 12 }, () => ROW), ...rows, ""].join("\n"));

    it("takes what stands for no value as missing, and counts it", async () => {
      const odd = ["", "NA", "null", "None", "nan", " ", "N/A"].map((text) => ROW.replace("2.5", text));
      await csv("missing.csv", `\uFEFF${HEADER}`, ...odd);

      const { rowsRead, rowsDropped } = JSON.parse((await prepare("missing.csv")).stdout) as Record<string, unknown>;

      expect(rowsRead).to.equal(19);
      expect(rowsDropped).to.deep.equal({ "trip_distance is missing": 7 });
    });

    for (const [what, row, reason] of [
      ["epoch times", "1517472000,1517472630,2,2.5,12.5,", /pickup_datetime of .*'1517472000' is no time such as/],
      ["a day alone", ROW.replace(" 08:00:00", ""), /'2018-02-01' is no time such as/],
      ["times in two ways", ROW.replaceAll("2018-02-01", "02/01/2018"), /pickup_datetime of .*in more than one way/],
      ["a day that there is not", ROW.replaceAll("2018-02-01", "2018-02-30"), /pickup_datetime of .*2018-02-30/],
      [
        "a comma too many in a number",
        ROW.replace("2.5", "1,234.5"),
        /line 14 of .* has 7 fields, and its header names 6/,
      ],
      ["a number with its unit", ROW.replace("12.5", "$12.50"), /total_amount of .*'\$12\.50' is no number/],
      ["a hexadecimal number", ROW.replace(",2,", ",0x2,"), /passenger_count of .*'0x2' is no number/],
      ["an infinite number", ROW.replace("2.5", "inf"), /trip_distance of .*'inf' is no number/],
      ["a row that was cut", "2018-02-01 08:00:00,2018-02-01 08:1", /line 14 of .* has 2 fields/],
    ] as const) {
      it(`refuses ${what}`, async () => {
        await csv(`${what}.csv`, HEADER, row);
        expect(await refusal(`${what}.csv`)).to.match(reason);
      });
    }

    it("refuses a column that is there twice, and text of another encoding", async () => {
      await csv("twice.csv", HEADER.replace("ehail_fee", "Trip_Distance "));
      await writeFile(at("utf16.csv"), Buffer.from(`\uFEFF${HEADER}\n`, "utf16le"));

      expect(await refusal("twice.csv")).to.equal("prepare.py: twice.csv has more than one column trip_distance");
      expect(await refusal("utf16.csv")).to.contain("utf16.csv cannot be read as CSV or Parquet: 'utf-8' codec");
    });
  });
});
