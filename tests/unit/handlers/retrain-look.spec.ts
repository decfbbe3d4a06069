import { expect } from "chai";
import { LOOK_AT_ALARMS } from "../../../lib/contract";
import { environment } from "./lambda";
import { ask, FakeAws, settings } from "./retrain-fixture";

const SINCE = new Date("2026-11-29T08:00:00Z");
const FIRES = {
  ...{ id: "e-1", time: SINCE.toISOString(), "detail-type": "CloudWatch Alarm State Change" },
  detail: { alarmName: "drift", state: { value: "ALARM", reason: "0.4 is over 0.2" } },
};

describe("retrain, when it looks at the alarms", () => {
  environment({ GOVERNOR: settings() });
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
  });
  afterEach(() => aws.restore());

  const look = (id: string) => ask(id, LOOK_AT_ALARMS);
  const set = (AlarmName: string, StateValue: "ALARM" | "OK" | "INSUFFICIENT_DATA") =>
    aws.alarms.push({ AlarmName, StateValue, StateTransitionedTimestamp: SINCE, StateReason: "0.4 is over 0.2" });
  const rollOut = (deploymentId: string) => aws.deployments.splice(0, 1, { deploymentId, createTime: new Date() });
  const kept = () => [...aws.objects.keys()].filter((key) => /retrain\/\d.*\.json$/.test(key));

  it("neither decides nor tells anything as long as none of its alarms is on", async () => {
    set("drift", "OK");
    set("quality", "INSUFFICIENT_DATA");
    set("somebody-else's", "ALARM");

    expect(await look("r-1")).to.equal(undefined);
    expect([...aws.objects.keys(), ...aws.told, ...aws.executions]).to.deep.equal([]);
  });

  it("starts what it refused when the alarm fired, once nothing speaks against it any more", async () => {
    set("drift", "ALARM");
    rollOut("d-1");
    expect(await ask("r-1", FIRES)).to.include({ decision: "none", why: "deployment d-1 is under way" });

    aws.deployments.pop();
    expect(await look("r-2")).to.include({
      ...{ id: "r-2", source: "look", reason: "alarm drift", decision: "retrain", executionId: "e-1" },
      detail: "drift is still on, since 2026-11-29T08:00:00.000Z: 0.4 is over 0.2",
    });
    expect(aws.executions.map(({ reason }) => reason)).to.deep.equal(["alarm drift"]);
  });

  it("keeps each no, and tells the same one once, whether the alarm has brought it about or a look", async () => {
    set("drift", "ALARM");
    rollOut("d-1");
    await ask("r-1", FIRES);
    await look("r-2");
    await look("r-3");
    expect(aws.told).to.have.length(1);
    expect(kept()).to.have.length(3);

    rollOut("d-2");
    await look("r-4");
    await look("r-5");
    expect(aws.told).to.have.length(2);
    expect(aws.told[1]).to.contain("None was started: deployment d-2 is under way.");
    expect(kept()).to.have.length(5);
  });

  it("tells what is told to an alarm that fires, and to a person, however often", async () => {
    rollOut("d-1");
    for (const event of [FIRES, { ...FIRES, id: "e-2" }, { reason: "new tariffs" }, { reason: "new tariffs" }]) {
      await ask("r-1", event);
    }

    expect(aws.told).to.have.length(4);
  });

  it("tells of a retraining that it starts after each no", async () => {
    set("drift", "ALARM");
    set("quality", "ALARM");
    rollOut("d-1");
    await look("r-1");
    aws.deployments.pop();
    await look("r-2");

    expect(aws.told[0]).to.contain("was asked for a retraining by alarms drift, quality.");
    expect(aws.told[1]).to.contain("Execution e-1 was started: ");
  });
});
