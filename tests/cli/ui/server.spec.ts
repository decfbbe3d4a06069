import { request as send } from "node:http";
import { expect } from "chai";
import { Look } from "../../../cli/ui/look";
import { Refused } from "../../../cli/ui/orders";
import { servePage, type ServedPage } from "../../../cli/ui/server";
import { pageFolder } from "../../../cli/ui/ui";

const ABOUT = { model: "taxi", pipelineName: "p", region: "us-east-1", account: "1", windowSeconds: 60 };

describe("who may use the operator's page", () => {
  let served: ServedPage;
  let token: string;
  const carriedOut: unknown[] = [];

  before(async () => {
    const endpoints = { everySeconds: 60, read: async () => [] };
    const orders = {
      carryOut: async (name: string, given: unknown) => {
        if (name === "approve") {
          throw new Refused("not now");
        }
        carriedOut.push([name, given]);
        return "done";
      },
    };
    served = await servePage({ about: ABOUT, look: new Look({ endpoints }), orders, folder: pageFolder() });
    token = new URL(served.url).searchParams.get("token")!;
  });
  after(() => served.close());
  beforeEach(() => carriedOut.splice(0));

  interface Asked {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  const host = () => new URL(served.url).host;
  const cookie = () => `safe-deploy-${new URL(served.url).port}=${token}`;
  /** `fetch` would not send another Host. */
  const ask = (path: string, { method = "GET", headers = {}, body }: Asked = {}) =>
    new Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>((done, fail) => {
      const { hostname, port } = new URL(served.url);
      const sent = send({ hostname, port, path, method, headers }, (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => {
          text += chunk.toString();
          if (path === "/events" && text.includes("event: part")) {
            answer.destroy();
            done({ status: answer.statusCode!, text, headers: answer.headers });
          }
        });
        answer.on("end", () => done({ status: answer.statusCode!, text, headers: answer.headers }));
      });
      sent.once("error", fail);
      sent.end(body);
    });
  const order = (name: string, headers: Readonly<Record<string, string>>, body = "{}") =>
    ask(`/orders/${name}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

  it("is whoever has the token, in the address or in the cookie that comes of it", async () => {
    const opened = await ask(`/?token=${token}`);
    expect(opened.status).to.equal(200);
    expect(opened.headers["set-cookie"]).to.deep.equal([`${cookie()}; HttpOnly; SameSite=Strict; Path=/`]);
    expect((await ask("/", { headers: { cookie: `other=1; ${cookie()}` } })).status).to.equal(200);
    for (const wrong of ["", "safe-deploy-1=x", cookie().slice(0, -1)]) {
      const { status, text } = await ask("/events", { headers: { cookie: wrong } });
      expect([status, text]).to.deep.equal([
        401,
        "open the address that safe-deploy ui has printed: it has a token in it\n",
      ]);
    }
    expect((await ask("/?token=")).status).to.equal(401);
    expect((await ask(`/main.js?token=${token}`)).status).to.equal(401);
  });

  it("is nobody who calls this machine by another name", async () => {
    for (const name of ["evil.example", `evil.example:${new URL(served.url).port}`, "127.0.0.1:1"]) {
      const { status } = await ask(`/?token=${token}`, { headers: { host: name, cookie: cookie() } });
      expect(status, name).to.be.oneOf([400, 403]);
    }
    expect(
      (await ask("/", { headers: { host: host().replace("127.0.0.1", "localhost"), cookie: cookie() } })).status,
    ).to.equal(200);
  });

  it("is no page of another origin, though the browser sends the cookie along", async () => {
    const origin = "http://127.0.0.1:1";
    expect((await ask("/events", { headers: { cookie: cookie(), origin } })).status).to.equal(403);
    expect((await ask("/", { headers: { cookie: cookie(), "sec-fetch-site": "same-site" } })).status).to.equal(403);
    expect((await order("retrain", { cookie: cookie(), origin })).status).to.equal(403);
    expect((await order("retrain", { cookie: cookie(), origin: "null" })).status).to.equal(403);
    expect((await order("retrain", { cookie: cookie() })).status).to.equal(403);
    expect(carriedOut).to.deep.equal([]);
  });

  it("cannot end it by a path that is none", async () => {
    for (const path of ["//", "//[", "*", "http://[", ":70000/"]) {
      expect((await ask(path)).status, path).to.be.oneOf([400, 401]);
    }
    expect((await ask("/", { headers: { cookie: cookie() } })).status).to.equal(200);
  });

  it("reads by GET and orders by POST", async () => {
    for (const [method, path] of [
      ["POST", "/"],
      ["PUT", "/"],
      ["HEAD", "/"],
      ["GET", "/orders/retrain"],
      ["DELETE", "/orders/retrain"],
    ] as const) {
      const { status } = await ask(path, { method, headers: { cookie: cookie(), origin: `http://${host()}` } });
      expect(status, `${method} ${path}`).to.equal(405);
    }
  });

  it("orders in JSON, and is told what has come of it", async () => {
    const own = { cookie: cookie(), origin: `http://${host()}` };
    expect(await order("retrain", own, '{"reason":"why"}')).to.include({ status: 200, text: '{"told":"done"}' });
    expect(carriedOut).to.deep.equal([["retrain", { reason: "why" }]]);
    expect(await order("approve", own)).to.include({ status: 400, text: '{"problem":"not now"}' });
    expect(await order("retrain", own, "{")).to.include({ status: 400, text: '{"problem":"an order is JSON"}' });
    expect((await order("retrain", { ...own, "content-type": "text/plain" })).status).to.equal(400);
    expect((await order("retrain", own, `"${"x".repeat(20_000)}"`)).text).to.contain("at most 16384 bytes");
    expect(carriedOut).to.have.length(1);
  });

  it("is told what there is, part by part", async () => {
    const { text, headers } = await ask("/events", { headers: { cookie: cookie() } });
    expect(headers["content-type"]).to.equal("text/event-stream");
    expect(text).to.contain(`event: about\ndata: ${JSON.stringify(ABOUT)}\n\n`);
    expect(text).to.match(
      /event: part\ndata: {"name":"endpoints","part":{"at":"[^"]+","everySeconds":60,"value":\[\]}}\n\n/,
    );
  });

  it("gets the page's own files and no others, which load nothing from elsewhere", async () => {
    const get = (path: string) => ask(path, { headers: { cookie: cookie() } });
    expect((await get("/main.js")).headers["content-type"]).to.equal("text/javascript; charset=utf-8");
    for (const path of ["/../cli.js", "/%2e%2e/cli.js", "/tsconfig.json", "/nothing.js"]) {
      expect((await get(path)).status, path).to.equal(404);
    }
    const policy = String((await get("/")).headers["content-security-policy"]);
    expect(policy)
      .to.match(/^default-src 'none'; /)
      .and.not.contain("unsafe")
      .and.not.contain("http");
  });
});
