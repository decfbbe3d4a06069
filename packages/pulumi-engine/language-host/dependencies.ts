import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  DependencyInfo,
  GetProgramDependenciesResponse,
  InstallDependenciesResponse,
  type GetProgramDependenciesRequest,
  type InstallDependenciesRequest,
} from "@pulumi/pulumi/proto/language_pb";
import type { Children } from "./children";
import { howEnded, programInfo } from "./program";
import { runtimeOptions } from "./runtime-options";

/** Installs a program's packages (`pulumi install`) and gives `send` what the package manager prints. */
export async function installDependencies(
  request: InstallDependenciesRequest,
  children: Children,
  signal: AbortSignal,
  send: (response: InstallDependenciesResponse) => void,
): Promise<void> {
  const info = programInfo(request.getInfo());
  const { packagemanager } = runtimeOptions(info);
  const cwd = info.getProgramDirectory();
  const ended = await children.run(
    { command: packagemanager, args: ["install"], cwd, env: process.env, stdio: ["ignore", "pipe", "pipe"] },
    signal,
    (child) => {
      child.stdout?.on("data", (data: Buffer) => {
        const response = new InstallDependenciesResponse();
        response.setStdout(new Uint8Array(data));
        send(response);
      });
      child.stderr?.on("data", (data: Buffer) => {
        const response = new InstallDependenciesResponse();
        response.setStderr(new Uint8Array(data));
        send(response);
      });
    },
  );
  if (ended.code !== 0) {
    throw new Error(`"${packagemanager} install" in ${cwd} ${howEnded(ended)}`);
  }
}

/** Tells which packages of a program are installed, and in which versions (`pulumi about`). */
export async function programDependencies(
  request: GetProgramDependenciesRequest,
): Promise<GetProgramDependenciesResponse> {
  const folder = programInfo(request.getInfo()).getProgramDirectory();
  const own = json(await readFile(join(folder, "package.json"), "utf8"));
  const direct = new Set([...keys(own.dependencies), ...keys(own.devDependencies)]);
  const response = new GetProgramDependenciesResponse();
  for (const { name, version } of await installedPackages(folder)) {
    if (request.getTransitivedependencies() || direct.has(name)) {
      const dependency = new DependencyInfo();
      dependency.setName(name);
      dependency.setVersion(version);
      response.addDependencies(dependency);
    }
  }
  return response;
}

/** npm keeps the list of what it has installed in one file beside it, here or, for a workspace, in a folder above. */
async function installedPackages(folder: string): Promise<{ name: string; version: string }[]> {
  for (let at = folder; ; at = dirname(at)) {
    const list = await readFile(join(at, "node_modules", ".package-lock.json"), "utf8").catch(() => undefined);
    if (list !== undefined) {
      return Object.entries(object(json(list).packages)).flatMap(([path, entry]) => {
        const name = path.split("node_modules/").at(-1);
        const { version } = object(entry);
        return name !== undefined && typeof version === "string" ? [{ name, version }] : [];
      });
    }
    if (at === dirname(at)) {
      throw new Error(`no packages are installed for ${folder}: run "npm install" there`);
    }
  }
}

function json(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  return object(value);
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function keys(value: unknown): string[] {
  return Object.keys(object(value));
}
