import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { clientConfig } from "../../core/local";
import { RunStopped } from "../../core/run-control";
import type { Context } from "./context";
import type { Endpoint, Fleet } from "./endpoint";
import { RunFailure } from "./errors";
import type { ShiftPlan } from "./shift-plan";

/** AWS seconds between two looks at the alarms. */
const LOOK_SECONDS = 5;
/** AWS seconds that a batch of the old fleet takes to be up again. */
const ROLLBACK_BATCH_SECONDS = 60;

/**
 * Gives the new fleet its shares of the traffic while the alarms are watched; where one rings, or it takes too long, the old fleet gets
 * all of it again. Leaves the endpoint without a shift where it throws. `startSeconds` have gone into starting the new fleet.
 *
 * @throws RunFailure with what took it back, RunStopped where everything ends
 */
export async function shiftTraffic(
  context: Context,
  endpoint: Endpoint,
  green: Fleet,
  { startSeconds, ...plan }: ShiftPlan & { readonly startSeconds: number },
): Promise<void> {
  const client = new CloudWatchClient(clientConfig(context.local));
  // What AWS takes, not what passed: a container here starts in real time, which is no time at all to AWS.
  let seconds = startSeconds;
  const check = async () => {
    await requireQuiet(client, plan.alarms);
    if (plan.limitSeconds !== undefined && seconds > plan.limitSeconds) {
      throw new RunFailure(
        `The deployment was rolled back: it exceeded MaximumExecutionTimeoutInSeconds (${plan.limitSeconds}).`,
      );
    }
  };
  try {
    for (const share of plan.shares) {
      endpoint.shift = { green, share };
      await check();
      for (let left = plan.bakeSeconds; left > 0; left -= LOOK_SECONDS) {
        const look = Math.min(left, LOOK_SECONDS);
        await endpoint.control.pause(look);
        seconds += look;
        await check();
      }
    }
  } catch (error) {
    if (!(error instanceof RunStopped)) {
      await takeBack(endpoint, plan);
    }
    endpoint.shift = undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

async function takeBack(endpoint: Endpoint, { rollbackShares }: ShiftPlan): Promise<void> {
  for (const share of rollbackShares) {
    if (endpoint.shift !== undefined && share < endpoint.shift.share) {
      endpoint.shift = { ...endpoint.shift, share };
      if (share > 0) {
        await endpoint.control.pause(ROLLBACK_BATCH_SECONDS);
      }
    }
  }
}

/** An alarm that is not there cannot guard anything. That CloudWatch does not answer is no verdict: the next look tells. */
async function requireQuiet(client: CloudWatchClient, names: readonly string[]): Promise<void> {
  const states = names.length === 0 ? undefined : await statesOf(client, names).catch(() => undefined);
  if (states === undefined) {
    return;
  }
  const ringing = names.filter((name) => states.get(name) === "ALARM");
  if (ringing.length > 0) {
    throw new RunFailure(
      `The deployment was rolled back: one or more alarms went into ALARM state: ${ringing.join(", ")}.`,
    );
  }
  const absent = names.filter((name) => !states.has(name));
  if (absent.length > 0) {
    throw new RunFailure(`The deployment was rolled back: these alarms do not exist: ${absent.join(", ")}.`);
  }
}

async function statesOf(client: CloudWatchClient, names: readonly string[]) {
  const request = { AlarmNames: [...names], AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const] };
  const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(new DescribeAlarmsCommand(request));
  return new Map([...MetricAlarms, ...CompositeAlarms].map((alarm) => [alarm.AlarmName ?? "", alarm.StateValue]));
}
