import { z } from "zod";
import { METRICS, PROBE_INFERENCE_ID } from "../../lib/contract";
import { facts, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { counted } from "../support/numbers";
import { findCaptured, type Captured, type CapturedBody } from "./captures";
import { logLinesOf, type LogLine } from "./log-lines";

export interface ExplainOptions {
  readonly since?: Date;
  readonly stack: string;
}

/** What the function has noted of a request beside its metrics. */
const noted = z.object({
  RequestId: z.string(),
  Release: z.string(),
  Source: z.string(),
  Endpoint: z.string(),
  StatusCode: z.number(),
  Rows: z.number().optional(),
  [METRICS.modelLatency]: z.number().optional(),
});
type Noted = z.output<typeof noted>;

const DAY_MS = 86_400_000;
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds);

/** `safe-deploy explain` */
export async function explain(
  context: Context,
  id: string,
  { since = ago(DAY_MS), stack }: ExplainOptions,
): Promise<Answer> {
  const { aws, model, terminal } = context;
  const bucket = await context.bucket();
  terminal.progress("reading the log of the API's function");
  const lines = await logLinesOf(aws, { model, stack, since }, id);
  const answered = lines.flatMap(({ message }) => notedIn(message) ?? []).find(({ RequestId }) => RequestId === id);
  const { found, read } = await findCaptured(aws, { model, stack, bucket, since }, id, (done, all) => {
    terminal.progress(`${counted(done)} of ${counted(all)} objects of captures read`);
  });
  if (found === undefined && answered === undefined) {
    throw new Error(
      `"${id}" is neither the event id or inference id of a captured request of stack ${stack} since ${since.toISOString()} ` +
        `(${counted(read)} objects read), nor in the log of its function: look further back with --since, or at another --stack. ` +
        "A capture is written some minutes after its request, and not of each one where capturePercentage is below 100",
    );
  }
  return {
    json: {
      id,
      release: found?.release ?? answered?.Release,
      captured: found,
      answered,
      log: lines,
      objectsRead: read,
    },
    lines: inWords(found, answered, lines, read),
  };
}

function inWords(found: Captured | undefined, answered: Noted | undefined, lines: readonly LogLine[], read: number) {
  const isProbe = answered?.Source === "probe" || found?.inferenceId?.startsWith(PROBE_INFERENCE_ID) === true;
  const others = lines.filter(({ message }) => notedIn(message) === undefined);
  return [
    ...facts({
      release: found?.release ?? answered?.Release,
      endpoint: found?.endpoint ?? answered?.Endpoint,
      "asked by": isProbe ? "a rollout's own probe" : "a caller",
      time: found?.time,
      "event id": found?.eventId,
      "inference id": found?.inferenceId,
      status: answered?.StatusCode,
      rows: answered?.Rows,
      latency: answered?.ModelLatency === undefined ? undefined : `${answered.ModelLatency} ms`,
      capture: found?.uri,
    }),
    ...bodyLines("got", found?.input),
    ...bodyLines("said", found?.output),
    ...(others.length === 0
      ? []
      : ["", "its function logged:", ...others.map(({ time, message }) => `  ${time} ${message}`)]),
    "",
    `${counted(read)} objects of captures read${found === undefined ? ", and it is in none of them" : ""}`,
  ];
}

function bodyLines(what: string, body: CapturedBody | undefined): string[] {
  if (body === undefined) {
    return [];
  }
  const { contentType, data, isBase64 } = body;
  const kind = [contentType, ...(isBase64 ? ["in base64"] : [])].filter((part) => part !== "").join(", ");
  return [
    "",
    `it ${what} (${kind}):`,
    ...data
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`),
  ];
}

/** A line of metrics; `undefined` for any other. */
function notedIn(message: string): Noted | undefined {
  if (!message.startsWith("{")) {
    return undefined;
  }
  try {
    return noted.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
