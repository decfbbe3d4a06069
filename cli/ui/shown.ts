/**
 * What the page shows, as it goes to the browser. This file imports nothing and has only types: the page's own modules are checked against
 * them too.
 */

/** What stays the same as long as the page is served. */
export interface About {
  readonly model: string;
  readonly pipelineName: string;
  readonly region: string;
  /** Number of the account. */
  readonly account: string;
  /** How long the time is that charts show, in seconds. */
  readonly windowSeconds: number;
  /** How many times faster than on AWS time passes; `undefined` against AWS itself. */
  readonly localSpeed?: number;
}

/** One part of the page, as it was when it was last asked for. */
export interface Part<T> {
  /** When it was asked for, as ISO 8601. */
  readonly at: string;
  /** How often it is asked for. More seldom than usual where AWS has throttled. */
  readonly everySeconds: number;
  /** @default - it could not be had yet */
  readonly value?: T;
  /** Why it could not be had, for people. */
  readonly problem?: string;
}

/** The parts of the page, each of which is asked for by itself. */
export interface Parts {
  readonly pipeline: PipelineShown;
  readonly rollout: RolloutShown;
  readonly traffic: TrafficShown;
  readonly endpoints: readonly EndpointShown[];
  readonly alarms: readonly AlarmShown[];
  readonly drift: DriftShown;
  readonly dashboard: readonly WidgetShown[];
  readonly retrain: readonly DecisionShown[];
  readonly history: readonly HappeningShown[];
  /** Only on the local AWS. */
  readonly faults: FaultsShown;
}

export type PartName = keyof Parts;

/** Everything at one time: what a frozen page has in it. */
export interface Shown {
  readonly about: About;
  readonly parts: { readonly [K in PartName]?: Part<Parts[K]> };
  /** When it was frozen, as ISO 8601. @default - it is alive */
  readonly frozenAt?: string;
}

export interface PipelineShown {
  readonly stages: readonly StageShown[];
  /** The newest executions, newest first. */
  readonly executions: readonly ExecutionShown[];
  /** @default - no release waits for somebody */
  readonly approval?: ApprovalShown;
}

export interface StageShown {
  readonly name: string;
  /** CodePipeline's word; "" if nothing has come so far. */
  readonly status: string;
  /** The execution that was here last. */
  readonly execution: string;
  readonly changedAt?: string;
  /** What a build says at the moment, or why it has failed. */
  readonly line?: string;
}

export interface ExecutionShown {
  readonly id: string;
  readonly status: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly commit?: string;
}

export interface ApprovalShown {
  readonly execution: string;
  /** What is known of the release. */
  readonly text: string;
}

export interface RolloutShown {
  /** Shares of the traffic, between 0 and 1; the greatest first. */
  readonly shares: readonly { readonly release: string; readonly version: string; readonly share: number }[];
  /** The newest deployment. @default - there has been none */
  readonly deployment?: DeploymentShown;
  /** What each side of the newest deployment has answered since it began. */
  readonly sides: readonly SideShown[];
}

export interface DeploymentShown {
  readonly id: string;
  /** CodeDeploy's word. */
  readonly status: string;
  readonly isUnderWay: boolean;
  readonly isRollback: boolean;
  /** The release that it brings. */
  readonly release: string;
  readonly createdAt?: string;
  readonly completedAt?: string;
  /** Why it has failed. */
  readonly why?: string;
}

export interface SideShown {
  readonly side: "blue" | "green";
  readonly release: string;
  readonly version: string;
  readonly requests: number;
  readonly faults: number;
  /** Milliseconds in the last five minutes of AWS's time that have answers. */
  readonly p50Ms?: number;
  readonly p90Ms?: number;
}

/** A line of a chart. */
export interface SeriesShown {
  readonly label: string;
  readonly isAtRight: boolean;
  /** Milliseconds since 1970, and the value. */
  readonly points: readonly (readonly [number, number])[];
}

export interface TrafficShown {
  /** Requests of callers by release. */
  readonly series: readonly SeriesShown[];
  /** How long the time of each point is. */
  readonly pointSeconds: number;
}

export interface EndpointShown {
  readonly name: string;
  /** SageMaker's word. */
  readonly status: string;
  readonly instances: number;
  readonly wantedInstances: number;
  readonly createdAt?: string;
  /** Why it has failed. */
  readonly why?: string;
}

export interface AlarmShown {
  readonly name: string;
  /** CloudWatch's word. */
  readonly state: string;
  readonly since?: string;
  readonly reason: string;
}

export interface DriftShown {
  /** By column, the most drifted first. */
  readonly features: readonly FeatureShown[];
  /** Which report they are from. @default - there is none */
  readonly report?: { readonly endpoint: string; readonly at: string; readonly rows: number; readonly outcome: string };
}

export interface FeatureShown {
  readonly name: string;
  /** Robust distance from the training data, 0 to 1; `null` if the column had no values. */
  readonly distance: number | null;
  readonly threshold: number;
  /** Population stability index. */
  readonly psi: number | null;
  readonly isViolated: boolean;
}

/** A widget of the dashboard. */
export interface WidgetShown {
  readonly title: string;
  /** What the axes count. */
  readonly unit: string;
  readonly unitAtRight?: string;
  readonly isStacked: boolean;
  readonly series: readonly SeriesShown[];
  readonly lines: readonly { readonly value: number; readonly label: string }[];
  /** Names of alarms, where it shows their states. */
  readonly alarms: readonly string[];
}

/** A decision of the retrain governor. */
export interface DecisionShown {
  readonly at: string;
  readonly isStarted: boolean;
  /** Who has asked. */
  readonly reason: string;
  readonly why: string;
  readonly execution?: string;
}

/** Something that has happened. */
export interface HappeningShown {
  readonly at: string;
  readonly kind: "release" | "rollout" | "alarm" | "retrain";
  readonly text: string;
  /** Whether it is good news, bad news or none of them. */
  readonly mood: "good" | "bad" | "plain";
}

export interface FaultsShown {
  readonly set: readonly { readonly kind: string; readonly target: string }[];
}

/** What an operator asks for by a button: the name of a member, with what it takes. */
export interface Orders {
  readonly approve: AnswerOrder;
  readonly reject: AnswerOrder;
  /** Does nothing, and tells what `rollback` would do. */
  readonly "plan-rollback": Readonly<Record<string, never>>;
  /** Does what was told, if that is still the way back. */
  readonly rollback: { readonly plan: string };
  readonly retrain: { readonly reason: string };
  readonly fault: { readonly kind: "model-errors" | "model-slow"; readonly endpoint: string };
  readonly "end-faults": Readonly<Record<string, never>>;
}

interface AnswerOrder {
  readonly execution: string;
  readonly comment: string;
}
