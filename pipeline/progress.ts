import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { isComponent } from "./steps";

/** Reports progress, one line at a time. */
export type Tell = (line: string) => void;

/** Past tense of the engine's operations. Other operations are not reported. */
const DONE: Readonly<Record<string, string>> = {
  create: "created",
  "create-replacement": "created anew",
  update: "updated",
  delete: "deleted",
  "delete-replaced": "deleted, replaced",
  import: "imported",
};
/** How often a long operation is reported again. */
const REMINDER_MS = 60_000;
/** What the engine says at the end of each failed run. */
const EPILOGUES = ["", "update failed", "preview failed"];
/** What the engine says about planned steps that it has not reached. It matters only if nothing else was wrong. */
const NOT_COME_TO = /^expected resource operations for .* but none were seen$/;

/**
 * Follows a run of the engine and reports what matters to a person: each changed resource, the messages of the project's own providers and,
 * once a minute, what is still under way. Unchanged resources are left out.
 */
export class Progress {
  /** The errors in order, each once. */
  private readonly errors: string[] = [];
  private readonly underWay = new Map<string, { readonly label: string; readonly since: number }>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly tell: Tell,
    private readonly now: () => number = Date.now,
  ) {
    this.timer = setInterval(() => this.remind(), REMINDER_MS);
    this.timer.unref();
  }

  readonly onEvent = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
    if (resourcePreEvent !== undefined && resourcePreEvent.metadata.op in DONE) {
      const { metadata } = resourcePreEvent;
      this.underWay.set(metadata.urn, { label: labelOf(metadata), since: this.now() });
    }
    if (resOutputsEvent !== undefined) {
      this.finished(resOutputsEvent.metadata);
    }
    if (resOpFailedEvent !== undefined) {
      const { metadata } = resOpFailedEvent;
      this.underWay.delete(metadata.urn);
      this.tell(`failed to ${metadata.op} ${labelOf(metadata)}`);
    }
    if (diagnosticEvent !== undefined) {
      this.told(diagnosticEvent.severity, plain(diagnosticEvent.message));
    }
  };

  /** The errors as the engine reported them, if it did. */
  failure(cause: unknown): unknown {
    const first = this.errors.filter((message) => !NOT_COME_TO.test(message));
    const told = first.length > 0 ? first : this.errors;
    return told.length > 0 ? new Error(told.join("\n"), { cause }) : cause;
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Reports what takes long, such as `still under way: Endpoint prod-r1 (120 s)`. */
  remind(): void {
    const lines = [...this.underWay.values()]
      .map(({ label, since }) => ({ label, milliseconds: this.now() - since }))
      .filter(({ milliseconds }) => milliseconds >= REMINDER_MS)
      .map(({ label, milliseconds }) => `${label} (${Math.round(milliseconds / 1000)} s)`);
    if (lines.length > 0) {
      this.tell(`still under way: ${lines.join(", ")}`);
    }
  }

  private finished(metadata: StepEventMetadata): void {
    this.underWay.delete(metadata.urn);
    const done = DONE[metadata.op];
    if (done !== undefined && !isComponent(metadata.type)) {
      this.tell(`${done} ${labelOf(metadata)}`);
    }
  }

  private told(severity: string, message: string): void {
    if (severity === "error" && !EPILOGUES.includes(message) && !this.errors.includes(message)) {
      this.errors.push(message);
    }
    // Warnings come from the engine itself, for example about plugins on PATH. A provider's output comes as `info`.
    if (severity.startsWith("info") && message !== "") {
      message.split("\n").forEach((line) => this.tell(line));
    }
  }
}

/** A diagnostic without the engine's colour marks and without the frame it puts around one error of a provider. */
function plain(message: string): string {
  return message
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .replace(/^1 error occurred:\s*\* /, "")
    .trim();
}

function labelOf({ urn, type }: Pick<StepEventMetadata, "urn" | "type">): string {
  return `${type.split(":").at(-1) ?? type} ${urn.split("::").at(-1) ?? urn}`;
}
