import { expect } from "chai";
import { Clock } from "../../core/clock";
import { MetricStore } from "../../services/cloudwatch/metric-store";

const HOUR = 3_600_000;
const metric = { namespace: "N", name: "Requests", dimensions: { FunctionName: "f" } };

describe("The store of metrics", () => {
  let clock: Clock;
  let store: MetricStore;
  beforeEach(() => {
    clock = new Clock(60);
    store = new MetricStore(clock);
  });
  afterEach(() => clock.stop());

  const now = Date.UTC(2026, 7, 9, 12, 0, 0);
  const put = (millisecondsAgo: number, value = 1) =>
    store.put([{ ...metric, value, timestamp: new Date(now - millisecondsAgo) }]);
  const read = () => store.read(metric, 0, now + 1);

  it("keeps values apart by the second of AWS's time", () => {
    [0, 1, 16, 17].forEach((ago) => put(ago));
    expect(read().map(({ values }) => values.sampleCount)).to.deep.equal([1, 2, 1]);
  });

  it("keeps them in order of time, in whatever order they come", () => {
    [500, 100, 900, 100, 0].forEach((ago) => put(ago));
    const times = read().map(({ at }) => at);
    expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
    expect(times).to.have.length(4);
  });

  it("tells metrics apart by their dimensions, exactly", () => {
    put(0);
    const others: Record<string, string>[] = [{}, { FunctionName: "g" }, { FunctionName: "f", Release: "r1" }];
    const found = others.map((dimensions) => store.read({ ...metric, dimensions }, 0, now + 1).length);
    expect(found).to.deep.equal([0, 0, 0]);
  });

  it("keeps only minutes after 3 hours of AWS's time, and nothing after 15 days", () => {
    const day = 24 * HOUR;
    [10, 30, 50].forEach((seconds) => put((4 * HOUR + seconds * 1000) / 60, seconds));
    [1, 2].forEach((seconds) => put((seconds * 1000) / 60));
    put((16 * day) / 60);
    store.prune(new Date(now));
    store.prune(new Date(now));
    expect(read().map(({ values }) => [values.sampleCount, values.sum])).to.deep.equal([
      [3, 90],
      [1, 1],
      [1, 1],
    ]);
  });

  it("forgets a metric that has had no value for 15 days", () => {
    put((16 * 24 * HOUR) / 60);
    store.prune(new Date(now));
    expect(store.list()).to.deep.equal([]);
  });
});
