import {
  CloudWatchClient,
  GetDashboardCommand,
  GetMetricDataCommand,
  GetMetricWidgetImageCommand,
} from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { z } from "zod";
import type { LocalProject } from "../../support/local-project";

const drawn = z.looseObject({ expression: z.string().optional(), stat: z.string().optional() });
const graph = z.looseObject({
  title: z.string(),
  period: z.number(),
  metrics: z.array(z.tuple([drawn]).or(z.tuple([z.string(), z.string(), z.string(), z.string(), drawn]))).optional(),
});
const dashboard = z.object({ widgets: z.array(z.object({ properties: graph.partial({ period: true }) })) });

/** The local AWS measures no instances, and nobody has asked for a retraining. */
const WITHOUT_DATA = /^(Instances|Retraining): /;

/** Sends a caller's request, and expects that every metric on the dashboard has data, and that every graph can be drawn. */
export async function showsWhatHappens({ aws }: LocalProject): Promise<void> {
  const lambda = new LambdaClient(clientConfig(aws));
  const event = { httpMethod: "POST", path: "/api", headers: { "Content-Type": "text/csv" }, body: "9.92,1,1.84" };
  await lambda.send(
    new InvokeCommand({ FunctionName: "mlops-nyctaxi-api", Qualifier: "live", Payload: JSON.stringify(event) }),
  );
  const cloudWatch = new CloudWatchClient(clientConfig(aws));
  const { DashboardBody = "" } = await cloudWatch.send(new GetDashboardCommand({ DashboardName: "mlops-nyctaxi" }));
  const { widgets } = dashboard.parse(JSON.parse(DashboardBody));
  const graphs = widgets.flatMap(({ properties }) => (properties.metrics === undefined ? [] : [properties]));
  const rows = graphs.flatMap(({ title, period = 0, metrics = [] }) =>
    WITHOUT_DATA.test(title) ? [] : metrics.map((row, at) => ({ title: `${title} ${at}`, period, row })),
  );
  expect(rows.length).to.be.at.least(20);

  const [StartTime, EndTime] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 1000)];
  const valuesOf = async ({ row, period }: (typeof rows)[number]) => {
    const [first, name, dimension, value, options] = row;
    const Query =
      typeof first === "string"
        ? {
            MetricStat: {
              Metric: { Namespace: first, MetricName: name, Dimensions: [{ Name: dimension, Value: value }] },
              Period: period,
              Stat: options?.stat,
            },
          }
        : { Expression: first.expression };
    const MetricDataQueries = [{ Id: "one", ...Query }];
    const { MetricDataResults = [] } = await cloudWatch.send(
      new GetMetricDataCommand({ MetricDataQueries, StartTime, EndTime }),
    );
    return MetricDataResults.flatMap(({ Values = [] }) => Values).length;
  };
  // Math over the metrics of a graph has what these have.
  const own = rows.filter(({ row: [first] }) => typeof first === "string" || first.expression?.startsWith("SEARCH"));
  const empty = await Promise.all(own.map(async (one) => ((await valuesOf(one)) === 0 ? [one.title] : [])));
  expect(empty.flat()).to.deep.equal([]);

  for (const properties of graphs) {
    const MetricWidget = JSON.stringify(properties);
    const { MetricWidgetImage = [] } = await cloudWatch.send(new GetMetricWidgetImageCommand({ MetricWidget }));
    expect(MetricWidgetImage.length, properties.title).to.be.greaterThan(1000);
  }
}
