import * as z from "zod/mini";
import { QUALITY_SETTINGS } from "../lib/monitoring-names";
import { monitorRules, monitorSettings, text } from "./monitor-settings";

const rules = z.object({
  ...monitorRules,
  /** Days that each run of the schedule looks at. */
  days: z.number().check(z.positive()),
  labelsUri: text(),
  /** The training whose metric is the limit, if that is not among the program's settings. */
  training: z.optional(
    z.object({
      /** Name of a release's training job, with `{release}` in the place of its id. */
      jobName: text(),
      metricName: text(),
      /** How many times as wrong as in the training the release may be. */
      factor: z.number().check(z.positive()),
      /** Whether less of the metric is better; if not, 1 is the best. */
      isError: z.boolean(),
    }),
  ),
});
export type QualitySettings = z.output<typeof rules>;

/** What the starter of quality jobs needs to know. @throws an error that names the variable */
export function qualitySettings(): QualitySettings {
  return monitorSettings(QUALITY_SETTINGS, rules);
}
