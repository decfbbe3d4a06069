import { CodeDeployClient, ListDeploymentsCommand, StopDeploymentCommand } from "@aws-sdk/client-codedeploy";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { API_NAME } from "../alias-watch";
import type { Scenario } from "../scenario";
import { setTimeout as sleep } from "node:timers/promises";

/** How many seconds going back to a kept release may take from the start of the update to the flip of the alias. */
const FLIP_SECONDS = 30;

/** People who do something wrong, or right. */
export const operators: readonly Scenario[] = [
  {
    name: "operator-stops",
    tells: "somebody stops the deployment in CodeDeploy during the canary",
    expected: "blue",
    async play(scene) {
      const going = await scene.upToCanary();
      const [deploymentId] = await deployments(scene.aws, "InProgress");
      scene.harm(`somebody stops deployment ${deploymentId ?? "?"}`);
      await new CodeDeployClient(clientConfig(scene.aws)).send(
        new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }),
      );
      await scene.rolloutHasFailed(going, /deployment \S+ stopped .*\n.*has asked CodeDeploy to stop it/);
    },
  },
  {
    name: "second-up-while-one-runs",
    tells:
      "somebody runs a second up with another release while one runs; the state's lock refuses it and the first goes on",
    expected: "green",
    async play(scene) {
      const going = await scene.upToCanary();
      scene.harm("a second up begins");
      const second = await scene.start("prod", {}, `${scene.green}-b`);
      await scene.hasFailed(second, [/locked by 1 lock/]);
      await scene.hasSucceeded(going);
    },
  },
  {
    name: "lost-state-lock",
    tells: "somebody takes the lock of a running up away and runs a second one: it goes on with the same deployment",
    expected: "green",
    async play(scene) {
      const before = await deployments(scene.aws);
      const first = await scene.upToCanary();
      scene.harm("pulumi cancel while an up runs, and a second up");
      await scene.lane.project.run(["cancel", "--yes", "--stack", "prod"]);
      const second = await scene.start("prod");
      await first.ended;
      await scene.hasSucceeded(second);
      const made = (await deployments(scene.aws)).length - before.length;
      scene.expect(made === 1, `there were ${made} deployments, and one was needed`);
    },
  },
  {
    name: "going-back-to-a-kept-release",
    tells:
      "a release turns out to be bad hours after it went live; the one before was kept warm, and one call goes back to it",
    expected: "blue",
    async play(scene) {
      const keep = { keepReleases: "1" };
      await scene.succeeds("prod", keep);
      scene.fault({ kind: "model-errors", endpoint: scene.endpointOf(scene.green), everyNth: 20 });
      await sleep(1000);
      const began = Date.now();
      await scene.succeeds("prod", keep, scene.blue);
      const flip = scene.lane.watch.timeline.findLast(({ shares = {} }) => shares[scene.blue] === 1);
      const seconds = ((flip?.at ?? 0) - began) / 1000;
      scene.expect(seconds > 0 && seconds < FLIP_SECONDS, `going back took ${seconds} s`);
      scene.tell(`${seconds.toFixed(1)} s from the start of up to the flip`);
    },
  },
  {
    name: "destroy-in-the-middle",
    tells: "the engine is killed in mid-canary, and somebody destroys the stack: nothing is left",
    expected: "nothing",
    async play(scene) {
      const going = await scene.upToCanary();
      await scene.killEngine(going);
      await scene.lane.keepCallersOut();
      scene.tell("pulumi destroy of prod");
      await scene.lane.destroy("prod");
    },
  },
];

async function deployments(aws: LocalAws, status?: "InProgress"): Promise<readonly string[]> {
  const { deployments: ids = [] } = await new CodeDeployClient(clientConfig(aws)).send(
    new ListDeploymentsCommand({
      applicationName: API_NAME,
      deploymentGroupName: API_NAME,
      ...(status === undefined ? {} : { includeOnlyStatuses: [status] }),
    }),
  );
  return ids;
}
