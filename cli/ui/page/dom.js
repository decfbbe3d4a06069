/** Elements and words that all parts of the page are made of. */

/**
 * Makes an element. Functions listen to the event of their name, `undefined` and `false` leave an attribute out.
 *
 * @param {string} tag
 * @param {Readonly<Record<string, string | boolean | undefined | ((event: Event) => void)>>} attributes
 * @param {readonly (Node | string | undefined)[]} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/**
 * An element of the page, by its id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function at(id) {
  const element = document.getElementById(id);
  if (element === null) {
    throw new Error(`the page has no element ${id}`);
  }
  return element;
}

/**
 * Ids of executions are long, and their first part tells them apart.
 *
 * @param {string} text
 */
export function short(text) {
  return text.replaceAll(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "$1");
}

/**
 * A short text whose whole is there for whoever points at it.
 *
 * @param {string} text
 * @param {string} [className]
 */
export function named(text, className) {
  const brief = short(text);
  return h("span", { class: className, title: brief === text ? undefined : text }, brief);
}

/**
 * A state as a word with a mark beside it, which tells it without colour too.
 *
 * @param {string} word
 * @param {Mood} mood
 */
export function state(word, mood) {
  return h("span", { class: `state ${mood}` }, h("span", { class: "mark", "aria-hidden": "true" }, MARKS[mood]), word);
}

/** @typedef {"good" | "bad" | "busy" | "plain"} Mood */

/** @type {Readonly<Record<Mood, string>>} */
const MARKS = { good: "✓", bad: "✕", busy: "◌", plain: "–" };

/**
 * @param {string} word a state of CodePipeline, CodeDeploy, SageMaker or CloudWatch
 * @returns {Mood}
 */
export function moodOf(word) {
  if (["Succeeded", "InService", "OK", "Approved"].includes(word)) {
    return "good";
  }
  if (/Fail|Stopped|ALARM|Rejected|Roll.*Failed|Cancelled|Outofservice/i.test(word)) {
    return "bad";
  }
  return /InProgress|Creating|Updating|Deleting|Stopping|Created|Queued|Baking|Ready|Rollingback/i.test(word)
    ? "busy"
    : "plain";
}

/**
 * A time of today as `14:05:09`, an older one with its date, as an element that has the whole.
 *
 * @param {string} iso
 */
export function time(iso) {
  const date = new Date(iso);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const isToday = date.toDateString() === new Date().toDateString();
  return h("time", { datetime: iso, title: `${day} ${clock}` }, isToday ? clock : `${day} ${clock.slice(0, 5)}`);
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");

/**
 * A duration as `42 s`, `3 min 5 s`, `2 h 3 min`.
 *
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) {
    return `${seconds} s`;
  }
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * A number as people read it: at most three significant digits after thousands.
 *
 * @param {number} value
 */
export function number(value) {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

/**
 * A table. The first cell of each row is its header.
 *
 * @param {string} caption told to who cannot see it
 * @param {readonly string[]} columns
 * @param {readonly (readonly (Node | string)[])[]} rows
 */
export function table(caption, columns, rows) {
  const head = h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)));
  const body = rows.map(([first = "", ...rest]) =>
    h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell))),
  );
  const caption_ = h("caption", { class: "unseen" }, caption);
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, caption_, h("thead", {}, head), h("tbody", {}, ...body)),
  );
}

/**
 * What is said where there is nothing.
 *
 * @param {string} text
 */
export const nothing = (text) => h("p", { class: "quiet" }, text);
