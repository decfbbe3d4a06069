import { GetMetricWidgetImageCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { PNG } from "pngjs";
import { failure, Fixture } from "./fixture";

const START = Date.parse("2026-11-30T08:00:00Z");
const MINUTE = 60_000;
const BLUE = [0x1f, 0x77, 0xb4];
const RED = [0xd6, 0x27, 0x28];

describe("a widget as a picture", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    // In AWS's own time, so that periods are what they are called.
    fixture = await Fixture.start(1);
  });
  afterEach(() => fixture.close());

  /** Puts a value of a release's requests, so many minutes after the start. */
  const put = (minute: number, value: number, Release = "r1") => {
    const timestamp = new Date(START + minute * MINUTE);
    fixture.metrics.put([{ namespace: "Own", name: "Requests", dimensions: { Release }, value, timestamp }]);
  };
  const FRAME = { start: new Date(START).toISOString(), end: new Date(START + 60 * MINUTE).toISOString() };
  const ask = (widget: object) =>
    fixture.client.send(new GetMetricWidgetImageCommand({ MetricWidget: JSON.stringify({ ...FRAME, ...widget }) }));
  const draw = async (widget: object) => PNG.sync.read(Buffer.from((await ask(widget)).MetricWidgetImage ?? []));
  /** Where a color is: the places of its pixels. */
  const find = ({ width, data }: PNG, [red = 0, green = 0, blue = 0]: readonly number[]) =>
    Array.from({ length: data.length / 4 }, (_, at) => at)
      .filter((at) => data[at * 4] === red && data[at * 4 + 1] === green && data[at * 4 + 2] === blue)
      .map((at) => ({ x: at % width, y: Math.floor(at / width) }));
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const REQUESTS = ["Own", "Requests", "Release", "r1"];
  const AXES = { yAxis: { left: { min: 0, max: 100 } }, legend: { position: "hidden" } };

  it("is a PNG of the size that was asked for, 600 by 400 if none was", async () => {
    put(0, 1);
    const usual = await draw({ metrics: [REQUESTS] });
    expect([usual.width, usual.height]).to.deep.equal([600, 400]);
    const small = await draw({ metrics: [REQUESTS], width: 300, height: 150 });
    expect([small.width, small.height]).to.deep.equal([300, 150]);
  });

  it("has its line where the values are, and a gap where there are none", async () => {
    for (let minute = 0; minute < 60; minute += 1) {
      if (minute < 20 || minute >= 40) {
        put(minute, minute < 20 ? 25 : 75);
      }
    }
    const picture = await draw({ metrics: [[...REQUESTS, { stat: "Sum", period: 60 }]], ...AXES });
    const pixels = find(picture, BLUE);
    const [left, right] = [pixels.filter(({ x }) => x < 300), pixels.filter(({ x }) => x >= 300)];

    // The axis goes from 0, 34 pixels above the bottom, to 100, 66 below the top; the hour from 64 to 536.
    expect(mean(left.map(({ y }) => y))).to.be.closeTo(366 - 300 * 0.25, 1.5);
    expect(mean(right.map(({ y }) => y))).to.be.closeTo(366 - 300 * 0.75, 1.5);
    expect(Math.max(...left.map(({ x }) => x))).to.be.closeTo(64 + (472 * 19) / 60, 3);
    expect(Math.min(...right.map(({ x }) => x))).to.be.closeTo(64 + (472 * 40) / 60, 3);
  });

  it("draws statistics, searches with labels, math over all metrics, and the right axis", async () => {
    for (let minute = 0; minute < 60; minute += 1) {
      put(minute, 20, "r1");
      put(minute, 30, "r2");
    }
    const search = `SEARCH('{Own,Release} MetricName="Requests"', 'Sum', 60)`;
    const found = await draw({ metrics: [[{ expression: search, label: "${PROP('Dim.Release')}" }]], ...AXES });
    expect(mean(find(found, BLUE).map(({ y }) => y))).to.be.closeTo(366 - 300 * 0.2, 1.5);
    expect(mean(find(found, [0xff, 0x7f, 0x0e]).map(({ y }) => y))).to.be.closeTo(366 - 300 * 0.3, 1.5);

    const hidden = { visible: false, period: 60 };
    const metrics = [
      [...REQUESTS, { ...hidden, id: "m1" }],
      ["...", "r2", { ...hidden, id: "m2" }],
      [{ expression: "SUM(METRICS())", color: "#d62728", yAxis: "right" }],
    ];
    const sum = await draw({ metrics, stat: "Sum", yAxis: { right: { min: 0, max: 200 } }, legend: AXES.legend });
    expect(mean(find(sum, RED).map(({ y }) => y))).to.be.closeTo(366 - (300 * 50) / 200, 1.5);
    expect(find(sum, BLUE)).to.deep.equal([]);
  });

  it("lays one on the other where it is stacked, by their times", async () => {
    for (let minute = 0; minute < 60; minute += 1) {
      put(minute, 20, "r1");
      if (minute >= 30) {
        put(minute, 30, "r2");
      }
    }
    const metrics = [REQUESTS, ["...", "r2", { color: "#d62728" }]];
    const picture = await draw({ metrics, stat: "Sum", period: 60, stacked: true, ...AXES });
    const above = find(picture, RED);
    expect(mean(above.map(({ y }) => y))).to.be.closeTo(366 - 300 * 0.5, 1.5);
    expect(Math.min(...above.map(({ x }) => x))).to.be.closeTo(300, 3);
  });

  it("marks values and times", async () => {
    put(0, 1);
    const annotations = {
      horizontal: [
        { value: 50, color: "#00ff00" },
        { value: 90, color: "#0000ff", visible: false },
      ],
      vertical: [{ value: new Date(START + 30 * MINUTE).toISOString(), color: "#ff00ff" }],
    };
    const picture = await draw({ metrics: [REQUESTS], annotations, ...AXES });
    expect(mean(find(picture, [0, 255, 0]).map(({ y }) => y))).to.be.closeTo(366 - 150, 1.5);
    expect(mean(find(picture, [255, 0, 255]).map(({ x }) => x))).to.be.closeTo(300, 1.5);
    expect(find(picture, [0, 0, 255])).to.deep.equal([]);
  });

  it("has title, axes and legend, which take their room", async () => {
    put(0, 1);
    const dark = ({ data }: PNG) =>
      Array.from({ length: data.length / 4 }, (_, at) => data[at * 4] ?? 0).filter((red) => red < 128).length;
    const [bare, full] = await Promise.all([
      draw({ metrics: [REQUESTS], legend: { position: "hidden" } }),
      draw({ metrics: [REQUESTS], title: "Requests of callers", yAxis: { left: { label: "Count" } } }),
    ]);
    expect(dark(full)).to.be.greaterThan(dark(bare) + 300);
  });

  it("is of the last three hours if it says nothing else", async () => {
    fixture.metrics.put([{ namespace: "Own", name: "Requests", dimensions: {}, value: 1 }]);
    const text = JSON.stringify({ metrics: [["Own", "Requests"]], legend: { position: "hidden" }, period: 60 });
    const { MetricWidgetImage = [] } = await fixture.client.send(
      new GetMetricWidgetImageCommand({ MetricWidget: text }),
    );
    const now = find(PNG.sync.read(Buffer.from(MetricWidgetImage)), BLUE).map(({ x }) => x);
    expect(mean(now)).to.be.closeTo(536, 4);
  });

  it("is refused with all that is wrong with it, and names what it cannot draw", async () => {
    const wrong = { metrics: [["Own"]], width: 0, colour: "red" };
    const message = await failure(ask(wrong));
    expect(message).to.match(/^InvalidParameterValueException: MetricWidget is invalid/);
    for (const problem of ["/metrics/0: Should be a namespace", "/width: Should be >= 1", '"colour" property']) {
      expect(message).to.contain(problem);
    }
    const other = {
      metrics: [REQUESTS],
      view: "pie",
      timezone: "+0100",
      region: "eu-west-9",
      annotations: { alarms: ["a"] },
    };
    expect(await failure(ask(other))).to.contain(
      "GetMetricWidgetImage with view pie, timezone +0100, annotations.alarms, metrics of region eu-west-9",
    );
    expect(await failure(ask({ metrics: [[{ expression: "SEARCH('{Own,Release} r1', 'Sum', 60)" }]] }))).to.contain(
      "SEARCH with r1",
    );
    expect(await failure(ask({ metrics: [[...REQUESTS, { label: "${MAX}" }]] }))).to.contain("labels with ${MAX}");
  });
});
