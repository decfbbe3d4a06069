import { expect } from "chai";
import { parseSchedule } from "../../services/events/schedule";

/** The next times at which a schedule is due, from Sunday, 1 February 2026, 10:07:30 on. */
function next(expression: string, count = 3): string[] {
  const schedule = parseSchedule(expression);
  const times: string[] = [];
  let from: Date | undefined = new Date("2026-02-01T10:07:30Z");
  while (times.length < count && from !== undefined) {
    from = schedule(from);
    times.push(from === undefined ? "never" : from.toISOString().replace(/:00\.000Z$/, ""));
  }
  return times;
}

describe("a schedule", () => {
  it("at a rate is due each time so much later", () => {
    expect(next("rate(1 minute)", 2)).to.deep.equal(["2026-02-01T10:08:30.000Z", "2026-02-01T10:09:30.000Z"]);
    expect(next("rate(2 days)", 1)).to.deep.equal(["2026-02-03T10:07:30.000Z"]);
  });

  it("by cron is due at these minutes, hours, days, months and years", () => {
    const cases: Readonly<Record<string, string[]>> = {
      "cron(0 12 1 * ? *)": ["2026-02-01T12:00", "2026-03-01T12:00", "2026-04-01T12:00"],
      "cron(*/20 10 * * ? *)": ["2026-02-01T10:20", "2026-02-01T10:40", "2026-02-02T10:00"],
      "cron(15,45 10-11 * * ? *)": ["2026-02-01T10:15", "2026-02-01T10:45", "2026-02-01T11:15"],
      "cron(0 8 ? * MON-FRI *)": ["2026-02-02T08:00", "2026-02-03T08:00", "2026-02-04T08:00"],
      "cron(0 8 ? * 1 *)": ["2026-02-08T08:00", "2026-02-15T08:00", "2026-02-22T08:00"],
      "cron(0 0 L * ? *)": ["2026-02-28T00:00", "2026-03-31T00:00", "2026-04-30T00:00"],
      "cron(0 0 15W * ? *)": ["2026-02-16T00:00", "2026-03-16T00:00", "2026-04-15T00:00"],
      "cron(0 0 1W * ? *)": ["2026-02-02T00:00", "2026-03-02T00:00", "2026-04-01T00:00"],
      "cron(0 0 ? * TUE#2 *)": ["2026-02-10T00:00", "2026-03-10T00:00", "2026-04-14T00:00"],
      "cron(0 0 ? * 6L *)": ["2026-02-27T00:00", "2026-03-27T00:00", "2026-04-24T00:00"],
      "cron(0 0 29 FEB ? *)": ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"],
      "cron(0 0 1 1 ? 2027)": ["2027-01-01T00:00", "never"],
    };
    for (const [expression, expected] of Object.entries(cases)) {
      expect(next(expression), expression).to.deep.equal(expected);
    }
  });

  it("is refused where it is none", () => {
    for (const expression of [
      "rate(1 minutes)",
      "rate(5 minute)",
      "rate(0 minutes)",
      "rate(5 weeks)",
      "cron(0 12 * * * *)",
      "cron(0 12 ? * ? *)",
      "cron(0 12 1 * ?)",
      "cron(60 12 1 * ? *)",
      "cron(0 12 0 * ? *)",
      "cron(0 12 1 FOO ? *)",
      "cron(0 12 40W * ? *)",
      "cron(0 5-3 1 * ? *)",
      "at(2026-01-01)",
    ]) {
      expect(() => parseSchedule(expression), expression).to.throw("Parameter ScheduleExpression is not valid.");
    }
  });
});
