import { expect } from "chai";
import { Background } from "../../core/background";
import { Clock } from "../../core/clock";
import { RunControl } from "../../core/run-control";
import { pause, ShutDown, unlessAborted } from "../../core/waiting";
import { rejection } from "./support";

const LONG_SECONDS = 3600;

describe("waiting in the background", () => {
  let clock: Clock;
  beforeEach(() => (clock = new Clock(1)));
  afterEach(() => clock.stop());

  it("ends with its time, with the reason of a signal, or with the local AWS", async () => {
    await pause(new Clock(1_000_000), LONG_SECONDS);

    const stop = new AbortController();
    const stopped = rejection(pause(clock, LONG_SECONDS, stop.signal));
    stop.abort(new Error("somebody stopped it"));
    expect(await stopped).to.have.property("message", "somebody stopped it");
    expect(await rejection(pause(clock, 0, stop.signal))).to.have.property("message", "somebody stopped it");

    const cut = rejection(pause(clock, LONG_SECONDS));
    clock.stop();
    expect(await cut).to.be.instanceOf(ShutDown);
  });

  it("for work ends when a signal is given, whatever becomes of the work", async () => {
    const stop = new AbortController();
    expect(await unlessAborted(Promise.resolve("done"), stop.signal)).to.equal("done");

    const never = unlessAborted(new Promise(() => undefined), stop.signal);
    stop.abort(new Error("enough"));
    expect(await rejection(never)).to.have.property("message", "enough");
    expect(await rejection(unlessAborted(Promise.reject(new Error("too late")), stop.signal))).to.have.property(
      "message",
      "enough",
    );
  });

  it("under a control ends by the first reason to stop, or by the end of everything", async () => {
    const control = new RunControl(clock);
    const paused = rejection(control.pause(LONG_SECONDS));
    control.stop("overtime");
    control.stop("asked");
    expect(await paused).to.include({ name: "RunStopped", why: "overtime" });

    control.stop("closing");
    expect(await rejection(control.pause(0))).to.include({ name: "RunStopped", why: "closing" });
    const told: string[] = [];
    control.onStop((why) => told.push(why));
    expect(told).to.deep.equal(["closing"]);
  });

  it("under a control waits for the real work too, so that nothing writes on after the end", async () => {
    const control = new RunControl(clock);
    let finish: () => void = () => undefined;
    const work = new Promise<void>((resolve) => (finish = resolve));
    let over = false;
    const paused = rejection(control.pauseWith(LONG_SECONDS, work)).finally(() => (over = true));
    control.stop("asked");
    await new Promise((resolve) => setImmediate(resolve));
    expect(over).to.equal(false);
    finish();
    expect(await paused).to.include({ name: "RunStopped", why: "asked" });
  });

  it("is waited for at the end, and only a defect is noted as one", async () => {
    const background = new Background();
    const defects: unknown[] = [];
    const ended: string[] = [];
    background.begin(
      "a pause",
      () => pause(clock, LONG_SECONDS),
      (error) => defects.push(error),
    );
    background.begin("a job", async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      ended.push("a job");
    });
    clock.stop();
    await background.ended();

    expect(ended).to.deep.equal(["a job"]);
    expect(defects).to.deep.equal([]);
  });

  it("notes and tells a defect", async () => {
    const background = new Background();
    const told: string[] = [];
    const { error: tell } = console;
    console.error = (text: string) => told.push(text);
    try {
      const defects: unknown[] = [];
      const begin = async () => {
        throw new Error("no such thing");
      };
      background.begin("job x", begin, (error) => defects.push(error));
      await background.ended();
      expect(defects).to.have.length(1);
      expect(told).to.deep.equal(["local AWS: job x ended by a defect in the local AWS:"]);
    } finally {
      console.error = tell;
    }
  });
});
