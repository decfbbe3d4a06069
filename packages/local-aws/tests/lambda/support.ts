import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
  type CreateFunctionCommandInput,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { LOCAL_ACCOUNT } from "../../core/account";
import { Clock } from "../../core/clock";
import type { Service } from "../../core/http";
import { Faults } from "../../core/faults";
import type { Local, MetricValue } from "../../core/local";
import { lambda, type Lambda } from "../../services/lambda";
import { NO_SESSIONS } from "../no-sessions";
import { serve } from "../../testing/serve";

export const ROLE = "arn:aws:iam::123456789012:role/function";

/** One event of a log. */
interface LogLine {
  readonly group: string;
  readonly stream: string;
  readonly line: string;
}

/** What a service needs around it, with all it told kept for the test. */
export interface Surroundings {
  readonly local: Local;
  readonly metrics: MetricValue[];
  readonly logs: LogLine[];
  remove(): Promise<void>;
}

export async function surroundings(endpoint: string, speed: number): Promise<Surroundings> {
  const scratchDir = await mkdtemp(join(tmpdir(), "local lambda "));
  const metrics: MetricValue[] = [];
  const logs: LogLine[] = [];
  const clock = new Clock(speed);
  const local: Local = {
    clock,
    account: LOCAL_ACCOUNT,
    endpoint,
    scratchDir,
    python: "python3",
    metrics: { put: (values) => metrics.push(...values) },
    logs: { write: (group, stream, lines) => logs.push(...lines.map((line) => ({ group, stream, line }))) },
    faults: new Faults(),
    events: { put: () => undefined },
    sessions: NO_SESSIONS,
  };
  return {
    local,
    metrics,
    logs,
    async remove() {
      clock.stop();
      await rm(scratchDir, { recursive: true, force: true });
    },
  };
}

/** Lambda behind its real client. */
export interface Running extends Surroundings {
  readonly client: LambdaClient;
  readonly lambda: Lambda;
  close(): Promise<void>;
}

export async function startLambda(speed = 6000): Promise<Running> {
  const services: Service[] = [];
  const served = await serve(() => () => services[0]);
  const around = await surroundings(served.endpoint, speed);
  const running = lambda(around.local);
  services.push(running.service);
  const client = new LambdaClient(served.client);
  return {
    ...around,
    client,
    lambda: running,
    async close() {
      client.destroy();
      await running.service.close?.();
      await served.close();
      await around.remove();
    },
  };
}

/** A deployment package with one CommonJS file. */
export function zip(source: string, file = "index.js"): Uint8Array {
  return zipSync({ [file]: strToU8(source) });
}

/** Creates a function, published or not, and waits until it may be called. */
export async function createFunction(
  client: LambdaClient,
  source: string,
  input: Partial<CreateFunctionCommandInput> = {},
): Promise<void> {
  const FunctionName = input.FunctionName ?? "fn";
  const created = await client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: ROLE,
      Code: { ZipFile: zip(source) },
      ...input,
    }),
  );
  await waitUntilFunctionActiveV2(waiting(client), { FunctionName });
  if (input.Publish === true) {
    await waitUntilPublishedVersionActive(waiting(client), { FunctionName, Qualifier: created.Version });
  }
}

/** Settings of the SDK's waiters, for a clock that runs fast. */
export const waiting = (client: LambdaClient) => ({ client, maxWaitTime: 5, minDelay: 0.01, maxDelay: 0.05 });

export const ARN = "arn:aws:lambda:us-east-1:123456789012:function:fn";

/** Code of a function that always answers this text. */
export const answering = (text: string) => `exports.handler = async () => ${JSON.stringify(text)};`;

/** Creates a function `fn` with versions 1 and 2, which answer their numbers. */
export async function createTwoVersions(client: LambdaClient): Promise<void> {
  const FunctionName = "fn";
  await createFunction(client, answering("1"), { Publish: true });
  await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zip(answering("2")) }));
  await waitUntilFunctionUpdatedV2(waiting(client), { FunctionName });
  await client.send(new PublishVersionCommand({ FunctionName }));
  await waitUntilPublishedVersionActive(waiting(client), { FunctionName, Qualifier: "2" });
}

/** Calls a function; the answer's payload is parsed. */
export async function call(client: LambdaClient, FunctionName: string, event: unknown = {}) {
  const answer = await client.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), LogType: "Tail" }),
  );
  const value: unknown = JSON.parse(answer.Payload?.transformToString() ?? "null");
  return {
    value,
    version: answer.ExecutedVersion,
    functionError: answer.FunctionError,
    log: Buffer.from(answer.LogResult ?? "", "base64").toString("utf8"),
  };
}

/** The name of the error that a call is refused with, or `undefined` if it is not. */
export async function refusal(sent: Promise<unknown>): Promise<{ name: string; message: string } | undefined> {
  try {
    await sent;
    return undefined;
  } catch (error) {
    return error instanceof Error ? { name: error.name, message: error.message } : undefined;
  }
}
