import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { answered, caller, clientSettings, type Caller } from "../run/aws";
import { explained } from "../run/failure";
import type { Patience } from "../run/patience";
import type { Verdict } from "./hook";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** How often a hook's log is looked at for its verdict: lines take a few seconds to arrive there. */
const LOG_LOOKS = 3;
const LOG_WAIT_SECONDS = 5;

/** What hooks that CodeDeploy called have logged: it tells nobody why a hook has approved or refused. */
export class HookLog {
  private readonly lambda: Caller<LambdaClient>;
  private readonly logs: Caller<CloudWatchLogsClient>;
  private readonly groups = new Map<string, string>();

  constructor(
    private readonly inputs: Pick<LambdaRolloutInputs, "region" | "pollSeconds">,
    private readonly patience: Patience,
  ) {
    this.lambda = caller(() => new LambdaClient(clientSettings(inputs.region)));
    this.logs = caller(() => new CloudWatchLogsClient(clientSettings(inputs.region)));
  }

  /** The last verdict that a hook has logged since, or why there is none to be had. */
  async verdict(hook: string, since: Date | undefined): Promise<Verdict | string> {
    try {
      for (let look = 1; ; look++) {
        const verdict = await this.patience.call(() => this.look(hook, since));
        if (verdict !== undefined) {
          return verdict;
        }
        if (look === LOG_LOOKS) {
          return `it logged no verdict in ${this.groups.get(hook) ?? "its log"}`;
        }
        await this.patience.wait(Math.min(this.inputs.pollSeconds, LOG_WAIT_SECONDS));
      }
    } catch (error) {
      return `its log could not be read (${explained(error).message})`;
    }
  }

  /** One look at the line `verdict: <status>: <reason>`. */
  async look(hook: string, since: Date | undefined): Promise<Verdict | undefined> {
    const logGroupName = await this.groupOf(hook);
    return this.logs(async (client) => {
      let last: Verdict | undefined;
      try {
        const request = { logGroupName, filterPattern: '"verdict:"', startTime: since?.getTime() };
        for await (const { events = [] } of paginateFilterLogEvents({ client }, request)) {
          for (const { message = "" } of events) {
            last = verdictIn(message) ?? last;
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

  private async groupOf(hook: string): Promise<string> {
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

/** Functions log plain text or, with `logFormat: JSON`, an object with the text in `message`. */
function verdictIn(line: string): Verdict | undefined {
  const match = /verdict: (?<status>Succeeded|Failed): (?<reason>.*)/.exec(textOf(line));
  const reason = match?.groups?.reason?.trim();
  return reason === undefined
    ? undefined
    : { status: match?.groups?.status === "Failed" ? "Failed" : "Succeeded", reason };
}

function textOf(line: string): string {
  if (!line.startsWith("{")) {
    return line;
  }
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null && "message" in parsed ? String(parsed.message) : line;
  } catch {
    return line; // plain text that begins with a brace
  }
}
