import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../service-role";
import type { MonitorArgs, MonitorTransforms } from "./arguments";

/** Where a monitor runs, as its provider says. */
export interface Place {
  readonly partition: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
}

/** What the parts that all monitors share need to know of one kind of them. */
export interface MonitorKind {
  /** What its jobs are about, in descriptions: `drift`. */
  readonly about: string;
  /** The bundled handler of its function. */
  readonly handler: "start-drift" | "start-quality";
  /** The variable that tells the function all that it needs. */
  readonly variable: string;
  /** What the function is told beside what every monitor's is. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the function may do beside starting jobs. */
  readonly starterStatements: (place: Place) => readonly pulumi.Input<Statement>[];
  /** What the program reads of its settings. What is `undefined` is as the program has it. */
  readonly programSettings: Readonly<Record<string, unknown>>;
  /** What the jobs read beside captures and their program. `*` stands for anything within a name. */
  readonly reads: readonly pulumi.Input<string>[];
  /** Folder that everything of the monitor is below. */
  readonly outputUri: pulumi.Input<string>;
  /** Folder that the jobs write to. */
  readonly reportsUri: pulumi.Output<string>;
  /** When the function is called, in EventBridge's words. */
  readonly schedule: string;
  /** Name of the alarm for what the monitor finds. */
  readonly alarmName: string;
}

/** What every monitor has: its arguments, and what a program changes of its children. */
export type AnyMonitorArgs = MonitorArgs & { readonly transform?: MonitorTransforms };
