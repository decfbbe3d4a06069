import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import type { PredictEvent } from "../../../handlers/predict";

/** The context of an invocation with so much time left: only what the functions read is filled in. */
export function context(remainingMs = 10_000): Context {
  return { awsRequestId: "request-1", getRemainingTimeInMillis: () => remainingMs } as unknown as Context;
}

/** A request as API Gateway hands it to the function: only what the function reads is filled in. */
export function request(
  body: string | null,
  headers: Record<string, string> = {},
  base64 = false,
): APIGatewayProxyEvent {
  return {
    body,
    headers,
    isBase64Encoded: base64,
    httpMethod: "POST",
    path: "/api",
  } as unknown as APIGatewayProxyEvent;
}

/** CSV rows as a rollout's prober sends them. */
export function probe(body: string): PredictEvent {
  return { ...request(body, { "Content-Type": "text/csv" }), safeDeployProbe: true };
}

/** Runs `action` and gives back, besides its result, the lines it wrote to stdout. */
export async function withOutput<T>(action: () => Promise<T>): Promise<{ result: T; lines: string[] }> {
  const written: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  try {
    const result = await action();
    return { result, lines: written.join("").split("\n").slice(0, -1) };
  } finally {
    process.stdout.write = write;
  }
}

/** Sets environment variables for each test of a suite, and puts back what was there. */
export function environment(values: Record<string, string | undefined>): void {
  const before = new Map<string, string | undefined>();
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) {
      Reflect.deleteProperty(process.env, name);
    } else {
      process.env[name] = value;
    }
  };
  beforeEach(() => {
    for (const [name, value] of Object.entries(values)) {
      before.set(name, process.env[name]);
      set(name, value);
    }
  });
  afterEach(() => {
    for (const [name, value] of before) {
      set(name, value);
    }
  });
}
