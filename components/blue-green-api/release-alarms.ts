import * as pulumi from "@pulumi/pulumi";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch";
import { METRICS, releaseDimensions } from "../../lib/contract";
import type { CompleteThresholds, ReleaseAlarmThresholds } from "../../lib/knobs";
import { transform, type Transform } from "../support/transform";

/** Arguments of {@link releaseAlarms}. */
export interface ReleaseAlarmsArgs {
  readonly functionName: string;
  /** The version that serves the release. */
  readonly functionVersion: pulumi.Input<string>;
  readonly aliasName: string;
  readonly release: string;
  readonly thresholds: CompleteThresholds;
  /** Which metrics the function writes: of its answers too, of requests, or none, so that there are Lambda's alone. */
  readonly metrics: WrittenMetrics;
  /** Topic that each tells when it goes to ALARM. @default - nobody is told but the rollout */
  readonly topicArn?: pulumi.Input<string>;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What a program changes of each. */
  readonly transform?: Transform<MetricAlarmArgs>;
}

/** Metrics that there are of a release. */
export type WrittenMetrics = "lambda" | "requests" | "answers";

/** CloudWatch keeps these metrics per minute. */
const PERIOD_SECONDS = 60;

/** A share of fewer in a minute says nothing about the callers alone, or about the probes alone. */
const LEAST_COUNT = 10;

/** What a share is taken of, and what is counted of it: the names of the metrics, and of the callers' part of each. */
interface Share {
  readonly counted: string;
  readonly countedOfCallers: string;
  readonly total: string;
  readonly totalOfCallers: string;
  /** In words, for the alarm's label. */
  readonly what: string;
}

const FAULTS: Share = {
  counted: METRICS.modelFaults,
  countedOfCallers: METRICS.callerFaults,
  total: METRICS.requests,
  totalOfCallers: METRICS.callerRequests,
  what: "requests",
};

const IMPLAUSIBLE: Share = {
  counted: METRICS.predictionsOutOfRange,
  countedOfCallers: METRICS.callerRowsOutOfRange,
  total: METRICS.predictedRows,
  totalOfCallers: METRICS.callerRows,
  what: "rows",
};

/**
 * The alarms that stop a rollout. All of them are about one release. Every release has its own, which stay until the next one has taken
 * over, so trouble of the old release never counts against the new one. Without requests no alarm fires.
 *
 * They tell people too, if there is a topic: once the release has baked, nothing else does. During its rollout two messages come, the alarm's
 * and the rollout's, which says that it has gone back.
 *
 * A function that answers 502 because of its model has not failed itself. Separate metrics count such faults.
 */
export function releaseAlarms(name: string, args: ReleaseAlarmsArgs, parent: pulumi.Resource): MetricAlarm[] {
  const { functionErrors, modelFaultsPercent, latencyP99Ms, predictionsOutOfRangePercent } = args.thresholds;
  const alarms = new AlarmMaker(name, args, parent);
  const ofFunction = [
    ...alarms.overThreshold("alias-errors", functionErrors, alarms.errorsOfAlias()),
    ...alarms.overThreshold("version-errors", functionErrors, alarms.errorsOfVersion()),
  ];
  if (args.metrics === "lambda") {
    return ofFunction;
  }
  return [
    ...ofFunction,
    ...alarms.overShare("model-faults", modelFaultsPercent, FAULTS),
    ...alarms.overThreshold("latency-p99", latencyP99Ms, alarms.latency(), TWO_OF_THREE),
    ...(args.metrics === "answers" ? alarms.overShare("predictions", predictionsOutOfRangePercent, IMPLAUSIBLE) : []),
  ];
}

/** How many alarms a release has with these thresholds. */
export function alarmCount(thresholds: ReleaseAlarmThresholds, metrics: WrittenMetrics): number {
  const { functionErrors, modelFaultsPercent, latencyP99Ms, predictionsOutOfRangePercent } = thresholds;
  // Two alarms share the first.
  const ofFunction = [functionErrors, functionErrors];
  const ofRequests = metrics === "lambda" ? [] : [modelFaultsPercent, latencyP99Ms];
  const ofAnswers = metrics === "answers" ? [predictionsOutOfRangePercent] : [];
  return [...ofFunction, ...ofRequests, ...ofAnswers].filter((one) => one !== false).length;
}

interface Evaluation {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

/** A metric, and what of it is compared with the threshold. */
type Measured = Pick<
  MetricAlarmArgs,
  "namespace" | "metricName" | "dimensions" | "period" | "statistic" | "extendedStatistic"
>;

const AT_ONCE: Evaluation = { evaluationPeriods: 1, datapointsToAlarm: 1 };
/** A single slow minute passes. */
const TWO_OF_THREE: Evaluation = { evaluationPeriods: 3, datapointsToAlarm: 2 };

/**
 * Metric math for a percentage, 0 where the total is too small to tell. It never divides by zero, since AWS does not document what comes of
 * that. The function writes all of an alarm's metrics together, so none is ever missing.
 */
function percentOf(counted: string, total: string): string {
  const isEnough = `${total} >= ${LEAST_COUNT}`;
  return `100 * IF(${isEnough}, ${counted}, 0) / IF(${isEnough}, ${total}, 1)`;
}

class AlarmMaker {
  private readonly dimensions: ReturnType<typeof releaseDimensions>;

  constructor(
    private readonly name: string,
    private readonly args: ReleaseAlarmsArgs,
    private readonly parent: pulumi.Resource,
  ) {
    this.dimensions = releaseDimensions(args.functionName, args.release);
  }

  /** Errors of this version in requests that came through the alias. */
  errorsOfAlias(): Measured {
    const { functionName, functionVersion, aliasName } = this.args;
    return this.errors({ Resource: `${functionName}:${aliasName}`, ExecutedVersion: functionVersion });
  }

  /** Errors of this version in direct calls: the rollout's own. */
  errorsOfVersion(): Measured {
    return this.errors({ Resource: pulumi.interpolate`${this.args.functionName}:${this.args.functionVersion}` });
  }

  latency(): Measured {
    return {
      namespace: METRICS.namespace,
      metricName: METRICS.modelLatency,
      dimensions: this.dimensions,
      extendedStatistic: "p99",
      period: PERIOD_SECONDS,
    };
  }

  /** An alarm for a metric above a number. */
  overThreshold(what: string, threshold: number | false, measured: Measured, evaluation = AT_ONCE): MetricAlarm[] {
    return threshold === false ? [] : [this.alarm(what, threshold, evaluation, measured)];
  }

  /**
   * An alarm for a count above a share of a total: of the callers' alone, of the probes' alone, or of all. Many good answers to probes cannot
   * hide bad ones to callers, nor the other way round.
   */
  overShare(what: string, percent: number | false, share: Share): MetricAlarm[] {
    if (percent === false) {
      return [];
    }
    const sum = (id: string, name: string) => ({
      id,
      metric: {
        namespace: METRICS.namespace,
        metricName: name,
        dimensions: this.dimensions,
        stat: "Sum",
        period: PERIOD_SECONDS,
      },
    });
    const metricQueries = [
      {
        id: "share",
        expression: "IF(callers > probes, IF(callers > all, callers, all), IF(probes > all, probes, all))",
        label: `${share.counted}, percent of the ${share.what} of callers or of probes`,
        returnData: true,
      },
      { id: "all", expression: "100 * counted / total" },
      { id: "callers", expression: percentOf("countedOfCallers", "totalOfCallers") },
      { id: "probes", expression: percentOf("(counted - countedOfCallers)", "(total - totalOfCallers)") },
      sum("counted", share.counted),
      sum("countedOfCallers", share.countedOfCallers),
      sum("total", share.total),
      sum("totalOfCallers", share.totalOfCallers),
    ];
    return [this.alarm(what, percent, AT_ONCE, { metricQueries })];
  }

  private errors(dimensions: Readonly<Record<string, pulumi.Input<string>>>): Measured {
    return {
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: this.args.functionName, ...dimensions },
      statistic: "Sum",
      period: PERIOD_SECONDS,
    };
  }

  private alarm(
    what: string,
    threshold: number,
    evaluation: Evaluation,
    measured: Measured | Pick<MetricAlarmArgs, "metricQueries">,
  ) {
    const { functionName, release, topicArn, tags } = this.args;
    return new MetricAlarm(
      ...transform<MetricAlarmArgs>(
        this.args.transform,
        `${this.name}-${release}-${what}`,
        {
          ...measured,
          ...evaluation,
          name: `${functionName}-${release}-${what}`,
          alarmDescription:
            `Release ${release} of ${functionName}: ${what} above ${threshold}. During its rollout that brings the old release back, ` +
            "and the rollout says so. Later nothing is done by itself.",
          comparisonOperator: "GreaterThanThreshold",
          threshold,
          treatMissingData: "notBreaching",
          alarmActions: topicArn === undefined ? undefined : [topicArn],
          tags,
        },
        { parent: this.parent },
      ),
    );
  }
}
