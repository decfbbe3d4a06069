import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { Model } from "../../lib/model";
import { testRows, type TestRow } from "./test-rows";

/** Rows per request, far below an endpoint's limit. */
const BATCH_ROWS = 500;

/** What was to be predicted, and what was. */
interface Pair {
  readonly target: number;
  readonly prediction: number;
}

/** Sends the rows of a test file to an endpoint. How good its answers are, by the model's own measure. */
export async function testEndpoint(
  aws: LocalAws,
  endpointName: string,
  model: Model,
  testCsv: string,
): Promise<number> {
  const client = new SageMakerRuntimeClient(clientConfig(aws));
  const rows = testRows(testCsv);
  const pairs: Pair[] = [];
  for (let start = 0; start < rows.length; start += BATCH_ROWS) {
    pairs.push(...(await predicted(client, endpointName, rows.slice(start, start + BATCH_ROWS))));
  }
  return MEASURES[model.local.measure](pairs);
}

async function predicted(
  client: SageMakerRuntimeClient,
  endpointName: string,
  rows: readonly TestRow[],
): Promise<Pair[]> {
  const answer = await client.send(
    new InvokeEndpointCommand({
      EndpointName: endpointName,
      ContentType: "text/csv",
      Accept: "text/csv",
      Body: Buffer.from(rows.map(({ inputs }) => inputs).join("\n")),
    }),
  );
  const predictions = Buffer.from(answer.Body).toString("utf8").trim().split(/[\n,]/).map(Number);
  if (predictions.length !== rows.length) {
    throw new Error(`endpoint ${endpointName} answered ${predictions.length} predictions for ${rows.length} rows`);
  }
  return rows.map(({ target }, i) => ({ target, prediction: predictions[i] ?? NaN }));
}

const MEASURES: Readonly<Record<Model["local"]["measure"], (pairs: readonly Pair[]) => number>> = { rmse, auc };

/** Root mean square error, in the target's unit. */
export function rmse(pairs: readonly Pair[]): number {
  const squares = pairs.map(({ target, prediction }) => (target - prediction) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** Area under the ROC curve: how often a row whose target is 1 is predicted higher than one whose target is 0; equal ones count half. */
export function auc(pairs: readonly Pair[]): number {
  const [ones, zeros] = [pairs.filter(({ target }) => target === 1), pairs.filter(({ target }) => target !== 1)];
  const wins = ones.flatMap((one) =>
    zeros.map((zero): number => (one.prediction > zero.prediction ? 1 : one.prediction === zero.prediction ? 0.5 : 0)),
  );
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}
