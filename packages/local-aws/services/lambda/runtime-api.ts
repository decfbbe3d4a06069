import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What a function's process asks of Lambda's Runtime API. */
export interface RuntimeClient {
  /** It wants an event; `response` may be kept until there is one. */
  next(response: ServerResponse): void;
  answered(requestId: string, payload: Buffer, memory: ReportedMemory): void;
  failed(requestId: string, payload: Buffer, errorType: string, memory: ReportedMemory): void;
  initFailed(payload: Buffer, errorType: string): void;
}

/** The most memory the process has had so far. */
export interface ReportedMemory {
  readonly maximumKiB: number;
}

/**
 * Lambda's Runtime API, by which the processes of all functions take events and give answers: on a loopback port of its own, as
 * on AWS. Each process is told a path of its own in `AWS_LAMBDA_RUNTIME_API`.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  private readonly clients = new Map<string, RuntimeClient>();
  private server: Promise<{ readonly server: Server; readonly port: number }> | undefined;

  /** Value of `AWS_LAMBDA_RUNTIME_API` for the process that is called `id` here. */
  async register(id: string, client: RuntimeClient): Promise<string> {
    this.clients.set(id, client);
    this.server ??= this.listen();
    return `127.0.0.1:${(await this.server).port}/${id}`;
  }

  unregister(id: string): void {
    this.clients.delete(id);
  }

  async close(): Promise<void> {
    const listening = await this.server;
    listening?.server.closeAllConnections();
    await new Promise<void>((resolve) =>
      listening === undefined ? resolve() : listening.server.close(() => resolve()),
    );
  }

  private async listen(): Promise<{ server: Server; port: number }> {
    const server = createServer((incoming, outgoing) => {
      void this.answer(incoming, outgoing);
    });
    // A function may take its time between two calls; its connection stays.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [, id = "", path = ""] = /^\/([^/]+)\/2018-06-01\/runtime\/(.+)$/.exec(incoming.url ?? "") ?? [];
    const client = this.clients.get(id);
    const body = await bodyOf(incoming);
    if (client !== undefined && path === "invocation/next") {
      client.next(outgoing);
      return;
    }
    outgoing.writeHead(client === undefined ? 404 : 202, { "content-type": "application/json" }).end("{}");
    if (client === undefined) {
      return;
    }
    const errorType = String(incoming.headers["lambda-runtime-function-error-type"] ?? "Error");
    const memory = { maximumKiB: Number(incoming.headers["x-max-memory-kib"] ?? 0) };
    const [, requestId = "", outcome] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (path === "init/error") {
      client.initFailed(body, errorType);
    } else if (outcome === "response") {
      client.answered(requestId, body, memory);
    } else if (outcome === "error") {
      client.failed(requestId, body, errorType, memory);
    }
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming.iterator()) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
