import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import type { LifecycleEvent } from "@aws-sdk/client-codedeploy";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { VERDICT_MARK, verdictIn, type Verdict } from "../../../lib/contract";
import { explained } from "../../../lib/errors";
import { answered, caller, clientSettings, passes, type Caller } from "../support/aws";
import type { Waiter } from "../support/waiter";
import type { Deployment } from "./deployments";
import type { LambdaRolloutInputs } from "./inputs";

/** How many looks at a deployment a hook's verdict may come late; one that logs none is not waited for for ever. */
const LOOKS = 3;
/** How often the log of a hook that has failed is looked at for its verdict: lines take some seconds to arrive there. */
const LOOKS_AFTER_FAILURE = 10;
const LOG_WAIT_SECONDS = 5;

type HookInputs = Pick<
  LambdaRolloutInputs,
  "region" | "pollSeconds" | "preTrafficHook" | "postTrafficHook" | "hookTimeoutSeconds" | "hookAnswer"
>;

/** The functions that must approve a release: asks them, tells what each has said, and sees where one is dead. */
export class Hooks {
  private readonly lambda: Caller<LambdaClient>;
  private readonly log: HookLog;
  /** How many looks there were for the verdict of an event. */
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
   * Asks the pre-traffic hook outside any deployment: before the first release there is no alias, and without two versions to shift between
   * CodeDeploy has nothing to do. The event has no `DeploymentId`, which tells the hook that its answer is its report.
   *
   * @returns what it says against the release, if anything.
   * @throws where the function fails, or answers something else than a verdict.
   */
  async refusal(): Promise<string | undefined> {
    const { preTrafficHook: hook, hookAnswer } = this.inputs;
    if (hook === undefined) {
      return undefined;
    }
    if (hookAnswer === "none") {
      this.waiter.tell(`${hook}: not asked, since it answers to CodeDeploy alone, and this is no deployment`);
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

  /** The hook that has been in progress for longer than any may, in words. */
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
   * One look for the verdicts of hooks that have approved: a line for each that is new. Never fails: the event itself says that it
   * succeeded.
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

  /** The same when there will be no further look at the deployment, telling them: verdicts take seconds to arrive in the log. */
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

  /** Why a hook has refused, as its log says, or why there is no reason to be had. */
  private async reasonOf(hook: string, since: Date | undefined): Promise<string | undefined> {
    if (this.inputs.hookAnswer === "none") {
      return undefined;
    }
    try {
      for (let look = 1; ; look++) {
        const verdict = await this.waiter.call(() => this.log.look(hook, since));
        if (verdict !== undefined) {
          return verdict.reason;
        }
        if (look === LOOKS_AFTER_FAILURE) {
          return `it logged no verdict in ${await this.log.groupOf(hook)}`;
        }
        await this.pause();
      }
    } catch (error) {
      return unreadable(error);
    }
  }

  /** What a hook has said, or why that cannot be read; `undefined` where it may still come. */
  private async lookInWords(hook: string, since: Date | undefined): Promise<string | undefined> {
    try {
      const verdict = await this.log.look(hook, since);
      return verdict && `${verdict.status}: ${verdict.reason}`;
    } catch (error) {
      return passes(error) ? undefined : unreadable(error);
    }
  }

  /** The hook whose verdict is still to be told. */
  private pendingHook(event: LifecycleEvent): string | undefined {
    const isPending =
      this.inputs.hookAnswer === "verdict" && event.status === "Succeeded" && this.looksAt(event) < LOOKS;
    return isPending ? this.hookOf(event) : undefined;
  }

  private looksAt({ lifecycleEventName: name = "" }: LifecycleEvent): number {
    return this.looks.get(name) ?? 0;
  }

  /** The hook that a lifecycle event calls, where it calls one. */
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

/** What hooks that CodeDeploy called have logged: it tells nobody why a hook has approved or refused. */
class HookLog {
  private readonly logs: Caller<CloudWatchLogsClient>;
  private readonly groups = new Map<string, string>();

  constructor(
    region: string,
    private readonly lambda: Caller<LambdaClient>,
  ) {
    this.logs = caller(() => new CloudWatchLogsClient(clientSettings(region)));
  }

  /** One look at the last verdict that a hook has logged since. */
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
        // The group appears with the function's first line.
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
