import type { LifecycleEvent } from "@aws-sdk/client-codedeploy";
import { passes } from "../run/aws";
import { explained } from "../run/failure";
import type { Patience } from "../run/patience";
import type { Deployment } from "./deployments";
import { HookLog } from "./hook-log";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** How many looks at a deployment a hook's verdict may come late; one that logs none is not waited for for ever. */
const LOOKS = 3;
const LOG_WAIT_SECONDS = 5;

/** The hook that a lifecycle event calls, where it calls one. */
export function hookOf(
  { preTrafficHook, postTrafficHook }: Pick<LambdaRolloutInputs, "preTrafficHook" | "postTrafficHook">,
  { lifecycleEventName }: LifecycleEvent,
): string | undefined {
  switch (lifecycleEventName) {
    case "BeforeAllowTraffic":
      return preTrafficHook;
    case "AfterAllowTraffic":
      return postTrafficHook;
    default:
      return undefined;
  }
}

/** The hooks of a deployment that is under way: tells what each has approved, and sees where one is dead. */
export class HookWatch {
  private readonly log: HookLog;
  /** How many looks there were for the verdict of an event. */
  private readonly looks = new Map<string, number>();
  /** When an event was first seen to be in progress. */
  private readonly begun = new Map<string, Date>();

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly patience: Patience,
  ) {
    this.log = new HookLog(inputs, patience);
  }

  /** The hook that has been in progress for longer than any may, in words. */
  overdue({ events }: Deployment): string | undefined {
    const { hookTimeoutSeconds } = this.inputs;
    for (const event of events) {
      const { lifecycleEventName: name = "", status } = event;
      const hook = hookOf(this.inputs, event);
      if (hook !== undefined && status === "InProgress") {
        const since = event.startTime ?? this.begun.get(name) ?? new Date();
        this.begun.set(name, since);
        if (Date.now() - since.getTime() > hookTimeoutSeconds * 1000) {
          return `hook ${hook} (${name}) has not reported for ${hookTimeoutSeconds} s: it is taken for dead`;
        }
      }
    }
    return undefined;
  }

  /**
   * One look for the verdicts of hooks that have approved: a line for each that is new. Never fails: the event itself says that it
   * succeeded.
   */
  async lookForVerdicts({ events, createdAt }: Deployment): Promise<string[]> {
    const lines: string[] = [];
    for (const event of events) {
      const { lifecycleEventName: name = "", startTime = createdAt } = event;
      const hook = this.pendingHook(event);
      if (hook !== undefined) {
        const found = await this.look(hook, startTime);
        this.looks.set(name, found === undefined ? this.looksAt(event) + 1 : LOOKS);
        lines.push(...(found === undefined ? [] : [`${hook}: ${found}`]));
      }
    }
    return lines;
  }

  /** The same when there will be no further look at the deployment, telling them: verdicts take seconds to arrive in the log. */
  async waitForVerdicts(deployment: Deployment): Promise<void> {
    for (;;) {
      (await this.lookForVerdicts(deployment)).forEach((line) => this.patience.tell(line));
      if (deployment.events.every((event) => this.pendingHook(event) === undefined)) {
        return;
      }
      await this.patience.wait(Math.min(this.inputs.pollSeconds, LOG_WAIT_SECONDS));
    }
  }

  /** The hook whose verdict is still to be told. */
  private pendingHook(event: LifecycleEvent): string | undefined {
    return event.status === "Succeeded" && this.looksAt(event) < LOOKS ? hookOf(this.inputs, event) : undefined;
  }

  private looksAt({ lifecycleEventName: name = "" }: LifecycleEvent): number {
    return this.looks.get(name) ?? 0;
  }

  /** What a hook has said, or why that cannot be read; `undefined` where it may still come. */
  private async look(hook: string, since: Date | undefined): Promise<string | undefined> {
    try {
      const verdict = await this.log.look(hook, since);
      return verdict && `${verdict.status}: ${verdict.reason}`;
    } catch (error) {
      return passes(error) ? undefined : `its log could not be read (${explained(error).message})`;
    }
  }
}
