/** The pipeline's stages, its executions, and the release that waits for somebody. */
import { duration, h, moodOf, named, nothing, short, state, table, time } from "./dom.js";

/** @import { ApprovalShown, ExecutionShown, PipelineShown, StageShown } from "../shown" */

/** @param {PipelineShown} pipeline */
export function pipelineOf({ stages, executions }) {
  if (stages.length === 0) {
    return [nothing("There is no pipeline: stacks are deployed without one.")];
  }
  return [h("ol", { class: "stages" }, ...stages.map(stageOf)), executionsOf(executions)];
}

/** @param {StageShown} stage */
function stageOf({ name, status, execution, changedAt, line }) {
  const mood = moodOf(status);
  return h(
    "li",
    { class: `stage ${mood}` },
    h("b", {}, name),
    state(status === "" ? "not yet" : status, mood),
    h(
      "span",
      { class: "quiet" },
      ...(execution === "" ? [] : [named(execution)]),
      ...(changedAt === undefined ? [] : [" ", time(changedAt)]),
    ),
    line === undefined ? undefined : h("span", { class: "line", title: line }, short(line)),
  );
}

/** @param {readonly ExecutionShown[]} executions */
function executionsOf(executions) {
  const rows = executions.map(({ id, status, startedAt, endedAt, commit = "" }) => [
    named(id),
    state(status, moodOf(status)),
    startedAt === undefined ? "" : time(startedAt),
    startedAt === undefined ? "" : duration(Date.parse(endedAt ?? new Date().toISOString()) - Date.parse(startedAt)),
    h("span", { title: commit }, commit.slice(0, 8)),
  ]);
  return table("Executions, newest first", ["execution", "status", "started", "took", "commit"], rows);
}

/**
 * What whoever approves must have read.
 *
 * @param {ApprovalShown} approval
 * @param {(kind: "approve" | "reject") => void} ask
 * @param {boolean} isAlive
 */
export function approvalOf({ execution, text }, ask, isAlive) {
  const buttons = [
    h("button", { type: "button", class: "main", click: () => ask("approve") }, "Approve …"),
    h("button", { type: "button", click: () => ask("reject") }, "Reject …"),
  ];
  return [
    h("h2", { id: "approval-title" }, `Release ${short(execution)} waits for approval`),
    approvalText(text),
    isAlive ? h("div", { class: "buttons" }, ...buttons) : undefined,
  ];
}

/** @param {string} text */
export function approvalText(text) {
  const lines = text.split("\n").filter((line) => line !== "");
  return h("div", { class: "text" }, ...lines.map((line) => h("p", {}, line)));
}
