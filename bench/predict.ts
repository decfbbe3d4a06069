import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { testPython } from "pulumi-engine/testing/python";
import { z } from "zod";
import { compare, type Benchmark, type Case } from "./measure";

const ROOT = resolve(__dirname, "..");
const PARTS = join(__dirname, "predict");
const SAMPLE = z.object({ ms: z.number(), "CPU-s": z.number() });

/** What API Gateway hands over; as much of it as handlers read. */
const EVENT = { body: "1.5,2,3,4,5,6,7,8", headers: { "Content-Type": "text/csv" }, isBase64Encoded: false };

/**
 * What `predict` adds to a call of a model, cold (loading and one answer, without the start of Node itself) and warm (an answer). The endpoint
 * answers at once, so all the time is the handler's.
 */
export const predict: Benchmark = {
  tells:
    "cold start and warm answer of `predict`, against handlers that only forward: in Node, and in Python as in AWS's sample",
  async run(options) {
    const folder = await mkdtemp(join(tmpdir(), "safe-deploy-bench-"));
    const endpoint = await answersAtOnce();
    try {
      const forward = join(folder, "forward.js");
      await bundle(join(PARTS, "forward.ts"), forward);
      const environment = environmentOf(endpoint);
      const node = (name: string, handler: string, kind: string): Case => ({
        name: `${name}, ${kind}`,
        round: () => call(process.execPath, [join(PARTS, "call.cjs"), handler, kind], environment),
      });
      const figures = [];
      for (const kind of ["cold", "warm"]) {
        figures.push(
          ...(await compare(
            [
              node("a handler that only forwards", forward, kind),
              node("predict", join(ROOT, "dist/handlers/predict/index.js"), kind),
              {
                name: `the sample's way, ${kind}`,
                round: () => call(testPython(), [join(PARTS, "call.py"), join(PARTS, "forward.py"), kind], environment),
              },
            ],
            options,
          )),
        );
      }
      return figures;
    } finally {
      endpoint.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** As the project's own handlers are bundled. */
async function bundle(source: string, outfile: string): Promise<void> {
  const common = { platform: "node", format: "cjs", target: "node20", bundle: true, minify: true } as const;
  await build({ ...common, entryPoints: [source], outfile, mainFields: ["module", "main"], legalComments: "none" });
}

/** Answers every request like an endpoint whose model predicts 1. */
async function answersAtOnce(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { "Content-Type": "text/csv" }).end("1.0\n"));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

function environmentOf(endpoint: Server): NodeJS.ProcessEnv {
  const address = endpoint.address();
  if (address === null || typeof address === "string") {
    throw new Error("the endpoint listens at no port");
  }
  return {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${address.port}`,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    ENDPOINT_NAME: "bench",
    RELEASE: "r1",
  };
}

async function call(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const { stdout } = await promisify(execFile)(command, [...args, JSON.stringify(EVENT)], { env });
  return SAMPLE.parse(JSON.parse(stdout));
}
