import type { Scenario } from "../scenario";

/** The check before the traffic sends one request to the new endpoint. Only callers and probes see what goes wrong afterwards. */
const AFTER_THE_CHECK = 1;

/** Releases whose model or container is bad. */
export const models: readonly Scenario[] = [
  {
    name: "model-errors",
    tells: "the new model answers an error to every request, once the check before the traffic has passed",
    expected: "blue",
    async play(scene) {
      const endpoint = scene.endpointOf(scene.green);
      scene.fault({ kind: "model-errors", endpoint, afterInvocations: AFTER_THE_CHECK });
      await scene.rolloutFails(/alarm \S+-model-faults\b/);
    },
  },
  {
    name: "model-errors-2-percent",
    tells: "the new model answers an error to every 50th request",
    expected: "blue",
    async play(scene) {
      const endpoint = scene.endpointOf(scene.green);
      scene.fault({ kind: "model-errors", endpoint, everyNth: 50 });
      await scene.rolloutFails(/alarm \S+-model-faults\b/);
    },
  },
  {
    name: "slow-model",
    tells: "the new model answers well, but each time after more than a second, and a second is the limit",
    expected: "blue",
    async play(scene) {
      const endpoint = scene.endpointOf(scene.green);
      scene.fault({ kind: "model-slow", endpoint, delaySeconds: 1.3, afterInvocations: AFTER_THE_CHECK });
      await scene.rolloutFails(/alarm \S+-latency-p99\b/, { alarms: JSON.stringify({ latencyP99Ms: 1000 }) });
    },
  },
  {
    name: "nan-predictions",
    tells: "the new model predicts NaN",
    expected: "blue",
    async play(scene) {
      const endpoint = scene.endpointOf(scene.green);
      scene.fault({ kind: "model-predictions", endpoint, answer: "nan", afterInvocations: AFTER_THE_CHECK });
      await scene.rolloutFails(/alarm \S+-(predictions|model-faults)\b/);
    },
  },
  {
    name: "absurd-predictions",
    tells: "the new model predicts a fare that no ride costs",
    expected: "blue",
    async play(scene) {
      const endpoint = scene.endpointOf(scene.green);
      scene.fault({ kind: "model-predictions", endpoint, answer: 1e6, afterInvocations: AFTER_THE_CHECK });
      await scene.rolloutFails(/alarm \S+-predictions\b/);
    },
  },
  {
    name: "container-never-healthy",
    tells: "the new container never answers SageMaker's health check",
    expected: "blue",
    async play(scene) {
      scene.fault({ kind: "container-unhealthy", endpoint: scene.endpointOf(scene.green) });
      await scene.hasFailed(await scene.start("prod"), [/did not pass the ping health check/]);
    },
  },
  {
    name: "fails-under-load",
    tells: "the new model is fine when it is asked now and then, and answers errors when it is asked more often",
    expected: "blue",
    async play(scene) {
      const endpoint = scene.endpointOf(scene.green);
      scene.fault({ kind: "model-errors", endpoint, aboveRequestsPerSecond: 3 });
      await scene.rolloutFails(/alarm \S+-model-faults\b/, { probesPerSecond: "4" });
    },
  },
];
