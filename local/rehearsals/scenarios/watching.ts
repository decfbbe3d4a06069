import { inbox } from "local-aws/testing/inbox";
import type { Scenario } from "../scenario";
import { waitFor } from "../wait-for";

/** Long after a rollout, when nobody looks. */
export const watching: readonly Scenario[] = [
  {
    name: "outage-without-callers",
    tells: "nobody calls, and what is live begins to fail: the canary finds it and tells, and tells when it is over",
    expected: "blue",
    async play(scene) {
      const told = await inbox(scene.aws, "canary");
      scene.onEnd(() => told.close());
      // A person is told: "ALARM: "mlops-nyctaxi-canary" in US East (N. Virginia)".
      const hears = (state: string) => {
        const heard = told.messages.length;
        return waitFor(`the canary's alarm tells that it is ${state}`, () =>
          told.messages.slice(heard).some(({ Subject }) => Subject.startsWith(`${state}: `)),
        );
      };
      const canary = JSON.stringify({ intervalMinutes: 3 });
      await scene.succeeds("prod", { canary, notificationTopicArn: told.topicArn }, scene.blue);
      await scene.lane.keepCallersOut();
      await hears("OK");

      scene.fault({ kind: "model-errors", endpoint: scene.endpointOf(scene.blue) });
      await hears("ALARM");
      scene.aws.faults.clear();
      await hears("OK");
    },
  },
];
