import type { Provision } from "./lane";
import type { Scene } from "./scene";

/** What must be live at the end: the release that was live before, the new one, or nothing. */
export type Side = "blue" | "green" | "nothing";

/** One way in which a release can go wrong or be disturbed. */
export interface Scenario {
  /** Lower-case words with hyphens, such as `model-errors`. At most 32 characters: releases are named after it. */
  readonly name: string;
  /** What happens, in one line. */
  readonly tells: string;
  readonly expected: Side;
  /** What must be there besides a release that serves. @default - nothing */
  readonly needs?: Provision;
  /** Plays it on a prod stack that serves under steady traffic. Rejects if it could not be played at all. */
  readonly play: (scene: Scene) => Promise<void>;
}
