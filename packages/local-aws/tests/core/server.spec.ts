import { request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "../../core/local";
import { signedFetch } from "../../core/signature";
import { startLocalAws, type LocalAws } from "../../server";
import { testPython } from "pulumi-engine/testing/python";
import { rejection } from "./support";

describe("the local AWS", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  before(async () => {
    aws = await startLocalAws({ python: testPython() });
  });
  after(() => aws.close());

  const outside = () => ({ endpoint: aws.endpoint, region: "us-east-1", credentials: aws.account, maxAttempts: 1 });

  it("takes faults by hand, and is in the trouble that they order", async () => {
    const { account } = aws;
    const iam = new IAMClient(outside());
    const sagemaker = new SageMakerClient(outside());
    await iam.send(new ListRolesCommand({}));
    const switchboard = async (method: string, path: string, body?: object) => {
      const url = `${aws.endpoint}/_local/faults${path}`;
      const answer = await signedFetch({ ...account, service: "local" }, url, { method, body: JSON.stringify(body) });
      return answer.json();
    };

    const dropped = { kind: "aws-trouble", trouble: "dropped-connections", services: ["sagemaker"] };
    const throttled = { kind: "aws-trouble", trouble: "throttling", services: ["iam"] };
    await switchboard("PUT", "", dropped);
    expect(await switchboard("PUT", "", throttled)).to.deep.equal([dropped, throttled]);
    expect((await rejection(iam.send(new ListRolesCommand({})))).name).to.equal("Throttling");
    expect(await rejection(sagemaker.send(new ListModelsCommand({})))).to.include({ code: "ECONNRESET" });
    const own = new SageMakerClient({ ...clientConfig(aws), maxAttempts: 1 });
    expect((await own.send(new ListModelsCommand({}))).Models).to.deep.equal([]);

    expect(await switchboard("DELETE", "/aws-trouble/iam")).to.deep.equal([dropped]);
    await iam.send(new ListRolesCommand({}));
    expect(await switchboard("DELETE", "")).to.deep.equal([]);
    expect((await sagemaker.send(new ListModelsCommand({}))).Models).to.deep.equal([]);
  });

  it("takes what is signed with its own keys, whatever the path, the query and the body", async () => {
    const s3 = new S3Client({ ...outside(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
    const Key = "a b/ü+&=?%2F/../c";
    for (const Body of ["text", new Uint8Array(3_000_000)]) {
      await s3.send(new PutObjectCommand({ Bucket: "bucket", Key, Body }));
      const { ContentLength } = await s3.send(new GetObjectCommand({ Bucket: "bucket", Key }));
      expect(ContentLength).to.equal(Body.length);
    }
    const url = `${aws.endpoint}/functions/arn%3Aaws%3Aa%2Fb?x=%2F%20y&a=1`;
    const lambda = await signedFetch({ ...aws.account, service: "lambda" }, url);
    expect(await lambda.text()).to.contain("NotImplemented");
  });

  it("has other keys at each start, and takes no others", async () => {
    const guess = (secretAccessKey: string, accessKeyId = aws.account.accessKeyId) =>
      rejection(
        new IAMClient({ ...outside(), credentials: { accessKeyId, secretAccessKey } }).send(new ListRolesCommand({})),
      );
    expect(aws.account.secretAccessKey).to.match(/^[\w-]{40}$/);
    for (const secret of ["local-secret-access-key", "not-checked", "test"]) {
      expect((await guess(secret)).name).to.equal("SignatureDoesNotMatch");
    }
    expect((await guess(aws.account.secretAccessKey, "test")).name).to.equal("InvalidClientTokenId");
    const presigned = `X-Amz-Credential=${aws.account.accessKeyId}/20260102/us-east-1/s3/aws4_request`;
    expect((await send({ path: `/bucket?${presigned}` })).body).to.contain("a presigned URL");
  });

  describe("is not for web pages", () => {
    const CREATE_FUNCTION = "/2015-03-31/functions";
    const body = JSON.stringify({ FunctionName: "f", Runtime: "nodejs22.x", Handler: "index.handler" });
    /** What a page can claim without a preflight: whatever fits into a header that it may set. */
    const forged =
      "AWS4-HMAC-SHA256 Credential=123456789012/20260102/us-east-1/lambda/aws4_request, SignedHeaders=host";

    for (const [what, headers] of [
      [
        "a form's post",
        { origin: "https://evil.example", "content-type": "text/plain", "sec-fetch-site": "cross-site" },
      ],
      ["fetch with no-cors", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", origin: "null" }],
      ["an image", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
      ["a page on this machine", { origin: "http://localhost:3000", "sec-fetch-site": "same-site" }],
    ] as const) {
      it(`whose browser sends ${what}`, async () => {
        const refused = await send({ method: "POST", path: CREATE_FUNCTION, headers, body });
        expect(refused).to.deep.include({ status: 403 });
        expect(refused.body).to.contain("the local AWS takes no requests of browsers");
        expect(refused.headers).to.not.have.property("access-control-allow-origin");
      });
    }

    it("whose browser asks beforehand", async () => {
      const asks = { origin: "https://evil.example", "access-control-request-method": "PUT" };
      const refused = await send({ method: "OPTIONS", path: "/_local/faults", headers: asks });
      expect(refused.status).to.equal(403);
      expect(Object.keys(refused.headers).filter((name) => name.startsWith("access-control-"))).to.deep.equal([]);
    });

    it("whose name leads to this machine, even to its APIs", async () => {
      for (const path of [CREATE_FUNCTION, "/_local/faults", "/_aws/execute-api/abc/Prod/predict"]) {
        const headers = { host: "evil.example:4566", authorization: forged };
        const refused = await send({ method: "POST", path, headers, body });
        expect(refused).to.deep.include({ status: 403 });
        expect(refused.body).to.contain("the local AWS is not evil.example:4566: call it 127.0.0.1 or localhost");
      }
    });

    it("that sign nothing, or without the secret", async () => {
      const unsigned = await send({
        method: "POST",
        path: CREATE_FUNCTION,
        headers: { "content-type": "text/plain" },
        body,
      });
      expect(unsigned.body).to.contain("the request is not signed: set AWS_ACCESS_KEY_ID");
      const signed = { authorization: `${forged}, Signature=${"0".repeat(64)}`, "x-amz-date": amzDate(new Date()) };
      const guessed = await send({ method: "POST", path: CREATE_FUNCTION, headers: signed, body });
      expect(guessed).to.deep.include({ status: 403 });
      expect(guessed.headers).to.have.property("x-amzn-errortype", "InvalidSignatureException");
      expect((await send({ path: "/_local/faults" })).status).to.equal(403);
    });

    it("while an API answers whoever calls it", async () => {
      const answer = await send({
        path: "/_aws/execute-api/abc/Prod/predict",
        headers: { origin: "https://any.example" },
      });
      expect(answer).to.deep.include({ status: 403, body: '{"message":"Forbidden"}' });
    });
  });

  it("refuses a body that is too long before it reads it", async () => {
    const host = "localhost";
    const path = "/_aws/execute-api/abc/Prod/predict";
    const told = await send({ method: "POST", path, headers: { host, "content-length": String(2 ** 40) }, body: "" });
    expect(told.status).to.equal(413);
    const chunked = { host, "transfer-encoding": "chunked" };
    const untold = await send({ method: "POST", path, headers: chunked, body: Buffer.alloc(12 * 1024 * 1024) });
    expect(untold.status).to.equal(413);
  });

  /** Exactly these headers, as a browser writes them. Fetch would set its own. */
  function send({ method = "GET", path, headers = {}, body = "" }: Sent) {
    return new Promise<{ status: number; headers: object; body: string }>((resolve, reject) => {
      const outgoing = httpRequest(`${aws.endpoint}${path}`, { method, headers, agent: false }, (incoming) => {
        let text = "";
        incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        incoming.once("end", () => {
          outgoing.destroy();
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
        });
      });
      outgoing.once("error", reject);
      // A body that was told and does not come must not be waited for.
      outgoing.flushHeaders();
      if (headers["content-length"] === undefined) {
        outgoing.end(body);
      }
    });
  }
});

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

const amzDate = (date: Date) => date.toISOString().replace(/[-:]|\.\d{3}/g, "");
