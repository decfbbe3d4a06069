// Pulumi's language host for Node: the process that the engine starts to run programs, plugins and policy packs written in
// JavaScript or TypeScript. An engine that is built from its Go module comes without one. Built by ../engine-folder.ts into one
// file that stands beside the engine, outside of any project: it may import the SDK's protocol files, gRPC and Node, nothing else.
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { Children } from "./children";
import { languageHost } from "./host";

const children = new Children();
process.once("exit", () => children.kill());
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => process.exit(0));
}
// The engine holds the other end of standard input, and when it is killed outright this is all that tells of it.
process.stdin.once("end", () => process.exit(0)).once("error", () => process.exit(0));
process.stdin.resume();

// The engine's address is the last argument, after the flags for logging and tracing that every plugin is given.
const server = new Server({ "grpc.max_receive_message_length": -1 });
server.addService(LanguageRuntimeService, languageHost(process.argv.slice(2).at(-1) ?? "", children));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) {
    throw error;
  }
  console.log(String(port));
});
