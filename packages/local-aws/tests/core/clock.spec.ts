import { expect } from "chai";
import fc from "fast-check";
import { Clock } from "../../core/clock";

const MINUTE = 60_000;
const realMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the clock of the local AWS", () => {
  it("has a speed above 0", () => {
    for (const speed of [0, -1, Number.NaN]) {
      expect(() => new Clock(speed)).to.throw(`speed must be above 0, got ${speed}`);
    }
  });

  it("lets a duration pass as many times faster as its speed says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 1_000_000 }), (speed, ms) => {
        expect(new Clock(speed).real(ms) * speed).to.be.closeTo(ms, 1e-6 * (ms + 1));
      }),
    );
    expect(new Clock(600).real(MINUTE)).to.equal(100);
  });

  it("tells AWS's seconds, while its time stamps are real", () => {
    const clock = new Clock(60);
    expect(clock.awsSecondsSince(new Date(Date.now() - 2000))).to.be.within(120, 126);
    expect(Math.abs(clock.now().getTime() - Date.now())).to.be.below(50);
  });

  it("sleeps as long as AWS would take, and not longer than that", async () => {
    const started = performance.now();
    await new Clock(600).sleep(MINUTE / 4);
    expect(performance.now() - started).to.be.within(24, 250);
  });

  it("calls what comes after a time once, unless it is called off", async () => {
    const clock = new Clock(6000);
    const called: string[] = [];
    clock.after(MINUTE, () => called.push("kept"));
    const callOff = clock.after(MINUTE, () => called.push("called off"));
    callOff();
    await realMs(40);
    expect(called).to.deep.equal(["kept"]);
  });

  it("waits for what no timer can hold, instead of calling it at once", async () => {
    const clock = new Clock(1);
    let called = false;
    // SageMaker lets a training job run for 28 days; 2^31 ms are 24.8.
    clock.after(28 * 24 * 60 * MINUTE, () => (called = true));
    await realMs(20);
    expect(called).to.equal(false);
    clock.stop();
  });

  it("repeats only after the call before has ended", async () => {
    const clock = new Clock(60_000);
    let running = 0;
    let most = 0;
    let calls = 0;
    const end = clock.every(MINUTE, async () => {
      running += 1;
      most = Math.max(most, running);
      await realMs(8);
      running -= 1;
      calls += 1;
    });
    await realMs(60);
    end();
    expect(most).to.equal(1);
    expect(calls).to.be.within(2, 7);
    const before = calls + running;
    await realMs(30);
    expect(calls).to.equal(before);
  });

  it("wakes sleepers when it is stopped, and calls nothing that was scheduled", async () => {
    const clock = new Clock(1);
    const called: string[] = [];
    const sleeping = clock.sleep(MINUTE).then(() => called.push("awake"));
    clock.after(
      10,
      () => called.push("after"),
      () => called.push("stopped"),
    );
    clock.every(10, () => {
      called.push("every");
    });
    clock.stop();
    await sleeping;
    await realMs(30);
    expect(called).to.have.members(["awake", "stopped"]);
  });

  it("never waits again once it is stopped", async () => {
    const clock = new Clock(1);
    clock.stop();
    const called: string[] = [];
    await clock.sleep(MINUTE);
    clock.after(
      0,
      () => called.push("after"),
      () => called.push("stopped"),
    );
    clock.every(0, () => {
      called.push("every");
    });
    await realMs(10);
    expect(called).to.deep.equal(["stopped"]);
  });
});
