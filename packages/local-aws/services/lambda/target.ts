import type { FunctionVersion, LambdaFunction } from "./store";

/** What a call is for: a function, the version that is to answer, and how the caller named it. */
export interface Target {
  readonly owner: LambdaFunction;
  readonly version: FunctionVersion;
  /** The alias or version that the caller named, if any. */
  readonly qualifier: string | undefined;
  /** Whether the caller named an alias that has two versions. */
  readonly isWeighted: boolean;
}
