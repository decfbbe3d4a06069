import {
  CodeDeployClient,
  DeploymentAlreadyCompletedException,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import { apiName } from "../../lib/release";
import { deployments } from "../serving/deployments";
import { Refused, type WayBack } from "./orders";
import { deploymentShown } from "./readers/rollout";
import type { Watched } from "./watched";

/** The way back while a rollout is under way, which needs no engine. @throws Refused if none is */
export async function stopRollout({ aws, model }: Pick<Watched, "aws" | "model">): Promise<WayBack> {
  const all = await deployments(aws, apiName(model, "prod"), 1);
  const current = all.map(deploymentShown).find(({ isUnderWay, isRollback }) => isUnderWay && !isRollback);
  if (current === undefined) {
    throw new Refused(
      "no rollout is under way, so there is none to stop. safe-deploy rollback goes back to a release that was live before: it deploys that one again",
    );
  }
  const { id: deploymentId, release } = current;
  return {
    told: [
      `Release ${release} is being rolled out: deployment ${deploymentId} is under way.`,
      "It will be stopped, and CodeDeploy sends all traffic back to the release before, which is still in service.",
    ],
    async go() {
      const stop = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true });
      await new CodeDeployClient(aws).send(stop).catch((error: unknown) => {
        throw error instanceof DeploymentAlreadyCompletedException
          ? new Refused(`deployment ${deploymentId} has ended just now`)
          : error;
      });
    },
  };
}
