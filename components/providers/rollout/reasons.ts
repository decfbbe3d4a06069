import { CodeDeployClient, GetDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { caller, clientSettings } from "../run/aws";
import { explained } from "../run/failure";
import type { Patience } from "../run/patience";
import { Alarms, type Firing } from "./alarms";
import { ignoredAlarms } from "./attempt";
import type { Deployment } from "./deployments";
import { HookLog } from "./hook-log";
import { hookOf } from "./hook-watch";
import type { LambdaRolloutInputs } from "./rollout-inputs";
import { hasFired, isFiring } from "./words";

/** What CodeDeploy says where it was told to stop; an event that was going on then has not failed by itself. */
const STOPPED_BY_REQUEST = "MANUAL_STOP";
const STOPPED_BY_ALARM = "ALARM_ACTIVE";

/** Everything that can be found out about why a deployment failed, one line each. What cannot be read is told as well. */
export async function reasons(
  inputs: LambdaRolloutInputs,
  deployment: Deployment,
  patience: Patience,
): Promise<string[]> {
  const { failureCode } = deployment;
  const alarms = await alarmsOf(inputs, deployment, patience);
  if (failureCode === STOPPED_BY_REQUEST) {
    return [...alarms, "an operator, or another program, has asked CodeDeploy to stop it"];
  }
  return failureCode === STOPPED_BY_ALARM ? alarms : [...alarms, ...(await failedEvents(inputs, deployment, patience))];
}

async function failedEvents(
  inputs: LambdaRolloutInputs,
  deployment: Deployment,
  patience: Patience,
): Promise<string[]> {
  const log = new HookLog(inputs, patience);
  const failed = deployment.events.filter(({ status }) => status === "Failed");
  return Promise.all(
    failed.map(async (event) => {
      const { lifecycleEventName = "", diagnostics, startTime } = event;
      const hook = hookOf(inputs, event);
      const verdict = hook === undefined ? undefined : await log.verdict(hook, startTime ?? deployment.createdAt);
      const said = typeof verdict === "object" ? verdict.reason : verdict;
      return [`${lifecycleEventName} failed`, hook, said ?? diagnostics?.message].filter(Boolean).join(": ");
    }),
  );
}

/** The rollout's and the deployment group's alarms that are in ALARM, or were since the deployment began, with CloudWatch's reason. */
async function alarmsOf(inputs: LambdaRolloutInputs, deployment: Deployment, patience: Patience): Promise<string[]> {
  const alarms = new Alarms(inputs, patience);
  const ignored = ignoredAlarms(inputs, deployment);
  try {
    const all = new Set([...inputs.alarmNames, ...(await alarmsOfGroup(inputs, patience))]);
    const names = [...all].filter((name) => !ignored.includes(name));
    const firing = await alarms.firing(names);
    const fired = await alarms.firedSince(names, deployment.createdAt ?? new Date());
    const isQuiet = ({ name }: Firing) => !firing.some((other) => other.name === name);
    return [...firing.map(isFiring), ...fired.filter(isQuiet).map(hasFired)];
  } catch (error) {
    return [
      `the alarms of deployment group ${inputs.deploymentGroupName} could not be read (${explained(error).message})`,
    ];
  }
}

async function alarmsOfGroup(inputs: LambdaRolloutInputs, patience: Patience): Promise<string[]> {
  const { applicationName, deploymentGroupName, region } = inputs;
  const codeDeploy = caller(() => new CodeDeployClient(clientSettings(region)));
  const { deploymentGroupInfo } = await patience.call(() =>
    codeDeploy((client) => client.send(new GetDeploymentGroupCommand({ applicationName, deploymentGroupName }))),
  );
  return (deploymentGroupInfo?.alarmConfiguration?.alarms ?? []).flatMap(({ name }) => name ?? []);
}
