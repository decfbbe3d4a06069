import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient, GetDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { answered, caller, clientSettings } from "../run/aws";
import { explained } from "../run/failure";
import type { Patience } from "../run/patience";
import type { Deployment } from "./deployments";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** How often a hook's log is looked at for its verdict: lines take a few seconds to arrive there. */
const LOG_LOOKS = 3;
const LOG_WAIT_SECONDS = 5;

/** Everything that can be found out about why a deployment failed, one line each. What cannot be read is told as well. */
export async function reasons(
  inputs: LambdaRolloutInputs,
  deployment: Deployment,
  patience: Patience,
): Promise<string[]> {
  const hooks = new Map([
    ["BeforeAllowTraffic", inputs.preTrafficHook],
    ["AfterAllowTraffic", inputs.postTrafficHook],
  ]);
  const failed = deployment.events.filter(({ status }) => status === "Failed");
  const ofHooks = failed.map(async ({ lifecycleEventName = "", diagnostics }) => {
    const hook = hooks.get(lifecycleEventName);
    const said = hook === undefined ? undefined : await verdictInLog(inputs, hook, deployment.createdAt, patience);
    return [`${lifecycleEventName} failed`, hook, said ?? diagnostics?.message].filter(Boolean).join(": ");
  });
  return [...(await alarmsOf(inputs, patience)), ...(await Promise.all(ofHooks))];
}

/** Alarms of the deployment group that are in ALARM, each with CloudWatch's reason. */
async function alarmsOf(inputs: LambdaRolloutInputs, patience: Patience): Promise<string[]> {
  const codeDeploy = caller(() => new CodeDeployClient(clientSettings(inputs.region)));
  const cloudWatch = caller(() => new CloudWatchClient(clientSettings(inputs.region)));
  const { applicationName, deploymentGroupName } = inputs;
  try {
    const { deploymentGroupInfo } = await patience.call(() =>
      codeDeploy((client) => client.send(new GetDeploymentGroupCommand({ applicationName, deploymentGroupName }))),
    );
    const AlarmNames = (deploymentGroupInfo?.alarmConfiguration?.alarms ?? []).flatMap(({ name }) => name ?? []);
    if (AlarmNames.length === 0) {
      return [];
    }
    const { MetricAlarms = [], CompositeAlarms = [] } = await patience.call(() =>
      cloudWatch((client) =>
        client.send(
          new DescribeAlarmsCommand({
            AlarmNames,
            AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
            StateValue: "ALARM",
          }),
        ),
      ),
    );
    return [...MetricAlarms, ...CompositeAlarms].map(
      ({ AlarmName = "?", StateReason = "no reason given" }) => `alarm ${AlarmName} is in ALARM: ${StateReason}`,
    );
  } catch (error) {
    return [`the alarms of deployment group ${deploymentGroupName} could not be read (${explained(error).message})`];
  }
}

/** The reason that a hook logged in the line `verdict: <status>: <reason>`. */
async function verdictInLog(
  inputs: LambdaRolloutInputs,
  hook: string,
  since: Date | undefined,
  patience: Patience,
): Promise<string> {
  const lambda = caller(() => new LambdaClient(clientSettings(inputs.region)));
  const logs = new CloudWatchLogsClient(clientSettings(inputs.region));
  try {
    const { LoggingConfig } = await patience.call(() =>
      lambda((client) => client.send(new GetFunctionConfigurationCommand({ FunctionName: hook }))),
    );
    const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${hook}`;
    for (let look = 1; ; look++) {
      const verdict = await patience.call(() => lastVerdict(logs, logGroupName, since));
      if (verdict !== undefined) {
        return verdict;
      }
      if (look === LOG_LOOKS) {
        return `it logged no verdict in ${logGroupName}`;
      }
      await patience.wait(Math.min(inputs.pollSeconds, LOG_WAIT_SECONDS));
    }
  } catch (error) {
    return `its log could not be read (${explained(error).message})`;
  }
}

async function lastVerdict(
  client: CloudWatchLogsClient,
  logGroupName: string,
  since: Date | undefined,
): Promise<string | undefined> {
  let last: string | undefined;
  try {
    const pages = paginateFilterLogEvents(
      { client },
      { logGroupName, filterPattern: '"verdict:"', startTime: since?.getTime() },
    );
    for await (const { events = [] } of pages) {
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
}

/** Functions log plain text or, with `logFormat: JSON`, an object with the text in `message`. */
function verdictIn(line: string): string | undefined {
  const match = /verdict: (?:Succeeded|Failed): (?<reason>.*)/.exec(textOf(line));
  return match?.groups?.reason?.trim();
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
