import { inbox } from "local-aws/testing/inbox";
import type { Scenario } from "../scenario";
import { waitFor } from "../../journey/wait-for";

/** Long after a rollout, when nobody looks. */
export const watching: readonly Scenario[] = [
  {
    name: "outage-without-callers",
    tells: "nobody calls, and what is live begins to fail: the canary finds it and tells, and tells when it is over",
    expected: "blue",
    async play(scene) {
      const told = await inbox(scene.aws, "canary");
      scene.onEnd(() => told.close());
      let heard = 0;
      // Such as `ALARM: "mlops-nyctaxi-canary" in US East (N. Virginia)`.
      const hears = async (state: string) => {
        const next = () => told.messages.findIndex(({ Subject }, i) => i >= heard && Subject.startsWith(`${state}: `));
        await waitFor(`the canary's alarm tells that it is ${state}`, () => next() >= 0);
        heard = next() + 1;
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
