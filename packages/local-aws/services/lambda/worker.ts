import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { startChild, type Child } from "../../core/child";
import type { Local } from "../../core/local";
import { environmentOf, nodeFlags } from "./environment";
import { ExecutionLog } from "./execution-log";
import { errorPayload, exitError, RESPONSE_LIMIT_BYTES, responseTooLarge, timeoutError } from "./function-error";
import { mayMakeLogGroup } from "./role";
import type { ReportedMemory, RuntimeApi, RuntimeClient } from "./runtime-api";
import type { FunctionVersion } from "./store";

/** One event for a function. */
export interface Job {
  readonly requestId: string;
  /** JSON. */
  readonly payload: Uint8Array;
  readonly invokedFunctionArn: string;
  /** JSON. */
  readonly clientContext?: string;
}

/** How the function answered it. */
export interface Outcome {
  readonly payload: Uint8Array;
  /** Given where the function threw, timed out or died. */
  readonly errorType?: string;
  readonly durationMs: number;
  /** The last 4 KB of its log. */
  readonly logTail: string;
}

type Answer = Pick<Outcome, "payload" | "errorType">;

interface Running {
  readonly job: Job;
  readonly resolve: (outcome: Outcome) => void;
  deliveredAt?: number;
  timeout?: NodeJS.Timeout;
  answer?: Answer & { readonly at: number };
  /** Whether all that the function printed for this event has come. */
  outputEnded: boolean;
}

/** Lambda's time for a function's start; what is above counts as the invocation's. */
const INIT_LIMIT_MS = 10_000;

/** A process of one version of a function: its own Node, one event at a time. */
export class Worker implements RuntimeClient {
  private readonly id = randomUUID();
  private readonly log: ExecutionLog;
  private readonly createdAt = performance.now();
  private child: Child | undefined;
  private askedNext: ServerResponse | undefined;
  private running: Running | undefined;
  /** How long the start took; `undefined` before it is done and once an event has been charged with it. */
  private initMs: number | undefined;
  private initialised = false;
  private initTimer: NodeJS.Timeout | undefined;
  private maximumKiB = 0;
  private stopping = false;

  /**
   * @param changed called when it is free for another event, and when it is gone
   */
  constructor(
    private readonly local: Local,
    private readonly of: FunctionVersion,
    private readonly layers: readonly string[],
    private readonly runtimeApi: RuntimeApi,
    private readonly changed: (worker: Worker, state: "idle" | "gone") => void,
  ) {
    this.log = new ExecutionLog(local.logs, of, () => mayMakeLogGroup(local, of));
  }

  get idle(): boolean {
    return this.running === undefined && this.askedNext !== undefined;
  }

  /** Whether it has answered its event and is about to ask for the next one. */
  get soonIdle(): boolean {
    return this.initialised && !this.stopping && this.running === undefined && this.askedNext === undefined;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts the process, which `program` runs in. Its first event may be given before it is ready. */
  async start(program: string): Promise<void> {
    const api = await this.runtimeApi.register(this.id, this);
    if (this.stopping) {
      this.exited(null);
      return;
    }
    this.log.initStart();
    this.initTimer = setTimeout(() => this.limitTime(), INIT_LIMIT_MS);
    this.child = startChild({
      command: process.execPath,
      args: [...nodeFlags(this.of.settings.memorySizeInMB), program],
      cwd: this.of.code.folder,
      env: environmentOf(this.local, this.of, { log: this.log, layers: this.layers, runtimeApi: api }),
      onLine: (line) => this.printed(line),
    });
    void this.child.exited.then((code) => this.exited(code));
  }

  run(job: Job): Promise<Outcome> {
    return new Promise((resolve) => {
      this.running = { job, resolve, outputEnded: false };
      this.deliver();
    });
  }

  /** Ends the process; it takes no further event from now on. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.askedNext = undefined;
    await this.child?.stop();
  }

  next(response: ServerResponse): void {
    clearTimeout(this.initTimer);
    if (!this.initialised) {
      this.initialised = true;
      this.initMs = performance.now() - this.createdAt;
    }
    this.askedNext = response;
    if (this.running === undefined) {
      this.changed(this, "idle");
    } else {
      this.deliver();
    }
  }

  answered(requestId: string, payload: Buffer, memory: ReportedMemory): void {
    this.maximumKiB = memory.maximumKiB;
    const answer = payload.length > RESPONSE_LIMIT_BYTES ? errorPayload(responseTooLarge()) : { payload };
    this.take(requestId, answer);
  }

  failed(requestId: string, payload: Buffer, errorType: string, memory: ReportedMemory): void {
    this.maximumKiB = memory.maximumKiB;
    this.take(requestId, { payload, errorType });
  }

  /** The process ends by itself after this, and with it the event. */
  initFailed(payload: Buffer, errorType: string): void {
    if (this.running !== undefined) {
      this.running.answer = { payload, errorType, at: performance.now() };
    }
  }

  private deliver(): void {
    const { running, askedNext } = this;
    if (running === undefined || askedNext === undefined) {
      return;
    }
    this.askedNext = undefined;
    const { job } = running;
    running.deliveredAt = performance.now();
    this.log.start(job.requestId);
    this.limitTime();
    askedNext
      .writeHead(200, {
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": job.requestId,
        "lambda-runtime-invoked-function-arn": job.invokedFunctionArn,
        "lambda-runtime-deadline-ms": Date.now() + this.of.settings.timeoutSeconds * 1000,
        ...(job.clientContext === undefined ? {} : { "lambda-runtime-client-context": job.clientContext }),
      })
      .end(job.payload.byteLength === 0 ? "{}" : job.payload);
  }

  /** The function's own time-out: real seconds, since its code really runs here and is no faster than on AWS. */
  private limitTime(): void {
    const { running } = this;
    if (running === undefined || running.timeout !== undefined) {
      return;
    }
    const { timeoutSeconds } = this.of.settings;
    running.timeout = setTimeout(() => {
      const error = timeoutError(running.job.requestId, timeoutSeconds);
      this.finish(running, errorPayload(error), timeoutSeconds * 1000);
      this.stopping = true;
      void this.child?.stop(0);
    }, timeoutSeconds * 1000);
  }

  private take(requestId: string, answer: Answer): void {
    const { running } = this;
    if (running?.job.requestId === requestId) {
      running.answer = { ...answer, at: performance.now() };
      this.finishIfWhole(running);
    }
  }

  private printed(line: string): void {
    const end = line.indexOf("\u001e");
    const own = end < 0 ? line : line.slice(0, end);
    if (end !== 0) {
      this.log.write(own);
    }
    if (end >= 0 && this.running !== undefined) {
      this.running.outputEnded = true;
      this.finishIfWhole(this.running);
    }
  }

  private finishIfWhole(running: Running): void {
    const { answer, outputEnded, deliveredAt } = running;
    if (answer !== undefined && outputEnded && deliveredAt !== undefined) {
      this.finish(running, answer, answer.at - deliveredAt);
    }
  }

  private exited(code: number | null): void {
    clearTimeout(this.initTimer);
    this.runtimeApi.unregister(this.id);
    const { running } = this;
    this.askedNext = undefined;
    if (running !== undefined) {
      const { answer, deliveredAt } = running;
      const ended = answer ?? { ...errorPayload(exitError(running.job.requestId, code)), at: performance.now() };
      this.finish(running, ended, ended.at - (deliveredAt ?? this.createdAt));
    }
    this.changed(this, "gone");
  }

  private finish(running: Running, answer: Answer, durationMs: number): void {
    clearTimeout(running.timeout);
    this.running = undefined;
    const { requestId } = running.job;
    if (running.deliveredAt === undefined) {
      this.log.start(requestId);
    }
    const timedOut = answer.errorType === "Sandbox.Timedout";
    if (timedOut) {
      this.log.timedOut(requestId, this.of.settings.timeoutSeconds);
    }
    const logTail = this.log.end({
      requestId,
      durationMs,
      initMs: this.initMs,
      maxMemoryInMB: Math.ceil(this.maximumKiB / 1024),
      status: timedOut ? "timeout" : answer.errorType === undefined ? "success" : "error",
      ...(answer.errorType === undefined || timedOut ? {} : { errorType: answer.errorType }),
    });
    this.initMs = undefined;
    running.resolve({ payload: answer.payload, errorType: answer.errorType, durationMs, logTail });
  }
}
