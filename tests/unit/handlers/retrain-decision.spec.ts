import { expect } from "chai";
import fc from "fast-check";
import { decide, type Execution, type Facts } from "../../../handlers/retrain-decision";
import type { RetrainRules } from "../../../lib/contract";

const NOW = new Date("2026-11-30T12:00:00Z");
const RULES: RetrainRules = { cooldownHours: 24, maximumPerDay: 1, requireNewData: true, settleMinutes: 60 };
const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);

/** Nothing speaks against a retraining. */
const QUIET: Facts = {
  now: NOW,
  executions: [{ id: "e1", status: "Succeeded", dataVersion: "v1" }],
  retrainings: [],
  dataVersion: "v2",
  rollouts: [],
};
const decision = (facts: Partial<Facts> = {}, rules: Partial<RetrainRules> = {}) =>
  decide({ ...QUIET, ...facts }, { ...RULES, ...rules });

describe("the decision about a retraining", () => {
  it("is for it where the data are new and nothing is going on", () => {
    expect(decision()).to.deep.equal({
      retrain: true,
      why: "version v2 of data-source.zip is new since execution e1",
    });
  });

  for (const status of ["InProgress", "Stopping"]) {
    it(`is against it while an execution is ${status}`, () => {
      const executions = [...QUIET.executions, { id: "e0", status, dataVersion: "v1" }];
      expect(decision({ executions })).to.deep.equal({ retrain: false, why: "execution e0 is under way" });
    });
  }

  it("does not mind executions that have ended, however", () => {
    const ended = ["Failed", "Stopped", "Superseded", "Cancelled"].map((status) => ({ id: status, status }));
    expect(decision({ executions: [...ended, ...QUIET.executions] }).retrain).to.equal(true);
  });

  it("is against it while a rollout is under way, and as long as its release may bake", () => {
    expect(decision({ rollouts: [{ id: "d-1" }] })).to.deep.equal({
      retrain: false,
      why: "deployment d-1 is under way",
    });
    const ended = (hours: number) => ({ rollouts: [{ id: "d-1", endedAt: ago(hours) }] });
    expect(decision(ended(0.99))).to.deep.equal({
      retrain: false,
      why: "deployment d-1 has ended less than 60 minutes ago, so its release may still bake",
    });
    expect(decision(ended(1)).retrain).to.equal(true);
    expect(decision(ended(0), { settleMinutes: 0 }).retrain).to.equal(true);
  });

  it("is against it until the cooldown is over", () => {
    expect(decision({ retrainings: [ago(23.9)] })).to.deep.equal({
      retrain: false,
      why: `a retraining was started at ${ago(23.9).toISOString()}, less than 24 hours ago`,
    });
    expect(decision({ retrainings: [ago(24)] }).retrain).to.equal(true);
    expect(decision({ retrainings: [ago(1), ago(30)] }, { cooldownHours: 1, maximumPerDay: 2 }).retrain).to.equal(true);
  });

  it("is against more than so many a day", () => {
    const often = { cooldownHours: 0, maximumPerDay: 2 };
    expect(decision({ retrainings: [ago(1)] }, often).retrain).to.equal(true);
    expect(decision({ retrainings: [ago(1), ago(23)] }, often)).to.deep.equal({
      retrain: false,
      why: "2 of at most 2 retrainings were started in the last 24 hours",
    });
    expect(decision({ retrainings: [ago(1), ago(24)] }, often).retrain).to.equal(true);
  });

  it("is against the same data again, unless the rules ask for no new ones", () => {
    const same = { dataVersion: "v1" };
    expect(decision(same)).to.deep.equal({
      retrain: false,
      why: "there are no new data: execution e1 has trained on version v1 of data-source.zip, which is the newest",
    });
    expect(decision(same, { requireNewData: false })).to.deep.equal({
      retrain: true,
      why: "nothing speaks against it, and the rules ask for no new data",
    });
  });

  it("compares with the last execution that has succeeded", () => {
    const failed = { id: "e2", status: "Failed", dataVersion: "v2" };
    expect(decision({ executions: [failed, ...QUIET.executions] }).retrain).to.equal(true);
    expect(decision({ executions: [{ ...failed, status: "Succeeded" }, ...QUIET.executions] }).retrain).to.equal(false);
    expect(decision({ executions: [failed] }).why).to.contain("would be the first one that is trained on");
  });

  it("is against it without any data", () => {
    for (const requireNewData of [true, false]) {
      const without = decision({ dataVersion: undefined }, { requireNewData });
      expect(without).to.deep.equal({ retrain: false, why: "there is no data-source.zip" });
    }
  });

  describe("whatever the facts", () => {
    const when = fc.integer({ min: -72 * 60, max: 0 }).map((minutes) => new Date(NOW.getTime() + minutes * 60_000));
    const executions: fc.Arbitrary<Execution[]> = fc.array(
      fc.record({
        id: fc.uuid(),
        status: fc.constantFrom("InProgress", "Stopping", "Stopped", "Succeeded", "Superseded", "Failed", "Cancelled"),
        dataVersion: fc.constantFrom("v1", "v2", undefined),
      }),
      { maxLength: 6 },
    );
    const facts = fc.record({
      now: fc.constant(NOW),
      executions,
      retrainings: fc.array(when, { maxLength: 5 }),
      dataVersion: fc.constantFrom("v1", "v2", undefined),
      rollouts: fc.array(fc.record({ id: fc.uuid(), endedAt: fc.option(when, { nil: undefined }) }), { maxLength: 4 }),
    });
    const rules = fc.record({
      cooldownHours: fc.integer({ min: 0, max: 48 }),
      maximumPerDay: fc.integer({ min: 1, max: 4 }),
      requireNewData: fc.boolean(),
      settleMinutes: fc.integer({ min: 0, max: 180 }),
    });

    it("no retraining starts beside another execution or rollout, too early, too often or without data", () => {
      fc.assert(
        fc.property(facts, rules, (given, by) => {
          if (!decide(given, by).retrain) {
            return;
          }
          const hours = given.retrainings.map((at) => (NOW.getTime() - at.getTime()) / 3_600_000);
          const trained = given.executions.find((one) => one.status === "Succeeded" && one.dataVersion !== undefined);
          expect(given.executions.map(({ status }) => status)).not.to.include.oneOf(["InProgress", "Stopping"]);
          for (const { endedAt } of given.rollouts) {
            expect((NOW.getTime() - endedAt!.getTime()) / 60_000).to.be.at.least(by.settleMinutes);
          }
          expect(Math.min(Infinity, ...hours)).to.be.at.least(by.cooldownHours);
          expect(hours.filter((each) => each < 24)).to.have.length.below(by.maximumPerDay);
          expect(given.dataVersion).not.to.equal(by.requireNewData ? trained?.dataVersion : undefined);
          expect(given.dataVersion).not.to.equal(undefined);
        }),
      );
    });

    it("a reason is given, and what is refused now is refused with one more thing against it", () => {
      fc.assert(
        fc.property(facts, rules, when, (given, by, also) => {
          const { retrain, why } = decide(given, by);
          expect(why).to.match(/^[^\n]{10,}$/);
          if (!retrain) {
            expect(decide({ ...given, retrainings: [also, ...given.retrainings] }, by).retrain).to.equal(false);
            expect(decide({ ...given, rollouts: [...given.rollouts, { id: "d-9" }] }, by).retrain).to.equal(false);
          }
        }),
      );
    });
  });
});
