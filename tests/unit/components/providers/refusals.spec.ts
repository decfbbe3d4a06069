import { expect } from "chai";
import { refusesMore, type Minute, type Tally } from "../../../../components/providers/rollout/refusals";

const tally = (asked: number, refused: number): Tally => ({ asked, refused });
const minute = (green: Tally | undefined, blue: Tally | undefined): Minute => ({ green, blue });
/** Minutes that are alike, within others that do not count. */
const within = (minutes: readonly Minute[]) => [
  minute(tally(1, 0), tally(9, 0)),
  ...minutes,
  minute(tally(1, 0), tally(9, 0)),
];
const alike = (count: number, green: Tally, blue: Tally) =>
  within(Array.from({ length: count }, () => minute(green, blue)));

describe("the refusals of a release next to those of the one before", () => {
  it("stop it where it refuses what the other takes, even with few requests", () => {
    expect(refusesMore(alike(3, tally(4, 4), tally(36, 0)), 1)).to.deep.equal({
      green: tally(12, 12),
      blue: tally(108, 0),
    });
    expect(refusesMore(alike(3, tally(100, 5), tally(900, 0)), 1)).to.deep.equal({
      green: tally(300, 15),
      blue: tally(2700, 0),
    });
  });

  const fine: [string, readonly Minute[], number][] = [
    ["both refuse the same share", alike(5, tally(10, 9), tally(90, 81)), 0],
    ["it refuses fewer", alike(5, tally(100, 0), tally(900, 500)), 0],
    ["it refuses no more than is allowed", alike(5, tally(100, 10), tally(900, 0)), 10],
    ["a few refusals are bad luck", alike(5, tally(100, 1), tally(900, 0)), 0],
    [
      "the other was asked nothing",
      alike(5, tally(10, 10), tally(0, 0)).map(({ green }) => minute(green, undefined)),
      1,
    ],
    ["it was asked nothing", alike(5, tally(10, 10), tally(90, 0)).map(({ blue }) => minute(undefined, blue)), 1],
    ["there is no minute", [], 0],
    // In the first and the last minute a caller may have begun, or gone on, when only one of the two served.
    [
      "only the first and the last minute tell",
      [minute(tally(50, 50), tally(50, 0)), minute(tally(50, 50), tally(50, 0))],
      1,
    ],
    [
      // With a share of traffic that grows, a caller who comes late is refused more by the new release.
      "only callers and shares have changed",
      within([
        minute(tally(10, 0), tally(990, 0)),
        minute(tally(500, 250), tally(500, 250)),
        minute(tally(900, 450), tally(100, 50)),
      ]),
      1,
    ],
  ];
  for (const [why, minutes, percent] of fine) {
    it(`do not stop it where ${why}`, () => expect(refusesMore(minutes, percent)).to.equal(undefined));
  }

  it("do not stop a good one, whatever share of the requests a hostile caller has refused", () => {
    let state = 1;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    for (let run = 0; run < 2000; run++) {
      const hostile = random();
      const minutes = Array.from({ length: 8 }, () => {
        const counts = { green: [0, 0], blue: [0, 0] };
        for (let i = 0; i < 60; i++) {
          const to = random() < 0.1 ? counts.green : counts.blue;
          to[random() < hostile ? 1 : 0]! += 1;
        }
        const of = ([good, bad]: readonly number[]) => tally(good! + bad!, bad!);
        return minute(of(counts.green), of(counts.blue));
      });
      expect(refusesMore(minutes, 0), `run ${run}`).to.equal(undefined);
    }
  });
});
