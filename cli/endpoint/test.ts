import { apiName } from "../../lib/release";
import { kindOf } from "../../lib/stack-name";
import type { Model } from "../../lib/model";
import { testRowsOf } from "../data/test-file";
import { facts, table, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { counted, histogram, inShort, quantile, sorted } from "../support/numbers";
import { bars, scatter, spanOf } from "../support/text-chart";
import { apiOf } from "../traffic/api";
import { askApi, askEndpoint } from "./ask";
import { evaluate, type Ask, type Predicted, type Tested } from "./evaluate";
import { endpointOf } from "./find";
import { bias, MEASURES } from "./measures";

export interface TestOptions {
  readonly stack: string;
  readonly release?: string;
  readonly test?: string;
  readonly rows?: number;
  readonly rowsPerRequest: number;
  readonly worst: number;
  readonly url?: string;
  readonly chart?: string;
}

/** Requests at a time: a new account's Lambda has ten in all, and a rollout's probes want some of them. */
const AT_A_TIME = 4;
/** Spans of the predictions of a classifier. */
const BINS = 10;

/** `safe-deploy endpoint test` */
export async function test(context: Context, options: TestOptions): Promise<Answer> {
  const { terminal, definition: model } = context;
  const rows = (await testRowsOf(context, options.test)).slice(0, options.rows);
  const { asked, ask } = await whomToAsk(context, options);
  const tested = await evaluate(rows, ask, {
    rowsPerRequest: options.rowsPerRequest,
    atATime: AT_A_TIME,
    onProgress: (done) =>
      terminal.show([
        { text: `asking ${asked} for ${counted(rows.length)} ${model.local.rowsAre}`, detail: `${counted(done)} done` },
      ]),
  });
  const result = resultOf(model, tested, options.worst);
  if (options.chart !== undefined) {
    const { writeChart } = await import("./svg-chart.js");
    await writeChart(options.chart, tested.predicted, { title: asked, target: model.columns.target });
  }
  return {
    json: { asked, rows: rows.length, ...result },
    lines: [
      ...facts({
        asked,
        [model.local.rowsAre]: `${counted(tested.predicted.length)} of ${counted(rows.length)} answered`,
        [result.measure]: inShort(result.value),
        bias: inShort(result.bias),
        latency: latencyInWords(result.latencyMs),
        failures:
          result.failures === 0 ? undefined : `${counted(result.failures)} requests, the first: ${result.failure}`,
      }),
      ...worstInWords(model, result.worst),
      "",
      ...chartOf(model, tested.predicted),
    ],
    exitStatus: result.failures === 0 ? 0 : 1,
  };
}

/** A dev stack's endpoint is asked itself, and production by its API. */
async function whomToAsk({ aws, model, project }: Context, options: TestOptions): Promise<{ asked: string; ask: Ask }> {
  const { stack, release, url } = options;
  const kind = kindOf(stack, project.value(stack, "kind"));
  switch (kind) {
    case "dev": {
      const endpoint = await endpointOf(aws, { model, stack }, release);
      return { asked: endpoint, ask: askEndpoint(aws, endpoint) };
    }
    case "prod": {
      if (release !== undefined) {
        throw new Error(`--release is for a stack of kind dev: callers of stack ${stack} do not choose a release`);
      }
      const api = await apiOf(aws, apiName(model, stack), url);
      return { asked: api.url, ask: askApi(api) };
    }
    default:
      throw new Error(
        `--stack must be of kind dev or prod, got "${stack}", which is of kind ${kind} and serves nothing`,
      );
  }
}

function resultOf({ local: { measure } }: Model, { predicted, tookMs, failures }: Tested, worst: number) {
  const latencies = sorted(tookMs);
  const percentile = (share: number) => Math.round(quantile(latencies, share) * 10) / 10;
  const distance = ({ target, prediction }: Predicted) => Math.abs(prediction - target);
  const farthest = [...predicted].sort((a, b) => distance(b) - distance(a)).slice(0, worst);
  return {
    measure,
    value: MEASURES[measure](predicted),
    bias: bias(predicted),
    latencyMs: { p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99), most: percentile(1) },
    failures: failures.length,
    ...(failures[0] === undefined ? {} : { failure: failures[0] }),
    worst: farthest.map((row) => ({ ...row, error: row.prediction - row.target })),
  };
}

type Result = ReturnType<typeof resultOf>;

function latencyInWords({ p50, p90, p99, most }: Result["latencyMs"]): string | undefined {
  return Number.isNaN(p50) ? undefined : `p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, at most ${most} ms`;
}

function worstInWords({ columns, local }: Model, worst: Result["worst"]): string[] {
  if (worst.length === 0) {
    return [];
  }
  const header = [columns.target, "predicted", "error", columns.inputs.map(({ name }) => name).join(",")];
  const rows = worst.map(({ target, prediction, error, inputs }) => [
    ...[target, prediction, error].map(inShort),
    inputs,
  ]);
  return ["", `The ${local.rowsAre} that were predicted worst:`, ...table([header, ...rows])];
}

/** Numbers by a scatter chart; of classes, how the predictions of each are spread. */
function chartOf({ local: { measure }, columns: { target } }: Model, predicted: readonly Predicted[]): string[] {
  if (predicted.length === 0) {
    return [];
  }
  if (measure === "rmse") {
    const points = predicted.map((one) => [one.target, one.prediction] as const);
    return scatter(points, { x: target, y: "predicted" });
  }
  return [0, 1].flatMap((wanted) => {
    const own = predicted.filter((one) => one.target === wanted).map(({ prediction }) => prediction);
    return [
      `predicted where ${target} is ${wanted}`,
      ...bars(histogram(sorted(own), BINS).map((bin) => [spanOf(bin), bin.count])),
    ];
  });
}
