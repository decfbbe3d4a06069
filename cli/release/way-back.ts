import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  DeploymentAlreadyCompletedException,
  GetDeploymentGroupCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { releaseAt } from "../../handlers/watched-releases";
import { nearest } from "../../lib/nearest";
import { apiName } from "../../lib/release";
import { tripOf } from "../pipeline/trip";
import { newestRollout, versionsOf, type Rollout } from "../serving/rollout";
import { trafficOf, type Watched } from "../serving/traffic";
import type { Context } from "../support/context";
import { PulumiStack } from "../support/pulumi";
import { requireOwn, stateOf } from "../support/stack-state";
import { writeConfigOf } from "./earlier-config";

/** How a stack gets back to a release. */
export interface WayBack {
  /** `stop` a rollout, set an `alarm` of one that bakes, `update` the stack, or `wait`, since CodeDeploy goes back already. */
  readonly kind: "stop" | "alarm" | "update" | "wait";
  /** Release to which it goes back. */
  readonly release: string;
  /** What will be done, in words. */
  readonly told: readonly string[];
  readonly go: () => Promise<void>;
}

/**
 * The way back that there is now: a rollout that is under way is stopped; during its bake an alarm has it go back; afterwards the release
 * before is deployed anew.
 *
 * @param wanted id of the release @default - the release before
 * @throws if there is none
 */
export async function wayBack(context: Context, stack: string, wanted: string | undefined): Promise<WayBack> {
  const { aws, model } = context;
  const traffic = await trafficOf(aws, model, stack);
  const [live] = [...traffic].sort((a, b) => b.share - a.share);
  if (live === undefined) {
    throw new Error(
      `stack ${stack} of model ${model} serves no release, so there is none to go back from: look at --stack and --model`,
    );
  }
  const rollout = await newestRollout(aws, model, stack);
  const isBaking = rollout !== undefined && rollout.isOver && (await bakes(context, rollout, live));
  if (rollout === undefined || (rollout.isOver && !isBaking)) {
    return anUpdate(context, stack, live.release, wanted);
  }
  const versions = await versionsOf(aws, rollout.deploymentId);
  if (rollout.isRollback) {
    return aWait(rollout, await releaseOf(context, stack, versions?.targetVersion, live), wanted);
  }
  const before = await releaseOf(context, stack, versions?.currentVersion, live);
  if (wanted !== undefined && wanted !== before) {
    throw new Error(
      `release ${rollout.release} is just being rolled out, and the way back from it leads to release ${before}, not to ${wanted}: ` +
        "go back there first: safe-deploy rollback",
    );
  }
  return isBaking ? anAlarm(context, stack, rollout.release, before) : aStop(context, rollout, before);
}

/** Whether the pipeline still watches a release that has all traffic. */
async function bakes({ aws, pipelineName }: Context, { release, status }: Rollout, live: Watched): Promise<boolean> {
  if (status !== "Succeeded" || live.release !== release) {
    return false;
  }
  const trip = await tripOf(aws, pipelineName, release);
  return trip?.stages.some(({ name, status: its }) => name === "DeployProd" && its === "InProgress") ?? false;
}

/** The release at a version. Until CodeDeploy has begun it tells no versions, and the release before has most of the traffic. */
async function releaseOf(
  { aws, model }: Context,
  stack: string,
  version: string | undefined,
  live: Watched,
): Promise<string> {
  return version === undefined
    ? live.release
    : (await releaseAt(new LambdaClient(aws), apiName(model, stack), version)).release;
}

/** What CodeDeploy has begun by itself leads back, and stopping that would lead to the release that has failed. */
function aWait({ deploymentId }: Rollout, before: string, wanted: string | undefined): WayBack {
  if (wanted !== undefined && wanted !== before) {
    throw new Error(
      `CodeDeploy is just going back to release ${before} (deployment ${deploymentId}), and not to ${wanted}: wait for its end, and call this again`,
    );
  }
  return {
    kind: "wait",
    release: before,
    told: [
      `CodeDeploy goes back to release ${before} already: deployment ${deploymentId} undoes a rollout.`,
      "Nothing is done but to wait until all traffic goes there.",
    ],
    go: async () => undefined,
  };
}

function aStop({ aws }: Context, { deploymentId, release, status }: Rollout, before: string): WayBack {
  return {
    kind: "stop",
    release: before,
    told: [
      `Release ${release} is being rolled out: deployment ${deploymentId} is ${status}.`,
      `It will be stopped, and CodeDeploy sends all traffic back to release ${before}, which is still in service.`,
      `The update that has begun it then fails, says that it was stopped, and removes release ${release}.`,
    ],
    async go() {
      const stop = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true });
      await new CodeDeployClient(aws).send(stop).catch((error: unknown) => {
        throw error instanceof DeploymentAlreadyCompletedException
          ? new Error(`deployment ${deploymentId} has ended meanwhile: call safe-deploy rollback again`)
          : error;
      });
    },
  };
}

/**
 * The alias is left to the update that watches it: once its bake is over it removes the release before, and traffic that was sent there by
 * hand would meet no endpoint. An alarm makes it go back as long as it can, and does no harm later.
 */
function anAlarm({ aws, model }: Context, stack: string, release: string, before: string): WayBack {
  const name = apiName(model, stack);
  return {
    kind: "alarm",
    release: before,
    told: [
      `Release ${release} has all traffic and still bakes; release ${before} is still in service.`,
      "An alarm of its rollout will be set to ALARM. The update that watches it then sends all traffic back to release " +
        `${before}, fails, and removes release ${release}.`,
    ],
    async go() {
      const group = new GetDeploymentGroupCommand({ applicationName: name, deploymentGroupName: name });
      const { deploymentGroupInfo } = await new CodeDeployClient(aws).send(group);
      const names = (deploymentGroupInfo?.alarmConfiguration?.alarms ?? []).flatMap((alarm) => alarm.name ?? []);
      // Others may tell of more than this release.
      const AlarmName = names.find((alarm) => alarm.startsWith(`${name}-${release}-`)) ?? names[0];
      if (AlarmName === undefined) {
        throw new Error(`the rollouts of ${name} watch no alarm: wait until the update has ended, and call this again`);
      }
      const StateReason = `An operator goes back to release ${before} (safe-deploy rollback)`;
      await new CloudWatchClient(aws).send(new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason }));
    },
  };
}

const history = z.object({ releases: z.array(z.string()).default([]) });

async function anUpdate(context: Context, stack: string, live: string, wanted: string | undefined): Promise<WayBack> {
  const state = await stateOf(context, stack);
  if (state === undefined) {
    throw new Error(`the project in ${context.project.folder} has no stack ${stack}: look at --project and --stack`);
  }
  await requireOwn(context, stack, state);
  const { releases } = await PulumiStack.use(context, stack, async (of) =>
    history.parse(JSON.parse(await of.run(["stack", "output", "--json"]))),
  );
  const earlier = releases.filter((one) => one !== live);
  const release = wanted ?? earlier[0];
  if (release === undefined) {
    throw new Error(`release ${live} is the only one that stack ${stack} has served, so there is none to go back to`);
  }
  if (release === live) {
    throw new Error(`release ${live} is live already, and no rollout is under way`);
  }
  if (!earlier.includes(release)) {
    const meant = nearest(release, earlier);
    const hint = meant === undefined ? `there are ${earlier.join(", ") || "none"}` : `did you mean ${meant}?`;
    throw new Error(`stack ${stack} has never served release ${release}: ${hint}`);
  }
  return {
    kind: "update",
    release,
    told: [
      `Release ${live} is live, and no rollout is under way.`,
      `pulumi up of stack ${stack} will deploy release ${release} again, with the config of its own deployment and the program in ` +
        `${context.project.folder}: a rollout like any other, which ends with release ${live} removed.`,
      "A release that waits for approval meanwhile does not match any more, and stops.",
    ],
    go: () =>
      PulumiStack.use(context, stack, async (of) => {
        await writeConfigOf(of, release);
        // The engine shows what the project's own providers say as messages of the stack.
        await of.up((line) => {
          const told = / pulumi:pulumi:Stack \S+ (?:running|creating \(\d+s\)) (.+)$/.exec(line)?.[1];
          if (told !== undefined && !told.startsWith("error: ")) {
            context.terminal.progress(told);
          }
        });
      }),
  };
}
