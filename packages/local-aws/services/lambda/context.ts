import type { AsyncEvents } from "./async-events";
import type { FunctionCalls } from "./calls";
import type { CodeFolders } from "./code";
import type { LayerStore } from "./layer-store";
import type { Pools } from "./pool";
import type { FunctionStore } from "./store";
import type { Local } from "../../core/local";

/** What Lambda's operations work on. */
export interface LambdaContext {
  readonly local: Local;
  readonly store: FunctionStore;
  readonly code: CodeFolders;
  readonly layers: LayerStore;
  readonly pools: Pools;
  readonly calls: FunctionCalls;
  readonly events: AsyncEvents;
}
