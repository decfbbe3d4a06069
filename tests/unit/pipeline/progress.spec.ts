import type { EngineEvent } from "@pulumi/pulumi/automation";
import { expect } from "chai";
import { Progress } from "../../../pipeline/progress";

const URN = "urn:pulumi:prod::p::aws:iam/role:Role::api-role";
const step = (op: string, type = "aws:iam/role:Role") => ({ op, urn: URN, type });
/** The engine's events as they come, as far as they are looked at. */
const event = (fields: object) => fields as EngineEvent;
const begins = (op: string) => event({ resourcePreEvent: { metadata: step(op) } });
const ends = (op: string, type?: string) => event({ resOutputsEvent: { metadata: step(op, type) } });
const says = (severity: string, message: string) => event({ diagnosticEvent: { severity, message } });

describe("the progress of an update", () => {
  let lines: string[];
  let seconds: number;
  let progress: Progress;
  beforeEach(() => {
    lines = [];
    seconds = 0;
    progress = new Progress(
      (line) => lines.push(line),
      () => seconds * 1000,
    );
  });
  afterEach(() => progress.close());

  it("tells what was changed and what the project's own providers say, and nothing of what stays as it is", () => {
    [
      begins("same"),
      ends("same"),
      begins("create"),
      ends("create"),
      ends("create", "sagemaker-safe-deploy:index:BlueGreenApi"),
      says("info#err", "<{%reset%}>plan: first\nplan: second<{%reset%}>\n"),
      says("warning", "a newer version is available"),
    ].forEach(progress.onEvent);

    expect(lines).to.deep.equal(["created Role api-role", "plan: first", "plan: second"]);
  });

  it("tells once a minute what is still under way", () => {
    progress.onEvent(begins("create"));
    progress.remind();
    seconds = 90;
    progress.remind();
    progress.onEvent(ends("create"));
    progress.remind();

    expect(lines).to.deep.equal(["still under way: Role api-role (90 s)", "created Role api-role"]);
  });

  it("has what went wrong, without what only follows from it", () => {
    [
      event({ resOpFailedEvent: { metadata: step("update") } }),
      says("error", "1 error occurred:\n\t* the alarm fired\n"),
      says("error", "expected resource operations for urn:x but none were seen"),
      says("error", "update failed"),
    ].forEach(progress.onEvent);

    expect(lines).to.deep.equal(["failed to update Role api-role"]);
    expect(progress.failure(new Error("pulumi ended with 255"))).to.have.property("message", "the alarm fired");
  });

  it("has that the plan was not kept to where nothing else was wrong, and the cause itself where nothing was told", () => {
    const cause = new Error("pulumi ended with 255");
    expect(progress.failure(cause)).to.equal(cause);

    progress.onEvent(says("error", "expected resource operations for urn:x but none were seen"));

    expect(progress.failure(cause)).to.have.property(
      "message",
      "expected resource operations for urn:x but none were seen",
    );
  });
});
