import { request as httpRequest, Agent } from "node:http";
import { join } from "node:path";
import { notImplemented } from "../core/aws-error";
import { startChild } from "../core/child";
import { signedService, type HttpRequest, type HttpResponse, type Service } from "../core/http";
import { errorResponse } from "../core/json-rpc";

export interface Moto {
  /** What moto keeps of one account, in all its regions. */
  inAccount(accountId: string): Service;
  /** Where moto itself listens, for the local AWS's own log writer. */
  readonly endpoint: string;
  /** Folder of botocore's service models, which come with moto. */
  readonly serviceModelsDir: string;
  close(): Promise<void>;
}

/** Header by which moto is told whose account a request is about. */
const ACCOUNT_HEADER = "x-moto-account-id";

/** Starts moto and waits until it answers; about a second. */
export async function startMoto(python: string): Promise<Moto> {
  const printed: string[] = [];
  let started: (value: { endpoint: string; serviceModelsDir: string }) => void = () => undefined;
  const ready = new Promise<{ endpoint: string; serviceModelsDir: string }>((resolve) => (started = resolve));
  let serviceModelsDir = "";
  const child = startChild({
    command: python,
    args: [join(__dirname, "serve.py"), "0"],
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
      const endpoint = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (endpoint !== undefined) {
        started({ endpoint, serviceModelsDir });
      }
    },
  });
  const died = child.exited.then((code) => {
    throw new Error(
      `moto, which keeps S3 and IAM for the local AWS, ended with ${code ?? "a signal"}: ${printed.slice(-5).join(" | ")}`,
    );
  });
  const { endpoint, serviceModelsDir: models } = await Promise.race([ready, died]);
  died.catch(() => undefined); // Once it serves, its end is either ours or shows as a failed request that names it.
  const agent = new Agent({ keepAlive: true });
  return {
    endpoint,
    serviceModelsDir: models,
    inAccount: (accountId) => ({
      name: "moto",
      handle: (request) =>
        forward(endpoint, agent, { ...request, headers: { ...request.headers, [ACCOUNT_HEADER]: accountId } }),
    }),
    async close() {
      agent.destroy();
      await child.stop();
    },
  };
}

async function forward(endpoint: string, agent: Agent, request: HttpRequest): Promise<HttpResponse> {
  const answer = await send(endpoint, agent, request);
  // moto answers an operation that it does not have with an HTML page, which no AWS client can read.
  // (An answer to HEAD has no body: there a 404 only says that the object is not there.)
  const isPage = (answer.headers["content-type"] ?? "").startsWith("text/html");
  const unknown = answer.status === 404 && isPage && request.method !== "HEAD";
  return unknown ? unknownOperation(request) : answer;
}

function send(endpoint: string, agent: Agent, request: HttpRequest): Promise<HttpResponse> {
  const query = request.query.toString();
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      endpoint + request.path + (query === "" ? "" : `?${query}`),
      { method: request.method, headers: { ...request.headers }, agent },
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
