import { status, type handleServerStreamingCall, type handleUnaryCall, type ServerWritableStream } from "@grpc/grpc-js";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
  AboutResponse,
  GetRequiredPackagesResponse,
  GetRequiredPluginsResponse,
  LanguageHandshakeResponse,
  RuntimeOptionsResponse,
  TemplateResponse,
} from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "@pulumi/pulumi/version";
import type { Children } from "./children";
import { installDependencies, programDependencies } from "./dependencies";
import { runPlugin } from "./plugin";
import { runProgram } from "./program";

/** What the engine uses to run programs. What else a host can do (generating SDKs, packing) is answered with `UNIMPLEMENTED`. */
export type LanguageHost = Pick<
  ILanguageRuntimeServer,
  | "handshake"
  | "getPluginInfo"
  | "getRequiredPlugins"
  | "getRequiredPackages"
  | "installDependencies"
  | "runtimeOptionsPrompts"
  | "template"
  | "about"
  | "getProgramDependencies"
  | "run"
  | "runPlugin"
  | "cancel"
>;

/**
 * The operations of the engine's `LanguageRuntime` service,
 * https://github.com/pulumi/pulumi/blob/master/proto/pulumi/language.proto.
 *
 * @param engineAddress where the engine listens, until a handshake tells it
 */
export function languageHost(engineAddress: string, children: Children): LanguageHost {
  let engine = engineAddress;
  return {
    handshake: unary((request) => {
      engine = request.getEngineAddress();
      return new LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => {
      const info = new PluginInfo();
      info.setVersion(version);
      return info;
    }),
    // None: the engine gets the plugin of a package, in the SDK's version, when the program first uses the package. A list of all
    // packages that could want one names many more (those that @pulumi/awsx brings), and has each downloaded before the program runs.
    getRequiredPackages: unary(() => new GetRequiredPackagesResponse()),
    getRequiredPlugins: unary(() => new GetRequiredPluginsResponse()),
    installDependencies: streaming((request, send, signal) => installDependencies(request, children, signal, send)),
    runtimeOptionsPrompts: unary(() => new RuntimeOptionsResponse()),
    template: unary(() => new TemplateResponse()),
    about: unary(() => {
      const about = new AboutResponse();
      about.setExecutable(process.execPath);
      about.setVersion(process.version);
      return about;
    }),
    getProgramDependencies: unary(programDependencies),
    run: unary((request, signal) => runProgram(request, engine, children, signal)),
    runPlugin: streaming((request, send, signal) => runPlugin(request, children, signal, send)),
    // Answers with the same empty message that it was sent.
    cancel: unary((empty) => {
      children.interrupt();
      return empty;
    }),
  };
}

function unary<Request, Response>(
  answer: (request: Request, signal: AbortSignal) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const cancelled = new AbortController();
    call.on("cancelled", () => cancelled.abort());
    Promise.resolve()
      .then(() => answer(call.request, cancelled.signal))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: status.UNKNOWN, details: messageOf(error) }),
      );
  };
}

function streaming<Request, Response>(
  answer: (request: Request, send: (response: Response) => void, signal: AbortSignal) => Promise<void>,
): handleServerStreamingCall<Request, Response> {
  return (call: ServerWritableStream<Request, Response>) => {
    const cancelled = new AbortController();
    call.on("cancelled", () => cancelled.abort());
    answer(call.request, (response) => call.write(response), cancelled.signal).then(
      () => call.end(),
      (error: unknown) => call.emit("error", { code: status.UNKNOWN, details: messageOf(error) }),
    );
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
