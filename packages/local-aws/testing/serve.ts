import { createServer } from "node:http";
import { LOCAL_ACCOUNT } from "../core/account";
import { readRequest, type HttpRequest, type Service } from "../core/http";

/** A service of the local AWS on a port of its own, for its real client. */
export interface Served {
  readonly endpoint: string;
  /** What an SDK client needs to reach it; no retries, so that an error shows at once. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: 1;
  };
  close(): Promise<void>;
}

/** Chooses the service that answers a request; `signedService` tells which it was signed for. */
export type Pick = (request: HttpRequest) => Service | undefined;

/**
 * Serves a service on a loopback port, or the services that `make` picks from; it is told the endpoint, for services that call
 * one another.
 */
export async function serve(make: Service | ((endpoint: string) => Pick)): Promise<Served> {
  let pick: Pick = () => undefined;
  const server = createServer((incoming, outgoing) => {
    void readRequest(incoming).then(async (request) => {
      const answer = (await pick(request)?.handle(request)) ?? {
        status: 404,
        headers: {},
        body: `this test serves nothing for ${request.method} ${request.path}`,
      };
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const endpoint = `http://127.0.0.1:${port}`;
  pick = typeof make === "function" ? make(endpoint) : () => make;
  return {
    endpoint,
    client: { endpoint, region: LOCAL_ACCOUNT.region, credentials: LOCAL_ACCOUNT, maxAttempts: 1 },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
