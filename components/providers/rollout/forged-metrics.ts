import { METRICS, releaseDimensions } from "../../../lib/contract";
import { counted } from "../support/words";
import type { FunctionVersion } from "./alias";
import type { LambdaRolloutInputs } from "./inputs";
import { inMinutes, MetricData, MINUTE_SECONDS, query } from "./metric-data";

/** What a release is judged by, and the greatest value that one request of the function `predict` writes of it. */
const JUDGED: Readonly<Record<string, number>> = {
  [METRICS.requests]: 1,
  [METRICS.modelFaults]: 1,
  [METRICS.modelRefusals]: 1,
  [METRICS.modelLatency]: Infinity,
  [METRICS.predictedRows]: 100,
  [METRICS.predictionsOutOfRange]: 100,
  [METRICS.callerRequests]: 1,
  [METRICS.callerFaults]: 1,
  [METRICS.callerRows]: 100,
  [METRICS.callerRowsOutOfRange]: 100,
};

type Releases = Readonly<Record<"blue" | "green", Pick<FunctionVersion, "release">>>;

/** The minutes that are looked at: those that begin before `until`. */
interface Span {
  readonly since: Date;
  readonly until: Date;
}

/**
 * Whether somebody else than the function has written the metrics by which a release is judged. CloudWatch makes metrics of what anybody logs
 * in the embedded metric format, in any namespace but AWS's own, so whoever may write a log could hide a bad release's faults among good
 * requests. Nobody but Lambda writes `AWS/Lambda`: the function cannot have written more often than Lambda has called it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
 */
export class ForgedMetrics {
  private readonly data: MetricData;

  constructor(private readonly inputs: Pick<LambdaRolloutInputs, "region" | "functionName" | "kind">) {
    this.data = new MetricData(inputs);
  }

  /** One look: a line about what the function cannot have written in this time, else `undefined`. */
  async look({ blue, green }: Releases, { since, until }: Span): Promise<string | undefined> {
    const { functionName, kind } = this.inputs;
    if (kind !== "api") {
      return undefined;
    }
    const lambda = { namespace: "AWS/Lambda", name: "Invocations", dimensions: { FunctionName: functionName } };
    const asked = [...new Set([blue.release, green.release])].flatMap((release, side) =>
      Object.entries(JUDGED).map(([name, most], i) => ({ name, most, release, id: `m${side}x${i}` })),
    );
    const series = await this.data.read(
      [
        inMinutes("invocations", lambda),
        ...asked.flatMap(({ name, release, id }) => {
          const dimensions = releaseDimensions(functionName, release);
          const metric = { namespace: METRICS.namespace, name, dimensions };
          return ["SampleCount", "Minimum", "Maximum"].map((stat) =>
            query(`${id}${stat}`, metric, stat, MINUTE_SECONDS),
          );
        }),
      ],
      since,
    );
    const values = (id: string, from: number) =>
      [...series(id)].flatMap(([at, value]) => (at >= from && at < until.getTime() ? [value] : []));
    // A line may be of a call of the minute before. So of the minute in which the time begins only the calls count.
    const written = (id: string) => values(id, since.getTime());
    const invocations = total(values("invocations", 0));
    for (const { name, most, release, id } of asked) {
      const least = Math.min(0, ...written(`${id}Minimum`));
      const greatest = Math.max(0, ...written(`${id}Maximum`));
      if (least < 0 || greatest > most) {
        return `metric ${name} of release ${release} has a value of ${least < 0 ? least : greatest}, which function ${functionName} never writes`;
      }
    }
    for (const name of Object.keys(JUDGED)) {
      const lines = total(asked.flatMap((one) => (one.name === name ? written(`${one.id}SampleCount`) : [])));
      if (lines > invocations) {
        return `metric ${name} was written ${counted(lines, "time")}, and Lambda has called function ${functionName} ${counted(invocations, "time")}`;
      }
    }
    return undefined;
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
