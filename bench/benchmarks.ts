import { functionSizes } from "./function-sizes";
import type { Benchmark } from "./measure";
import { models } from "./models";
import { polling } from "./polling";
import { predict } from "./predict";
import { previews } from "./previews";
import { quotas } from "./quotas";

/** All benchmarks, by the names that the command takes. */
export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  previews,
  predict,
  "function-sizes": functionSizes,
  models,
  quotas,
  polling,
};
