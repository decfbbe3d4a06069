import type { Stack } from "@pulumi/pulumi/automation";
import type { Tell } from "./progress";
import type { Settings } from "./settings";
import { PROJECT } from "./stack-config";
import { configOf, liveRelease } from "./state";
import { update } from "./update";
import { saveConfig, saveSecrets } from "./workspace";

/**
 * Takes `prod` back to the serving release after a failed update. It runs `up` with the config of that release's own deployment, which
 * removes what the failed release has left.
 *
 * @returns the result in words
 */
export async function goBack(prod: Stack, settings: Settings, tell: Tell): Promise<string> {
  const live = await liveRelease(prod);
  if (live === undefined) {
    return "No release was live before, so there is none to go back to; the next execution goes on with what is there.";
  }
  if (live === settings.release) {
    return `Release ${live} is live all the same: what failed came after its rollout. Retry the stage to finish it.`;
  }
  const config = await configOf(prod, live);
  if (config === undefined) {
    return (
      `Release ${live} serves, but no update of it is in the history, so what release ${settings.release} has left is still there. ` +
      `To remove it: pulumi config set release ${live} --stack prod && pulumi up --stack prod`
    );
  }
  tell(`going back to release ${live}`);
  await saveConfig(prod, settings, { ...config.plain, ...boundary(settings) });
  await saveSecrets(prod, config.secret);
  await update(prod, { tell });
  return `Prod has gone back to release ${live}, which serves; release ${settings.release} is removed.`;
}

/** The build may touch no role without its boundary, and a release that somebody deployed by hand may have none. */
function boundary({ stackConfig: { prod = {} } }: Settings): Record<string, unknown> {
  const { permissionsBoundaryArn } = prod;
  return permissionsBoundaryArn === undefined ? {} : { [`${PROJECT}:permissionsBoundaryArn`]: permissionsBoundaryArn };
}
