/**
 * What those who watch a model must spell alike: the programs, the functions and components, and whoever reads what they write.
 * This file imports nothing, since it is part of functions' bundles.
 */

/**
 * The metrics of drift, in the namespace and with the dimensions of SageMaker Model Monitor. With `MonitoringSchedule` alone they are about
 * the release that most traffic goes to; with `Endpoint` in addition they are about that endpoint.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-cloudwatch.html
 */
export const DRIFT_METRICS = {
  namespace: "aws/sagemaker/Endpoints/data-metrics",
  /** Beginning of the names of the distances, which a feature's name ends. */
  distancePrefix: "feature_baseline_drift_",
  /** The greatest distance of a watched feature, divided by that feature's threshold: above 1 is drift. */
  overThreshold: "drift_over_threshold",
  /** Rows that were compared, or that were too few to be. */
  rows: "drift_rows",
  brokenLines: "drift_broken_lines",
} as const;

/**
 * The metrics of model quality, beside those of drift, of the newest day that has enough labels. A measure such as `rmse` is one metric, and
 * `rmse_lower` and `rmse_upper` are the ends of its interval.
 */
export const QUALITY_METRICS = {
  namespace: DRIFT_METRICS.namespace,
  /** Beginning of the names of the measures. */
  measurePrefix: "model_quality_",
  /** The better end of the watched measure's interval, divided by the limit, or the other way round for a score: above 1 is too bad. */
  overLimit: "model_quality_over_limit",
  /** Predictions of all days of the run that have a label. */
  pairs: "model_quality_pairs",
  brokenLines: "model_quality_broken_lines",
} as const;

/** What `quality.py` measures of each kind of problem, in Model Monitor's words. The first is what is watched if nothing else is said. */
export const QUALITY_MEASURES = {
  Regression: ["rmse"],
  BinaryClassification: ["auc", "f1", "accuracy", "brier"],
} as const satisfies Readonly<Record<ProblemType, readonly string[]>>;
export const PROBLEM_TYPES = ["Regression", "BinaryClassification"] as const;
export type ProblemType = (typeof PROBLEM_TYPES)[number];
export type QualityMeasure = (typeof QUALITY_MEASURES)[ProblemType][number];

/** Measures of which less is better. Of the others 1 is the best. */
export const QUALITY_ERRORS: readonly QualityMeasure[] = ["rmse", "brier"];

/** Environment variable with all that the function which starts quality jobs needs to know, as JSON. */
export const QUALITY_SETTINGS = "QUALITY_SETTINGS";

/** The metrics of the retrain governor's decisions, with its function's name as their dimension `FunctionName`: 1 for what it was, else 0. */
export const RETRAIN_METRICS = {
  namespace: "SageMakerSafeDeploy",
  started: "RetrainingsStarted",
  refused: "RetrainingsRefused",
} as const;

/** Environment variable with all that the function which starts drift jobs needs to know, as JSON. */
export const DRIFT_SETTINGS = "DRIFT_SETTINGS";

/** The dimensions of {@link DRIFT_METRICS} and {@link QUALITY_METRICS}. @param endpoint @default - the release that most traffic goes to */
export function driftDimensions(schedule: string, endpoint?: string): Readonly<Record<string, string>> {
  return { MonitoringSchedule: schedule, ...(endpoint === undefined ? {} : { Endpoint: endpoint }) };
}

/** Names of what watches a model, from the prefix of the model's names, such as `mlops-nyctaxi`. */
export function monitoringNames(prefix: string) {
  return {
    /** What Model Monitor calls the schedule, and the beginning of the names of drift jobs. */
    schedule: `${prefix}-pms`,
    driftAlarm: `${prefix}-drift`,
    /** Tells of drift jobs that have failed. */
    driftJobsAlarm: `${prefix}-drift-jobs`,
    /** The canary of the API, and the alarm on it. */
    canary: `${prefix}-canary`,
    /** The schedule of quality jobs, as `schedule` is that of drift jobs. */
    qualitySchedule: `${prefix}-quality`,
    qualityAlarm: `${prefix}-quality`,
    dashboard: prefix,
  };
}

/** Name of the function that decides on a pipeline's retrainings. */
export function governorName(ofPipeline: string): string {
  return `${ofPipeline}-retrain`;
}

/** Pattern of what Synthetics calls a canary's function and its layer; their log group is `/aws/lambda/` and this. */
export const canaryEngines = (canaryName: string) => `cwsyn-${canaryName.slice(0, 21)}-*`;

/** What Model Monitor's schedule of a release's endpoint is called: another one for each, since two releases are watched for a while. */
export function monitoringScheduleName(monitorName: string, release: string): string {
  return `${monitorName}-${release}`;
}

/** Most characters of a monitor's name, since the names of its jobs have 22 more, and SageMaker takes 63. */
export const MONITOR_NAME_LENGTH = 41;

/** Folder below the prefix of a model in its bucket, and the folders below that. */
export const MONITORING_FOLDER = "monitoring";
export const MONITORING_SUBFOLDERS = {
  /** The programs of the jobs. Only the deployment of production may write here. */
  code: "code",
  /** `<endpoint>/<yyyy>/<mm>/<dd>/<hh>/{statistics,constraint_violations,drift}.json` */
  reports: "reports",
  /** Files of labels, which people and their programs write. Nothing of the project may. */
  labels: "labels",
  /** `<endpoint>/<yyyy-mm-dd>.json` */
  quality: "quality",
  /** `<time>-<id>.json`, one for each decision of the retrain governor. */
  retrain: "retrain",
} as const;

/** Where a canary's script and what its runs leave are, in a bucket of theirs: in the folder `own` if the pipeline has made the bucket. */
export const CANARY_FOLDERS = { own: "canary", script: "script", runs: "runs" } as const;
