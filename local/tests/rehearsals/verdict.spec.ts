import { expect } from "chai";
import type { Answer } from "../../../cli/traffic/caller";
import { rowOf, type Observed } from "../../rehearsals/verdict";

/** Ten requests a second from second 10 to 40, of which those sent at these times (in milliseconds) failed. */
function answers(failedAt: (sentAt: number) => boolean = () => false): Answer[] {
  return Array.from({ length: 300 }, (_, i) => 10_000 + i * 100).map((sentAt) => ({
    sentAt,
    tookMs: 1,
    status: failedAt(sentAt) ? 502 : 200,
    endpoint: "any",
  }));
}

/** A canary from second 20 to 25, after which green was taken back. */
function rolledBack(over: Partial<Observed> = {}): Observed {
  return {
    scenario: "model-errors",
    expected: "blue",
    blue: "r1",
    green: "r2",
    from: 10_000,
    playedAt: 30_000,
    to: 40_000,
    timeline: [
      { at: 1000, shares: { r1: 1 } },
      { at: 20_000, shares: { r1: 0.9, r2: 0.1 } },
      { at: 25_000, shares: { r1: 1 } },
    ],
    answers: answers(),
    problems: [],
    ...over,
  };
}

/** Green went live in second 25. */
const shifted: Partial<Observed> = {
  expected: "green",
  timeline: [
    { at: 1000, shares: { r1: 1 } },
    { at: 20_000, shares: { r1: 0.9, r2: 0.1 } },
    { at: 25_000, shares: { r2: 1 } },
  ],
};

describe("the row of a rehearsal", () => {
  it("is ok where blue is live again and green cost no more than its share", () => {
    const every = answers((sentAt) => sentAt >= 20_000 && sentAt < 25_000 && sentAt % 1000 === 0);

    expect(rowOf(rolledBack({ answers: every }))).to.deep.equal({
      scenario: "model-errors",
      live: "blue",
      expected: "blue",
      failedRequests: 5,
      totalRequests: 300,
      secondsToSafety: 5,
      ok: true,
    });
  });

  it("is ok where green is live, and took until then from the fault", () => {
    expect(rowOf(rolledBack({ ...shifted, faultAt: 22_500 }))).to.deep.include({
      live: "green",
      secondsToSafety: 2.5,
      ok: true,
    });
  });

  it("counts no second to safety where green never got a request", () => {
    const timeline = [{ at: 1000, shares: { r1: 1 } }];

    expect(rowOf(rolledBack({ timeline, faultAt: 12_000 }))).to.deep.include({ secondsToSafety: 0, ok: true });
  });

  it("counts only what was sent between the scenario's beginning and the end of tidying up", () => {
    const outside: Answer[] = [9999, 40_001].map((sentAt) => ({ sentAt, tookMs: 1, status: 0, endpoint: "" }));

    expect(rowOf(rolledBack({ answers: [...answers(), ...outside] }))).to.deep.include({
      failedRequests: 0,
      totalRequests: 300,
    });
  });

  it("takes an alias that is gone for what was to come of a destroyed stack", () => {
    const timeline = [...rolledBack().timeline, { at: 28_000, shares: undefined }];

    expect(rowOf(rolledBack({ expected: "nothing", timeline, faultAt: 21_000 }))).to.deep.include({
      live: "nothing",
      secondsToSafety: 7,
      ok: true,
    });
  });

  for (const [what, over, problem] of [
    [
      "green is live and was not to be",
      { ...shifted, expected: "blue" },
      "green is live at the end, and blue was to be",
    ],
    ["blue is live and was not to be", { expected: "green" }, "blue is live at the end, and green was to be"],
    [
      "a third release is live",
      { timeline: [{ at: 1000, shares: { r0: 1 } }] },
      "r0 is live at the end, and blue was to be",
    ],
    [
      "the traffic is still split",
      { timeline: rolledBack().timeline.slice(0, 2) },
      "blue and green is live at the end, and blue was to be",
    ],
    [
      "more requests were lost than the canary's share",
      { answers: answers((sentAt) => sentAt >= 20_000 && sentAt < 24_000 && sentAt % 1000 !== 0) },
      "36 of 300 requests failed, more than the canary's share of 30",
    ],
    [
      "service was interrupted for a second",
      { answers: answers((sentAt) => sentAt >= 21_000 && sentAt < 22_000) },
      "no request that was sent at 00:00:21 was answered: service was interrupted",
    ],
    [
      "the alias was gone for a moment",
      {
        timeline: [
          { at: 1000, shares: { r1: 1 } },
          { at: 21_000, shares: undefined },
          { at: 21_100, shares: { r1: 1 } },
        ],
      },
      "the alias was gone at 00:00:21",
    ],
    [
      "the alias was moved once more while tidying up",
      { ...shifted, timeline: [...(shifted.timeline ?? []), { at: 31_000, shares: { r1: 0.5, r2: 0.5 } }] },
      "the alias was moved at 00:00:31, when all was to be over",
    ],
    ["anything else was found", { problems: ["endpoint x was left behind"] }, "endpoint x was left behind"],
  ] as const) {
    it(`is not ok where ${what}`, () => {
      const { ok, problems } = rowOf(rolledBack(over));

      expect(ok).to.equal(false);
      expect(problems).to.deep.equal([problem]);
    });
  }
});
