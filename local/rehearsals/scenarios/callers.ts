import { PROBE_INFERENCE_ID } from "../../../lib/contract";
import type { Answer, CallerRequest } from "../../../cli/traffic/caller";
import type { Scenario } from "../scenario";

/** So busy a machine may answer late. Only the scenario's own fault can stop the release. */
const LATENCY = { latencyP99Ms: 9500, latencyP99TimesBlue: false };

/** What callers do, and what a release does to callers alone. */
export const callers: readonly Scenario[] = [
  {
    name: "callers-fail",
    tells: "the new model fails every tenth row of callers, and answers many probes well",
    expected: "blue",
    async play(scene) {
      // A share is taken of ten callers a minute or more, and a minute is a second here.
      await scene.lane.keepCallersOut();
      scene.lane.letCallersIn(15);
      scene.onEnd(() => scene.lane.keepCallersOut());
      const endpoint = scene.endpointOf(scene.green);
      scene.fault({ kind: "model-errors", endpoint, everyNth: 10, sparedInferenceIds: PROBE_INFERENCE_ID });
      await scene.rolloutFails(/alarm \S+-model-faults\b/, {
        strategy: JSON.stringify({ type: "canary", percent: 90, intervalMinutes: 5 }),
        alarms: JSON.stringify({ ...LATENCY, modelFaultsPercent: 6 }),
        probesPerSecond: "30",
      });
    },
  },
  {
    name: "wants-another-column",
    tells:
      "the new model wants a column more than callers send and refuses their rows; the checks and the probes have it",
    expected: "blue",
    async play(scene) {
      const endpoint = scene.endpointOf(scene.green);
      scene.fault({ kind: "model-errors", endpoint, status: 400, sparedInferenceIds: PROBE_INFERENCE_ID });
      await scene.rolloutFails(/refused \d+ of \d+ requests of callers, release \S+ 0 of \d+ at the same time/, {
        strategy: JSON.stringify({ type: "canary", percent: 15, intervalMinutes: 20 }),
      });
    },
  },
  {
    name: "hostile-caller",
    tells:
      "a caller sends all that could hurt, from before the rollout to its end: bodies that are hard to read, absurd rows, floods of rows",
    expected: "green",
    async play(scene) {
      const answers: Answer[] = [];
      const hostile = scene.lane.send(HOSTILE, (answer) => answers.push(answer), 4);
      scene.onEnd(() => hostile.stop());
      scene.harm("a hostile caller begins");
      await scene.succeeds("prod");
      await hostile.stop();
      const bad = answers.filter(({ status }) => status !== 200 && (status < 400 || status > 499));
      scene.expect(bad.length === 0, `the hostile caller was answered ${bad.map(({ status }) => status).join(", ")}`);
      const reached = answers.filter(({ endpoint }) => endpoint === scene.endpointOf(scene.green)).length;
      scene.expect(reached >= HOSTILE.length, `the hostile caller reached green only ${reached} times`);
      scene.tell(`${reached} hostile requests reached green`);
    },
  },
];

const JSON_TYPE = { "content-type": "application/json" };

const HOSTILE: readonly CallerRequest[] = [
  { body: "[".repeat(6000), headers: JSON_TYPE },
  { body: `${"1".repeat(40_000)}x` },
  { body: `${"1,".repeat(100)}1\n`.repeat(10_000) },
  { body: `[${"[1],".repeat(1_000_000)}[1]]`, headers: JSON_TYPE },
  { body: "9.92,1,1.84", headers: { "X-Amzn-SageMaker-Custom-Attributes": "a\tb" } },
  { body: "9.92,1,1.84", headers: { "content-type": "a/b".repeat(1000), accept: ",".repeat(5000) } },
  { body: "1e308,1e308,1e308" },
  { body: "1e30,1e30,1e30\n".repeat(1000) },
  { body: "-5,-5,-5" },
  { body: "9.92,1,1.84\n".repeat(10_000) },
  { body: "9.92,1.84" },
];
