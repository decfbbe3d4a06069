import type { Patience } from "../run/patience";
import type { LambdaRolloutInputs } from "./rollout-inputs";
import type { Watch } from "./watch";
import { counted, isFiring } from "./words";

/**
 * Reads what a rollout will be judged by, before it begins: what is in ALARM already would stop it, and what cannot be read would
 * be missed in the middle of it.
 *
 * @returns the alarms that CodeDeploy is to watch instead of its group's; `undefined` for those.
 * @throws where an alarm does not exist, or is in ALARM and this is no emergency.
 */
export async function preCheck(
  inputs: LambdaRolloutInputs,
  watch: Watch,
  patience: Patience,
): Promise<readonly string[] | undefined> {
  const { alarmNames, emergency, release } = inputs;
  await refuseMissing(inputs, watch);
  const firing = await watch.alarms.firing(alarmNames);
  if (firing.length > 0 && !emergency) {
    throw new Error(
      [
        `release ${release} is not rolled out: ${counted(firing.length, "alarm")} that would stop it ${firing.length === 1 ? "is" : "are"} in ALARM already`,
        ...firing.map((alarm) => `  ${isFiring(alarm)}`),
        "Mend what they tell of, wait until they are OK and run pulumi up again; or, where this release is the cure, leave them " +
          "unwatched: pulumi config set emergency true && pulumi up",
      ].join("\n"),
    );
  }
  firing.forEach((alarm) => patience.tell(`EMERGENCY: not watched: ${isFiring(alarm)}`));
  await watch.tryMetrics();
  const ignored = firing.map(({ name }) => name);
  return emergency && alarmNames.length > 0 ? alarmNames.filter((name) => !ignored.includes(name)) : undefined;
}

/** @throws where alarms do not exist: CodeDeploy fails a deployment that it cannot read an alarm for, after the first shift. */
export async function refuseMissing({ alarmNames, release }: LambdaRolloutInputs, watch: Watch): Promise<void> {
  const missing = await watch.alarms.missing(alarmNames);
  if (missing.length > 0) {
    throw new Error(
      `release ${release} is not rolled out: there is no alarm named ${missing.join(", ")} to watch it by: create it, or take it out of alarmNames`,
    );
  }
}
