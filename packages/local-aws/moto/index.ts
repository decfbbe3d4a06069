import { mkdtemp } from "node:fs/promises";
import { request as httpRequest, Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notImplemented } from "../core/aws-error";
import { startChild } from "../core/child";
import { signedService, type HttpRequest, type HttpResponse, type Service } from "../core/http";
import { errorResponse } from "../core/json-rpc";
import type { Reach } from "../core/local";
import { removeFolder } from "../core/remove-folder";

export interface Moto {
  /** What moto keeps of one account, in all its regions. */
  inAccount(accountId: string): Service;
  /** Where the local AWS's own clients reach moto itself: a socket that only this user can open. */
  readonly reach: Reach;
  /** Folder of botocore's service models, which come with moto. */
  readonly serviceModelsDir: string;
  close(): Promise<void>;
}

/** Header by which moto is told whose account a request is about. */
const ACCOUNT_HEADER = "x-moto-account-id";

/** Longest path of a socket on macOS; Linux takes four bytes more. */
const LONGEST_SOCKET_PATH = 103;

/**
 * Starts moto and waits until it answers; about a second.
 *
 * @throws if it cannot start. Nothing of it stays
 */
export async function startMoto(python: string): Promise<Moto> {
  // Only this user may enter it.
  const folder = await mkdtemp(join(tmpdir(), "local-aws-moto-"));
  try {
    return await startIn(folder, python);
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

async function startIn(folder: string, python: string): Promise<Moto> {
  const socketPath = join(folder, "socket");
  if (Buffer.byteLength(socketPath) > LONGEST_SOCKET_PATH) {
    throw new Error(
      `the path of the temporary folder is too long for a socket in it: set TMPDIR to a shorter one than ${tmpdir()}`,
    );
  }
  const printed: string[] = [];
  let started: (serviceModelsDir: string) => void = () => undefined;
  const ready = new Promise<string>((resolve) => (started = resolve));
  let serviceModelsDir = "";
  const child = startChild({
    command: python,
    args: [join(__dirname, "serve.py"), socketPath],
    env: {
      PYTHONUNBUFFERED: "1",
      // Roles here have AWS's own policies attached, so these have to be there as they are on AWS.
      MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
      // Whatever a bucket's policy says: moto would let every account in.
      MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS: "false",
    },
    onLine(line) {
      printed.push(line);
      serviceModelsDir = /^service models: (.+)$/.exec(line)?.[1] ?? serviceModelsDir;
      if (line.includes("Running on unix:")) {
        started(serviceModelsDir);
      }
    },
  });
  const died = child.exited.then((code) => {
    throw new Error(
      `moto, which keeps S3 and IAM for the local AWS, ended with ${code ?? "a signal"}: ${printed.slice(-5).join(" | ")}`,
    );
  });
  const models = await Promise.race([ready, died]);
  died.catch(() => undefined); // Once it serves, its end is either ours or shows as a failed request that names it.
  const socket = { socketPath, keepAlive: true };
  const agent = new Agent(socket);
  return {
    reach: { endpoint: "http://localhost", requestHandler: { httpAgent: socket } },
    serviceModelsDir: models,
    inAccount: (accountId) => ({
      name: "moto",
      handle: (request) => forward(agent, { ...request, headers: { ...request.headers, [ACCOUNT_HEADER]: accountId } }),
    }),
    async close() {
      agent.destroy();
      await child.stop();
      await removeFolder(folder);
    },
  };
}

async function forward(agent: Agent, request: HttpRequest): Promise<HttpResponse> {
  const answer = await send(agent, request);
  // moto answers an operation that it does not have with an HTML page, which no AWS client can read.
  // (An answer to HEAD has no body: there a 404 only says that the object is not there.)
  const isPage = (answer.headers["content-type"] ?? "").startsWith("text/html");
  const unknown = answer.status === 404 && isPage && request.method !== "HEAD";
  return unknown ? unknownOperation(request) : answer;
}

function send(agent: Agent, request: HttpRequest): Promise<HttpResponse> {
  const query = request.query.toString();
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        path: request.path + (query === "" ? "" : `?${query}`),
        method: request.method,
        headers: { ...request.headers },
        agent,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
          resolve({
            status: incoming.statusCode ?? 500,
            headers: Object.fromEntries(
              headers.filter(([name]) => name !== "transfer-encoding" && name !== "connection"),
            ),
            body: Buffer.concat(chunks),
          });
        });
      },
    );
    outgoing.on("error", (error) => {
      reject(new Error(`moto does not answer ${request.method} ${request.path}: ${error.message}`, { cause: error }));
    });
    outgoing.end(request.body);
  });
}

function unknownOperation(request: HttpRequest): HttpResponse {
  const target = request.headers["x-amz-target"];
  const [service = "", called = ""] = target?.split(".") ?? [];
  if (target !== undefined) {
    return errorResponse(notImplemented(service, called), "application/x-amz-json-1.1");
  }
  // Services that speak AWS's Query protocol, such as IAM, name the operation in a form.
  const action = new URLSearchParams(Buffer.from(request.body).toString("utf8")).get("Action");
  const error = notImplemented(signedService(request) ?? "moto", action ?? `${request.method} ${request.path}`);
  const body = `<ErrorResponse><Error><Code>${error.code}</Code><Message>${error.message}</Message></Error></ErrorResponse>`;
  return { status: error.statusCode, headers: { "content-type": "text/xml" }, body };
}
