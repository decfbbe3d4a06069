import { API_NAME } from "../alias-watch";
import type { Scenario } from "../scenario";

/** Checks before and after the traffic that do not approve. */
export const hooks: readonly Scenario[] = [
  {
    name: "pre-hook-says-no",
    tells: "the check before the traffic gets a prediction that it does not believe",
    expected: "blue",
    async play(scene) {
      scene.fault({ kind: "model-predictions", endpoint: scene.endpointOf(scene.green), answer: 1e6 });
      await scene.rolloutFails(/BeforeAllowTraffic failed: \S+-pre-traffic: .*1000000/);
    },
  },
  {
    name: "pre-hook-never-reports",
    tells: "the check before the traffic is called and never heard of again",
    expected: "blue",
    async play(scene) {
      scene.fault({ kind: "function-silent", functionName: `CodeDeployHook_${API_NAME}-pre-traffic` });
      await scene.rolloutFails(/-pre-traffic \(BeforeAllowTraffic\) has not reported for 3 s/, {
        hookTimeoutSeconds: "3",
      });
    },
  },
  {
    name: "post-hook-finds-no-captures",
    tells: "the new endpoint's captures are lost, and the check after the traffic finds none",
    expected: "blue",
    async play(scene) {
      scene.fault({ kind: "captures-lost", endpoint: scene.endpointOf(scene.green) });
      await scene.rolloutFails(/AfterAllowTraffic failed: \S+-post-traffic: .*captur/);
    },
  },
];
