/** Where the traffic goes, and what the rollout has seen of each side. */
import { Chart } from "./charts.js";
import { colourNumber, knowReleases } from "./colours.js";
import { h, moodOf, named, nothing, number, short, state, table, time } from "./dom.js";

/** @import { RolloutShown, TrafficShown } from "../shown" */

/** @param {RolloutShown} rollout */
export function sharesOf({ shares }) {
  if (shares.length === 0) {
    return [nothing("No release is live yet.")];
  }
  const percent = (/** @type {number} */ share) => `${Number((share * 100).toFixed(1))} %`;
  // A bar of SVG, since a width in a style would need a policy that lets styles in.
  const bar = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  bar.setAttribute("class", "bar");
  bar.setAttribute("viewBox", "0 0 100 4");
  bar.setAttribute("preserveAspectRatio", "none");
  bar.setAttribute("aria-hidden", "true");
  let x = 0;
  for (const { release, share } of shares) {
    const part = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const box = { x, y: 0, width: share * 100, height: 4, class: `fill-${colourNumber(release)}` };
    Object.entries(box).forEach(([name, value]) => part.setAttribute(name, String(value)));
    bar.append(part);
    x += share * 100;
  }
  const words = shares.map(({ release, version, share }) =>
    h(
      "li",
      { class: `line-${colourNumber(release)}` },
      h("b", {}, percent(share)),
      " ",
      named(release),
      h("span", { class: "quiet" }, ` version ${version}`),
    ),
  );
  return [bar, h("ul", { class: "legend now" }, ...words)];
}

const chart = new Chart("chart tall");

/**
 * @param {TrafficShown} traffic
 * @param {import("./charts.js").Span} span
 */
export function trafficOf({ series, pointSeconds }, span) {
  if (series.length === 0) {
    return [nothing("No caller has sent a request in this time.")];
  }
  knowReleases(series.map(({ label }) => label));
  const unit = `requests of callers in each ${number(pointSeconds)} s`;
  queueMicrotask(() => chart.show({ title: "Traffic by release", unit, isStacked: true, series, lines: [], span }));
  return [h("p", { class: "quiet unit" }, `By release: ${unit}`), chart.element];
}

/** @param {RolloutShown} rollout */
export function rolloutOf({ deployment, sides }) {
  if (deployment === undefined) {
    return [nothing("No release has replaced another one within a month.")];
  }
  const { id, status, release, createdAt, completedAt, why } = deployment;
  const rows = sides.map(({ side, release: its, version, requests, faults, p50Ms, p90Ms }) => [
    h("b", {}, side),
    h("span", { class: `swatch line-${colourNumber(its)}` }, named(its)),
    version,
    number(requests),
    faults > 0 ? h("b", { class: "bad-text" }, number(faults)) : "0",
    p50Ms === undefined ? "–" : number(p50Ms),
    p90Ms === undefined ? "–" : number(p90Ms),
  ]);
  return [
    h("p", {}, state(status, moodOf(status)), " ", named(release), h("span", { class: "quiet" }, ` ${id}`)),
    h(
      "p",
      { class: "quiet" },
      ...(createdAt === undefined ? [] : ["began ", time(createdAt)]),
      ...(completedAt === undefined ? [] : [", ended ", time(completedAt)]),
    ),
    why === undefined ? undefined : h("p", { class: "bad-text", title: why }, short(why)),
    table(
      "What each side has answered since the rollout began",
      ["side", "release", "version", "requests", "faults", "p50 ms", "p90 ms"],
      rows,
    ),
  ];
}
