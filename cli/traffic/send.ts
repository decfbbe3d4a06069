import { setTimeout as sleep } from "node:timers/promises";
import { apiName } from "../../lib/release";
import { requestOf } from "../data/test-rows";
import { testRowsOf } from "../data/test-file";
import { durationOf, facts, table, type Answer as CommandAnswer } from "../support/answer";
import type { Context } from "../support/context";
import { counted, quantile, sorted } from "../support/numbers";
import { apiOf } from "./api";
import type { Answer } from "./caller";
import { Traffic } from "./traffic";

export interface SendOptions {
  readonly stack: string;
  readonly rate: number;
  readonly duration: number;
  readonly test?: string;
  readonly url?: string;
}

/** Requests of one endpoint with one status. */
interface Total {
  /** Empty where no endpoint has answered. */
  readonly endpoint: string;
  /** 0 for no answer. */
  readonly status: number;
  readonly requests: number;
}

/** `safe-deploy traffic send` */
export async function send(context: Context, options: SendOptions): Promise<CommandAnswer> {
  const { aws, model, definition, terminal } = context;
  const rows = await testRowsOf(context, options.test);
  const api = await apiOf(aws, apiName(model, options.stack), options.url);
  const answers: Answer[] = [];
  const sending = `${options.rate} requests a second for ${durationOf(options.duration)}`;
  let last = "";
  const traffic = new Traffic({
    url: api.url,
    access: api.access,
    requests: rows.map((row) => requestOf(definition, row)),
    requestsPerSecond: options.rate,
    onAnswer: (answer) => {
      answers.push(answer);
      const by = byWhom(answer);
      if (by !== last) {
        terminal.tell(`${new Date(answer.sentAt).toISOString().slice(11, 19)}  ${by}`);
        last = by;
      }
      const detail = `${counted(answers.length)} answered, ${counted(failuresOf(answers))} of them not by 200`;
      terminal.show([{ text: sending, detail }]);
    },
  });
  await untilEnd(options.duration);
  await traffic.stop();
  return summaryOf(api.url, api.auth, answers);
}

/** Waits for the end, or for Ctrl-C, after which there is still an answer. */
async function untilEnd(seconds: number): Promise<void> {
  const ending = new AbortController();
  const interrupt = () => ending.abort();
  process.once("SIGINT", interrupt);
  try {
    await sleep(seconds * 1000, undefined, { signal: ending.signal });
  } catch (error) {
    if (!ending.signal.aborted) {
      throw error;
    }
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function summaryOf(url: string, auth: string, answers: readonly Answer[]): CommandAnswer {
  const failed = failuresOf(answers);
  const totals = totalsOf(answers);
  const latencies = sorted(answers.map(({ tookMs }) => tookMs));
  const [p50, p99] = [0.5, 0.99].map((share) => Math.round(quantile(latencies, share) * 10) / 10);
  return {
    json: { url, auth, sent: answers.length, failed, latencyMs: { p50, p99 }, totals },
    lines: [
      ...facts({
        url,
        sent: counted(answers.length),
        "not answered by 200": counted(failed),
        latency: answers.length === 0 ? undefined : `p50 ${p50} ms, p99 ${p99} ms`,
      }),
      "",
      ...table([
        ["answered by", "status", "requests"],
        ...totals.map(({ endpoint, status, requests }) => [
          endpoint === "" ? "(no endpoint)" : endpoint,
          status === 0 ? "none" : String(status),
          counted(requests),
        ]),
      ]),
    ],
    exitStatus: failed === 0 && answers.length > 0 ? 0 : 1,
  };
}

/** Counts by endpoint and status, in the order in which they were first seen. */
function totalsOf(answers: readonly Answer[]): Total[] {
  const totals = new Map<string, Total>();
  for (const answer of answers) {
    const { endpoint, status } = answer;
    const requests = (totals.get(byWhom(answer))?.requests ?? 0) + 1;
    totals.set(byWhom(answer), { endpoint, status, requests });
  }
  return [...totals.values()];
}

const failuresOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 200).length;

const byWhom = ({ status, endpoint }: Answer) =>
  [status === 0 ? "no answer" : String(status), ...(endpoint === "" ? [] : [endpoint])].join(" ");
