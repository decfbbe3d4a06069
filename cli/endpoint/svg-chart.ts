import { writeFile } from "node:fs/promises";
import { ScatterChart, LineChart } from "echarts/charts";
import { GridComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Predicted } from "./evaluate";

const SIZE = { width: 640, height: 640 };

/** Draws targets and predictions into a file, with the diagonal on which those lie that are right. */
export async function writeChart(
  file: string,
  predicted: readonly Predicted[],
  { title, target }: { readonly title: string; readonly target: string },
): Promise<void> {
  use([ScatterChart, LineChart, GridComponent, TitleComponent, SVGRenderer]);
  const values = predicted.flatMap((one) => [one.target, one.prediction]);
  const [min, max] = values.reduce(
    ([low, high], one) => [Math.min(low, one), Math.max(high, one)],
    [Infinity, -Infinity],
  );
  const axis = { type: "value" as const, min, max, nameLocation: "middle" as const, axisLabel: { formatter: round } };
  const chart = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: "#ffffff",
      title: { text: title, left: "center", textStyle: { fontSize: 14, fontWeight: "normal" } },
      grid: { left: 70, right: 30, top: 50, bottom: 60 },
      xAxis: { ...axis, name: target, nameGap: 35 },
      yAxis: { ...axis, name: `predicted ${target}`, nameGap: 45 },
      series: [
        {
          type: "line",
          silent: true,
          symbol: "none",
          lineStyle: { color: "#888888", type: "dashed", width: 1 },
          data: [
            [min, min],
            [max, max],
          ],
        },
        {
          type: "scatter",
          symbolSize: 5,
          itemStyle: { color: "#1f77b4", opacity: 0.5 },
          data: predicted.map((one) => [one.target, one.prediction]),
        },
      ],
    });
    await writeFile(file, chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

const round = (value: number) => String(Number(value.toPrecision(3)));
