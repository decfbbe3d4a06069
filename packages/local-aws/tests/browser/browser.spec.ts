import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListFunctionsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { testPython } from "pulumi-engine/testing/python";
import { startLocalAws, type LocalAws } from "../../server";
import { CHROMIUM, findChromium, CHROMIUM_FLAGS } from "./chromium";

/** Pages of this name come from this machine, as those of an attacker do once the name leads here (DNS rebinding). */
const FOREIGN = "evil.example";

/** Runs `attack.js` in a page, as a script of its own. */
async function attack(page: Page, aws: string): Promise<Readonly<Record<string, string>>> {
  const script = await readFile(join(__dirname, "attack.js"), "utf8");
  return page.evaluate<Readonly<Record<string, string>>>(`${script}\nattack(${JSON.stringify(aws)})`);
}

describe("a web page in a browser", function () {
  this.timeout(60_000);
  let aws: LocalAws;
  let browser: BrowserContext;
  const closes: (() => Promise<unknown>)[] = [];
  const site = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<title>page</title>"));

  before(async function () {
    const executablePath = findChromium();
    if (executablePath === undefined) {
      console.log(`    skipped, since there is no Chromium: ${CHROMIUM}`);
      return this.skip();
    }
    const profile = await mkdtemp(join(tmpdir(), "chromium-"));
    closes.push(() => rm(profile, { recursive: true, force: true }));
    aws = await startLocalAws({ python: testPython() });
    closes.push(() => aws.close());
    browser = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS });
    closes.push(() => browser.close());
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    site.close();
    for (const close of closes.reverse()) {
      await close();
    }
  });

  const functions = async () => {
    const lambda = new LambdaClient({ endpoint: aws.endpoint, region: "us-east-1", credentials: aws.account });
    return (await lambda.send(new ListFunctionsCommand({}))).Functions;
  };
  /** Requests of browsers that the local AWS has answered, since a page is not told of all: `POST /path 403`. */
  const answered: string[] = [];
  const note = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (
      request.socket.localPort === Number(new URL(aws.endpoint).port) &&
      request.headers["user-agent"]?.includes("Chrome")
    ) {
      answered.push(`${request.method} ${request.url?.split("?")[0]} ${response.statusCode}`);
    }
  };
  before(() => subscribe("http.server.response.finish", note));
  after(() => unsubscribe("http.server.response.finish", note));
  beforeEach(() => answered.splice(0));

  it("of somebody else can do nothing with the local AWS, and read nothing of it", async () => {
    const page = await browser.newPage();
    await page.goto(`http://${FOREIGN}:${(site.address() as AddressInfo).port}/`);

    expect(await attack(page, aws.endpoint)).to.deep.equal({
      read: "failed",
      simple: "failed",
      blind: "opaque",
      asked: "failed",
      presigned: "failed",
      form: "unreadable",
      image: "failed",
      script: "failed",
      socket: "failed",
    });
    expect(answered).to.deep.equal(sent({ asks: "OPTIONS" }));
    expect(await functions()).to.deep.equal([]);
  });

  it("whose name leads to the local AWS reads that it is refused, and nothing else", async () => {
    const rebound = aws.endpoint.replace("127.0.0.1", FOREIGN);
    const page = await browser.newPage();
    await page.goto(`${rebound}/`);
    answered.splice(0);
    const refusal = `the local AWS is not ${new URL(rebound).host}: call it 127.0.0.1 or localhost`;

    const { form, image, script, socket, blind, ...fetched } = await attack(page, rebound);

    expect({ image, script, socket }).to.deep.equal({ image: "failed", script: "failed", socket: "failed" });
    for (const answer of Object.values({ ...fetched, blind })) {
      expect(answer).to.match(/^403 /).and.to.contain(refusal);
    }
    expect(form).to.equal("readable");
    const ofPage = answered.filter((line) => !line.includes("/favicon.ico"));
    expect(ofPage).to.deep.equal(sent({ asks: "POST" }));
    expect(await functions()).to.deep.equal([]);
  });
});

/** What `attack.js` sends, in its order, each with its answer. Across origins, a browser asks before it sends a header of the page. */
const sent = ({ asks }: { readonly asks: "OPTIONS" | "POST" }) => [
  "GET /_local/faults 403",
  "POST /2015-03-31/functions 403",
  "POST /2015-03-31/functions 403",
  `${asks} /2015-03-31/functions 403`,
  "GET /2015-03-31/functions 403",
  "POST /2015-03-31/functions 403",
  "GET /bucket/image.png 403",
  "GET /2015-03-31/functions 403",
  "GET /2015-03-31/functions 403",
];

const FLAGS = [...CHROMIUM_FLAGS, `--host-resolver-rules=MAP ${FOREIGN} 127.0.0.1`];
