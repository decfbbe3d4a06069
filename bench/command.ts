import { spawn } from "node:child_process";
import type { Sample } from "./measure";

/** How a program is run. */
export interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a program, and measures its time and the processor time of itself and of all that it has started and waited for. */
export async function timed(command: string, args: readonly string[], { cwd, env }: Place): Promise<Sample> {
  // The shell counts the processor time of what has ended below it, and tells it last: two times of its own, and two of the others.
  const child = spawn("/bin/sh", ["-c", '"$@"; code=$?; times >&2; exit $code', "sh", command, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  }
  const began = performance.now();
  const code = await new Promise<number | null>((ended, fail) => {
    child.once("error", fail);
    child.once("close", ended);
  });
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${printed}`);
  }
  const [user = 0, system = 0] = [...printed.matchAll(/(\d+)m([\d.]+)s/g)]
    .slice(-2)
    .map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  return { s: seconds, "CPU-s": user + system };
}
