/** The widgets of the dashboard. */
import { Chart } from "./charts.js";
import { h, moodOf, named, nothing, state } from "./dom.js";

/** @import { AlarmShown, WidgetShown } from "../shown" */

/** By the widget's title, so that a chart stays the same element when it is drawn anew. @type {Map<string, { card: HTMLElement, chart: Chart, alarms: HTMLElement }>} */
const cards = new Map();

/**
 * @param {HTMLElement} into
 * @param {readonly WidgetShown[]} widgets
 * @param {readonly AlarmShown[]} states
 * @param {import("./charts.js").Span} span
 */
export function showDashboard(into, widgets, states, span) {
  if (widgets.length === 0) {
    into.replaceChildren(nothing("There is no dashboard."));
    return;
  }
  const wanted = widgets.map(({ title, unit, unitAtRight }) => cardOf(title, [unit, unitAtRight]));
  if (wanted.some(({ card }, i) => into.children[i] !== card) || into.children.length !== wanted.length) {
    into.replaceChildren(...wanted.map(({ card }) => card));
  }
  widgets.forEach((widget, i) => {
    const { chart, alarms } = wanted[i] ?? cardOf(widget.title, []);
    const isOfStates = widget.series.length === 0 && widget.alarms.length > 0;
    alarms.replaceChildren(
      ...(widget.alarms.length > 0 ? [statesOf(widget.alarms, states)] : []),
      ...(widget.series.length > 0 || isOfStates ? [] : [nothing("No data in this time.")]),
    );
    chart.show({ ...widget, span });
  });
}

/**
 * @param {string} title
 * @param {readonly (string | undefined)[]} units
 */
function cardOf(title, units) {
  const known = cards.get(title);
  if (known !== undefined) {
    return known;
  }
  const chart = new Chart();
  const alarms = h("div", {});
  const unit = h(
    "p",
    { class: "quiet unit" },
    units.filter((one) => one !== undefined && one !== "").join("; dashed: "),
  );
  const made = {
    card: h("section", { class: "card", "aria-label": title }, h("h3", {}, title), unit, alarms, chart.element),
    chart,
    alarms,
  };
  cards.set(title, made);
  return made;
}

/**
 * @param {readonly string[]} names
 * @param {readonly AlarmShown[]} states
 */
function statesOf(names, states) {
  const words = names.map((name) => {
    const is = states.find((one) => one.name === name)?.state ?? "not there";
    return h("li", {}, state(is, moodOf(is)), " ", named(name));
  });
  return h("ul", { class: "items" }, ...words);
}
