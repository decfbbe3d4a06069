import { CodeDeployClient, ListDeploymentsCommand } from "@aws-sdk/client-codedeploy";
import { clientConfig } from "local-aws/core/local";
import { API_NAME } from "./alias-watch";
import { takeInventory, type Inventory } from "../../cli/destroy/inventory";
import { differences, remains } from "./inventory";
import type { Lane } from "./lane";
import type { Scenario } from "./scenario";
import { Scene } from "./scene";
import { rowOf, type Row } from "./verdict";

/** How long the alias is watched after the end of an update, so that a late change is not missed. */
const SETTLE_MS = 300;

/** Plays a scenario in a lane where `blue` serves, tidies up as a person would, and judges it. */
export async function play(
  scenario: Scenario,
  lane: Lane,
  releases: { readonly blue: string; readonly green: string },
  tell: (phase: string) => void,
): Promise<Row> {
  const { blue, green } = releases;
  await lane.putModel(green);
  if (scenario.needs !== undefined) {
    tell(`needs a ${scenario.needs}`);
    await lane.provide(scenario.needs, blue);
  }
  const before = await takeInventory(clientConfig(lane.aws));
  const from = Date.now();
  const scene = new Scene(lane, blue, green, tell);
  await noting(scene, "it could not be played", () => scenario.play(scene));
  await new Promise((wake) => setTimeout(wake, SETTLE_MS));
  const playedAt = Date.now();
  await noting(scene, "it could not be ended", () => scene.end());
  if (scenario.expected !== "nothing") {
    lane.letCallersIn();
  }
  if (scene.problems.length === 0) {
    await noting(scene, "tidying up", () => tidyUp(scenario, scene, before));
  }
  return rowOf({
    scenario: scenario.name,
    expected: scenario.expected,
    blue,
    green,
    from,
    playedAt,
    to: Date.now(),
    faultAt: scene.faultAt,
    timeline: lane.watch.timeline,
    answers: lane.answers,
    problems: scene.problems,
  });
}

/** Runs `pulumi up` with the expected release, and checks that state and AWS agree and nothing was left behind. */
async function tidyUp(scenario: Scenario, scene: Scene, before: Inventory): Promise<void> {
  const { lane, blue, green, problems } = scene;
  if (scene.stacks.has("train")) {
    await tidyUpTrain(scene);
  }
  if (scenario.expected === "nothing") {
    problems.push(...differences({}, await takeInventory(clientConfig(lane.aws))));
    return;
  }
  const live = scenario.expected === "blue" ? blue : green;
  if (scene.stacks.has("prod") && (scenario.expected === "blue" || scene.configChanged)) {
    scene.tell(`pulumi up of prod with ${live} once more`);
    await lane.up("prod", live);
  }
  scene.tell("refresh of prod");
  await lane.refreshFindsNothing("prod");
  const after = await takeInventory(clientConfig(lane.aws));
  problems.push(...(scenario.expected === "blue" ? differences(before, after) : remains(before, after, blue)));
  const { deployments = [] } = await new CodeDeployClient(clientConfig(lane.aws)).send(
    new ListDeploymentsCommand({
      applicationName: API_NAME,
      deploymentGroupName: API_NAME,
      includeOnlyStatuses: ["Created", "Queued", "InProgress", "Baking", "Ready"],
    }),
  );
  problems.push(...deployments.map((id) => `deployment ${id} is still running`));
}

/** Removes what was trained. If training has failed, it first trains another release. */
async function tidyUpTrain({ lane, stacks, green, tell }: Scene): Promise<void> {
  if (stacks.get("train") === false) {
    tell("pulumi up of train with another release");
    await lane.up("train", `${green}-b`);
  }
  tell("refresh and destroy of train");
  await lane.refreshFindsNothing("train");
  await lane.destroy("train");
}

/** Does something, and adds an error to the scene's problems. */
async function noting(scene: Scene, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    scene.problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
