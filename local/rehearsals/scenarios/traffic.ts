import type { Scenario } from "../scenario";

/** Nights, when nobody calls. */
export const traffic: readonly Scenario[] = [
  {
    name: "no-traffic",
    tells: "nobody calls; the rollout's own probes show that the new release is good",
    expected: "green",
    async play(scene) {
      await scene.lane.keepCallersOut();
      scene.harm("nobody calls any more");
      await scene.succeeds("prod");
    },
  },
  {
    name: "no-traffic-no-probes",
    tells: "nobody calls, and the rollout is told to send no probes: what it has not seen it does not let pass",
    expected: "blue",
    async play(scene) {
      await scene.lane.keepCallersOut();
      scene.harm("nobody calls any more");
      await scene.rolloutFails(/undecided/, { probesPerSecond: "0", bakeSeconds: "1", undecidedSeconds: "2" });
    },
  },
];
