/** Lines over time. */
import { colourOf, style } from "./colours.js";
import { h, named, number } from "./dom.js";
import { init } from "./echarts.js";

/** @import { SeriesShown } from "../shown" */

/** @typedef {{ readonly from: number, readonly to: number }} Span a time, in milliseconds since 1970 */

/**
 * @typedef {object} ChartShown
 * @property {string} title
 * @property {string} unit
 * @property {string} [unitAtRight]
 * @property {boolean} isStacked
 * @property {readonly SeriesShown[]} series
 * @property {readonly { value: number, label: string }[]} lines
 * @property {Span} span
 */

/** A gap is where more than this times the usual distance of points is missing. */
const GAP = 1.6;

/** A chart with its legend, which is text, so that all can read it. */
export class Chart {
  /** @param {"chart" | "chart tall"} className */
  constructor(className = "chart") {
    this.canvas = h("div", { class: className });
    this.legend = h("ul", { class: "legend" });
    this.element = h("div", {}, this.canvas, this.legend);
    /** @type {ReturnType<typeof init> | undefined} */
    this.drawn = undefined;
    /** @type {ChartShown | undefined} */
    this.last = undefined;
    charts.add(this);
  }

  /** @param {ChartShown} shown */
  show(shown) {
    this.last = shown;
    const { series } = shown;
    this.legend.replaceChildren(
      ...series.map(({ label, points }, position) =>
        h(
          "li",
          { class: `line-${numberOf(label, position)}` },
          named(label),
          " ",
          h("b", {}, number(points.at(-1)?.[1] ?? 0)),
        ),
      ),
    );
    this.canvas.hidden = series.length === 0;
    if (series.length > 0) {
      this.drawn ??= init(this.canvas, undefined, { renderer: "canvas" });
      this.drawn.setOption(optionOf(shown), { replaceMerge: ["series", "yAxis"] });
      sizes.observe(this.canvas);
    }
  }

  /** Draws it again, in the colours or the size that it has now. */
  again() {
    if (this.last !== undefined) {
      this.show(this.last);
    }
  }

  resize() {
    this.drawn?.resize();
  }
}

/** @type {Set<Chart>} */
const charts = new Set();
const sizes = new ResizeObserver((entries) => {
  const changed = new Set(entries.map(({ target }) => target));
  charts.forEach((chart) => changed.has(chart.canvas) && chart.resize());
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((chart) => chart.again()));

/**
 * @param {string} label
 * @param {number} position
 */
function numberOf(label, position) {
  const colour = colourOf(label, position);
  for (let one = 1; one <= 8; one++) {
    if (style(`--line-${one}`) === colour) {
      return one;
    }
  }
  return 1;
}

/**
 * @param {ChartShown} shown
 * @returns {import("echarts/core").EChartsCoreOption}
 */
function optionOf({ title, unit, unitAtRight, isStacked, series, lines, span }) {
  const [quiet, faint] = [style("--quiet"), style("--border")];
  const axis = {
    type: "value",
    min: 0,
    splitNumber: 3,
    axisLabel: { color: quiet, fontSize: 11, formatter: number },
    splitLine: { lineStyle: { color: faint } },
  };
  const hasRight = series.some(({ isAtRight }) => isAtRight);
  const all = isStacked ? aligned(series) : series.map(withGaps);
  return {
    animation: false,
    aria: {
      enabled: true,
      label: {
        description: `${title}, ${[unit, unitAtRight].filter(Boolean).join(" and ")}, over time. The newest values are in the list below.`,
      },
    },
    grid: { left: 44, right: hasRight ? 44 : 10, top: 10, bottom: 22 },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: style("--card"),
      borderColor: faint,
      textStyle: { color: style("--text"), fontSize: 11 },
    },
    xAxis: {
      type: "time",
      min: span.from,
      max: span.to,
      splitNumber: 4,
      axisLabel: { color: quiet, fontSize: 11, hideOverlap: true },
      axisLine: { lineStyle: { color: faint } },
      axisTick: { show: false },
    },
    yAxis: hasRight ? [axis, { ...axis, position: "right", splitLine: { show: false } }] : [axis],
    series: all.map(({ label, isAtRight, points }, position) => ({
      type: "line",
      name: label.replaceAll(/([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "$1"),
      data: points,
      yAxisIndex: isAtRight ? 1 : 0,
      stack: isStacked ? "all" : undefined,
      areaStyle: isStacked ? { opacity: 0.7 } : undefined,
      showSymbol: !isStacked && points.length < 3,
      symbolSize: 5,
      lineStyle: { width: isStacked ? 0 : 1.5, type: isAtRight ? "dashed" : "solid" },
      color: colourOf(label, position),
      markLine: position > 0 || lines.length === 0 ? undefined : limits(lines),
    })),
  };
}

/** @param {ChartShown["lines"]} lines */
function limits(lines) {
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: style("--bad"), type: "dashed", width: 1 },
    label: { color: style("--bad"), fontSize: 11, position: "insideEndTop" },
    data: lines.map(({ value, label }) => ({ yAxis: value, label: { formatter: label } })),
  };
}

/**
 * A line is broken where there were no values.
 *
 * @param {SeriesShown} series
 */
function withGaps({ points, ...more }) {
  const distances = points.slice(1).map(([time], i) => time - (points[i]?.[0] ?? 0));
  const usual = Math.min(...distances);
  /** @type {(readonly [number, number | null])[]} */
  const broken = points.flatMap(([time, value], i) =>
    (distances[i] ?? 0) > GAP * usual
      ? [
          [time, value],
          [time + usual, null],
        ]
      : [[time, value]],
  );
  return { ...more, points: broken };
}

/**
 * Values can be laid one on the other only where all have one: 0 where there was none.
 *
 * @param {readonly SeriesShown[]} series
 */
function aligned(series) {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b);
  return series.map(({ points, ...more }) => {
    const values = new Map(points);
    return { ...more, points: times.map((time) => /** @type {const} */ ([time, values.get(time) ?? 0])) };
  });
}
