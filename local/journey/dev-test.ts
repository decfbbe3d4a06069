import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";

/** Rows per request, far below an endpoint's limit. */
const BATCH_ROWS = 500;

/** Sends the rows of a test file (target first) to an endpoint. Root mean square error of its answers, in the target's unit. */
export async function testEndpoint(aws: LocalAws, endpointName: string, testCsv: string): Promise<number> {
  const client = new SageMakerRuntimeClient(clientConfig(aws));
  const rows = testCsv.trim().split("\n").map(splitTarget);
  const squares: number[] = [];
  for (let start = 0; start < rows.length; start += BATCH_ROWS) {
    const batch = rows.slice(start, start + BATCH_ROWS);
    const answer = await client.send(
      new InvokeEndpointCommand({
        EndpointName: endpointName,
        ContentType: "text/csv",
        Accept: "text/csv",
        Body: Buffer.from(batch.map(({ inputs }) => inputs).join("\n")),
      }),
    );
    const predictions = Buffer.from(answer.Body).toString("utf8").trim().split(/[\n,]/).map(Number);
    if (predictions.length !== batch.length) {
      throw new Error(`endpoint ${endpointName} answered ${predictions.length} predictions for ${batch.length} rows`);
    }
    squares.push(...batch.map(({ target }, i) => (target - (predictions[i] ?? NaN)) ** 2));
  }
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** The model's input rows of a test file, without the target. */
export function inputRows(testCsv: string): string[] {
  return testCsv
    .trim()
    .split("\n")
    .map((line) => splitTarget(line).inputs);
}

function splitTarget(line: string): { target: number; inputs: string } {
  const comma = line.indexOf(",");
  return { target: Number(line.slice(0, comma)), inputs: line.slice(comma + 1) };
}
