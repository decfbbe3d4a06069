import { expect } from "chai";
import fc from "fast-check";
import { isLook, requestOf, requestOfAlarms } from "../../../handlers/retrain-request";
import { LOOK_AT_ALARMS, REASON_CHARACTERS } from "../../../lib/contract";

const NOW = new Date("2026-11-30T12:00:00Z");
const read = (event: unknown) => requestOf(event, "invocation-1", NOW);
const EVENT = { version: "0", id: "event-1", time: "2026-11-30T11:00:00Z", account: "123456789012" };
const alarm = (value: string) => ({
  ...EVENT,
  source: "aws.cloudwatch",
  "detail-type": "CloudWatch Alarm State Change",
  detail: { alarmName: "mlops-nyctaxi-drift", state: { value, reason: "Threshold Crossed: 0.4" }, previousState: {} },
});

describe("a request for a retraining", () => {
  it("is an alarm's, with what the alarm says", () => {
    expect(read(alarm("ALARM"))).to.deep.equal({
      id: "event-1",
      time: new Date(EVENT.time),
      source: "alarm",
      reason: "alarm mlops-nyctaxi-drift",
      detail: "Threshold Crossed: 0.4",
    });
  });

  it("is the schedule's", () => {
    const event = { ...EVENT, source: "aws.events", "detail-type": "Scheduled Event", detail: {} };
    expect(read(event)).to.deep.equal({
      id: "event-1",
      time: new Date(EVENT.time),
      source: "schedule",
      reason: "the schedule",
    });
  });

  it("is that of alarms that are still on, known by the invocation", () => {
    const drift = { name: "mlops-nyctaxi-drift", since: new Date(EVENT.time), reason: "Threshold Crossed: 0.4" };
    const detail = "mlops-nyctaxi-drift is still on, since 2026-11-30T11:00:00.000Z: Threshold Crossed: 0.4";
    const request = { id: "invocation-1", time: NOW, source: "look" };

    expect(requestOfAlarms([drift], "invocation-1", NOW)).to.deep.equal({
      ...request,
      reason: "alarm mlops-nyctaxi-drift",
      detail,
    });
    expect(requestOfAlarms([drift, { name: "late", reason: "by hand" }], "invocation-1", NOW)).to.deep.equal({
      ...request,
      reason: "alarms mlops-nyctaxi-drift, late",
      detail: `${detail}\nlate is still on: by hand`,
    });
  });

  it("is none, but a wish to look at the alarms", () => {
    expect(isLook(LOOK_AT_ALARMS)).to.equal(true);
    expect([{}, { look: "up" }, { look: "alarms", reason: "x" }, alarm("ALARM")].filter(isLook)).to.deep.equal([]);
  });

  it("is a person's, known by the invocation", () => {
    expect(read({ reason: "new tariffs\nsince Monday" })).to.deep.equal({
      id: "invocation-1",
      time: NOW,
      source: "person",
      reason: "a person: new tariffs since Monday",
    });
  });

  for (const [what, event] of [
    ["an alarm that is over", alarm("OK")],
    ["an alarm without data", alarm("INSUFFICIENT_DATA")],
    ["no reason", {}],
    ["an empty reason", { reason: " \n" }],
    ["a reason and more", { reason: "x", force: true }],
    ["nothing", null],
  ] as const) {
    it(`is none: ${what}`, () => {
      expect(() => read(event)).to.throw(/^the event must be \{ "reason": "<why>" \}, .*, got /);
    });
  }

  it("becomes one line that CodePipeline takes as it is, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), (text) => {
        fc.pre(/\S/.test(text));
        const { reason } = read({ reason: text });
        expect(reason).to.match(/^[\x20-\x7e]+$/);
        expect(reason.length).to.be.at.most(REASON_CHARACTERS);
        expect(reason).not.to.contain("#{");
      }),
    );
    expect(read({ reason: "#{Train.MODEL_ARCHIVE}" }).reason).to.equal("a person: # {Train.MODEL_ARCHIVE}");
  });
});
