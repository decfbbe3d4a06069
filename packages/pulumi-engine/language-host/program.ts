import { createRequire } from "node:module";
import { join } from "node:path";
import { RunResponse, type RunRequest, type ProgramInfo } from "@pulumi/pulumi/proto/language_pb";
import type { Children, Command, Ended } from "./children";
import { runtimeOptions } from "./runtime-options";

/**
 * Exit code by which the SDK's `cmd/run` says that it has already shown the user what is wrong: the engine then adds nothing.
 * https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/cmd/run/index.ts
 */
const EXIT_ERROR_SHOWN = 32;

/**
 * Runs a project's program until it ends. What is wrong with the program is an answer, never an exception: the engine shows it
 * to the user.
 */
export async function runProgram(
  request: RunRequest,
  engineAddress: string,
  children: Children,
  signal: AbortSignal,
): Promise<RunResponse> {
  const response = new RunResponse();
  try {
    const ended = await children.run(programCommand(request, engineAddress), signal);
    if (ended.code === EXIT_ERROR_SHOWN) {
      response.setBail(true);
    } else if (ended.code !== 0) {
      response.setError(`the program ${howEnded(ended)}`);
    }
  } catch (error) {
    response.setError(error instanceof Error ? error.message : String(error));
  }
  return response;
}

/** Arguments for Node by which a process that runs the SDK starts sooner. It stands beside the host, also when that is built. */
const SOONER = ["--require", join(__dirname, "sdk-start.cjs")];

/** The command that runs a program in the SDK that the program itself uses. */
function programCommand(request: RunRequest, engineAddress: string): Command {
  if (request.getAttachDebugger()) {
    throw new Error(
      "attaching a debugger needs the language host that comes with Pulumi's own CLI; run without --attach-debugger",
    );
  }
  const info = programInfo(request.getInfo());
  const options = runtimeOptions(info);
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => {
    config[key] = value;
  });
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info.getRootDirectory(),
    stack: request.getStack(),
    pwd: info.getProgramDirectory(),
    parallel: String(request.getParallel()),
  };
  return {
    command: process.execPath,
    args: [
      ...SOONER,
      ...options.nodeargs,
      sdkModule("@pulumi/pulumi/cmd/run", info),
      ...Object.entries(flags).flatMap(([flag, value]) => (value === "" ? [] : [`--${flag}`, value])),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      info.getEntryPoint() || ".",
      ...request.getArgsList(),
    ],
    env: {
      ...process.env,
      ...typescriptEnvironment(options),
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
    // What the program prints goes to the engine as it is, which shows it under the stack.
    stdio: ["ignore", "inherit", "inherit"],
  };
}

/** The variables by which the SDK is told how to load TypeScript. */
export function typescriptEnvironment(options: {
  typescript: boolean;
  tsconfig: string | undefined;
}): NodeJS.ProcessEnv {
  return {
    ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

/**
 * The file of a module of the SDK that a program uses, wherever this host itself is.
 *
 * @throws Error saying how to install it.
 */
export function sdkModule(name: string, info: ProgramInfo): string {
  const folder = info.getProgramDirectory();
  try {
    return createRequire(join(folder, "package.json")).resolve(name);
  } catch (cause) {
    throw new Error(`${name} is not installed in ${folder}: run "npm install" there`, { cause });
  }
}

/** What the engine must always tell about a program. */
export function programInfo(info: ProgramInfo | undefined): ProgramInfo {
  if (info === undefined) {
    throw new Error("the engine did not say where the program is: it needs Pulumi 3.248 or newer");
  }
  return info;
}

export function howEnded({ code, signal }: Ended): string {
  return code === null ? `was ended by ${signal ?? "a signal"}` : `exited with code ${code}`;
}
