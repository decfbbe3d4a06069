import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Sample } from "../measure";

/** When a handler is measured: as it is loaded and called once, after 200 calls, and after 5000, when V8 has compiled what it will. */
export const KINDS = ["cold", "warm", "settled"] as const;
export type Kind = (typeof KINDS)[number];

const SAMPLE = z.object({ ms: z.number(), "CPU-s": z.number() });

/** What API Gateway hands over; as much of it as handlers read. */
const EVENT = { body: "1.5,2,3,4,5,6,7,8", headers: { "Content-Type": "text/csv" }, isBase64Encoded: false };

/** What a handler finds in its environment, for a model of eight columns of which it knows the ranges. */
const ENVIRONMENT = {
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "key",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "token",
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  AWS_LAMBDA_FUNCTION_NAME: "bench",
  ENDPOINT_NAME: "bench",
  RELEASE: "r1",
  MODEL_REQUEST: JSON.stringify({ columns: Array.from({ length: 8 }, () => ({ minimum: 0, maximum: 100 })) }),
  ACCEPT: JSON.stringify({ type: "number", minimum: 0, maximum: 100 }),
};

/** A model that answers at once, so that all the time is the handler's. */
export class Model {
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Model> {
    const server = createServer((request, response) => {
      request.resume().on("end", () => response.writeHead(200, { "Content-Type": "text/csv" }).end("1.0\n"));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return new Model(server);
  }

  /** Calls a handler in a process of its own, by a program that takes the handler's file, the kind and an event. */
  async called(command: string, args: readonly string[], kind: Kind): Promise<Sample> {
    const env = { PATH: process.env.PATH, ...ENVIRONMENT, AWS_ENDPOINT_URL: this.url() };
    const { stdout } = await promisify(execFile)(command, [...args, kind, JSON.stringify(EVENT)], { env });
    return SAMPLE.parse(JSON.parse(stdout));
  }

  close(): void {
    this.server.close();
  }

  private url(): string {
    const address = this.server.address();
    if (address === null || typeof address === "string") {
      throw new Error("the model listens at no port");
    }
    return `http://127.0.0.1:${address.port}`;
  }
}

/** The command that calls a handler in Node, to which its file is added. */
export const CALL = [process.execPath, join(__dirname, "call.cjs")] as const;
