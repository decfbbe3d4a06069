import type { Local } from "../../core/local";
import type { LayerStore } from "./layer-store";
import { RuntimeApi } from "./runtime-api";
import { buildRuntime } from "./runtime-program";
import type { FunctionVersion } from "./store";
import { Worker, type Job, type Outcome } from "./worker";

/**
 * Processes of one version at the same time. Lambda starts one for every request that finds none free, up to 1,000; on one
 * machine that would only make all of them slower, so that here a request waits instead.
 */
const MAXIMUM_PROCESSES = 4;

/** As AWS does it now and then; it makes no promise. */
const KEPT_IDLE_MS = 10 * 60_000;
/** A version that nobody is sent to any more gives its memory back soon. */
const CHECKED_IDLE_MS = 60_000;

/** The processes of all functions. */
export class Pools {
  /** By the revision of the version: every change of `$LATEST` is a new one, published ones have one for ever. */
  private readonly pools = new Map<string, Pool>();
  private readonly runtimeApi = new RuntimeApi();
  private program: Promise<string> | undefined;

  /**
   * @param isServed whether requests may come for a version: an alias points at it
   */
  constructor(
    private readonly local: Local,
    private readonly folder: string,
    private readonly layers: LayerStore,
    private readonly isServed: (version: FunctionVersion) => boolean,
  ) {}

  run(version: FunctionVersion, job: Job): Promise<Outcome> {
    let pool = this.pools.get(version.revisionId);
    if (pool === undefined) {
      pool = new Pool({
        local: this.local,
        version,
        layers: this.layers.foldersOf(version.settings.layers),
        runtimeApi: this.runtimeApi,
        program: () => (this.program ??= buildRuntime(this.folder)),
        isServed: () => this.isServed(version),
      });
      this.pools.set(version.revisionId, pool);
    }
    return pool.run(job);
  }

  /** Ends the processes of a version that was deleted, each after the event it is at. */
  retire(version: FunctionVersion): void {
    this.pools.get(version.revisionId)?.retire();
    this.pools.delete(version.revisionId);
  }

  /** Process ids, for whoever wants to measure them. */
  pids(): readonly number[] {
    return [...this.pools.values()].flatMap((pool) => pool.pids());
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
    await this.runtimeApi.close();
  }
}

interface PoolOptions {
  readonly local: Local;
  readonly version: FunctionVersion;
  /** Folders of its layers. */
  readonly layers: readonly string[];
  readonly runtimeApi: RuntimeApi;
  readonly program: () => Promise<string>;
  readonly isServed: () => boolean;
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** The processes of one version. */
class Pool {
  private readonly workers = new Set<Worker>();
  private readonly waiting: Waiting[] = [];
  private readonly watches = new Map<Worker, () => void>();
  private retired = false;

  constructor(private readonly options: PoolOptions) {}

  run(job: Job): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, resolve, reject });
      this.assign();
    });
  }

  retire(): void {
    this.retired = true;
    for (const worker of this.workers) {
      this.rest(worker);
    }
  }

  pids(): readonly number[] {
    return [...this.workers].flatMap((worker) => worker.pid ?? []);
  }

  async close(): Promise<void> {
    this.retired = true;
    await Promise.all([...this.workers].map((worker) => worker.stop()));
  }

  private assign(): void {
    for (;;) {
      const worker = [...this.workers].find((one) => one.idle);
      if (worker === undefined && !this.mayStart()) {
        return;
      }
      const next = this.waiting.shift();
      if (next === undefined) {
        return;
      }
      const taken = worker ?? this.start(next);
      this.watches.get(taken)?.();
      void taken.run(next.job).then(next.resolve, next.reject);
    }
  }

  /** Not while those that are about to be free are enough: a caller who asks again at once must not make a second process. */
  private mayStart(): boolean {
    const soonIdle = [...this.workers].filter((worker) => worker.soonIdle).length;
    return this.workers.size < MAXIMUM_PROCESSES && this.waiting.length > soonIdle;
  }

  private start(forWhom: Waiting): Worker {
    const { local, version, layers, runtimeApi, program } = this.options;
    const worker = new Worker(local, version, layers, runtimeApi, (of, state) => this.changed(of, state));
    this.workers.add(worker);
    void program()
      .then((path) => worker.start(path))
      .catch((error: unknown) => {
        this.workers.delete(worker);
        forWhom.reject(error);
      });
    return worker;
  }

  private changed(worker: Worker, state: "idle" | "gone"): void {
    if (state === "gone") {
      this.watches.get(worker)?.();
      this.watches.delete(worker);
      this.workers.delete(worker);
    }
    this.assign();
    this.rest(worker);
  }

  /** What becomes of a process without work. */
  private rest(worker: Worker, idleMs = 0): void {
    if (!worker.idle) {
      return;
    }
    if (this.retired || idleMs >= KEPT_IDLE_MS || (idleMs > 0 && !this.options.isServed())) {
      void worker.stop();
      return;
    }
    const cancel = this.options.local.clock.after(CHECKED_IDLE_MS, () => this.rest(worker, idleMs + CHECKED_IDLE_MS));
    this.watches.set(worker, cancel);
  }
}
