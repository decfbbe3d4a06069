import type { TestRow } from "../data/test-rows";
import type { Pair } from "./measures";

/** A prediction for a row, or why there is none. */
export type Predicted = TestRow & Pair;

/** What asking for some rows' predictions came to. */
interface Asked {
  readonly tookMs: number;
  /** Text of the answer: predictions as CSV. */
  readonly answer?: string;
  /** Why there are no predictions. */
  readonly failure?: string;
}

/** Asks for the predictions of rows, which are lines of CSV. */
export type Ask = (rows: string) => Promise<Asked>;

/** The answers to a test file. */
export interface Tested {
  /** Rows with their predictions, in the order of the file. */
  readonly predicted: readonly Predicted[];
  /** Milliseconds that each answered request took. */
  readonly tookMs: readonly number[];
  /** Why requests were not answered, in the order of the file. */
  readonly failures: readonly string[];
}

export interface EvaluateOptions {
  /** Rows of a request. */
  readonly rowsPerRequest: number;
  /** Requests at a time. @default 1 */
  readonly atATime?: number;
  readonly onProgress?: (rowsDone: number) => void;
}

/** Asks for the predictions of all rows of a test file. */
export async function evaluate(rows: readonly TestRow[], ask: Ask, options: EvaluateOptions): Promise<Tested> {
  const { rowsPerRequest, atATime = 1, onProgress } = options;
  const batches = Array.from({ length: Math.ceil(rows.length / rowsPerRequest) }, (_, i) =>
    rows.slice(i * rowsPerRequest, (i + 1) * rowsPerRequest),
  );
  const answers: { readonly predicted: readonly Predicted[]; readonly tookMs?: number; readonly failure?: string }[] =
    [];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let at = next++; at < batches.length; at = next++) {
      const batch = batches[at] ?? [];
      answers[at] = await predictedBy(ask, batch);
      onProgress?.((done += batch.length));
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return {
    predicted: answers.flatMap(({ predicted }) => predicted),
    tookMs: answers.flatMap(({ tookMs, failure }) => (tookMs === undefined || failure !== undefined ? [] : [tookMs])),
    failures: answers.flatMap(({ failure }) => failure ?? []),
  };
}

/** The rows with their predictions. @throws if a request was not answered */
export function answered({ predicted, failures }: Tested): readonly Predicted[] {
  const [failure] = failures;
  if (failure !== undefined) {
    throw new Error(`${failures.length} requests were not answered, the first: ${failure}`);
  }
  return predicted;
}

async function predictedBy(ask: Ask, rows: readonly TestRow[]) {
  const { tookMs, answer, failure } = await ask(rows.map(({ inputs }) => inputs).join("\n"));
  if (answer === undefined) {
    return { predicted: [], tookMs, failure: failure ?? "there was no answer" };
  }
  const predictions = answer.trim().split(/[\n,]/).map(Number);
  if (predictions.length !== rows.length || !predictions.every(Number.isFinite)) {
    const shown = answer.length > 80 ? `${answer.slice(0, 80)}…` : answer;
    return { predicted: [], tookMs, failure: `${rows.length} rows were answered with "${shown}", not a number each` };
  }
  return { predicted: rows.map((row, i) => ({ ...row, prediction: predictions[i] ?? NaN })), tookMs };
}
