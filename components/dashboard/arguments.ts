import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import type { WatchedEndpoint } from "../drift-monitor/arguments";
import type { Transform } from "../support/transform";

/** Arguments of {@link Dashboard}. */
export interface DashboardArgs {
  /**
   * Name of the dashboard: at most 255 letters, digits, hyphens and underscores. An account's dashboards have no region, so two of one name
   * are one. Another name replaces it, without any loss.
   */
  readonly dashboardName: string;
  /** Name of the function that answers for the model, such as `safeModel.nodes.api.nodes.predict.function.name`. */
  readonly functionName: pulumi.Input<string>;
  /** Names of the other functions that are drawn beside it, such as the hooks of the rollout. @default - none */
  readonly hookNames?: readonly pulumi.Input<string>[];
  /**
   * Name of the production variant, which is the same for the endpoints of all releases. Whatever endpoint has it is drawn, as soon as it has
   * metrics.
   */
  readonly variantName: pulumi.Input<string>;
  /** ARNs of the alarms of the live release, at most 100. @default - none are shown */
  readonly rolloutAlarmArns?: readonly pulumi.Input<string>[];
  /** What a `DriftMonitor` measures. @default - nothing is shown of drift */
  readonly drift?: DriftWidgets;
  /** What a `RetrainGovernor` decides. @default - nothing is shown of retrainings */
  readonly retrain?: RetrainWidgets;
  /** What a canary of CloudWatch Synthetics sees. @default - nothing is shown of one */
  readonly canary?: CanaryWidgets;
  /** The alarm on the model's quality, whose metric is drawn. @default - nothing is shown of quality */
  readonly quality?: QualityWidgets;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: DashboardTransforms;
}

/** What of drift is shown. */
export interface DriftWidgets {
  /** `monitorName` of the `DriftMonitor`. */
  readonly monitorName: pulumi.Input<string>;
  /** `endpoint` of the `DriftMonitor`, where Model Monitor watches it. @default - the own engine watches whatever has most traffic */
  readonly endpoint?: WatchedEndpoint;
  /** ARN of its alarm. */
  readonly alarmArn: pulumi.Input<string>;
  /** Columns whose distance is drawn, 1 to 100: inputs, and the target for the predictions. */
  readonly features: readonly string[];
  /** Where the line of the greatest distance is that is no drift. @default 0.2 */
  readonly threshold?: number;
  /** Seconds of a window of the monitor. @default 3600 */
  readonly windowSeconds?: number;
}

/** What of retrainings is shown. */
export interface RetrainWidgets {
  /** `functionName` of the `RetrainGovernor`. */
  readonly functionName: pulumi.Input<string>;
}

/** What of a canary is shown. */
export interface CanaryWidgets {
  /** Name of the canary. */
  readonly canaryName: pulumi.Input<string>;
  /** ARN of its alarm. */
  readonly alarmArn: pulumi.Input<string>;
}

/** What of the model's quality is shown. */
export interface QualityWidgets {
  /** ARN of the alarm. */
  readonly alarmArn: pulumi.Input<string>;
}

/** What a program changes of the child of `Dashboard`. */
export interface DashboardTransforms {
  readonly dashboard?: Transform<cloudwatch.DashboardArgs>;
}

/** The child of `Dashboard`, by the key of `transform`. */
export interface DashboardNodes {
  readonly dashboard: cloudwatch.Dashboard;
}
