import { Metadata, Server, ServerCredentials, type handleUnaryCall, type StatusObject, status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { errorMessage } from "./failures";
import type { NamingRule } from "./names";
import type { Change, Problem } from "./properties";
import { Incomplete, type Provider, type Subject } from "./provider";
import type { Diff, PreviewedChange } from "./diff";
import { type Value, canonical, decode, encode, isBlock } from "./values";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** A provider being served. */
export interface Serving {
  /** On 127.0.0.1; the engine reads it from the plugin's standard output. */
  readonly port: number;
  close(): void;
}

/** Serves a provider to Pulumi's engine. */
export async function serveProvider(provider: Provider, version: string): Promise<Serving> {
  // A function's code travels in a message: gRPC's own limit of 4 MB is too low for it.
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, { ...service(provider, version) });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
}

/** The calls of Pulumi's plugin protocol. https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto */
function service(provider: Provider, version: string): IResourceProviderServer {
  return {
    // Without a handshake the engine tells all that is needed in Configure.
    handshake: unimplemented("Handshake"),
    attach: unary(async () => new Empty()),
    parameterize: unimplemented("Parameterize"),
    getPluginInfo: unary(async () => new PluginInfo().setVersion(version)),
    getSchema: unary(async () => new proto.GetSchemaResponse().setSchema(JSON.stringify({ name: "aws", version }))),
    getMapping: unary(async () => new proto.GetMappingResponse()),
    getMappings: unary(async () => new proto.GetMappingsResponse()),
    checkConfig: unary(async (request) =>
      new proto.CheckResponse()
        .setInputs(request.getNews())
        .setFailuresList(failuresOf(provider.checkConfig(decode(request.getNews())))),
    ),
    diffConfig: unary(async (request) => diffConfig(request)),
    configure: unary(async (request) => {
      provider.configure(decode(request.getArgs()), process.env);
      return new proto.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    invoke: unary(async (request) => {
      const { result, problems } = await provider.invoke(request.getTok(), decode(request.getArgs()));
      return new proto.InvokeResponse().setReturn(encode(result)).setFailuresList(failuresOf(problems));
    }),
    check: unary(async (request) => {
      const { type, name } = subject(request.getUrn());
      const { inputs, problems } = await provider.check(type, {
        name,
        olds: decode(request.getOlds()),
        news: decode(request.getNews()),
        seed: request.getRandomseed_asU8(),
        naming: namingRule(request.getAutonaming()),
      });
      return new proto.CheckResponse().setInputs(encode(inputs)).setFailuresList(failuresOf(problems));
    }),
    diff: unary(async (request) => {
      const olds = { inputs: decode(request.getOldInputs()), outputs: decode(request.getOlds()) };
      return diffResponse(await provider.diff(subject(request.getUrn()), olds, decode(request.getNews())));
    }),
    create: unary(async (request) => {
      const about = subject(request.getUrn(), request.getTimeout());
      const inputs = decode(request.getProperties());
      if (request.getPreview()) {
        return new proto.CreateResponse().setProperties(encode(await provider.previewCreate(about, inputs)));
      }
      const { id, outputs } = await provider.create(about, inputs);
      return new proto.CreateResponse().setId(id).setProperties(encode(outputs));
    }),
    read: unary(async (request) => {
      const recorded = { inputs: decode(request.getInputs()), outputs: decode(request.getProperties()) };
      const found = await provider.read(subject(request.getUrn(), request.getTimeout()), request.getId(), recorded);
      return found === undefined
        ? new proto.ReadResponse()
        : new proto.ReadResponse().setId(found.id).setInputs(encode(found.inputs)).setProperties(encode(found.outputs));
    }),
    update: unary(async (request) => {
      const about = subject(request.getUrn(), request.getTimeout());
      const olds = { inputs: decode(request.getOldInputs()), outputs: decode(request.getOlds()) };
      const news = decode(request.getNews());
      const outputs = request.getPreview()
        ? await provider.previewUpdate(about, olds, news)
        : await provider.update(about, request.getId(), olds, news);
      return new proto.UpdateResponse().setProperties(encode(outputs));
    }),
    delete: unary(async (request) => {
      const recorded = { inputs: decode(request.getOldInputs()), outputs: decode(request.getProperties()) };
      await provider.delete(subject(request.getUrn(), request.getTimeout()), request.getId(), recorded);
      return new Empty();
    }),
    cancel: unary(async () => {
      provider.cancel();
      return new Empty();
    }),
    call: unimplemented("Call"),
    construct: unimplemented("Construct"),
    list: (call) => {
      call.destroy(Object.assign(new Error("List is not implemented"), { code: status.UNIMPLEMENTED }));
    },
  };
}

function unary<Request, Response>(answer: (request: Request) => Promise<Response>): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    answer(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(statusOf(error)),
    );
  };
}

function unimplemented<Request, Response>(name: string): handleUnaryCall<Request, Response> {
  return (_call, callback) => callback({ code: status.UNIMPLEMENTED, details: `${name} is not implemented` });
}

function statusOf(error: unknown): Partial<StatusObject> {
  const metadata = new Metadata();
  if (error instanceof Incomplete) {
    metadata.add("grpc-status-details-bin", Buffer.from(initFailed(error).serializeBinary()));
  }
  return { code: status.UNKNOWN, details: errorMessage(error), metadata };
}

/** The form in which the engine learns that a resource exists although its creation failed. */
function initFailed({ id, state, message }: Incomplete): Status {
  const detail = new proto.ErrorResourceInitFailed()
    .setId(id)
    .setProperties(encode(state.outputs))
    .setInputs(encode(state.inputs))
    .setReasonsList([message]);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  return new Status().setCode(status.UNKNOWN).setMessage(message).setDetailsList([any]);
}

/** `urn:pulumi:<stack>::<project>::<parent's type>$<type>::<name>`; a name may itself contain colons. */
function subject(urn: string, timeoutSeconds = 0): Subject {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: name.join("::"), timeoutSeconds };
}

function namingRule(options: proto.CheckRequest.AutonamingOptions | undefined): NamingRule | undefined {
  if (options === undefined) {
    return undefined;
  }
  const { Mode } = proto.CheckRequest.AutonamingOptions;
  const modes = { [Mode.PROPOSE]: "propose", [Mode.ENFORCE]: "enforce", [Mode.DISABLE]: "disable" } as const;
  return { mode: modes[options.getMode()], proposedName: options.getProposedName() };
}

function failuresOf(problems: readonly Problem[]): proto.CheckFailure[] {
  return problems.map(({ property, reason }) => new proto.CheckFailure().setProperty(property).setReason(reason));
}

function diffResponse({ changes, replaces, deleteBeforeReplace }: Diff): proto.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setReplacesList([...replaces])
    .setDiffsList([...new Set(changes.map(({ path }) => /^[^.[]+/.exec(path)?.[0] ?? path))])
    .setDeletebeforereplace(deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const change of changes) {
    const entry = new proto.PropertyDiff().setKind(kindOf(change)).setInputdiff(change.input);
    response.getDetaileddiffMap().set(change.path, entry);
  }
  return response;
}

function kindOf({ kind, replaces }: PreviewedChange): proto.PropertyDiff.Kind {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  const kinds: Readonly<Record<Change["kind"], readonly [proto.PropertyDiff.Kind, proto.PropertyDiff.Kind]>> = {
    add: [ADD, ADD_REPLACE],
    delete: [DELETE, DELETE_REPLACE],
    update: [UPDATE, UPDATE_REPLACE],
  };
  return kinds[kind][replaces ? 1 : 0];
}

/** A provider of another region is another provider: its resources are other resources. */
function diffConfig(request: proto.DiffRequest): proto.DiffResponse {
  const olds = decode(request.getOldInputs());
  const news = decode(request.getNews());
  const same = (a: Value | undefined, b: Value | undefined) => canonical(a ?? null) === canonical(b ?? null);
  const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (key) => !same(olds[key], news[key]),
  );
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  return new proto.DiffResponse()
    .setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList(changed)
    .setReplacesList(changed.filter((key) => key === "region" && !isBlock(olds.region)));
}
