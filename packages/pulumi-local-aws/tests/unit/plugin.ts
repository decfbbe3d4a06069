import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Provider } from "../../provider";
import { serveProvider } from "../../server";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** Property bags as a test writes them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Bag = Record<string, any>;

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const secretOf = (value: unknown) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value });
export const stringAsset = (text: string) => ({ [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text, hash: text });
export const assetArchive = (assets: Bag) => ({
  [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7",
  assets,
  hash: JSON.stringify(assets),
});

/** What the engine would learn from a failed call. */
export class CallFailed extends Error {
  constructor(
    error: ServiceError,
    readonly code = error.code,
    readonly partial = partialState(error),
  ) {
    super(error.details);
  }
}

function partialState(error: ServiceError): { id: string; outputs: Bag; reasons: string[] } | undefined {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (!(details instanceof Buffer)) {
    return undefined;
  }
  const [any] = Status.deserializeBinary(details).getDetailsList();
  const failed = proto.ErrorResourceInitFailed.deserializeBinary(any!.getValue_asU8());
  return { id: failed.getId(), outputs: failed.getProperties()!.toJavaScript(), reasons: failed.getReasonsList() };
}

interface CheckOptions {
  olds?: Bag;
  name?: string;
  seed?: string;
}

/** The plugin in this process, called over gRPC as the engine calls it. */
export async function startPlugin(config: Bag = { region: "us-east-1" }) {
  const serving = await serveProvider(new Provider(), "7.48.0");
  const client = new ResourceProviderClient(`127.0.0.1:${serving.port}`, credentials.createInsecure());
  const urnOf = (type: string, name: string) => `urn:pulumi:dev::project::my:index:Component$${type}::${name}`;
  const bag = (struct: Struct | undefined): Bag => struct?.toJavaScript() ?? {};

  const call = <T>(start: (done: (error: ServiceError | null, answer: T) => void) => unknown) =>
    new Promise<T>((resolve, reject) => {
      start((error, answer) => (error === null ? resolve(answer) : reject(new CallFailed(error))));
    });

  const plugin = {
    client,
    call,
    configure: (args: Bag) =>
      call<proto.ConfigureResponse>((done) =>
        client.configure(new proto.ConfigureRequest().setArgs(Struct.fromJavaScript(args)), done),
      ),
    async checkConfig(news: Bag) {
      const request = new proto.CheckRequest().setNews(Struct.fromJavaScript(news));
      const answer = await call<proto.CheckResponse>((done) => client.checkConfig(request, done));
      return failures(answer);
    },
    async check(type: string, news: Bag, { olds = {}, name = "thing", seed = "seed" }: CheckOptions = {}) {
      const request = new proto.CheckRequest()
        .setUrn(urnOf(type, name))
        .setOlds(Struct.fromJavaScript(olds))
        .setNews(Struct.fromJavaScript(news))
        .setRandomseed(Buffer.from(seed));
      const answer = await call<proto.CheckResponse>((done) => client.check(request, done));
      return { inputs: bag(answer.getInputs()), failures: failures(answer) };
    },
    async diff(type: string, olds: Bag, news: Bag, outputs: Bag = olds) {
      const request = new proto.DiffRequest()
        .setId("id")
        .setUrn(urnOf(type, "thing"))
        .setOldInputs(Struct.fromJavaScript(olds))
        .setOlds(Struct.fromJavaScript(outputs))
        .setNews(Struct.fromJavaScript(news));
      const answer = await call<proto.DiffResponse>((done) => client.diff(request, done));
      return {
        some: answer.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
        replaces: answer.getReplacesList(),
        deleteBeforeReplace: answer.getDeletebeforereplace(),
        detail: Object.fromEntries(
          answer
            .getDetaileddiffMap()
            .getEntryList()
            .map(([path]) => [path, kindName(answer, path)]),
        ),
      };
    },
    async create(type: string, inputs: Bag, { preview = false, name = "thing", timeout = 0 } = {}) {
      const request = new proto.CreateRequest()
        .setUrn(urnOf(type, name))
        .setProperties(Struct.fromJavaScript(inputs))
        .setTimeout(timeout)
        .setPreview(preview);
      const answer = await call<proto.CreateResponse>((done) => client.create(request, done));
      return { id: answer.getId(), outputs: bag(answer.getProperties()) };
    },
    async read(type: string, id: string, inputs: Bag = {}, outputs: Bag = {}) {
      const request = new proto.ReadRequest()
        .setUrn(urnOf(type, "thing"))
        .setId(id)
        .setInputs(Struct.fromJavaScript(inputs))
        .setProperties(Struct.fromJavaScript(outputs));
      const answer = await call<proto.ReadResponse>((done) => client.read(request, done));
      return { id: answer.getId(), inputs: bag(answer.getInputs()), outputs: bag(answer.getProperties()) };
    },
    async update(type: string, id: string, olds: Bag, news: Bag, { preview = false, outputs = olds } = {}) {
      const request = new proto.UpdateRequest()
        .setUrn(urnOf(type, "thing"))
        .setId(id)
        .setOldInputs(Struct.fromJavaScript(olds))
        .setOlds(Struct.fromJavaScript(outputs))
        .setNews(Struct.fromJavaScript(news))
        .setPreview(preview);
      const answer = await call<proto.UpdateResponse>((done) => client.update(request, done));
      return bag(answer.getProperties());
    },
    async delete(type: string, id: string, inputs: Bag) {
      const request = new proto.DeleteRequest()
        .setUrn(urnOf(type, "thing"))
        .setId(id)
        .setOldInputs(Struct.fromJavaScript(inputs))
        .setProperties(Struct.fromJavaScript(inputs));
      await call<unknown>((done) => client.delete(request, done));
    },
    async invoke(token: string, args: Bag = {}) {
      const request = new proto.InvokeRequest().setTok(token).setArgs(Struct.fromJavaScript(args));
      const answer = await call<proto.InvokeResponse>((done) => client.invoke(request, done));
      return { result: bag(answer.getReturn()), failures: failures(answer) };
    },
    cancel: () => call<unknown>((done) => client.cancel(new Empty(), done)),
    close() {
      client.close();
      serving.close();
    },
  };
  if (process.env.AWS_ENDPOINT_URL !== undefined) {
    await plugin.configure(config);
  }
  return plugin;
}

export type Plugin = Awaited<ReturnType<typeof startPlugin>>;

function kindName(answer: proto.DiffResponse, path: string): string {
  const kind = answer.getDetaileddiffMap().get(path)?.getKind();
  return Object.entries(proto.PropertyDiff.Kind).find(([, value]) => value === kind)![0];
}

const failures = (answer: { getFailuresList(): proto.CheckFailure[] }) =>
  answer.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);

/** Sets environment variables for a suite and puts back what was there. */
export function withEnvironment(variables: Record<string, string | undefined>): () => void {
  const before = Object.fromEntries(Object.keys(variables).map((key) => [key, process.env[key]]));
  const set = (values: Record<string, string | undefined>) => {
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) {
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- an environment variable cannot be set to "not set"
        delete process.env[key];
      } else {
        process.env[key] = value;
      }
    }
  };
  set(variables);
  return () => set(before);
}

/** What points SDK clients inside the plugin at a server of the test. */
export const awsEnvironment = (endpoint: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: "123456789012",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
});
