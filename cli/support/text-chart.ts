import { counted, inShort, type Bin } from "./numbers";

/** Blocks of an eighth of a line's height more each. */
const HEIGHTS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const BAR_WIDTH = 40;
/** Cells of a scatter chart, each about twice as high as wide. */
const SCATTER = { columns: 60, rows: 20 };
/** A cell of a scatter chart, from few points to many. */
const DENSITIES = ["·", "∘", "○", "●"];

/** Counts side by side in one line, the greatest as high as the line. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts.map((count) => (count === 0 ? " " : shade(HEIGHTS, count / most))).join("");
}

/** A bar for each count, the longest as long as there is room. */
export function bars(counts: readonly (readonly [label: string, count: number])[]): string[] {
  const width = Math.max(0, ...counts.map(([label]) => label.length));
  const most = Math.max(1, ...counts.map(([, count]) => count));
  return counts.map(
    ([label, count]) =>
      `${label.padStart(width)}  ${"█".repeat(Math.round((BAR_WIDTH * count) / most))} ${counted(count)}`,
  );
}

/** The label of a span of values: `1.5 – 3`. */
export const spanOf = ({ from, to }: Pick<Bin, "from" | "to">) => `${inShort(from)} – ${inShort(to)}`;

/** A point of a scatter chart. */
export type Point = readonly [x: number, y: number];

/** Points by x and y on the same scale, so that those with x = y lie on the diagonal; the more there are in a cell, the fuller it is. */
export function scatter(points: readonly Point[], labels: { readonly x: string; readonly y: string }): string[] {
  const { columns, rows } = SCATTER;
  const values = points.flat();
  const [low, high] = values.reduce(
    ([least, most], one) => [Math.min(least, one), Math.max(most, one)],
    [Infinity, -Infinity],
  );
  const cell = (value: number, cells: number) =>
    high > low ? Math.min(cells - 1, Math.floor(((value - low) / (high - low)) * cells)) : 0;
  const counts = new Map<string, number>();
  for (const [x, y] of points) {
    const key = `${cell(x, columns)} ${cell(y, rows)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const most = Math.max(1, ...counts.values());
  const line = (row: number) =>
    Array.from({ length: columns }, (_, column) => {
      const count = counts.get(`${column} ${row}`);
      const diagonal = Math.floor((column / columns) * rows) === row ? "╱" : " ";
      return count === undefined ? diagonal : shade(DENSITIES, Math.log1p(count) / Math.log1p(most));
    }).join("");
  const [top, bottom] = [inShort(high), inShort(low)];
  const margin = " ".repeat(Math.max(top.length, bottom.length));
  const edge = (row: number) => (row === rows - 1 ? top : row === 0 ? bottom : "").padStart(margin.length);
  const between = columns - top.length - bottom.length;
  const name = labels.x.padStart(Math.ceil((between + labels.x.length) / 2)).padEnd(between);
  return [
    `${margin} ${labels.y}`,
    ...Array.from({ length: rows }, (_, i) => rows - 1 - i).map((row) => `${edge(row)} │${line(row)}`.trimEnd()),
    `${margin} └${"─".repeat(columns)}`,
    `${margin}  ${bottom}${name}${top}`,
  ];
}

function shade(scale: readonly string[], share: number): string {
  return scale[Math.min(scale.length - 1, Math.floor(share * scale.length))] ?? "";
}
