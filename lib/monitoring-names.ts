/**
 * What those who watch a model must spell alike: the programs of drift, the functions and components, and whoever reads what they write.
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

/** Environment variable with all that the function which starts drift jobs needs to know, as JSON. */
export const DRIFT_SETTINGS = "DRIFT_SETTINGS";

/** The dimensions of {@link DRIFT_METRICS}. @param endpoint @default - the release that most traffic goes to */
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
  };
}

/** Pattern of what Synthetics calls a canary's function and its layer; their log group is `/aws/lambda/` and this. */
export const canaryEngines = (canaryName: string) => `cwsyn-${canaryName.slice(0, 21)}-*`;

/** Most characters of a monitor's name, since the names of its jobs have 22 more, and SageMaker takes 63. */
export const MONITOR_NAME_LENGTH = 41;

/** Folder below the prefix of a model in its bucket, and the folders below that. */
export const MONITORING_FOLDER = "monitoring";
export const MONITORING_SUBFOLDERS = {
  /** The programs of drift jobs. Only the deployment of production may write here. */
  code: "code",
  /** `<endpoint>/<yyyy>/<mm>/<dd>/<hh>/{statistics,constraint_violations,drift}.json` */
  reports: "reports",
  /** `<time>-<id>.json`, one for each decision of the retrain governor. */
  retrain: "retrain",
  /** The script of the canary, `script/`, and what its runs leave, `runs/`. */
  canary: "canary",
} as const;
