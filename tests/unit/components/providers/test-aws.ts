import { createServer } from "node:http";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { AwsError } from "local-aws/core/aws-error";
import { readRequest, signedService, type HttpRequest, type Service } from "local-aws/core/http";
import { errorResponse } from "local-aws/core/json-rpc";

/** What goes wrong with a request: an error that is answered, or a connection that breaks before or after AWS has done the work. */
type Trouble = AwsError | "dropped" | "dropped after the work";

export interface TestAws {
  /** Names of the operations that were asked for, in order. */
  readonly calls: string[];
  /** The access keys that the requests were signed with. */
  readonly accessKeys: string[];
  /** Lines that the provider told. */
  readonly told: string[];
  /** Makes the next requests for an operation go wrong, one after the other. */
  trouble(operation: string, ...troubles: Trouble[]): void;
  close(): Promise<void>;
}

export const serverError = () => new AwsError("InternalFailure", "We encountered an internal error.", 500);
export const throttled = () => new AwsError("ThrottlingException", "Rate exceeded", 400);

/**
 * Serves services, each by the name that requests are signed with, and points the environment at them: the providers under test
 * make their real clients from it, as they do in Pulumi's process. The SDK's own retries are off, so that it is ours that show.
 */
export async function startAws(services: Readonly<Record<string, Service>>): Promise<TestAws> {
  const calls: string[] = [];
  const accessKeys: string[] = [];
  const troubles = new Map<string, Trouble[]>();
  const server = createServer((incoming, outgoing) => {
    void readRequest(incoming).then(async (request) => {
      const operation = operationOf(request);
      calls.push(operation);
      accessKeys.push(/Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "");
      const trouble = troubles.get(operation)?.shift();
      if (trouble === "dropped") {
        outgoing.destroy();
        return;
      }
      const service = services[signedService(request) ?? ""];
      const answer =
        trouble instanceof AwsError ? errorResponse(trouble, "application/json") : await service!.handle(request);
      if (trouble === "dropped after the work") {
        outgoing.destroy();
        return;
      }
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const restore = setEnvironment({
    AWS_ENDPOINT_URL: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    AWS_ACCESS_KEY_ID: LOCAL_ACCOUNT.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_ACCOUNT.secretAccessKey,
    AWS_MAX_ATTEMPTS: "1",
  });
  const told: string[] = [];
  const log = console.log;
  console.log = (line: string) => told.push(line);
  return {
    calls,
    accessKeys,
    told,
    trouble: (operation, ...list) => troubles.set(operation, list),
    async close() {
      console.log = log;
      restore();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `CreateTrainingJob`; for services that have no such header, `GET /2015-03-31/functions/f/aliases/live`. */
function operationOf({ headers, method, path }: HttpRequest): string {
  return headers["x-amz-target"]?.split(".").at(-1) ?? `${method} ${path}`;
}

function setEnvironment(values: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) {
        Reflect.deleteProperty(process.env, name);
      } else {
        process.env[name] = value;
      }
    }
  };
}

/** What a provider's method threw, as the host reads it. */
export interface Thrown {
  readonly message: string;
  readonly id?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly reasons?: readonly string[];
}

/** The error that `work` ends with. */
export async function failureOf(work: Promise<unknown>): Promise<Thrown> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) {
      return { message: error.message, ...Object.fromEntries(Object.entries(error)) };
    }
    throw error;
  }
  throw new Error("it did not fail");
}
