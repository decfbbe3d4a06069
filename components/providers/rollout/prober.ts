import { isDeepStrictEqual } from "node:util";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { probeEvent } from "../../../lib/contract";
import { explained } from "../../../lib/errors";
import { caller, clientSettings, passes, type Caller } from "../support/aws";
import type { LambdaRolloutInputs } from "./inputs";

/** The results of the probes so far, without those in flight. */
export interface ProbeCounts {
  /** Probes that got a good answer. */
  readonly answered: number;
  /**
   * Probes that did not: the function failed, answered something else, or may not be called. If AWS itself had passing trouble, the probe
   * says nothing about the release and counts as neither.
   */
  readonly failed: number;
  /** Why the last probe without a good answer had none, whether it counted or not: one short line, without what was sent. */
  readonly lastFailure: string | undefined;
}

/**
 * Probes are skipped while so many are in flight, so that a version that hangs is not flooded, and callers keep what is left: a new account may
 * have no more than 10 executions at a time. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
const MAX_IN_FLIGHT = 2;

/** API Gateway lets no caller wait longer. */
const TIMEOUT_MILLISECONDS = 29_000;

const MAX_REASON = 200;

const ANSWER = z.object({ statusCode: z.number(), body: z.string().optional() });
const ERROR_BODY = z.object({ error: z.string() });
const FUNCTION_ERROR = z.object({ errorType: z.string().optional(), errorMessage: z.string().optional() });

/**
 * Sends known requests to one version of the function, at a steady rate, so that a release which nobody calls is judged too. It calls the
 * version directly, whatever share of the traffic the alias gives it. It does not keep the process alive.
 */
export class Prober {
  private readonly lambda: Caller<LambdaClient>;
  private readonly inFlight = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;
  private answered = 0;
  private failed = 0;
  private lastFailure: string | undefined;

  /** @param version Published version that is probed. */
  constructor(
    private readonly inputs: Pick<LambdaRolloutInputs, "region" | "functionName" | "probe">,
    private readonly version: string,
  ) {
    this.lambda = caller(() => new LambdaClient(clientSettings(inputs.region)));
  }

  /** Begins at once. Does nothing without a `probe`, or if it has begun already. */
  start(): void {
    const { probe } = this.inputs;
    if (probe === undefined || this.timer !== undefined) {
      return;
    }
    const requests = requestsOf(probe);
    const beat = () => this.beat(requests);
    this.timer = setInterval(beat, 1000 / probe.perSecond);
    this.timer.unref();
    beat();
  }

  /** Stops sending. Resolves with the counts once the probes in flight have come back. */
  async stop(): Promise<ProbeCounts> {
    clearInterval(this.timer);
    this.timer = undefined;
    await Promise.all(this.inFlight);
    return this.counts();
  }

  counts(): ProbeCounts {
    const { answered, failed, lastFailure } = this;
    return { answered, failed, lastFailure };
  }

  private beat(requests: readonly Request[]): void {
    const request = requests[this.turn % requests.length];
    if (request !== undefined && this.inFlight.size < MAX_IN_FLIGHT) {
      this.turn += 1;
      const probe = this.probe(request).finally(() => this.inFlight.delete(probe));
      this.inFlight.add(probe);
    }
  }

  private async probe({ event, hidden, problem }: Request): Promise<void> {
    const abortSignal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    const command = new InvokeCommand({
      FunctionName: this.inputs.functionName,
      Qualifier: this.version,
      Payload: event,
    });
    try {
      const { FunctionError, Payload } = await this.lambda((client) => client.send(command, { abortSignal }));
      const answer = Payload?.transformToString() ?? "";
      const failure = functionFailure(answer, FunctionError) ?? problem(answer);
      if (failure === undefined) {
        this.answered += 1;
      } else {
        this.failed += 1;
        this.lastFailure = shortened(failure, hidden);
      }
    } catch (error) {
      // This is the function's fault, though the error looks like a passing one.
      const late = abortSignal.aborted;
      this.failed += passes(error) && !late ? 0 : 1;
      this.lastFailure = late
        ? `no answer within ${TIMEOUT_MILLISECONDS / 1000} s`
        : shortened(explained(error).message, hidden);
    }
  }
}

/** What each probe sends, and how it judges the answer. */
interface Request {
  readonly event: string;
  /** Texts that must not appear in messages, though a function may quote them. */
  readonly hidden: readonly string[];
  /** What is wrong with the answer of a function that did not fail. */
  readonly problem: (answer: string) => string | undefined;
}

/** What is sent in turn. */
function requestsOf({ rows, requests, event = "{}", expect }: NonNullable<LambdaRolloutInputs["probe"]>): Request[] {
  if (rows !== undefined) {
    return [forPredict(probeEvent({ body: rows.join("\n") }), rows)];
  }
  if (requests !== undefined) {
    return requests.map(({ contentType, ...known }) => forPredict(probeEvent(known, contentType), [known.body]));
  }
  const wanted = expect === undefined ? undefined : parsed(expect);
  const problem = (answer: string) => (wanted === undefined ? undefined : mismatch(wanted, parsed(answer), "answer"));
  return [{ event, hidden: [], problem }];
}

function forPredict(event: object, hidden: readonly string[]): Request {
  return { event: JSON.stringify(event), hidden, problem: noPredictions };
}

/** How the function failed, if it did. */
function functionFailure(payload: string, functionError: string | undefined): string | undefined {
  if (functionError === undefined) {
    return undefined;
  }
  const { errorType, errorMessage } = FUNCTION_ERROR.safeParse(parsed(payload)).data ?? {};
  const said = [errorType, errorMessage].filter((part) => part !== undefined).join(": ");
  return `the function failed (${functionError})${said === "" ? "" : `: ${said}`}`;
}

/** What is wrong with the answer of `predict`; `undefined` for predictions. */
function noPredictions(payload: string): string | undefined {
  const answer = ANSWER.safeParse(parsed(payload)).data;
  if (answer?.statusCode === 200) {
    return undefined;
  }
  const error = ERROR_BODY.safeParse(parsed(answer?.body ?? "")).data?.error;
  return `the function answered ${answer?.statusCode ?? "no status"}${error === undefined ? "" : `: ${error}`}`;
}

/** Where an answer lacks what it must contain. An object must have the named members; everything else must be equal. */
function mismatch(wanted: unknown, got: unknown, path: string): string | undefined {
  if (isRecord(wanted) && isRecord(got)) {
    for (const [key, value] of Object.entries(wanted)) {
      const problem = mismatch(value, got[key], `${path}.${key}`);
      if (problem !== undefined) {
        return problem;
      }
    }
    return undefined;
  }
  // The answer itself is not shown, since it may be anybody's data, unless it cannot be.
  const shown = typeof got === "number" || typeof got === "boolean" || got === undefined ? `: got ${got}` : "";
  return isDeepStrictEqual(wanted, got) ? undefined : `${path} is not what the probe expects${shown}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text on one line, without anything that was sent: a function may quote it. */
function shortened(reason: string, hidden: readonly string[]): string {
  const text = hidden.reduce((left, row) => left.replaceAll(row, "<row>"), reason).replace(/\s+/g, " ");
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}...` : text;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // no JSON is no answer
  }
}
