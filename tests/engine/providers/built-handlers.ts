import { createServer, type Server } from "node:http";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CreateFunctionCommand, InvokeCommand, LambdaClient, waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { zipSync } from "fflate";
import { Prober } from "../../../components/providers/rollout/prober";

const HANDLERS = resolve(__dirname, "../../../dist/handlers");
const PICTURE = Buffer.from([0xff, 0xd8, 0, 1]);

/** The functions as they are built, in the local Lambda: what tests of their source cannot show is that they run there and reach each other. */
export function builtHandlers(roleArn: string): void {
  describe("the built functions", () => {
    let lambda: LambdaClient;
    let model: Server;
    const seen: { readonly type: string | undefined; readonly body: Buffer }[] = [];

    before(async () => {
      lambda = new LambdaClient({});
      model = createServer((incoming, outgoing) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("end", () => {
          seen.push({ type: incoming.headers["content-type"], body: Buffer.concat(parts) });
          outgoing.writeHead(200, { "content-type": "image/png" }).end(PICTURE);
        });
      });
      await new Promise<void>((done) => model.listen(0, "127.0.0.1", done));
    });
    after(() => {
      model.closeAllConnections();
      model.close();
    });

    const create = async (FunctionName: string, code: string | Buffer, Variables: Record<string, string>) => {
      const ZipFile = zipSync({ "index.js": Buffer.from(code) });
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Role: roleArn,
          Runtime: "nodejs24.x",
          Handler: "index.handler",
          Timeout: 30,
          Publish: true,
          Code: { ZipFile },
          Environment: { Variables },
        }),
      );
      await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 20, minDelay: 1 }, { FunctionName });
    };
    const built = (handler: string) => readFile(join(HANDLERS, handler, "index.js"));
    const invoke = async (FunctionName: string, event: object): Promise<Record<string, unknown>> => {
      const { Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
      return JSON.parse(Payload?.transformToString() ?? "null") as Record<string, unknown>;
    };

    it("pass bytes through, of probes as of callers", async () => {
      const address = model.address() as { port: number };
      await create("pictures", await built("predict"), {
        ENDPOINT_NAME: "pictures-r1",
        RELEASE: "r1",
        MODEL_REQUEST: '{"contentType":"image/jpeg"}',
        AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: `http://127.0.0.1:${address.port}`,
      });
      const body = PICTURE.toString("base64");

      const headers = { "Content-Type": "image/jpeg" };
      expect(await invoke("pictures", { body, headers, isBase64Encoded: true })).to.deep.include({
        statusCode: 200,
        body,
        isBase64Encoded: true,
      });
      const requests = [{ body, isBase64Encoded: true, contentType: "image/jpeg" }];
      const prober = new Prober(
        { region: "us-east-1", functionName: "pictures", probe: { requests, perSecond: 1 } },
        "1",
      );
      prober.start();
      expect(await prober.stop()).to.include({ answered: 1, failed: 0 });
      expect(seen).to.deep.equal([
        { type: "image/jpeg", body: PICTURE },
        { type: "image/jpeg", body: PICTURE },
      ]);
    });

    it("ask a hook of one's own, and take its verdict", async () => {
      await create(
        "smoke",
        "exports.handler = async ({ release }) => ({ status: release === 'r1' ? 'Succeeded' : 'Failed', reason: release });",
        {},
      );
      for (const [release, status] of [
        ["r1", "Succeeded"],
        ["r2", "Failed"],
      ] as const) {
        await create(`hook-${release}`, await built("post-traffic"), {
          ENDPOINT_NAME: "e",
          RELEASE: release,
          OWN_HOOK: "smoke",
        });
        expect(await invoke(`hook-${release}`, {})).to.deep.equal({ status, reason: `hook smoke: ${release}` });
      }
    });
  });
}
