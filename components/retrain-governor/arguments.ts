import type * as pulumi from "@pulumi/pulumi";
import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as lambda from "@pulumi/aws/lambda";
import type { RetrainRules } from "../../lib/contract";
import type { FunctionNodes, FunctionTransforms } from "../blue-green-api/transforms";
import { scheduleProblems } from "../monitoring/checks";
import { unknownKeys } from "../support/problems";
import type { Transform } from "../support/transform";

/** When a pipeline retrains by itself, and what it asks for. Another value is an update in place. */
export interface RetrainSettings {
  /** Alarms that ask for a retraining when they go to ALARM, of the pipeline's account and region. @default - `mlops-<model>-drift`, `-quality` */
  readonly alarmNames?: readonly pulumi.Input<string>[];
  /**
   * When it looks at the alarms by itself, and decides again while one of them is on: `rate(…)` or `cron(…)` of EventBridge, in UTC.
   * @default rate(1 day)
   */
  readonly lookSchedule?: string;
  /** Hours after a retraining in which there is no other, 0 or more. @default 24 */
  readonly cooldownHours?: number;
  /** Retrainings within any 24 hours, 1 or more. @default 1 */
  readonly maximumPerDay?: number;
  /**
   * Whether `data-source.zip` must be another version than the last successful execution had. Say no if the data that it names change
   * without it. @default true
   */
  readonly requireNewData?: boolean;
  /**
   * Minutes after a deployment of CodeDeploy in which its release may still bake, 0 or more: `bakeSeconds` and `undecidedSeconds` of the
   * rollout. A rollout of the pipeline's own is an execution that is under way anyway. @default 60
   */
  readonly settleMinutes?: number;
}

/** Arguments of {@link RetrainGovernor}. */
export interface RetrainGovernorArgs extends RetrainSettings {
  /** Name of the pipeline. It must declare a variable `reason`. The function is called `<name>-retrain`. Another one replaces everything. */
  readonly pipelineName: string;
  /** ARN of the pipeline. */
  readonly pipelineArn: pulumi.Input<string>;
  /** The alarms that ask for a retraining. */
  readonly alarmNames: readonly pulumi.Input<string>[];
  /** The versioned object that the pipeline trains on. */
  readonly data: {
    readonly bucket: pulumi.Input<string>;
    readonly key: pulumi.Input<string>;
    /** Name of the pipeline's source action that takes it. */
    readonly sourceAction: string;
  };
  /** CodeDeploy's application, and its deployment group of the same name, whose deployments are rollouts. It need not be there yet. */
  readonly rolloutApplication: pulumi.Input<string>;
  /** Bucket and folder in which every decision is kept, as one JSON file. */
  readonly decisions: { readonly bucket: pulumi.Input<string>; readonly folder: string };
  /** ARN of the SNS topic that is told of every decision, and of errors. */
  readonly topicArn: pulumi.Input<string>;
  /** ARNs of the KMS keys of the topic and of the bucket of the decisions. @default - none is needed */
  readonly kmsKeyArns?: readonly pulumi.Input<string>[];
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: RetrainGovernorTransforms;
}

/** What a program changes of the children of a {@link RetrainGovernor}. */
export interface RetrainGovernorTransforms extends FunctionTransforms {
  /** The rule that passes the alarms on. */
  readonly rule?: Transform<cloudwatch.EventRuleArgs>;
  readonly target?: Transform<cloudwatch.EventTargetArgs>;
  readonly permission?: Transform<lambda.PermissionArgs>;
  /** The rule that has the alarms looked at. */
  readonly lookRule?: Transform<cloudwatch.EventRuleArgs>;
  readonly lookTarget?: Transform<cloudwatch.EventTargetArgs>;
  readonly lookPermission?: Transform<lambda.PermissionArgs>;
  /** The alarm for errors of the function. */
  readonly errorAlarm?: Transform<cloudwatch.MetricAlarmArgs>;
}

/** The children of a {@link RetrainGovernor}. */
export interface RetrainGovernorNodes extends FunctionNodes {
  readonly rule: cloudwatch.EventRule;
  readonly target: cloudwatch.EventTarget;
  readonly permission: lambda.Permission;
  readonly lookRule: cloudwatch.EventRule;
  readonly lookTarget: cloudwatch.EventTarget;
  readonly lookPermission: lambda.Permission;
  readonly errorAlarm: cloudwatch.MetricAlarm;
}

export const LOOK_SCHEDULE = "rate(1 day)";

/** DescribeAlarms takes no more names. */
const MOST_ALARMS = 100;

/** Every setting; the compiler sees that none is missing. */
const SETTINGS: Readonly<Record<keyof Required<RetrainSettings>, true>> = {
  alarmNames: true,
  lookSchedule: true,
  cooldownHours: true,
  maximumPerDay: true,
  requireNewData: true,
  settleMinutes: true,
};

/** What is wrong with the settings of a pipeline, one line each. @param path the argument that they are */
export function problemsOfSettings(settings: RetrainSettings | false, path: string): string[] {
  return settings === false
    ? []
    : [...unknownKeys(settings, Object.keys(SETTINGS), path), ...problemsOfRules(settings, `${path}.`)];
}

/** The rules with their defaults. */
export function rulesOf(settings: RetrainSettings): RetrainRules {
  const { cooldownHours = 24, maximumPerDay = 1, requireNewData = true, settleMinutes = 60 } = settings;
  return { cooldownHours, maximumPerDay, requireNewData, settleMinutes };
}

/** What is wrong with them, one line each. @param path what comes before each key */
export function problemsOfRules(settings: RetrainSettings, path = ""): string[] {
  const { cooldownHours, maximumPerDay, settleMinutes } = rulesOf(settings);
  const { alarmNames, lookSchedule } = settings;
  const atLeastZero = { cooldownHours, settleMinutes };
  return [
    ...Object.entries(atLeastZero).flatMap(([key, value]) =>
      Number.isFinite(value) && value >= 0 ? [] : [`${path}${key} must be 0 or more, got ${value}`],
    ),
    ...(Number.isInteger(maximumPerDay) && maximumPerDay >= 1
      ? []
      : [`${path}maximumPerDay must be a whole number, 1 or more, got ${maximumPerDay}`]),
    ...(alarmNames?.length === 0 ? [`${path}alarmNames must name an alarm: leave it out for the default`] : []),
    ...(alarmNames !== undefined && alarmNames.length > MOST_ALARMS
      ? [`${path}alarmNames must be at most ${MOST_ALARMS} alarms, got ${alarmNames.length}`]
      : []),
    ...scheduleProblems(lookSchedule, `${path}lookSchedule`),
  ];
}
