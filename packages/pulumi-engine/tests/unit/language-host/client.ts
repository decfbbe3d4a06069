import { credentials } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";
import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

/** A language host in a process of its own, as the engine starts it, and the engine's side of the connection. */
export interface StartedHost {
  readonly client: LanguageRuntimeClient;
  readonly process: ChildProcess;
  /** What it and the programs in it have printed so far. */
  output(): string;
}

export async function startHost(engineAddress: string): Promise<StartedHost> {
  const main = resolve(__dirname, "../../../language-host/main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", main, "--logtostderr", engineAddress], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<string>((done) => lines.once("line", done));
  lines.on("line", (line) => {
    output += `${line}\n`;
  });
  const client = new LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
  return { client, process: child, output: () => output };
}

/** Where a program is, as the engine tells it. */
export function programIn(folder: string, options: Record<string, string | boolean | number> = {}): ProgramInfo {
  const info = new ProgramInfo();
  info.setRootDirectory(folder);
  info.setProgramDirectory(folder);
  info.setEntryPoint(".");
  info.setOptions(Struct.fromJavaScript(options));
  return info;
}
