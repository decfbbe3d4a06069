import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { IMAGES_DIR } from "../../services/sagemaker/images";
import { testPython } from "pulumi-engine/testing/python";

export const XGBOOST_DIR = join(IMAGES_DIR, "sagemaker-xgboost");

/** A folder that stands for `/opt/ml`, with the files given, removed after the current suite. */
export function optMl(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "opt ml "));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const environment = (baseDir: string) => ({
  PATH: process.env.PATH ?? "",
  SAGEMAKER_BASE_DIR: baseDir,
  PYTHONPATH: IMAGES_DIR,
  PYTHONUNBUFFERED: "1",
  PYTHONDONTWRITEBYTECODE: "1",
});

export interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program to its end, its standard input held open as the local AWS does. */
export async function run(
  program: string,
  args: readonly string[],
  baseDir = "",
  variables: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const env = { ...environment(baseDir), ...variables };
  const child = spawn(testPython(), [join(IMAGES_DIR, program), ...args], { env });
  let output = "";
  child.stdout.on("data", (data) => (output += String(data)));
  child.stderr.on("data", (data) => (output += String(data)));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, output };
}

/** Starts `serve.py` and resolves with its port when it answers. */
export async function serveModel(
  baseDir: string,
  port: number,
  image = "sagemaker-xgboost",
  variables: Readonly<Record<string, string>> = {},
): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  const child = spawn(testPython(), [join(IMAGES_DIR, image, "serve.py")], {
    env: { ...environment(baseDir), ...variables, SAGEMAKER_BIND_TO_PORT: String(port) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (data) => String(data).includes("serving on port") && resolve());
    child.once("close", () => reject(new Error("serve.py ended before it served")));
  });
  return child;
}

/** Runs a line of Python of the test environment and returns what it prints. */
export function python(code: string, ...args: readonly string[]): string {
  return spawnSync(testPython(), ["-c", code, ...args], { encoding: "utf8" }).stdout;
}
