import type { Scenario } from "../scenario";
import { alarms } from "./alarms";
import { callers } from "./callers";
import { drift } from "./drift";
import { forgery } from "./forgery";
import { hooks } from "./hooks";
import { interruptions } from "./interruptions";
import { models } from "./models";
import { operators } from "./operators";
import { traffic } from "./traffic";
import { retraining } from "./retraining";
import { training } from "./training";
import { watching } from "./watching";

/** Every scenario, the longest first, so that the lanes end at about the same time. */
export const scenarios: readonly Scenario[] = [
  ...interruptions,
  ...training,
  ...models,
  ...callers,
  ...forgery,
  ...hooks,
  ...alarms,
  ...traffic,
  ...operators,
  ...watching,
  // What they need besides takes longer, and stays for those after them.
  ...drift,
  ...retraining,
];
