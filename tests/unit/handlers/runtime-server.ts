import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { environment } from "./lambda";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Of the client, which tells its connections apart. */
  readonly port: number | undefined;
}

/** What a server answers; `breaks` ends the connection, `hangs` never answers. */
export type Reply =
  | "breaks"
  | "hangs"
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    };

type Replies = readonly (Reply | ((request: Arrived) => Reply))[];

/** A server in SageMaker Runtime's place. It gives the replies in turn, and the last one again and again. */
export class RuntimeServer {
  arrived: Arrived[] = [];
  private replies: Replies = [];

  private constructor(private readonly server: Server) {
    server.on("request", (request, response: ServerResponse) => {
      void buffer(request).then((body) => {
        const { method = "", url: path = "", headers, socket } = request;
        this.reply({ method, path, headers, body, port: socket.remotePort }, response);
      });
    });
  }

  static async start(): Promise<RuntimeServer> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return new RuntimeServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Gives these replies from now on, and forgets what has arrived. */
  answers(...replies: Replies): void {
    this.replies = replies;
    this.arrived = [];
  }

  /** Ends the connections that clients keep. */
  closeIdleConnections(): void {
    this.server.closeIdleConnections();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private reply(request: Arrived, response: ServerResponse): void {
    const next = this.replies[Math.min(this.arrived.length, this.replies.length - 1)] ?? "breaks";
    this.arrived.push(request);
    const reply = typeof next === "function" ? next(request) : next;
    if (reply === "breaks") {
      response.destroy();
    } else if (reply !== "hangs") {
      response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
    }
  }
}

/** An error of the service, as it answers it. */
export function serviceError(name: string, fields: Readonly<Record<string, unknown>> = {}, status = 400): Reply {
  return { status, headers: { "x-amzn-errortype": name }, body: JSON.stringify(fields) };
}

/** What the container of a model has answered, as the service tells it. */
export function modelError(OriginalStatusCode: number, OriginalMessage?: string, more = {}): Reply {
  const Message = `Received an error (${OriginalStatusCode}) from primary with message "${OriginalMessage ?? ""}"`;
  return serviceError("ModelError", { Message, OriginalStatusCode, OriginalMessage, ...more }, 424);
}

/** SageMaker Runtime for the suite that calls this, with the environment that leads functions to it. */
export function sageMakerRuntime() {
  const started: { server?: RuntimeServer } = {};
  const server = () => started.server!;
  before(async () => {
    started.server = await RuntimeServer.start();
  });
  environment({
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_SESSION_TOKEN: undefined,
    AWS_ENDPOINT_URL: undefined,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: undefined,
  });
  beforeEach(() => {
    process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = server().url;
    server().answers();
  });
  after(() => server().close());

  return {
    answers: (...replies: Replies) => server().answers(...replies),

    /** Has the model answer this body. */
    modelAnswers: (body: string | Uint8Array, contentType?: string, customAttributes?: string) => {
      const headers = {
        ...(contentType === undefined ? {} : { "content-type": contentType }),
        ...(customAttributes === undefined ? {} : { "x-amzn-sagemaker-custom-attributes": customAttributes }),
      };
      server().answers({ headers, body });
    },

    /** What has arrived, in the words of `InvokeEndpoint`. */
    sent: () => server().arrived.map(inWords),

    arrived: () => server().arrived,
  };
}

/** A request in the words of `InvokeEndpoint`. */
export function inWords({ path, headers, body }: Arrived) {
  return {
    EndpointName: decodeURIComponent(/^\/endpoints\/([^/]+)\/invocations$/.exec(path)?.[1] ?? path),
    ContentType: headers["content-type"],
    Accept: headers.accept,
    Body: body.toString(),
    CustomAttributes: headers["x-amzn-sagemaker-custom-attributes"] as string | undefined,
    InferenceId: headers["x-amzn-sagemaker-inference-id"] as string | undefined,
  };
}
