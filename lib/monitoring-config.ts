/** The values of stack `prod` that are `false` or an object, and say how its releases are watched. */
import { z } from "zod";
import { text } from "./config-values";
import { PROBLEM_TYPES, QUALITY_MEASURES } from "./monitoring-names";

const MEASURES = Object.values(QUALITY_MEASURES).flat();

const amount = (rule: string) => z.number(rule).positive(rule);

/** What of a `DriftMonitor` is not said by the rest of the config. */
export const drift = z.union(
  [
    z.literal(false),
    z.strictObject({
      engine: z.enum(["own", "modelMonitor"], 'must be "own" or "modelMonitor"').optional(),
      watched: z.array(text).min(1, "must name at least one column").optional(),
      threshold: amount("must be above 0").optional(),
      thresholds: z.record(z.string(), amount("must be above 0")).optional(),
      leastRows: amount("must be above 0").optional(),
      windowSeconds: amount("must be above 0").optional(),
      schedule: text.optional(),
      alarmAfter: z.strictObject({ windows: amount("must be above 0"), of: amount("must be above 0") }).optional(),
      instanceType: text.optional(),
    }),
  ],
  "must be false, or an object with engine, watched, threshold, thresholds, leastRows, windowSeconds, schedule, alarmAfter or instanceType",
);

/** What of an `ApiCanary` is not said by the rest of the config. */
export const canary = z.union(
  [
    z.literal(false),
    z.strictObject({
      intervalMinutes: amount("must be above 0").optional(),
      mostLatencyMs: amount("must be above 0").optional(),
      runtimeVersion: text.optional(),
    }),
  ],
  "must be false, or an object with intervalMinutes, mostLatencyMs or runtimeVersion",
);

/** What of a `ModelQualityMonitor` is not said by the model and the rest of the config. */
export const quality = z.union(
  [
    z.literal(false),
    z.strictObject({
      problemType: z.enum(PROBLEM_TYPES).optional(),
      measure: z.enum(MEASURES).optional(),
      limit: amount("must be above 0").optional(),
      factor: amount("must be above 0").optional(),
      probabilityThreshold: amount("must be above 0").optional(),
      leastPairs: amount("must be above 0").optional(),
      days: amount("must be above 0").optional(),
      schedule: text.optional(),
      instanceType: text.optional(),
    }),
  ],
  `must be false, or an object with problemType (${PROBLEM_TYPES.join(", ")}), measure (${MEASURES.join(", ")}), limit, factor, probabilityThreshold, leastPairs, days, schedule or instanceType`,
);
