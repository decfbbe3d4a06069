import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { failureOf } from "../support/failure";
import { Guard, ORDERS } from "./guard";
import type { Look } from "./look";
import { Refused, type OrderDesk } from "./orders";
import type { About } from "./shown";

/** What the page needs. */
export interface PageOptions {
  readonly about: About;
  readonly look: Look;
  readonly orders: Pick<OrderDesk, "carryOut">;
  /** Folder of the page's files. */
  readonly folder: string;
  /** @default 0, any free port */
  readonly port?: number;
}

/** A page that is served. */
export interface ServedPage {
  /** Where it is, with its token. */
  readonly url: string;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** What paths are relative to. */
const HERE = "http://127.0.0.1";
const MOST_BYTES = 16_384;
const KEEP_ALIVE_MS = 15_000;

/** The browser may load what is here, and nothing else from anywhere. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Serves the page on 127.0.0.1. */
export async function servePage({ folder, port = 0, ...parts }: PageOptions): Promise<ServedPage> {
  const files = await filesOf(folder);
  const server = createServer();
  await new Promise<void>((listening, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", listening);
  });
  const address = server.address();
  const own = typeof address === "object" && address !== null ? address.port : port;
  const guard = new Guard(own);
  const page = new Page(guard, files, parts);
  server.on("request", (request, response) => void page.answer(request, response));
  return {
    url: `http://127.0.0.1:${own}/?token=${guard.token}`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

type Files = ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>;

class Page {
  constructor(
    private readonly guard: Guard,
    private readonly files: Files,
    private readonly parts: Pick<PageOptions, "about" | "look" | "orders">,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    Object.entries(HEADERS).forEach(([name, value]) => response.setHeader(name, value));
    const { url: path = "/" } = request;
    if (!URL.canParse(path, HERE)) {
      say(response, 400, `${path} is no path`);
      return;
    }
    const url = new URL(path, HERE);
    const refusal = this.guard.refusal(request, url);
    const { pathname } = url;
    if (refusal !== undefined) {
      say(response, refusal.status, refusal.text);
    } else if (pathname.startsWith(ORDERS)) {
      await this.order(request, response, pathname.slice(ORDERS.length));
    } else if (pathname === "/events") {
      this.events(request, response);
    } else {
      this.file(response, pathname === "/" ? "/index.html" : pathname);
    }
  }

  private file(response: ServerResponse, path: string): void {
    const file = this.files.get(path.slice(1));
    if (file === undefined) {
      say(response, 404, `${path} is not here`);
      return;
    }
    if (path === "/index.html") {
      response.setHeader("set-cookie", this.guard.cookie);
    }
    response.writeHead(200, { "content-type": file.type }).end(file.body);
  }

  /** https://html.spec.whatwg.org/multipage/server-sent-events.html */
  private events(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (name: string, value: unknown) => response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
    send("about", this.parts.about);
    const stop = this.parts.look.watch((name, part) => send("part", { name, part }));
    // A browser notices by this that the connection stands.
    const timer = setInterval(() => response.write(": still here\n\n"), KEEP_ALIVE_MS);
    request.once("close", () => {
      clearInterval(timer);
      stop();
    });
  }

  private async order(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    try {
      if (request.headers["content-type"] !== "application/json") {
        throw new Refused("an order is JSON: content-type application/json");
      }
      const told = await this.parts.orders.carryOut(name, await bodyOf(request));
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ told }));
    } catch (error) {
      const status = error instanceof Refused ? 400 : 502;
      const problem = failureOf(error);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ problem }));
    }
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MOST_BYTES) {
      throw new Refused(`an order has at most ${MOST_BYTES} bytes`);
    }
    chunks.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Refused("an order is JSON");
  }
}

/** All files of a folder, by name, and no others, whatever a request asks for. */
async function filesOf(folder: string): Promise<Files> {
  const names = (await readdir(folder)).filter((name) => extname(name) in TYPES);
  return new Map(
    await Promise.all(
      names.map(
        async (name) => [name, { type: TYPES[extname(name)] ?? "", body: await readFile(join(folder, name)) }] as const,
      ),
    ),
  );
}
