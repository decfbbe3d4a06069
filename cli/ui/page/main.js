/** The page: what the server tells, each part in its place. */
import { askAboutApproval, buttonsOf } from "./buttons.js";
import { knowReleases } from "./colours.js";
import { showDashboard } from "./dashboard.js";
import { at, h, nothing, short } from "./dom.js";
import { alarmsOf, driftOf, endpointsOf, faultsInWords, historyOf, retrainOf } from "./lists.js";
import { approvalOf, pipelineOf } from "./pipeline.js";
import { rolloutOf, sharesOf, trafficOf } from "./rollout.js";

/** @import { About, Part, PartName, Parts, Shown } from "../shown" */

/** @type {Partial<Parts>} */
const seen = {};
/** @type {Map<PartName, string>} */
const problems = new Map();
/** @type {About | undefined} */
let about;
let isAlive = true;
/** When what is shown was so, in milliseconds since 1970. */
let now = Date.now();
let approvalShown = "";

/** How each part is shown. @type {{ readonly [K in PartName]: (value: Parts[K]) => void }} */
const SHOW = {
  pipeline(pipeline) {
    put("pipeline", pipelineOf(pipeline));
    showApproval(pipeline.approval);
  },
  rollout(rollout) {
    knowReleases(rollout.sides.map(({ release }) => release));
    put("shares", sharesOf(rollout));
    put("rollout", rolloutOf(rollout));
  },
  traffic: (traffic) => put("traffic", trafficOf(traffic, span())),
  endpoints: (endpoints) => put("endpoints", endpointsOf(endpoints)),
  alarms: (alarms) => put("alarms", alarmsOf(alarms)),
  drift: (drift) => put("drift", driftOf(drift)),
  dashboard: (widgets) => showDashboard(at("dashboard"), widgets, seen.alarms ?? [], span()),
  retrain: (decisions) => put("retrain", retrainOf(decisions)),
  history: (happenings) => put("history", historyOf(happenings)),
  faults: () => tellConnection(),
};

/**
 * The time that all charts show. On the local AWS, which is young, it begins with the first data.
 *
 * @returns {import("./charts.js").Span}
 */
function span() {
  const { windowSeconds = 0, localSpeed } = about ?? {};
  const begin = now - windowSeconds * 1000;
  const all = [seen.traffic?.series ?? [], ...(seen.dashboard ?? []).map(({ series }) => series)].flat();
  const first = Math.min(...all.flatMap(({ points }) => points[0]?.[0] ?? []));
  return { from: localSpeed === undefined || !Number.isFinite(first) ? begin : Math.max(begin, first), to: now };
}

/**
 * Replaces what is shown, unless it is the same, so that whoever reads or tabs through it is not disturbed.
 *
 * @param {string} id
 * @param {readonly (Node | undefined)[]} content
 */
function put(id, content) {
  const fresh = h("div", {}, ...content);
  const place = at(id);
  if (place.innerHTML !== fresh.innerHTML || fresh.querySelector("canvas") !== null) {
    place.replaceChildren(...fresh.childNodes);
  }
}

/** @param {Parts["pipeline"]["approval"]} approval */
function showApproval(approval) {
  const key = JSON.stringify(approval ?? "");
  if (key !== approvalShown) {
    approvalShown = key;
    const place = at("approval");
    place.hidden = approval === undefined;
    place.replaceChildren(
      ...(approval === undefined
        ? []
        : approvalOf(approval, (kind) => askAboutApproval(kind, approval), isAlive)
      ).filter((one) => one !== undefined),
    );
  }
}

/** @param {About} told */
function begin(told) {
  about = told;
  const { model, region, account, localSpeed } = told;
  document.title = `${model} · safe-deploy`;
  at("model").textContent = model;
  const local = localSpeed === undefined ? [] : [`local AWS, ${localSpeed} times faster`];
  at("where").textContent = [region, account, ...local].join(" · ");
  at("buttons").replaceChildren(...(isAlive ? buttonsOf(() => seen, told) : []));
}

/**
 * @template {PartName} K
 * @param {K} name
 * @param {Part<Parts[K]>} part
 */
function take(name, part) {
  if (part.problem === undefined) {
    problems.delete(name);
  } else {
    problems.set(name, part.problem);
  }
  if (part.value !== undefined) {
    now = isAlive ? Date.now() : now;
    seen[name] = part.value;
    SHOW[name](part.value);
  } else if (part.problem !== undefined && name !== "faults") {
    put(name, [nothing(part.problem)]);
  }
  tellConnection();
}

/** @param {string} [trouble] */
function tellConnection(trouble) {
  const lines = [
    ...(isAlive ? [] : [`Frozen at ${new Date(now).toISOString().slice(0, 19).replace("T", " ")}Z`]),
    ...(trouble === undefined ? [] : [trouble]),
    ...[...problems].map(([name, problem]) => `${name}: ${problem}`),
    ...(seen.faults === undefined ? [] : [faultsInWords(seen.faults)]),
  ].filter((line) => line !== "");
  const place = at("connection");
  place.classList.toggle("bad-text", lines.length > (isAlive ? 0 : 1));
  place.classList.toggle("is-live", isAlive && lines.length === 0);
  const text = lines.length > 0 ? short(lines.join("\n")) : "Live";
  if (place.textContent !== text) {
    place.textContent = text;
  }
}

function connect() {
  // The token is in a cookie by now, and need not stay where it can be seen.
  history.replaceState(undefined, "", location.pathname);
  const events = new EventSource("events");
  events.addEventListener("about", ({ data }) => begin(JSON.parse(data)));
  events.addEventListener("part", ({ data }) => {
    const { name, part } = JSON.parse(data);
    take(name, part);
  });
  events.addEventListener("open", () => tellConnection());
  events.addEventListener("error", () =>
    tellConnection("The connection is lost: does safe-deploy ui still run? Trying again …"),
  );
}

/** @param {Shown} frozen */
function showFrozen({ about: of, parts, frozenAt = "" }) {
  isAlive = false;
  now = Date.parse(frozenAt);
  begin(of);
  for (const [name, part] of Object.entries(parts)) {
    if (part !== undefined && name in SHOW) {
      const own = /** @type {PartName} */ (name);
      take(own, part);
    }
  }
}

const frozen = document.getElementById("frozen")?.textContent;
if (frozen === undefined || frozen === null) {
  connect();
} else {
  showFrozen(JSON.parse(frozen));
}
