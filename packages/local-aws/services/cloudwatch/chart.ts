import { readFile } from "node:fs/promises";
import type * as ResvgModule from "@resvg/resvg-wasm";
import type { SeriesOption } from "echarts";

/** A line of a chart. Where it has no value it is broken. */
export interface ChartSeries {
  readonly label: string;
  readonly color?: string;
  readonly axis: ChartSide;
  /** Milliseconds since 1970, in their order, with the value of that time. */
  readonly points: readonly (readonly [at: number, value: number | undefined])[];
}

type ChartSide = "left" | "right";

interface ChartAxis {
  readonly label?: string;
  readonly min?: number;
  readonly max?: number;
}

/** A line across a chart at a value or a time, or what lies between two of them. */
export interface ChartMark {
  readonly from: number;
  /** End of a band; infinite for one without an end. @default - a line */
  readonly to?: number;
  readonly of: ChartSide | "time";
  readonly label?: string;
  readonly color?: string;
}

export interface Chart {
  readonly title?: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly series: readonly ChartSeries[];
  readonly stacked: boolean;
  readonly axes: Readonly<Partial<Record<ChartSide, ChartAxis>>>;
  readonly marks: readonly ChartMark[];
  readonly legend: "bottom" | "right" | "hidden";
}

/** Colors as CloudWatch gives them to the metrics of a graph, one after the other. */
const COLORS = [
  "#1f77b4",
  "#ff7f0e",
  "#2ca02c",
  "#d62728",
  "#9467bd",
  "#8c564b",
  "#e377c2",
  "#7f7f7f",
  "#bcbd22",
  "#17becf",
];
/** ECharts reckons with the widths of Helvetica, which the condensed one comes close to. */
const FONT = "DejaVu Sans Condensed";
/** Width of a character of a label. */
const CHARACTER = 6.5;
const MARK_COLOR = "#888888";

/** Draws a chart as PNG. Fonts and all that draws come with packages, so that it looks the same on each machine. */
export async function drawChart(chart: Chart): Promise<Uint8Array> {
  const [svg, { Resvg }, font] = await Promise.all([
    drawSvg(chart),
    resvg(),
    readFile(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf")),
  ]);
  const picture = new Resvg(svg, { font: { fontBuffers: [font], defaultFontFamily: FONT, loadSystemFonts: false } });
  return picture.render().asPng();
}

let loaded: Promise<typeof ResvgModule> | undefined;

/** WebAssembly, which a process can start once. */
function resvg(): Promise<typeof ResvgModule> {
  loaded ??= (async () => {
    const [library, wasm] = await Promise.all([
      import("@resvg/resvg-wasm"),
      readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")),
    ]);
    await library.initWasm(wasm);
    return library;
  })();
  return loaded;
}

async function drawSvg(chart: Chart): Promise<string> {
  const { init } = await import("echarts");
  const { width, height, title, legend, start, end } = chart;
  const rows = legend === "bottom" ? legendRows(chart) : 0;
  const drawn = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    drawn.setOption({
      animation: false,
      useUTC: true,
      backgroundColor: "#ffffff",
      color: COLORS,
      textStyle: { fontFamily: FONT },
      title: {
        text: title ?? "",
        left: 12,
        top: 8,
        textStyle: { fontSize: 15, fontWeight: "normal", fontFamily: FONT },
      },
      legend: { show: legend !== "hidden", itemHeight: 10, ...(legend === "right" ? AT_RIGHT : AT_BOTTOM) },
      grid: { left: 64, right: legend === "right" ? rightMargin(chart) : 64, top: 66, bottom: 34 + rows * LEGEND_ROW },
      xAxis: { type: "time", min: start, max: end, splitNumber: Math.max(2, Math.floor(width / 130)) },
      yAxis: (["left", "right"] as const).map((side) => valueAxis(chart, side)),
      series: [
        ...(chart.stacked ? aligned(chart.series) : chart.series).map((one) => line(one, chart)),
        ...(["left", "right", "time"] as const).flatMap((of) => marks(chart, of)),
      ],
    });
    return drawn.renderToSVGString();
  } finally {
    drawn.dispose();
  }
}

const AT_BOTTOM = { bottom: 6, left: "center" } as const;
const AT_RIGHT = { right: 8, top: 60, orient: "vertical" } as const;
const LEGEND_ROW = 22;
const LEGEND_MARK = 45;

/** Beside the chart the legend has at most half of the width. */
function rightMargin({ series, width }: Chart): number {
  const longest = Math.max(0, ...series.map(({ label }) => label.length));
  return Math.min(width / 2, 64 + LEGEND_MARK + CHARACTER * longest);
}

/** How many rows the legend takes below the chart. */
function legendRows({ series, width }: Chart): number {
  const pixels = series.map(({ label }) => LEGEND_MARK + CHARACTER * label.length);
  return Math.ceil(pixels.reduce((sum, each) => sum + each, 0) / (width * 0.9));
}

function valueAxis({ axes, series }: Chart, side: ChartSide) {
  const { label, min, max } = axes[side] ?? {};
  const align = side === "left" ? ("left" as const) : ("right" as const);
  return {
    type: "value" as const,
    position: side,
    name: label ?? "",
    nameGap: 10,
    nameTextStyle: { align, padding: side === "left" ? [0, 0, 0, -50] : [0, -50, 0, 0] },
    min,
    max,
    show: side === "left" || series.some(({ axis }) => axis === "right"),
    splitLine: { show: side === "left" },
  };
}

/** The same times for all, since ECharts lays the values of the same place in their lists one on the other. */
function aligned(series: readonly ChartSeries[]): readonly ChartSeries[] {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  return series.map((one) => {
    const values = new Map(one.points);
    return { ...one, points: times.map((at) => [at, values.get(at)]) };
  });
}

function line({ label, color, axis, points }: ChartSeries, { stacked }: Chart): SeriesOption {
  return {
    type: "line",
    name: label,
    yAxisIndex: axis === "left" ? 0 : 1,
    data: points.map(([at, value]) => [at, value ?? null]),
    symbol: "circle",
    symbolSize: 4,
    lineStyle: { width: 2, ...(color === undefined ? {} : { color }) },
    itemStyle: color === undefined ? {} : { color },
    ...(stacked ? { stack: axis, areaStyle: { opacity: 0.6 } } : {}),
  };
}

/** The marks of one axis, on a line without values. */
function marks({ marks: all, start, end }: Chart, of: ChartMark["of"]): SeriesOption[] {
  const own = all.filter((mark) => mark.of === of);
  if (own.length === 0) {
    return [];
  }
  const key = of === "time" ? "xAxis" : "yAxis";
  const styled = ({ label = "", color = MARK_COLOR }: ChartMark) => ({
    name: label,
    label: { show: label !== "", formatter: "{b}", color, position: of === "time" ? "end" : "insideEndTop" } as const,
    lineStyle: { color, type: "dashed" as const },
    itemStyle: { color, opacity: 0.15 },
  });
  return [
    {
      type: "line",
      yAxisIndex: of === "right" ? 1 : 0,
      // Without a value of its own an axis would not be drawn.
      data: [
        [start, null],
        [end, null],
      ],
      markLine: { symbol: "none", silent: true, data: own.map((mark) => ({ [key]: mark.from, ...styled(mark) })) },
      markArea: {
        silent: true,
        data: own.flatMap((mark) => (mark.to === undefined ? [] : [band(mark, mark.to, key, styled(mark))])),
      },
    },
  ];
}

/** A band from one value to the other, or to the end of the axis. */
function band(mark: ChartMark, to: number, key: "xAxis" | "yAxis", style: object): [object, object] {
  return [{ [key]: mark.from, ...style, label: { show: false } }, { [key]: to }];
}
