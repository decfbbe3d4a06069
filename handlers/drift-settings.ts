import * as z from "zod/mini";
import { DRIFT_SETTINGS } from "../lib/monitoring-names";
import { monitorRules, monitorSettings, text } from "./monitor-settings";

const rules = z.object({
  ...monitorRules,
  windowSeconds: z.number().check(z.positive()),
  /** Folder of a release's baseline, with `{release}` in the place of its id. */
  baselineUri: text(),
});

/** What the starter of drift jobs needs to know. @throws an error that names the variable */
export function driftSettings(): z.output<typeof rules> {
  return monitorSettings(DRIFT_SETTINGS, rules);
}
