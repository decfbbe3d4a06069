import { RunPluginResponse, type RunPluginRequest } from "@pulumi/pulumi/proto/language_pb";
import type { Children, Command } from "./children";
import { programInfo, sdkModule, typescriptEnvironment } from "./program";
import { runtimeOptions } from "./runtime-options";

/**
 * Runs a plugin that is written in JavaScript or TypeScript (a component package with a `PulumiPlugin.yaml`, or a policy pack)
 * until it ends, and gives `send` what it prints and, last, its exit code.
 */
export async function runPlugin(
  request: RunPluginRequest,
  children: Children,
  signal: AbortSignal,
  send: (response: RunPluginResponse) => void,
): Promise<void> {
  const ended = await children.run(pluginCommand(request), signal, (child) => {
    child.stdout?.on("data", (data: Buffer) => {
      const response = new RunPluginResponse();
      response.setStdout(new Uint8Array(data));
      send(response);
    });
    child.stderr?.on("data", (data: Buffer) => {
      const response = new RunPluginResponse();
      response.setStderr(new Uint8Array(data));
      send(response);
    });
  });
  const last = new RunPluginResponse();
  last.setExitcode(ended.code ?? 1);
  send(last);
}

function pluginCommand(request: RunPluginRequest): Command {
  const info = programInfo(request.getInfo());
  const options = runtimeOptions(info);
  const folder = info.getProgramDirectory();
  const isPolicyPack = request.getKind() === "analyzer";
  const args = request.getArgsList();
  return {
    command: process.execPath,
    // A policy pack takes its folder last and works in it; every other plugin takes it first and works where the engine does.
    args: isPolicyPack
      ? [...options.nodeargs, sdkModule("@pulumi/pulumi/cmd/run-policy-pack", info), ...args, folder]
      : [...options.nodeargs, sdkModule("@pulumi/pulumi/cmd/run-plugin", info), folder, ...args],
    cwd: isPolicyPack ? folder : request.getPwd(),
    env: { ...environment(request.getEnvList()), ...typescriptEnvironment(options) },
    stdio: ["ignore", "pipe", "pipe"],
  };
}

/** The engine tells the whole environment, as `NAME=value`. */
function environment(entries: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    entries.map((entry) => {
      const end = entry.indexOf("=");
      return [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}
