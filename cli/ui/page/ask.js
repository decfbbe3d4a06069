/** Questions before something is done, and what has come of it. */
import { at, h } from "./dom.js";

/** @import { Orders } from "../shown" */

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {readonly (Node | string)[]} says what will happen
 * @property {string} verb what the button says
 * @property {{ name: string, label: string }} [text] a text that must be given
 * @property {{ name: string, label: string, choices: readonly (readonly [string, string])[] }[]} [choices]
 */

/**
 * Asks, and does what is ordered if the answer is yes.
 *
 * @template {keyof Orders} K
 * @param {K} order
 * @param {Question} question
 * @param {Readonly<Record<string, string>>} [about] what the order takes besides
 */
export function ask(order, { title, says, verb, text, choices = [] }, about = {}) {
  const dialog = at("ask");
  if (!(dialog instanceof HTMLDialogElement)) {
    return;
  }
  const field =
    text === undefined
      ? undefined
      : h("textarea", { id: "ask-text", rows: "2", required: true, name: text.name, maxlength: "500" });
  const selects = choices.map(({ name, label, choices: all }, i) =>
    h(
      "p",
      {},
      h("label", { for: `ask-${i}` }, label),
      h("select", { id: `ask-${i}`, name }, ...all.map(([value, word]) => h("option", { value }, word))),
    ),
  );
  const problem = h("p", { class: "bad-text", role: "alert" });
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "ask-title" }, title),
    ...says.map((one) => (typeof one === "string" ? h("p", {}, one) : one)),
    ...selects,
    ...(field === undefined ? [] : [h("p", {}, h("label", { for: "ask-text" }, text?.label ?? ""), field)]),
    problem,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "submit", class: "main" }, verb),
      h("button", { type: "button", click: () => dialog.close() }, "Cancel"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given =
      form instanceof HTMLFormElement
        ? Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))
        : {};
    problem.textContent = "Doing it …";
    void send(order, { ...about, ...given }).then(
      (told) => {
        dialog.close();
        tell(told);
      },
      (/** @type {unknown} */ error) => {
        problem.textContent = error instanceof Error ? error.message : String(error);
      },
    );
  });
  dialog.replaceChildren(form);
  dialog.showModal();
  (field ?? form.querySelector("select") ?? form.querySelector("button"))?.focus();
}

/**
 * @param {string} order
 * @param {object} given
 * @returns {Promise<string>} what has come of it
 */
export async function send(order, given) {
  const answer = await fetch(`orders/${order}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(given),
  });
  const { told, problem } = await answer.json();
  if (!answer.ok) {
    throw new Error(problem ?? `${answer.status}`);
  }
  return told;
}

const TOLD_MS = 15_000;

/** @param {string} text */
export function tell(text) {
  const line = h("p", {}, text);
  const close = h("button", { type: "button", "aria-label": "Dismiss", click: () => line.remove() }, "✕");
  line.append(" ", close);
  at("told").append(line);
  setTimeout(() => line.remove(), TOLD_MS);
}
