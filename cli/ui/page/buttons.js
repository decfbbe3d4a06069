/** What an operator can do, each behind a question. */
import { ask, send, tell } from "./ask.js";
import { h, short } from "./dom.js";
import { approvalText } from "./pipeline.js";

/** @import { About, ApprovalShown, Parts } from "../shown" */

/**
 * @param {"approve" | "reject"} kind
 * @param {ApprovalShown} approval
 */
export function askAboutApproval(kind, { execution, text }) {
  const isYes = kind === "approve";
  const what = isYes
    ? "It will be deployed to production: a tenth of the traffic first, then all of it, and back if anything goes wrong."
    : "Its execution ends here. What is live stays live.";
  ask(
    kind,
    {
      title: `${isYes ? "Approve" : "Reject"} release ${short(execution)}?`,
      says: [what, approvalText(text)],
      verb: isYes ? "Approve" : "Reject",
      text: { name: "comment", label: "Comment, which is kept with the release" },
    },
    { execution },
  );
}

/**
 * @param {() => Partial<Parts>} seen what is shown now
 * @param {About} about
 */
export function buttonsOf(seen, about) {
  const button = (/** @type {string} */ text, /** @type {() => void} */ click) =>
    h("button", { type: "button", click }, text);
  const always = [button("Roll back …", () => void askRollback()), button("Retrain …", () => askRetrain(about))];
  const local = [
    button("Inject a fault …", () => askFault(seen())),
    button("End faults …", () =>
      ask("end-faults", {
        title: "End all faults?",
        says: ["The local AWS answers as it should again."],
        verb: "End them",
      }),
    ),
  ];
  return about.localSpeed === undefined ? always : [...always, ...local];
}

/** The server knows which way back there is, and does it only if it is still the one that was read. */
async function askRollback() {
  try {
    const plan = await send("plan-rollback", {});
    ask("rollback", { title: "Roll back?", says: plan.split("\n"), verb: "Roll back" }, { plan });
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
}

/** @param {About} about */
function askRetrain({ pipelineName }) {
  ask("retrain", {
    title: "Retrain?",
    says: [
      `The retrain governor of ${pipelineName} is asked. It starts an execution, or says what speaks against it. The release that comes of it waits for approval like any other.`,
    ],
    verb: "Ask for it",
    text: { name: "reason", label: "Why, which the approval will show" },
  });
}

/** @param {Partial<Parts>} seen */
function askFault({ endpoints = [] }) {
  ask("fault", {
    title: "Inject a fault?",
    says: ["The local AWS does it until the fault is ended. AWS itself has no such thing."],
    verb: "Inject it",
    choices: [
      { name: "endpoint", label: "Endpoint", choices: endpoints.map(({ name }) => [name, short(name)]) },
      {
        name: "kind",
        label: "Fault",
        choices: [
          ["model-errors", "its container answers errors"],
          ["model-slow", "its container is slow"],
        ],
      },
    ],
  });
}
