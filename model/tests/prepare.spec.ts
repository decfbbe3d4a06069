import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { helpOf, programs, scratchFolder } from "../../tests/model/programs";

const MODEL = join(__dirname, "..");

const FILES = ["train.csv", "validation.csv", "test.csv", "baseline.csv"];

interface Summary {
  readonly source: unknown;
  readonly rowsRead: number;
  readonly rowsKept: number;
  readonly rowsDropped: Readonly<Record<string, number>>;
  readonly splits: { readonly train: number; readonly validation: number; readonly test: number };
}

describe("model/prepare.py", function () {
  this.timeout(30_000);
  const folder = scratchFolder();
  const python = programs(MODEL);
  const at = (name: string) => join(folder.path, name);

  /** Prepares into the folder `out` and gives the summary that was printed. */
  async function prepare(out: string, ...args: string[]): Promise<Summary> {
    const ended = await python.run("prepare.py", [...args, "--json", "--out", at(out)]);
    expect(ended, ended.stderr).to.include({ code: 0, stderr: "" });
    return JSON.parse(ended.stdout) as Summary;
  }
  const lines = async (file: string) => (await readFile(at(file), "utf8")).trimEnd().split("\n");
  const digests = (out: string) =>
    Promise.all(
      FILES.map(async (name) =>
        createHash("sha256")
          .update(await readFile(at(join(out, name))))
          .digest("hex"),
      ),
    );
  const refused = async (...args: string[]) => {
    const ended = await python.run("prepare.py", [...args, "--out", at("refused")]);
    return { code: ended.code, stdout: ended.stdout, stderr: ended.stderr };
  };

  describe("with made-up trips", () => {
    let summary: Summary;
    before(async () => {
      summary = await prepare("made", "--rows", "4000", "--seed", "7");
    });

    it("keeps about 97.5 % of them, and splits these into 80, 19 and 1 %", () => {
      const { rowsKept, splits } = summary;
      expect(summary.rowsRead).to.equal(4000);
      expect(rowsKept).to.be.within(3860, 3940);
      // As scikit-learn rounds: what is held out, up.
      const heldOut = Math.ceil(rowsKept * 0.2);
      const test = Math.ceil(heldOut * 0.05);
      expect(splits).to.deep.equal({ train: rowsKept - heldOut, validation: heldOut - test, test });
    });

    it("writes as many rows as it says: the target first, then the model's inputs, without a header", async () => {
      for (const name of ["train", "validation", "test"] as const) {
        const rows = await lines(`made/${name}.csv`);
        expect(rows).to.have.length(summary.splits[name]);
        expect(rows.every((row) => /^[\d.]+,[\d.]+,[1-6],[\d.]+$/.test(row))).to.equal(true);
      }
    });

    it("writes the training rows once more with a header, as the baseline", async () => {
      const [header, ...rows] = await lines("made/baseline.csv");
      expect(header).to.equal("total_amount,duration_minutes,passenger_count,trip_distance");
      expect(rows).to.deep.equal(await lines("made/train.csv"));
    });

    it("gives the same bytes for the same seed, and others for another", async () => {
      await Promise.all([
        prepare("again", "--rows", "4000", "--seed", "7"),
        prepare("other", "--rows", "4000", "--seed", "8"),
      ]);
      expect(await digests("again")).to.deep.equal(await digests("made"));
      expect(await digests("other")).not.to.deep.equal(await digests("made"));
    });

    it("prints a readable line where no JSON is asked for", async () => {
      const ended = await python.run("prepare.py", ["--rows", "1000", "--out", at("readable")]);
      const [line, ...dropped] = ended.stdout.trimEnd().split("\n");
      expect(line).to.match(
        /^1,000 trips read, 9\d\d kept \(9\d\.\d%\): \d+ train, \d+ validation, \d+ test; in .*readable$/,
      );
      expect(dropped.length).to.be.above(2);
      expect(dropped.filter((one) => !/^\d+ dropped: \w+ is /.test(one))).to.deep.equal([]);
    });
  });

  describe("with files", () => {
    const GREEN = "lpep_pickup_datetime,lpep_dropoff_datetime,passenger_count,trip_distance,total_amount";
    const YELLOW = GREEN.replaceAll("lpep", "tpep");
    // Of each trip: pickup, dropoff, passengers, miles, dollars; and the row it becomes, or none.
    const TRIPS: [string, string | undefined][] = [
      ["2018-02-01 08:00:00,2018-02-01 08:10:30,1,2.5,12.3", "12.3,10.5,1,2.5"],
      ["2018-02-01 23:55:00,2018-02-02 00:05:00,2,1.75,9.8", "9.8,10.0,2,1.75"],
      ["2018-02-01 08:00:00,2018-02-01 09:59:59,6,120.99,199.99", "199.99,119.98333333333333,6,120.99"],
      // Two days and ten minutes count as ten minutes: the published model's recipe, and ours.
      ["2018-02-01 08:00:00,2018-02-03 08:10:00,1,2,10", "10.0,10.0,1,2.0"],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,1,2,0", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,1,2,-12.3", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,1,2,200", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:00:00,1,2,10", undefined],
      ["2018-02-01 08:00:00,2018-02-01 10:00:00,1,2,10", undefined],
      ["2018-02-01 08:00:00,2018-02-02 07:59:00,1,2,10", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,1,0,10", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,1,121,10", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,1,8004.5,10", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,0,2,10", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,,2,10", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,1,,10", undefined],
      ["2018-02-01 08:00:00,,1,2,10", undefined],
      ["2018-02-01 08:00:00,2018-01-31 09:00:00,1,2,10", undefined],
      ["2018-02-01 08:00:00,2018-02-01 08:10:00,1.5,2,10", undefined],
    ];
    const EXPECTED = TRIPS.flatMap(([, row]) => (row === undefined ? [] : [row, row, row])).sort();
    const csv = (header: string) => [header, ...TRIPS.flatMap(([trip]) => [trip, trip, trip])].join("\n") + "\n";
    const allRows = async (out: string) =>
      (await Promise.all(["train", "validation", "test"].map((name) => lines(`${out}/${name}.csv`)))).flat().sort();

    it("keeps exactly the trips within bounds that are complete", async () => {
      await writeFile(at("green.csv"), csv(GREEN));

      const summary = await prepare("green", "--data", at("green.csv"));

      expect(await allRows("green")).to.deep.equal(EXPECTED);
      expect(summary).to.deep.include({ rowsRead: 57, rowsKept: 12, splits: { train: 9, validation: 2, test: 1 } });
      expect(summary.rowsDropped).to.deep.equal({
        "dropoff is missing": 3,
        "passenger_count is missing": 3,
        "trip_distance is missing": 3,
        "dropoff is before pickup": 3,
        "total_amount is not above 0 and below 200": 9,
        "duration_minutes is not above 0 and below 120": 9,
        "trip_distance is not above 0 and below 121": 9,
        "passenger_count is not above 0 and below 100": 3,
        "passenger_count is no whole number": 3,
      });
    });

    it("keeps only the trips that began in a month, where one is named", async () => {
      const others = [
        "2018-01-31 23:59:59,2018-02-01 00:09:59,1,2,10",
        "2009-01-01 08:00:00,2009-01-01 08:10:00,1,2,10",
      ];
      await writeFile(at("month.csv"), `${csv(GREEN)}${others.join("\n")}\n`);

      const summary = await prepare("month", "--data", at("month.csv"), "--month", "2018-02");

      expect(await allRows("month")).to.deep.equal(EXPECTED);
      expect(summary.rowsDropped).to.include({ "pickup is not in 2018-02": 2 });
      const wrong = await python.run("prepare.py", ["--month", "February", "--out", at("wrong")]);
      expect(wrong.stderr).to.contain("must be a month such as 2018-02, got 'February'");
    });

    it("reads yellow taxis' columns, whatever their order, case and neighbours, to the same bytes", async () => {
      const reordered = csv(YELLOW)
        .trimEnd()
        .split("\n")
        .map((line, index) => {
          const [pickup, dropoff, passengers, miles, total] = line.split(",");
          return index === 0
            ? ` Total_Amount,VendorID,Tpep_Pickup_Datetime ,trip_distance,tpep_dropoff_datetime,Passenger_count`
            : [total, "2", pickup, miles, dropoff, passengers].join(",");
        });
      await Promise.all([writeFile(at("green.csv"), csv(GREEN)), writeFile(at("yellow.csv"), reordered.join("\n"))]);

      await Promise.all([prepare("green", "--data", at("green.csv")), prepare("yellow", "--data", at("yellow.csv"))]);

      expect(await digests("yellow")).to.deep.equal(await digests("green"));
    });

    it("reads CSV rows that end in a comma more than the header, as some years' do", async () => {
      await writeFile(at("green.csv"), csv(GREEN));
      await writeFile(at("commas.csv"), csv(GREEN).replaceAll(/(\d)\n/g, "$1,,\n"));

      await Promise.all([prepare("green", "--data", at("green.csv")), prepare("commas", "--data", at("commas.csv"))]);

      expect(await digests("commas")).to.deep.equal(await digests("green"));
    });

    it("reads Parquet to the same bytes as CSV, and as making the trips up itself", async () => {
      const trips = ["--rows", "800", "--seed", "3"];
      await Promise.all(
        ["trips.csv", "trips.parquet"].map(async (name) => {
          const ended = await python.run("trips.py", [...trips, "--out", at(name)]);
          expect(ended, ended.stderr).to.include({ code: 0 });
        }),
      );

      await Promise.all([
        prepare("csv", "--data", at("trips.csv")),
        prepare("parquet", "--data", at("trips.parquet")),
        prepare("made", ...trips),
      ]);

      expect(await digests("parquet")).to.deep.equal(await digests("csv"));
      expect(await digests("made")).to.deep.equal(await digests("csv"));
    });

    it("takes several files, green and yellow, together", async () => {
      await Promise.all([writeFile(at("green.csv"), csv(GREEN)), writeFile(at("yellow.csv"), csv(YELLOW))]);

      const summary = await prepare("both", "--data", at("green.csv"), at("yellow.csv"));

      expect(summary).to.deep.include({ rowsRead: 114, rowsKept: 24, source: [at("green.csv"), at("yellow.csv")] });
      expect(await allRows("both")).to.deep.equal([...EXPECTED, ...EXPECTED].sort());
    });

    it("splits as scikit-learn does with the published model's seed", async () => {
      await prepare("split", "--rows", "800", "--seed", "5");
      const program = `
import sys, pandas
from sklearn.model_selection import train_test_split
import trips, prepare
made = trips.make_trips(800, 5).rename(columns={"lpep_pickup_datetime": "pickup", "lpep_dropoff_datetime": "dropoff"})
data, _ = prepare.sift(made.astype({"passenger_count": "float64"}))
train, held_out = train_test_split(data, test_size=0.20, random_state=42)
validation, test = train_test_split(held_out, test_size=0.05, random_state=42)
for name, split in {"train": train, "validation": validation, "test": test}.items():
    print(split.to_csv(header=False, index=False, lineterminator="\\n") == open(f"{sys.argv[1]}/{name}.csv").read())
`;
      const { stdout, stderr } = await python.runText(program, [at("split")]);
      expect(stdout, stderr).to.equal("True\nTrue\nTrue\n");
    });
  });

  describe("with something wrong", () => {
    const failed = (message: string) => ({ code: 1, stdout: "", stderr: `prepare.py: ${message}\n` });

    it("names a missing column and the file that lacks it", async () => {
      await writeFile(at("few.csv"), "lpep_pickup_datetime,lpep_dropoff_datetime,trip_distance,total_amount\n");
      expect(await refused("--data", at("few.csv"))).to.deep.equal(
        failed(
          `${at("few.csv")} has no column passenger_count; it has lpep_pickup_datetime, lpep_dropoff_datetime, trip_distance, total_amount`,
        ),
      );
    });

    it("names a file that is not there", async () => {
      expect(await refused("--data", at("none.csv"))).to.deep.equal(
        failed(`${at("none.csv")}: No such file or directory`),
      );
    });

    it("names a file that is neither CSV nor Parquet", async () => {
      await Promise.all([writeFile(at("empty.csv"), ""), writeFile(at("cut.parquet"), "PAR1")]);
      const [empty, cut] = await Promise.all([
        refused("--data", at("empty.csv")),
        refused("--data", at("cut.parquet")),
      ]);
      expect(empty).to.deep.equal(
        failed(`${at("empty.csv")} cannot be read as CSV or Parquet: No columns to parse from file`),
      );
      expect(cut.stderr).to.match(/^prepare\.py: .*cut\.parquet cannot be read as CSV or Parquet: Parquet/);
      expect(cut.code).to.equal(1);
    });

    it("names the column with a value that is no time or no number", async () => {
      const header = "lpep_pickup_datetime,lpep_dropoff_datetime,passenger_count,trip_distance,total_amount\n";
      await writeFile(at("time.csv"), `${header}2018-02-01 08:00:00,noon,1,2,10\n`);
      await writeFile(at("number.csv"), `${header}2018-02-01 08:00:00,2018-02-01 08:00:00,1,far,10\n`);
      const [time, number] = await Promise.all([
        refused("--data", at("time.csv")),
        refused("--data", at("number.csv")),
      ]);
      expect(time.stderr).to.match(
        /^prepare\.py: column lpep_dropoff_datetime of .*time\.csv cannot be read: .*noon.*\n$/,
      );
      expect(number.stderr).to.match(/^prepare\.py: column trip_distance of .*number\.csv cannot be read: .*far.*\n$/);
      expect([time.code, number.code]).to.deep.equal([1, 1]);
    });

    it("says how many trips are too few", async () => {
      expect(await refused("--rows", "5", "--seed", "1")).to.deep.equal(
        failed("only 5 of 5 trips are left without outliers and incomplete ones; at least 10 are needed"),
      );
    });

    it("refuses numbers that make no sense, and shows how it is used", async () => {
      const [rows, seed] = await Promise.all([refused("--rows", "0"), refused("--seed", "-1")]);
      expect(rows.code).to.equal(2);
      expect(rows.stderr).to.match(
        /usage: prepare\.py[^]*argument --rows: must be a whole number of at least 1, got 0\n$/,
      );
      expect(seed.stderr).to.match(/argument --seed: must be a whole number of at least 0, got -1\n$/);
    });
  });

  it("says how it is used", async () => {
    expect(await helpOf(join(MODEL, "prepare.py")))
      .to.include("usage: prepare.py")
      .and.to.include("--data FILE");
  });
});
