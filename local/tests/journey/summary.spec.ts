import { expect } from "chai";
import fc from "fast-check";
import { brokenPromises } from "../../journey/promises";
import {
  driftInWords,
  measuresInWords,
  measuresOf,
  summarizeTraffic,
  type ReleaseSummary,
  type Summary,
} from "../../journey/summary";
import type { Answer } from "../../../cli/traffic/caller";

const bad = { from: 1000, to: 2000 };
const answer = (sentAt: number, status: number, endpoint: string): Answer => ({ sentAt, tookMs: 1, status, endpoint });

/** Ten answers before, ten within and ten after the bad release, one of those within from the bad endpoint. */
const answers: readonly Answer[] = [
  ...Array.from({ length: 10 }, (_, i) => answer(i * 10, 200, "one")),
  ...Array.from({ length: 9 }, (_, i) => answer(1000 + i * 10, 200, "two")),
  answer(1500, 502, "three"),
  ...Array.from({ length: 10 }, (_, i) => answer(2001 + i, 200, "two")),
];

function release(id: string, outcome: ReleaseSummary["outcome"], reason: string | null = null): ReleaseSummary {
  return {
    id,
    outcome,
    reason,
    trainRmse: 2.7,
    validationRmse: 2.76,
    devTestRmse: 2.6,
    endpoint: `prd-${id}`,
    seconds: 30,
  };
}

function summary(over: Partial<Summary> = {}): Summary {
  return {
    releases: [release("r1", "replaced"), release("r2", "live"), release("r3", "rolled-back", "alarm")],
    live: { release: "r2", endpoint: "prd-r2" },
    traffic: summarizeTraffic(answers, bad),
    endpoints: ["dev-r2", "prd-r2"],
    seconds: { total: 100, byStep: {}, slowest: [] },
    ...over,
  };
}
const promises = {
  canaryShare: 0.1,
  watched: false,
  expected: { metric: "validation:rmse", minimum: 2.4, maximum: 3 },
};

describe("the main job's summary", () => {
  it("counts requests by endpoint and by when they failed", () => {
    const more = [...answers, answer(5, 500, "one"), answer(3000, 0, "")];

    expect(summarizeTraffic(more, bad)).to.deep.equal({
      sent: 32,
      failed: 3,
      byEndpoint: {
        one: { ok: 10, failed: 1 },
        two: { ok: 19, failed: 0 },
        three: { ok: 0, failed: 1 },
        "(none)": { ok: 0, failed: 1 },
      },
      failedBeforeBadRelease: 1,
      failedAfterRollback: 1,
    });
  });

  it("loses no request in counting", () => {
    const some = fc.array(
      fc.record({
        sentAt: fc.nat(3000),
        tookMs: fc.nat(3000),
        status: fc.constantFrom(200, 502, 0),
        endpoint: fc.constantFrom("a", "b", ""),
      }),
    );
    fc.assert(
      fc.property(some, (list) => {
        const { sent, failed, byEndpoint } = summarizeTraffic(list, bad);
        const counts = Object.values(byEndpoint);
        expect(counts.reduce((sum, each) => sum + each.ok + each.failed, 0)).to.equal(sent);
        expect(counts.reduce((sum, each) => sum + each.failed, 0)).to.equal(failed);
      }),
    );
  });

  it("finds nothing wrong where all came out as told", () => {
    expect(brokenPromises(summary(), answers, bad, promises)).to.deep.equal([]);
  });

  const [r1, r2, r3] = summary().releases as [ReleaseSummary, ReleaseSummary, ReleaseSummary];
  for (const [what, broken, told] of [
    ["release 3 went live", { releases: [r1, r2, { ...r3, outcome: "live" }] }, "release 3 is live, not rolled-back"],
    [
      "no reason was given",
      { releases: [r1, r2, { ...r3, reason: "" }] },
      "release 3 was rolled back without a reason",
    ],
    ["another release is live", { live: { release: "r3", endpoint: "x" } }, "live is r3, not release 2"],
    ["an endpoint was left", { endpoints: ["prd-r1", "prd-r2"] }, "release 1's endpoint prd-r1 is still there"],
    ["the bad endpoint was left", { endpoints: ["prd-r3", "prd-r2"] }, "release 3's endpoint prd-r3 is still there"],
    ["the live endpoint is gone", { endpoints: [] }, "release 2's endpoint prd-r2 is gone"],
    [
      "a stage has no time",
      {
        pipeline: [
          {
            execution: "r1",
            stages: [
              { name: "Source", status: "Succeeded", seconds: 0 },
              { name: "Build", status: "Succeeded", seconds: -Infinity },
            ],
          },
        ],
      },
      "stage Build of execution r1 took -Infinity s",
    ],
    [
      "nobody knows what became of a stage",
      { pipeline: [{ execution: "r1", stages: [{ name: "Build", status: "", seconds: 1 }] }] },
      "stage Build of execution r1 has no status",
    ],
    [
      "an execution has reached no stage",
      { pipeline: [{ execution: "r1", stages: [] }] },
      "execution r1 has reached no stage",
    ],
    [
      "the model is too good to be true",
      { releases: [{ ...r1, validationRmse: 0.1 }, r2, r3] },
      "release r1 has a validation:rmse of 0.1, which is not at least 2.4 and at most 3",
    ],
  ] as const) {
    it(`tells that ${what}`, () => {
      expect(brokenPromises(summary(broken), answers, bad, promises)).to.deep.equal([told]);
    });
  }

  it("tells that a canary has not run, or has found too little well", () => {
    const watched = { ...promises, watched: true };
    const told = (canary?: Summary["canary"]) => brokenPromises(summary({ canary }), answers, bad, watched);

    expect(told({ runs: 10, successPercent: 90 })).to.deep.equal([]);
    expect(told()).to.deep.equal(["the canary has not run"]);
    expect(told({ runs: 4, successPercent: 50 })).to.deep.equal(["the canary found all well in 50 % of its 4 runs"]);
  });

  it("tells that a model's own metric is not as expected, or was not reported", () => {
    const atLeast = { canaryShare: 0.1, watched: false, expected: { metric: "validation:auc", minimum: 0.8 } };
    const classifiers = summary().releases.map((each, i) => ({
      ...each,
      ...(i === 2 ? {} : { validationAuc: 0.7 + i / 5 }),
    }));

    expect(brokenPromises(summary({ releases: classifiers }), answers, bad, atLeast)).to.deep.equal([
      "release r1 has a validation:auc of 0.7, which is not at least 0.8",
      "release r3 has a validation:auc of nothing, which is not at least 0.8",
    ]);
  });

  describe("of shifted traffic", () => {
    const shifted = { column: "distance", target: "fare" };
    const column = (violated: boolean) => ({ distance: violated ? 0.61234 : 0.01, psi: 4.031, violated });
    const drift = { fare: column(true), distance: column(true), minutes: column(false) };
    const retrain = { decision: "retrain", reason: "alarm a" } as const;
    const pipeline = [{ execution: "r1", stages: [{ name: "Build", status: "Succeeded", seconds: 1 }] }];
    const told = (over: Partial<Summary>) => brokenPromises(summary(over), answers, bad, { ...promises, shifted });

    it("is content with drift where it was made, whether or not the predictions follow", () => {
      expect(told({ drift })).to.deep.equal([]);
      expect(told({ drift: { ...drift, fare: column(false) } })).to.deep.equal([]);
      expect(told({ drift, pipeline, retrain })).to.deep.equal([]);
    });

    it("tells that drift was not found, was found elsewhere, or has brought no retraining", () => {
      expect(told({})).to.deep.equal(["no drift was found in distance, which has shifted"]);
      expect(told({ drift: { ...drift, minutes: column(true) } })).to.deep.equal([
        "drift was found in minutes, where nothing has shifted",
      ]);
      expect(told({ drift, pipeline })).to.deep.equal(["the retrain governor has decided nothing, not retrain"]);
      expect(told({ drift, pipeline, retrain: { ...retrain, decision: "none" } })).to.deep.equal([
        "the retrain governor has decided none, not retrain",
      ]);
    });

    it("says which columns have drifted and how far", () => {
      expect(driftInWords(drift)).to.equal(
        "drift in fare 0.612 (PSI 4.03), distance 0.612 (PSI 4.03), none in minutes",
      );
      expect(driftInWords({ minutes: column(false) })).to.equal("nothing has drifted");
      expect(driftInWords({ fare: { distance: null, psi: null, violated: true } })).to.equal(
        "drift in fare none (PSI none)",
      );
    });
  });

  it("has the metrics of any model by their names", () => {
    expect(
      measuresOf({ "train:rmse": 2.7, "validation:auc": 0.9, "validation:f1_macro": 0.5, other: 1 }),
    ).to.deep.equal({
      trainRmse: 2.7,
      validationAuc: 0.9,
      validationF1_macro: 0.5,
    });
    expect(measuresInWords({ ...r1, trainRmse: 2.70001 })).to.deep.equal([
      "train rmse 2.7",
      "validation rmse 2.76",
      "dev test rmse 2.6",
    ]);
  });

  it("tells that the bad release cost more than the canary's share, or nothing at all", () => {
    const costly = answers.map((each) => (each.sentAt > 1000 && each.sentAt < 1030 ? { ...each, status: 502 } : each));
    const free = answers.map((each) => ({ ...each, status: 200 }));

    expect(brokenPromises(summary(), costly, bad, promises)).to.deep.equal([
      "3 of 10 requests failed during the bad release, more than the canary's 1",
    ]);
    expect(brokenPromises(summary(), free, bad, promises)).to.deep.equal([
      "no request failed during the bad release: it got no traffic, and nothing was proved",
    ]);
  });
});
