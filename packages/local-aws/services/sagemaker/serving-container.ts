import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Child } from "../../core/child";
import type { Local } from "../../core/local";
import type { RunControl } from "../../core/run-control";
import { freePort, modelArchive, startContainer, type ContainerAnswer } from "./container";
import { RunFailure } from "./errors";
import { imageProgram } from "./images";
import { NO_TROUBLE, orderedFailure, withPredictions, type ModelTrouble } from "./model-faults";
import type { Model } from "./model";
import type { ExecutionRole } from "./execution-role";

export interface ServingOptions {
  /** Whose container it is, such as `endpoint churn`. */
  readonly of: string;
  readonly model: Model;
  /** Variables over those of the model. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the container acts as. */
  readonly role: ExecutionRole;
  /** How long, in real seconds, it may take to answer `/ping`. @default 60, where AWS waits for 8 minutes */
  readonly startupSeconds?: number;
  /** Why it failed where it never answers `/ping`. */
  readonly neverHealthy: string;
  /** Whether a fault keeps it from becoming healthy. @default - none does */
  readonly isUnhealthy?: () => boolean;
  /** How long, in real seconds, it may take to answer a request. @default 60 */
  readonly answerSeconds?: number;
  /** The folder that stands for `/opt/ml`. */
  readonly baseDir: string;
  readonly onLine: (line: string) => void;
}

/** A request as SageMaker hands it to a container. */
export interface ContainerRequest {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Thrown where a container gave no answer; what SageMaker then says. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/**
 * A container has 60 s to answer: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html.
 * Real time, as its work is.
 */
const ANSWER_SECONDS = 60;
const TOO_LATE =
  "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each " +
  "container in Amazon CloudWatch, resolve the issue, and try again.";
const NOT_SENT =
  "An exception occurred while sending request to model. Please contact customer support regarding request.";
/**
 * How long, in real time, a container may take to answer `/ping`; and how often one that dies is started again before
 * that.
 */
const HEALTHY_SECONDS = 60;
const STARTS = 2;
const PING_INTERVAL_MS = 100;
/** Pings that a container which a fault makes unhealthy is sent: nothing is gained by waiting for it any longer. */
const PINGS_IN_VAIN = 3;
/** AWS seconds before a container that died in service is started again. */
const RESTART_SECONDS = 10;

/**
 * The serving container of a production variant: one process, whatever its instance count. It is started again where it
 * dies.
 */
export class ServingContainer {
  private child: Child | undefined;
  private port = 0;
  private stopping = false;
  private readonly inFlight = new Set<Promise<unknown>>();

  private constructor(
    private readonly local: Local,
    private readonly options: ServingOptions,
  ) {}

  /**
   * Starts a container with its model unpacked; resolves when it answers `/ping`. @throws RunFailure if it never
   * does.
   */
  static async start(local: Local, options: ServingOptions, control: RunControl): Promise<ServingContainer> {
    imageProgram(options.model.container.Image, "serve", local.images);
    const container = new ServingContainer(local, options);
    try {
      await container.placeModel();
      await container.becomeHealthy(control);
    } catch (error) {
      await container.stop();
      throw error;
    }
    container.watch();
    return container;
  }

  /** @throws NoAnswer if the container does not answer in time or is not there. */
  async invoke(request: ContainerRequest, trouble = NO_TROUBLE): Promise<ContainerAnswer> {
    const answer = this.answer(request, trouble);
    this.inFlight.add(answer);
    try {
      return await answer;
    } finally {
      this.inFlight.delete(answer);
    }
  }

  /** Ends the container after the requests that it is still answering, and removes its folder. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.inFlight);
    await this.child?.stop();
    await rm(this.options.baseDir, { recursive: true, force: true });
  }

  private async placeModel(): Promise<void> {
    const { model, baseDir, role } = this.options;
    const folder = join(baseDir, "model");
    await mkdir(folder, { recursive: true });
    if (model.container.ModelDataUrl !== undefined) {
      const archive = join(baseDir, "model.tar.gz");
      await role.objects.download(model.container.ModelDataUrl, archive);
      await modelArchive(this.local, "unpack", archive, folder);
      await rm(archive);
    }
  }

  private async becomeHealthy(control: RunControl): Promise<void> {
    const deadline = Date.now() + (this.options.startupSeconds ?? HEALTHY_SECONDS) * 1000;
    let starts = 0;
    let running = false;
    let inVain = 0;
    while (Date.now() < deadline && !control.stopped) {
      if (!running) {
        if (starts === STARTS) {
          break;
        }
        starts += 1;
        running = true;
        const child = await this.launch();
        void child.exited.then(() => (running = false));
      }
      if (this.options.isUnhealthy?.() === true) {
        inVain += 1;
        if (inVain === PINGS_IN_VAIN) {
          break;
        }
      } else if (await this.answersPing()) {
        return;
      }
      // Real time: what is waited for is a real process.
      await new Promise((resolve) => setTimeout(resolve, PING_INTERVAL_MS));
    }
    throw new RunFailure(this.options.neverHealthy);
  }

  private async launch(): Promise<Child> {
    const { of, model, environment, baseDir, role, onLine } = this.options;
    this.port = await freePort();
    this.child = startContainer(this.local, {
      of,
      image: model.container.Image,
      program: "serve",
      baseDir,
      session: role.containerKeys(model.input.EnableNetworkIsolation),
      environment: { ...model.container.Environment, ...environment, SAGEMAKER_BIND_TO_PORT: String(this.port) },
      onLine,
    });
    return this.child;
  }

  private async answersPing(): Promise<boolean> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/ping`, { signal: AbortSignal.timeout(2000) });
      await answer.arrayBuffer();
      return answer.status === 200;
    } catch {
      return false; // Not listening yet is the usual answer of a container that starts.
    }
  }

  /** Starts the container again whenever it ends by itself. */
  private watch(): void {
    void this.child?.exited.then(async (code) => {
      if (!this.stopping) {
        this.options.onLine(
          `the container ended with exit code ${code ?? "none, a signal ended it"} and is started again`,
        );
        await this.local.clock.sleep(RESTART_SECONDS * 1000);
        await this.restart();
      }
    });
  }

  private async restart(): Promise<void> {
    if (!this.stopping) {
      await this.launch();
      this.watch();
    }
  }

  /** What the container answers, or is made to answer. */
  private async answer(request: ContainerRequest, trouble: ModelTrouble): Promise<ContainerAnswer> {
    const { answerSeconds = ANSWER_SECONDS } = this.options;
    const delaySeconds = Math.min(trouble.delaySeconds, answerSeconds);
    if (delaySeconds > 0) {
      await this.local.clock.sleepReal(delaySeconds * 1000);
    }
    if (delaySeconds === answerSeconds) {
      throw new NoAnswer(TOO_LATE);
    }
    if (trouble.errorStatus !== undefined) {
      return orderedFailure(trouble.errorStatus);
    }
    const answer = await this.send(request, answerSeconds - delaySeconds);
    return trouble.prediction === undefined ? answer : withPredictions(answer, trouble.prediction);
  }

  private async send({ body, headers }: ContainerRequest, seconds: number): Promise<ContainerAnswer> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/invocations`, {
        method: "POST",
        body,
        headers: { ...headers },
        signal: AbortSignal.timeout(seconds * 1000),
      });
      return {
        status: answer.status,
        contentType: answer.headers.get("content-type") ?? undefined,
        customAttributes: answer.headers.get("x-amzn-sagemaker-custom-attributes") ?? undefined,
        body: new Uint8Array(await answer.arrayBuffer()),
      };
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      throw new NoAnswer(late ? TOO_LATE : NOT_SENT, { cause: error });
    }
  }
}
