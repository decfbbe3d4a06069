import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { caller, clientSettings, passes, type Caller } from "../run/aws";
import { explained } from "../run/failure";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** What has come of the probes so far; those in flight are not counted yet. */
export interface ProbeCounts {
  /** Probes that were answered with predictions. */
  readonly answered: number;
  /**
   * Probes that were not: the function failed, answered an error, or may not be called. Where AWS itself had trouble that passes,
   * a probe says nothing of the release and counts as neither.
   */
  readonly failed: number;
  /** Why the last of those without predictions had none, whatever it counted as: one short line, without the rows. */
  readonly lastFailure: string | undefined;
}

/** Probes are skipped while so many are in flight: a version that hangs is not flooded. */
const MAX_IN_FLIGHT = 10;

/** API Gateway lets no caller wait for longer. */
const TIMEOUT_MILLISECONDS = 29_000;

const MAX_REASON = 200;

const ANSWER = z.object({ statusCode: z.number(), body: z.string().optional() });
const ERROR_BODY = z.object({ error: z.string() });
const FUNCTION_ERROR = z.object({ errorType: z.string().optional(), errorMessage: z.string().optional() });

/**
 * Sends known rows to one version of the function, at a steady rate, so that a release which nobody calls is judged too. It calls
 * the version directly, whatever share of the traffic the alias gives it. Keeps no process alive.
 */
export class Prober {
  private readonly lambda: Caller<LambdaClient>;
  private readonly inFlight = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
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

  /** Begins at once; does nothing where there is no `probe`, or where it has begun already. */
  start(): void {
    const { probe } = this.inputs;
    if (probe === undefined || this.timer !== undefined) {
      return;
    }
    const beat = () => this.beat(probe.rows);
    this.timer = setInterval(beat, 1000 / probe.perSecond);
    this.timer.unref();
    beat();
  }

  /** Sends no more; resolves with the counts once the probes in flight have come back. */
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

  private beat(rows: readonly string[]): void {
    if (this.inFlight.size < MAX_IN_FLIGHT) {
      const probe = this.probe(rows).finally(() => this.inFlight.delete(probe));
      this.inFlight.add(probe);
    }
  }

  private async probe(rows: readonly string[]): Promise<void> {
    const abortSignal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    const command = new InvokeCommand({
      FunctionName: this.inputs.functionName,
      Qualifier: this.version,
      Payload: JSON.stringify(probeEvent(rows)),
    });
    try {
      const { FunctionError, Payload } = await this.lambda((client) => client.send(command, { abortSignal }));
      const failure = failureIn(Payload?.transformToString() ?? "", FunctionError);
      if (failure === undefined) {
        this.answered += 1;
      } else {
        this.failed += 1;
        this.lastFailure = shortened(failure, rows);
      }
    } catch (error) {
      // The function's fault, though an error of its kind would pass.
      const late = abortSignal.aborted;
      this.failed += passes(error) && !late ? 0 : 1;
      this.lastFailure = late
        ? `no answer within ${TIMEOUT_MILLISECONDS / 1000} s`
        : shortened(explained(error).message, rows);
    }
  }
}

/** What API Gateway would send, marked as it never marks anything: callers cannot pass for probes. */
function probeEvent(rows: readonly string[]): object {
  return {
    safeDeployProbe: true,
    httpMethod: "POST",
    path: "/api",
    headers: { "Content-Type": "text/csv" },
    body: rows.join("\n"),
    isBase64Encoded: false,
  };
}

/** What is wrong with a function's answer; `undefined` for predictions. */
function failureIn(payload: string, functionError: string | undefined): string | undefined {
  if (functionError !== undefined) {
    const { errorType, errorMessage } = FUNCTION_ERROR.safeParse(parsed(payload)).data ?? {};
    const said = [errorType, errorMessage].filter((part) => part !== undefined).join(": ");
    return `the function failed (${functionError})${said === "" ? "" : `: ${said}`}`;
  }
  const answer = ANSWER.safeParse(parsed(payload)).data;
  if (answer?.statusCode === 200) {
    return undefined;
  }
  const error = ERROR_BODY.safeParse(parsed(answer?.body ?? "")).data?.error;
  return `the function answered ${answer?.statusCode ?? "no status"}${error === undefined ? "" : `: ${error}`}`;
}

/** On one line, and with none of the rows, which a function may quote. */
function shortened(reason: string, rows: readonly string[]): string {
  const text = rows.reduce((left, row) => left.replaceAll(row, "<row>"), reason).replace(/\s+/g, " ");
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}...` : text;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // no JSON is no answer
  }
}
