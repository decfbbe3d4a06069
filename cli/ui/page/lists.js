/** Endpoints, alarms, drift, retrainings and what has happened, as lists. */
import { h, moodOf, named, nothing, number, short, state, table, time } from "./dom.js";

/** @import { AlarmShown, DecisionShown, DriftShown, EndpointShown, FaultsShown, FeatureShown, HappeningShown } from "../shown" */
/** @import { Mood } from "./dom.js" */

/** @param {readonly EndpointShown[]} endpoints */
export function endpointsOf(endpoints) {
  if (endpoints.length === 0) {
    return [nothing("There is no endpoint.")];
  }
  const rows = endpoints.map(({ name, status, instances, wantedInstances, createdAt, why }) => [
    named(name),
    h("span", { title: why }, state(status, moodOf(status))),
    instances === wantedInstances ? number(instances) : `${number(instances)} of ${number(wantedInstances)}`,
    createdAt === undefined ? "" : time(createdAt),
  ]);
  return [table("Endpoints, newest first", ["endpoint", "status", "instances", "since"], rows)];
}

/** @param {readonly AlarmShown[]} alarms */
export function alarmsOf(alarms) {
  if (alarms.length === 0) {
    return [nothing("There is no alarm.")];
  }
  const words = { ALARM: "fires", OK: "OK", INSUFFICIENT_DATA: "no data" };
  const rows = alarms.map(({ name, state: is, since, reason }) => [
    named(name),
    h("span", { title: reason }, state(is in words ? words[/** @type {keyof typeof words} */ (is)] : is, moodOf(is))),
    since === undefined ? "" : time(since),
  ]);
  return [table("Alarms, those that fire first", ["alarm", "state", "since"], rows)];
}

/** @param {DriftShown} drift */
export function driftOf({ features, report }) {
  if (report === undefined) {
    return [nothing("No drift job has reported within two days.")];
  }
  const { endpoint, at, rows, outcome } = report;
  return [
    h(
      "p",
      { class: "quiet" },
      `${number(rows)} rows of `,
      named(endpoint),
      ", reported ",
      time(at),
      features.length === 0 ? `: ${outcome}` : "",
    ),
    table(
      "Distance of each column from the training data",
      ["column", "distance", "", "PSI", ""],
      features.map(featureOf),
    ),
  ];
}

/** @param {FeatureShown} feature */
function featureOf({ name, distance, threshold, psi, isViolated }) {
  const meter = h("meter", {
    min: "0",
    max: "1",
    low: String(threshold),
    high: String(threshold),
    optimum: "0",
    value: String(distance ?? 0),
    "aria-label": `distance of ${name}`,
  });
  return [
    name,
    distance === null ? "no values" : `${number(distance)} of ${number(threshold)}`,
    meter,
    psi === null ? "–" : number(psi),
    state(isViolated ? "drift" : "none", isViolated ? "bad" : "good"),
  ];
}

/** @param {readonly DecisionShown[]} decisions */
export function retrainOf(decisions) {
  if (decisions.length === 0) {
    return [nothing("Nothing has asked for a retraining within a month.")];
  }
  const items = decisions.map(({ at, isStarted, reason, why, execution = "" }) =>
    h(
      "li",
      {},
      time(at),
      " ",
      state(isStarted ? "started" : "not started", isStarted ? "good" : "plain"),
      " ",
      ...(execution === "" ? [] : [named(execution), " "]),
      h("span", {}, `asked for by ${reason}`),
      h("span", { class: "quiet" }, `: ${short(why)}`),
    ),
  );
  return [h("ul", { class: "items" }, ...items)];
}

/** @param {readonly HappeningShown[]} happenings */
export function historyOf(happenings) {
  if (happenings.length === 0) {
    return [nothing("Nothing has happened yet.")];
  }
  /** @type {Readonly<Record<HappeningShown["mood"], Mood>>} */
  const moods = { good: "good", bad: "bad", plain: "plain" };
  const items = happenings.map(({ at, kind, text, mood }) =>
    h("li", {}, time(at), state(kind, moods[mood]), h("span", { title: text }, short(text))),
  );
  return [h("ol", { class: "items line-up", tabindex: "0", "aria-label": "What happened, newest first" }, ...items)];
}

/** @param {FaultsShown} faults */
export function faultsInWords({ set }) {
  return set.length === 0
    ? ""
    : `Faults are injected: ${set.map(({ kind, target }) => `${kind} (${short(target)})`).join("; ")}`;
}
