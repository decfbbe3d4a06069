import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { summarize, type PreviewSummary } from "./preview-summary";
import { Progress } from "./progress";
import type { Settings, StackName } from "./settings";
import { plannedSteps } from "./steps";

/** The files of a preview. */
export interface PreviewFiles {
  /** As `pulumi preview --diff` prints it. */
  readonly text: string;
  /** As `pulumi preview --json` prints it. */
  readonly json: string;
  /** As `pulumi preview --save-plan` writes it. */
  readonly plan: string;
}

/**
 * Previews a stack: one run of the engine for the readable diff, its JSON and the plan.
 *
 * @throws Error with the complaint of the engine or the program
 */
export async function preview(
  name: StackName,
  stack: Stack,
  settings: Pick<Settings, "release" | "trainBuildMinutes">,
  files: PreviewFiles,
): Promise<PreviewSummary> {
  await Promise.all([files.text, files.json, files.plan].map(makeFolder));
  const events: EngineEvent[] = [];
  const { stdout } = await run(stack, { plan: files.plan, diff: true, onEvent: (event) => events.push(event) });
  const json = previewJson(events);
  await writeFile(files.text, `${stdout.trim()}\n`);
  await writeFile(files.json, `${json}\n`);
  return summarize(name, plannedSteps(json), settings);
}

/** Writes the plan of what would be done now. */
export async function planNow(stack: Stack, file: string): Promise<void> {
  await makeFolder(file);
  await run(stack, { plan: file });
}

type PreviewOptions = NonNullable<Parameters<Stack["preview"]>[0]>;

async function run(stack: Stack, options: PreviewOptions) {
  const progress = new Progress(() => undefined);
  const onEvent = (event: EngineEvent) => {
    progress.onEvent(event);
    options.onEvent?.(event);
  };
  try {
    return await stack.preview({ ...options, color: "never", suppressProgress: true, onEvent });
  } catch (cause) {
    throw progress.failure(cause);
  } finally {
    progress.close();
  }
}

/** The engine's events of a preview in the form of `pulumi preview --json`. The CLI makes that from the same events. */
function previewJson(events: readonly EngineEvent[]): string {
  const steps = events.flatMap(({ resourcePreEvent }) => {
    if (resourcePreEvent === undefined) {
      return [];
    }
    const { op, urn, provider, old, new: next, diffs, keys, detailedDiff } = resourcePreEvent.metadata;
    const reasons = { diffReasons: diffs, replaceReasons: keys };
    // An event says null if there is no state before or after; the CLI leaves it out.
    return [{ op, urn, provider, oldState: old ?? undefined, newState: next ?? undefined, ...reasons, detailedDiff }];
  });
  const summary = events.findLast(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  return JSON.stringify({ steps, changeSummary: summary?.resourceChanges }, undefined, 2);
}

const makeFolder = (file: string) => mkdir(dirname(file), { recursive: true });
