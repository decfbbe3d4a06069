import { stop as stopEsbuild } from "esbuild";
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { buildPlugin } from "pulumi-local-aws/build";
import { buildPage, buildPrograms } from "../../tools/build";
import { onInterruption } from "pulumi-engine/interruption";
import { lock, type Lock } from "pulumi-engine/lock";
import { refuseWindows } from "pulumi-engine/platform";
import { everyReport, plainReport, reportTo } from "pulumi-engine/report";
import { ensureTools, type Tools } from "pulumi-engine/setup";
import { startLocalAws, type LocalAws, type LocalAwsOptions } from "local-aws";
import { messageOf } from "local-aws/core/failure";
import { Steps } from "./steps";

/** Folder of the project. */
export const root = resolve(__dirname, "../..");
/** Folder below it for everything that runs write. */
export const outputDir = join(root, ".local");

/** A run that was stopped (Ctrl-Z) for so long is taken for dead. */
const STOPPED_MS = 3_600_000;

/** One run of a program on this machine: its progress and log, what it has opened, and its end. */
export class Run {
  /** Resolves at the first Ctrl-C, when everything is being closed. */
  readonly interrupted: Promise<void>;
  /** Whether there was one. */
  isInterrupted = false;
  // esbuild, which builds in its own process, is ended last.
  private readonly opened: (() => Promise<void>)[] = [() => stopEsbuild()];
  /** What is just being opened. */
  private readonly opening = new Set<Promise<unknown>>();
  private closing: Promise<void> | undefined;
  /** Never settles: after a Ctrl-C the process exits. */
  private readonly exit = new Promise<never>(() => undefined);
  /** Rejects when something is broken without which the run cannot go on. */
  private readonly broken: Promise<never>;
  private breakOff: (error: unknown) => void = () => undefined;

  private constructor(
    readonly steps: Steps,
    private readonly log: WriteStream,
    private readonly folder: Lock,
  ) {
    this.broken = new Promise((_, reject) => (this.breakOff = reject));
    this.broken.catch(() => undefined); // `finish` tells it.
    log.once("error", this.breakOff);
    this.interrupted = this.onInterrupt();
  }

  /**
   * Begins a run, with its log in a file of `.local`. With `json`, stdout is kept free of progress; with `quiet`, stderr too.
   *
   * @throws if another run goes on in this folder, of which nothing is touched, or if it cannot be written to
   */
  static async begin(logFile: string, options: { readonly json?: true; readonly quiet?: true }): Promise<Run> {
    const file = join(outputDir, logFile);
    const folder = await alone(dirname(file));
    const log = createWriteStream(file);
    const terminal = options.json === true ? process.stderr : process.stdout;
    const toLog = plainReport((line) => log.write(`${line}\n`));
    const report = options.quiet === true ? toLog : everyReport(reportTo(terminal), toLog);
    return new Run(new Steps(report, log), log, folder);
  }

  /** Does the run's work, and closes what it has opened, however it ends. */
  async finish<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await Promise.race([work(), this.broken]);
      await this.close();
      return result;
    } catch (error) {
      await this.close().catch(() => undefined); // Told; why the work has failed says more.
      if (this.isInterrupted) {
        return await this.exit; // It has failed since it was ended, which says nothing.
      }
      throw new RunFailed(messageOf(error), { cause: error });
    } finally {
      await new Promise<void>((done) => this.log.end(() => done()));
      await this.folder.release();
    }
  }

  /** Ends the run if its local AWS cannot go on, or a container was killed that a rehearsal has not killed. */
  dependsOn({ broken, disturbed }: Pick<LocalAws, "broken" | "disturbed">): void {
    broken.catch(this.breakOff);
    disturbed.catch(this.breakOff);
  }

  /** Registers what to do when the run ends; if it is ending, it is done at once. What was opened last is closed first. */
  onClose(close: () => Promise<void>): void {
    if (this.closing === undefined) {
      this.opened.push(close);
    } else {
      void this.beingOpened(close().catch((error: unknown) => this.tellUnclosed(error)));
    }
  }

  /** Finds or gets the engine and Python, and builds the project. */
  tools(): Promise<Tools> {
    return this.steps.run("tools", async () => {
      const found = await ensureTools(this.steps.report);
      await Promise.all([buildPrograms(root), buildPage(root), buildPlugin()]);
      await stopEsbuild(); // It would keep the memory that the build took.
      return [`pulumi ${found.pulumi.version}, Python with XGBoost`, found] as const;
    });
  }

  /** A local AWS, which is closed with the run. */
  localAws(options: LocalAwsOptions & { readonly speed: number }): Promise<LocalAws> {
    return this.steps.run("local AWS", async () => {
      const starting = startLocalAws(options).then((started) => {
        this.dependsOn(started);
        this.onClose(() => started.close());
        return started;
      });
      const started = await this.beingOpened(starting);
      return [`${started.endpoint}, durations ${options.speed} times faster`, started] as const;
    });
  }

  private close(): Promise<void> {
    return (this.closing ??= this.closeAll());
  }

  /** Tries to close each. Then throws the first error, if any. */
  private async closeAll(): Promise<void> {
    const unclosed: unknown[] = [];
    for (const closeOne of this.opened.reverse()) {
      await closeOne().catch((error: unknown) => {
        unclosed.push(error);
        this.tellUnclosed(error);
      });
    }
    // Things that are just being opened are closed as soon as they are open.
    while (this.opening.size > 0) {
      await Promise.allSettled(this.opening);
    }
    if (unclosed.length > 0) {
      throw unclosed[0];
    }
  }

  private beingOpened<T>(work: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = work.then(
      () => this.opening.delete(settled),
      () => this.opening.delete(settled),
    );
    this.opening.add(settled);
    return work;
  }

  private tellUnclosed(error: unknown): void {
    this.steps.line(`not closed: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** Stops everything at the first Ctrl-C; a second one ends the process at once. */
  private onInterrupt(): Promise<void> {
    return new Promise((interrupted) => {
      onInterruption(() => {
        this.isInterrupted = true;
        this.steps.line("ending, and tidying up; another Ctrl-C ends it at once");
        interrupted();
        const exit = () => process.exit(130);
        void this.close()
          .finally(() => this.folder.release())
          .then(exit, exit);
      });
    });
  }
}

/** Why a run that had begun, and so has a log, has failed. */
export class RunFailed extends Error {}

/** Takes {@link outputDir} for this run alone, and makes a folder in it. */
async function alone(folder: string): Promise<Lock> {
  refuseWindows("npm run local");
  await mkdir(folder, { recursive: true });
  const path = join(outputDir, "run.lock");
  const onWait = (holder: string) => {
    throw new Error(`another run goes on in this folder: ${holder}. End it first, or copy the project elsewhere`);
  };
  return lock(path, { onWait, staleMs: STOPPED_MS });
}
