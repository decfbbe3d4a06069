import { expect } from "chai";
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import type { Scenario } from "../../local/rehearsals/scenario";
import type { Row } from "../../local/rehearsals/verdict";

const ROOT = resolve(__dirname, "../..");
const ENGINE = "tests/engine";
const UNIT = "tests/unit/components/providers";

const THROUGH_A_SHIFT =
  "goes live, is interrupted in the middle of a shift, goes on with it, goes back, and is destroyed in the middle of another";

/** Scenarios that repeat, under callers, what another test proves without: which test, and where. They are played with the repeats. */
export const REPEATED: Readonly<Record<string, readonly [file: string, test: string]>> = {
  "killed-during-training": [
    `${ENGINE}/providers/training-job-run.ts`,
    "takes over its job after the engine was killed while it polled, and leaves no process behind",
  ],
  "killed-during-endpoint-creation": [
    `${ENGINE}/stacks.spec.ts`,
    "dev: takes over the endpoint that an update was making when it was killed",
  ],
  "killed-in-canary": [`${ENGINE}/providers/local-rollout.spec.ts`, THROUGH_A_SHIFT],
  "destroy-in-the-middle": [`${ENGINE}/providers/local-rollout.spec.ts`, THROUGH_A_SHIFT],
  "killed-in-bake": [
    `${ENGINE}/providers/lambda-rollout.ts`,
    "goes on with its bake after the engine was killed in it, and the state holds what serves meanwhile",
  ],
  "training-fails": [
    `${ENGINE}/providers/training-job-run.ts`,
    "keeps a failed job in the state, fails again for it, and goes on with a new release",
  ],
  "wrong-s3-data": [`${UNIT}/training.spec.ts`, "fails with AWS's code where AWS refuses the job, and keeps nothing"],
  "credentials-expire": [`${UNIT}/training-resource.spec.ts`, "takes up credentials that were renewed while it polled"],
  "operator-stops": [`${UNIT}/lambda-rollout-failed.spec.ts`, "that an operator has stopped it"],
  "pre-hook-says-no": [`${UNIT}/lambda-rollout-under-way.spec.ts`, "tells a hook's reason from its log"],
  "quality-gate-not-met": [
    `${ENGINE}/stacks.spec.ts`,
    "train: tries again, keeps a job that does not pass the gate, and does not train again once the gate is relaxed",
  ],
  "model-errors": [
    `${ENGINE}/main-job/main-job.ts`,
    "sends three releases through the pipeline under traffic, the last for drift, rolls that one back, and says so",
  ],
  "alarm-already-firing": [
    `${ENGINE}/providers/local-rollout.spec.ts`,
    "is refused while an alarm is in ALARM, and goes in an emergency, in which CodeDeploy does not heed it either",
  ],
  emergency: [
    `${ENGINE}/providers/local-rollout.spec.ts`,
    "is refused while an alarm is in ALARM, and goes in an emergency, in which CodeDeploy does not heed it either",
  ],
  "breach-during-bake": [`${ENGINE}/providers/local-rollout.spec.ts`, "goes back from its bake when an alarm fires"],
  "going-back-to-a-kept-release": [
    `${ENGINE}/stacks.spec.ts`,
    "prod: goes back to the release that is warm by a flip, and keeps the other one",
  ],
  // What is faulty is a fault of the model, which `model-errors-2-percent` rolls back for.
  "nan-predictions": [
    "tests/unit/handlers/predict.spec.ts",
    "answers 502 and counts a model fault where the model answers ${what}",
  ],
  "pre-hook-never-reports": [
    `${UNIT}/lambda-rollout-watch.spec.ts`,
    "stops a deployment whose hook has not reported for too long",
  ],
  "post-hook-finds-no-captures": ["tests/unit/handlers/post-traffic.spec.ts", "fails where none arrives in time"],
  "alarm-flaps": [`${UNIT}/lambda-rollout-failed.spec.ts`, "which alarm stopped it, also where that is OK again"],
  "no-traffic": [`${UNIT}/lambda-rollout-bake.spec.ts`, "counts its own probes"],
  "no-traffic-no-probes": [`${UNIT}/lambda-rollout-bake.spec.ts`, "goes back as undecided where they do not come"],
  "aws-trouble": [`${UNIT}/lambda-rollout.spec.ts`, "outlasts throttling, server errors and dropped connections"],
  "outage-without-callers": [
    `${ENGINE}/stacks.spec.ts`,
    "prod: is watched by a canary, which finds an outage that no caller has met",
  ],
  "drift-in-canary": [
    "tests/unit/handlers/start-drift.spec.ts",
    "watches both releases during a shift, and takes the one with most traffic for the alarm",
  ],
  "night-without-traffic": ["tests/model/drift.spec.ts", "says neither drift nor fine of too few rows"],
  "broken-captures": ["tests/model/drift.spec.ts", "counts and tells broken lines, and goes on"],
  "drift-job-fails": [
    "tests/unit/handlers/start-drift.spec.ts",
    "fails by a failed job of the window before, after it has started the next",
  ],
  "drift-in-predictions": ["tests/model/drift.spec.ts", "finds drift of the predictions alone"],
  "storm-of-alarms": [
    `${ENGINE}/providers/retrain-governor.spec.ts`,
    "makes one retraining of a storm of alarms, and a decision about each",
  ],
  "governor-killed": [
    `${ENGINE}/providers/retrain-governor.spec.ts`,
    "neither doubles a retraining nor loses one, wherever it is killed, and whoever asks next",
  ],
  "lost-state-lock": [`${UNIT}/lambda-rollout-under-way.spec.ts`, "goes on with it, if it brings the wanted version"],
};

/** `npm run local -- rehearse` with these arguments, to its end. */
export async function rehearse(
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const main = join(ROOT, "local/journey/main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", main, "rehearse", ...args], { cwd: ROOT });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, stdout, stderr };
}

/** A test for each of these scenarios, which one run plays. */
export function plays(chosen: readonly Scenario[]): void {
  let rows: readonly Row[] = [];
  let run = { code: null as number | null, stdout: "", stderr: "" };
  before(async () => {
    run = await rehearse(...chosen.map(({ name }) => name), "--json");
    rows = JSON.parse(run.stdout) as Row[];
  });

  for (const { name, tells, expected } of chosen) {
    it(`${name}: ${tells}`, () => {
      const row = rows.find(({ scenario }) => scenario === name);

      expect(row?.problems ?? []).to.deep.equal([]);
      expect(row).to.deep.include({ live: expected, expected, ok: true });
    });
  }

  it("prints a table on stderr, and exits with 0 as all rows are as expected", () => {
    expect(run.stderr).to.match(/scenario +live +expected +requests failed +seconds to safety +verdict/);
    expect(rows.map(({ scenario }) => scenario)).to.deep.equal(chosen.map(({ name }) => name));
    expect(run.code).to.equal(0);
  });
}
