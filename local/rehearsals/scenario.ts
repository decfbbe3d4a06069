import type { Scene } from "./scene";

/** What is to be live at the end: the release that was live before, the one that was to come, or nothing any more. */
export type Side = "blue" | "green" | "nothing";

/** One way in which a release can go wrong, or be disturbed, to be rehearsed on this machine. */
export interface Scenario {
  /** Lower-case words with hyphens, such as `model-errors`. At most 32 characters: releases are named after it. */
  readonly name: string;
  /** What happens, in one line. */
  readonly tells: string;
  readonly expected: Side;
  /** Does it, from a serving prod stack under steady traffic. Rejects if it could not be played at all. */
  readonly play: (scene: Scene) => Promise<void>;
}
