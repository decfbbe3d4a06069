import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import type { LifecycleEvent } from "@aws-sdk/client-codedeploy";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { VERDICT_MARK, verdictIn, type Verdict } from "../../../lib/contract";
import { explained } from "../../../lib/errors";
import { answered, caller, clientSettings, passes, type Caller } from "../support/aws";
import { engineClock } from "../support/engine-clock";
import type { Waiter } from "../support/waiter";
import type { Deployment } from "./deployments";
import type { LambdaRolloutInputs } from "./inputs";

/** By how many looks at a deployment a hook's verdict may be late. A hook that logs none is not waited for for ever. */
const LOOKS = 3;
/** For how long the log of a failed hook is searched for its verdict. Lines take seconds to arrive there, on a bad day up to a minute. */
const LOG_PATIENCE_SECONDS = 90;
const LOG_WAIT_SECONDS = 5;

type HookInputs = Pick<
  LambdaRolloutInputs,
  "region" | "pollSeconds" | "preTrafficHook" | "postTrafficHook" | "hookTimeoutSeconds" | "hookAnswer"
>;

/** The functions that must approve a release. Calls them, reports their verdicts, and notices when one is dead. */
export class Hooks {
  private readonly lambda: Caller<LambdaClient>;
  private readonly log: HookLog;
  /** How many times the verdict of an event was looked for. */
  private readonly looks = new Map<string, number>();
  /** When an event was first seen to be in progress. */
  private readonly begun = new Map<string, Date>();

  constructor(
    private readonly inputs: HookInputs,
    private readonly waiter: Waiter,
  ) {
    this.lambda = caller(() => new LambdaClient(clientSettings(inputs.region)));
    this.log = new HookLog(inputs.region, this.lambda);
  }

  /**
   * Calls the pre-traffic hook without a deployment. Before the first release there is no alias, so CodeDeploy has nothing to shift. The
   * event has no `DeploymentId`, so the hook knows that its answer is its report.
   *
   * @returns its objection to the release, if any.
   * @throws if the function fails, or answers anything but a verdict.
   */
  async refusal(): Promise<string | undefined> {
    const { preTrafficHook: hook, hookAnswer } = this.inputs;
    if (hook === undefined) {
      return undefined;
    }
    if (hookAnswer === "none") {
      this.waiter.tell(`${hook}: not called: it answers only to CodeDeploy, and there is no deployment`);
      return undefined;
    }
    const { status, reason } = await this.ask(hook);
    this.waiter.tell(`${hook}: ${status}: ${reason}`);
    return status === "Failed" ? `hook ${hook} refused it: ${reason}` : undefined;
  }

  private async ask(hook: string): Promise<Verdict> {
    const command = new InvokeCommand({ FunctionName: hook, Payload: JSON.stringify({}) });
    const { Payload, FunctionError } = await this.waiter.call(() => this.lambda((client) => client.send(command)));
    const answer = Payload?.transformToString() ?? "";
    if (FunctionError !== undefined) {
      throw new Error(`hook ${hook} failed (${FunctionError}): ${answer}`);
    }
    const verdict = VERDICT.safeParse(parsed(answer));
    if (!verdict.success) {
      throw new Error(
        `hook ${hook} must answer {"status": "Succeeded" or "Failed", "reason": "…"}, and answered ${answer}`,
      );
    }
    return verdict.data;
  }

  /** The hook that has been in progress for too long, in words. */
  overdue({ events }: Deployment): string | undefined {
    const { hookTimeoutSeconds } = this.inputs;
    for (const event of events) {
      const { lifecycleEventName: name = "", status } = event;
      const hook = this.hookOf(event);
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
   * One look for the verdicts of hooks that have approved: a line for each new one. Never fails, since the event itself says that the hook
   * approved.
   */
  async lookForVerdicts({ events, createdAt }: Deployment): Promise<string[]> {
    const lines: string[] = [];
    for (const event of events) {
      const { lifecycleEventName: name = "", startTime = createdAt } = event;
      const hook = this.pendingHook(event);
      if (hook !== undefined) {
        const found = await this.lookInWords(hook, startTime);
        this.looks.set(name, found === undefined ? this.looksAt(event) + 1 : LOOKS);
        lines.push(...(found === undefined ? [] : [`${hook}: ${found}`]));
      }
    }
    return lines;
  }

  /** Reports the verdicts after the last look at the deployment. It waits, since verdicts take seconds to arrive in the log. */
  async waitForVerdicts(deployment: Deployment): Promise<void> {
    for (;;) {
      (await this.lookForVerdicts(deployment)).forEach((line) => this.waiter.tell(line));
      if (deployment.events.every((event) => this.pendingHook(event) === undefined)) {
        return;
      }
      await this.pause();
    }
  }

  /** The events of a deployment that have failed, each with what its hook or CodeDeploy says. */
  failedEvents({ events, createdAt }: Deployment): Promise<string[]> {
    const failed = events.filter(({ status }) => status === "Failed");
    return Promise.all(
      failed.map(async (event) => {
        const { lifecycleEventName = "", diagnostics, startTime = createdAt } = event;
        const hook = this.hookOf(event);
        const said = hook === undefined ? undefined : await this.reasonOf(hook, startTime);
        return [`${lifecycleEventName} failed`, hook, said ?? diagnostics?.message].filter(Boolean).join(": ");
      }),
    );
  }

  /** Why a hook has refused, as its log says, or why no reason can be found. */
  private async reasonOf(hook: string, since: Date | undefined): Promise<string | undefined> {
    if (this.inputs.hookAnswer === "none") {
      return undefined;
    }
    try {
      const deadline = engineClock.now() + LOG_PATIENCE_SECONDS * 1000;
      for (;;) {
        const verdict = await this.waiter.call(() => this.log.look(hook, since));
        if (verdict !== undefined) {
          return verdict.reason;
        }
        if (engineClock.now() >= deadline) {
          return `it logged no verdict in ${await this.log.groupOf(hook)} within ${LOG_PATIENCE_SECONDS} s`;
        }
        await this.pause();
      }
    } catch (error) {
      return unreadable(error);
    }
  }

  /** A hook's verdict, or why it cannot be read; `undefined` if it may still come. */
  private async lookInWords(hook: string, since: Date | undefined): Promise<string | undefined> {
    try {
      const verdict = await this.log.look(hook, since);
      return verdict && `${verdict.status}: ${verdict.reason}`;
    } catch (error) {
      return passes(error) ? undefined : unreadable(error);
    }
  }

  /** The hook whose verdict has not been reported yet. */
  private pendingHook(event: LifecycleEvent): string | undefined {
    const isPending =
      this.inputs.hookAnswer === "verdict" && event.status === "Succeeded" && this.looksAt(event) < LOOKS;
    return isPending ? this.hookOf(event) : undefined;
  }

  private looksAt({ lifecycleEventName: name = "" }: LifecycleEvent): number {
    return this.looks.get(name) ?? 0;
  }

  /** The hook that a lifecycle event calls, if any. */
  private hookOf({ lifecycleEventName }: LifecycleEvent): string | undefined {
    const { preTrafficHook, postTrafficHook } = this.inputs;
    switch (lifecycleEventName) {
      case "BeforeAllowTraffic":
        return preTrafficHook;
      case "AfterAllowTraffic":
        return postTrafficHook;
      default:
        return undefined;
    }
  }

  private pause(): Promise<void> {
    return this.waiter.wait(Math.min(this.inputs.pollSeconds, LOG_WAIT_SECONDS));
  }
}

/** The logs of hooks that CodeDeploy called. CodeDeploy itself does not pass on why a hook has approved or refused. */
class HookLog {
  private readonly logs: Caller<CloudWatchLogsClient>;
  private readonly groups = new Map<string, string>();

  constructor(
    region: string,
    private readonly lambda: Caller<LambdaClient>,
  ) {
    this.logs = caller(() => new CloudWatchLogsClient(clientSettings(region)));
  }

  /** One look at the last verdict that a hook has logged since then. */
  async look(hook: string, since: Date | undefined): Promise<Verdict | undefined> {
    const logGroupName = await this.groupOf(hook);
    return this.logs(async (client) => {
      let last: Verdict | undefined;
      try {
        const request = { logGroupName, filterPattern: `"${VERDICT_MARK}"`, startTime: since?.getTime() };
        for await (const { events = [] } of paginateFilterLogEvents({ client }, request)) {
          for (const { message = "" } of events) {
            last = verdictIn(textOf(message)) ?? last;
          }
        }
      } catch (error) {
        // The log group appears with the function's first line.
        if (!answered(error, "ResourceNotFoundException")) {
          throw error;
        }
      }
      return last;
    });
  }

  async groupOf(hook: string): Promise<string> {
    const known = this.groups.get(hook);
    if (known !== undefined) {
      return known;
    }
    const command = new GetFunctionConfigurationCommand({ FunctionName: hook });
    const { LoggingConfig } = await this.lambda((client) => client.send(command));
    const group = LoggingConfig?.LogGroup ?? `/aws/lambda/${hook}`;
    this.groups.set(hook, group);
    return group;
  }
}

const VERDICT = z.object({ status: z.enum(["Succeeded", "Failed"]), reason: z.string() });
const LOGGED = z.object({ message: z.string() });

/** Functions log plain text or, with `logFormat: JSON`, an object with the text in `message`. */
function textOf(line: string): string {
  return LOGGED.safeParse(parsed(line)).data?.message ?? line;
}

function unreadable(error: unknown): string {
  return `its log could not be read (${explained(error).message})`;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // no JSON is no verdict, and no structured log
  }
}
