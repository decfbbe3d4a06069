import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { helpOf, programs, scratchFolder } from "../../tests/model/programs";

const MODEL = join(__dirname, "..");

interface Trip {
  readonly minutes: number;
  readonly passengers: number | undefined;
  readonly miles: number;
  readonly dollars: number;
}

describe("model/trips.py", function () {
  this.timeout(30_000);
  const folder = scratchFolder();
  const python = programs(MODEL);
  let header: string;
  let trips: Trip[];

  before(async () => {
    const file = join(folder.path, "trips.csv");
    const ended = await python.run("trips.py", ["--rows", "20000", "--seed", "11", "--out", file]);
    expect(ended, ended.stderr).to.include({ code: 0, stdout: `20000 trips written to ${file}\n` });
    const [first = "", ...rows] = (await readFile(file, "utf8")).trimEnd().split("\n");
    header = first;
    trips = rows.map((row) => {
      const [pickup = "", dropoff = "", passengers, miles, dollars] = row.split(",");
      return {
        minutes: (Date.parse(`${dropoff}Z`) - Date.parse(`${pickup}Z`)) / 60_000,
        passengers: passengers === "" ? undefined : Number(passengers),
        miles: Number(miles),
        dollars: Number(dollars),
      };
    });
  });

  it("writes the commission's columns for green taxis", () => {
    expect(header).to.equal("lpep_pickup_datetime,lpep_dropoff_datetime,passenger_count,trip_distance,total_amount");
    expect(trips).to.have.length(20_000);
  });

  const damages: [string, (trip: Trip) => boolean][] = [
    ["refunds", ({ dollars }) => dollars < 0],
    ["trips that cost nothing", ({ dollars }) => dollars === 0],
    ["absurd totals", ({ dollars }) => dollars >= 200],
    ["trips without passengers", ({ passengers }) => passengers === 0],
    ["trips whose passengers nobody counted", ({ passengers }) => passengers === undefined],
    ["trips of nearly a day", ({ minutes }) => minutes > 1200],
    ["trips of no time", ({ minutes }) => minutes === 0],
    ["trips of no distance", ({ miles }) => miles === 0],
    ["trips of hundreds of miles", ({ miles }) => miles > 121],
  ];
  for (const [what, damaged] of damages) {
    it(`makes up some ${what}, as real files have them, but few`, () => {
      expect(trips.filter(damaged).length).to.be.within(1, 400);
    });
  }

  it("follows the quantiles of green taxis in January 2016", () => {
    const quantiles = (value: (trip: Trip) => number) => {
      const sorted = trips.map(value).sort((a, b) => a - b);
      return [0.25, 0.5, 0.75, 0.95].map((share) => sorted[Math.floor(share * sorted.length)]!);
    };
    const within = (actual: number[], expected: number[]) =>
      actual.forEach((value, index) => expect(value / expected[index]!).to.be.within(0.85, 1.15));
    within(
      quantiles(({ dollars }) => dollars),
      [7.8, 11.16, 17.3, 33.54],
    );
    within(
      quantiles(({ minutes }) => minutes),
      [5.98, 9.92, 16.42, 31.59],
    );
    within(
      quantiles(({ miles }) => miles),
      [1.03, 1.84, 3.5, 8.16],
    );
  });

  it("refuses a file name that tells no format", async () => {
    const ended = await python.run("trips.py", ["--rows", "1", "--out", join(folder.path, "trips.txt")]);
    expect(ended).to.deep.equal({
      code: 1,
      stdout: "",
      stderr: `trips.py: the name of ${join(folder.path, "trips.txt")} must end in .csv or .parquet\n`,
    });
  });

  it("says how it is used", async () => {
    expect(await helpOf(join(MODEL, "trips.py")))
      .to.include("usage: trips.py")
      .and.to.include("--seed");
  });
});
