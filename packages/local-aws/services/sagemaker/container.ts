import { createServer } from "node:net";
import { join } from "node:path";
import { startChild, type Child } from "../../core/child";
import { clientEnvironment, type Local, type SessionKeys } from "../../core/local";
import type { RunControl } from "../../core/run-control";
import { RunFailure } from "./errors";
import { imageProgram, IMAGES_DIR, type Program } from "./images";

/** Names the folder that stands for `/opt/ml`; SageMaker's own toolkits read the same variable. */
const BASE_DIR_VARIABLE = "SAGEMAKER_BASE_DIR";

export interface ContainerOptions {
  /** Whose container it is, such as `endpoint churn`. */
  readonly of: string;
  readonly image: string;
  readonly program: Program;
  /** The folder that stands for `/opt/ml`. */
  readonly baseDir: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Keys of its role; `undefined` where it is isolated, since it has none then. */
  readonly session: SessionKeys | undefined;
  readonly args?: readonly string[];
  readonly onLine: (line: string) => void;
}

/**
 * Starts a container: one process of the image's program, with `/opt/ml` in its arguments and environment standing for
 * its folder.
 *
 * @throws RunFailure if there is no such image.
 */
export function startContainer(local: Local, options: ContainerOptions): Child {
  const inFolder = (text: string) => mapOptMl(text, options.baseDir);
  const given = Object.entries(options.environment ?? {}).map(([name, value]) => [name, inFolder(value)] as const);
  const reach = options.session === undefined ? {} : clientEnvironment(local, options.session);
  return startChild({
    command: local.python,
    args: [imageProgram(options.image, options.program, local.images), ...(options.args ?? []).map(inFolder)],
    cwd: options.baseDir,
    env: { ...reach, ...Object.fromEntries(given), ...pythonEnvironment(options.baseDir) },
    onLine: options.onLine,
    onKilled: (signal) => local.onContainerKilled?.(killed(options.of, signal)),
  });
}

const killed = (whose: string, signal: NodeJS.Signals) =>
  `the container of ${whose} was killed from outside, by ${signal}, so what is measured from now on says nothing of the model. ` +
  "Where nobody has done it, the machine was out of memory: end other programs or take a larger one, and start again";

/** SageMaker sends SIGTERM and, 120 s later, SIGKILL. */
const GRACE_SECONDS = 120;

/**
 * Waits for a job's container to end; resolves with its exit code. Its longest run is real time, for its work is real.
 *
 * @throws RunStopped once the container has ended because the job was stopped or ran too long
 */
export async function containerEnd(
  child: Child,
  { clock }: Local,
  control: RunControl,
  maxRuntimeSeconds: number,
): Promise<number | null> {
  const callOff = control.onStop((why) => void child.stop(why === "closing" ? 0 : clock.real(GRACE_SECONDS * 1000)));
  const cancel = clock.after(maxRuntimeSeconds * 1000 * clock.speed, () => control.stop("overtime"));
  try {
    const code = await child.exited;
    control.check();
    return code;
  } finally {
    cancel();
    callOff();
  }
}

/** Packs `folder` into the model archive `archive`, or unpacks it; rejects with what was wrong with it. */
export async function modelArchive(local: Local, action: "pack" | "unpack", from: string, to: string): Promise<void> {
  const printed: string[] = [];
  const child = startChild({
    command: local.python,
    args: [join(IMAGES_DIR, "archive.py"), action, from, to],
    env: pythonEnvironment(""),
    onLine: (line) => printed.push(line),
  });
  if ((await child.exited) !== 0) {
    throw new RunFailure(`ClientError: model archive could not be ${action}ed: ${printed.join(" ")}`);
  }
}

/** Replaces `/opt/ml` where it begins a path. */
export function mapOptMl(text: string, baseDir: string): string {
  return text.replaceAll(/(?<![\w./-])\/opt\/ml(?=$|[/\s"',:;])/g, () => baseDir);
}

/** What a serving container answers to one request. */
export interface ContainerAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly customAttributes: string | undefined;
  readonly body: Uint8Array;
}

/** A port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") {
    throw new Error("the system gave no port on 127.0.0.1");
  }
  return address.port;
}

function pythonEnvironment(baseDir: string): Readonly<Record<string, string>> {
  return {
    [BASE_DIR_VARIABLE]: baseDir,
    PYTHONPATH: IMAGES_DIR,
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    // One thread each: a container here shares the machine with everything else.
    OMP_NUM_THREADS: "1",
    OPENBLAS_NUM_THREADS: "1",
  };
}
