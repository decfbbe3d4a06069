import type { Benchmark } from "./measure";
import { predict } from "./predict";
import { previews } from "./previews";

/** All benchmarks, by the names that the command takes. */
export const BENCHMARKS: Readonly<Record<string, Benchmark>> = { previews, predict };
