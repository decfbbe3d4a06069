import { Agent, createServer, request as httpRequest } from "node:http";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { readRequest, signedService, type HttpRequest } from "../../core/http";
import { serve } from "../../testing/serve";

describe("a request that the local AWS receives", () => {
  /** What arrives of a raw request. */
  async function arrived(method: string, path: string, headers: Record<string, string | string[]>, body = "") {
    const requests: HttpRequest[] = [];
    const server = createServer((incoming, outgoing) => {
      void readRequest(incoming).then((request) => {
        requests.push(request);
        outgoing.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => {
      httpRequest({ port, host: "127.0.0.1", method, path, headers, agent: new Agent() }, (answer) =>
        answer.resume().on("end", resolve),
      ).end(body);
    });
    await new Promise((resolve) => server.close(resolve));
    return requests[0]!;
  }

  it("is read whole: path as it came, query, headers in lower case, body", async () => {
    const request = await arrived(
      "PUT",
      "/a%2Fb/c%20d?x=1&x=2&y=a%26b",
      { "X-Some": "Value", "X-Two": ["1", "2"] },
      "ü",
    );

    expect(request).to.include({ method: "PUT", path: "/a%2Fb/c%20d" });
    expect(request.query.getAll("x")).to.deep.equal(["1", "2"]);
    expect(request.query.get("y")).to.equal("a&b");
    expect(request.headers).to.include({ "x-some": "Value", "x-two": "1, 2" });
    expect(Buffer.from(request.body).toString("utf8")).to.equal("ü");
  });

  it("keeps dots and double slashes of its path, which belong to S3's keys", async () => {
    expect((await arrived("GET", "/bucket/a/../b", {})).path).to.equal("/bucket/a/../b");
    expect((await arrived("GET", "//bucket/key?acl", {})).path).to.equal("//bucket/key");
    expect((await arrived("GET", "/", {})).path).to.equal("/");
  });

  it("tells the service that a client signed it for", async () => {
    const seen: (string | undefined)[] = [];
    const served = await serve({
      name: "any",
      async handle(request) {
        seen.push(signedService(request));
        return { status: 400, headers: {}, body: "{}" };
      },
    });
    const ignored = () => undefined;
    await new CloudWatchClient(served.client).send(new DescribeAlarmsCommand({})).catch(ignored);
    await new S3Client(served.client).send(new ListBucketsCommand({})).catch(ignored);
    await new SageMakerRuntimeClient(served.client)
      .send(new InvokeEndpointCommand({ EndpointName: "e", Body: "1" }))
      .catch(ignored);
    await served.close();

    expect(seen).to.deep.equal(["monitoring", "s3", "sagemaker"]);
  });

  it("tells it of a signature in the query too, and of none where it is not signed", () => {
    const request = (query: string, headers: Record<string, string> = {}): HttpRequest => ({
      method: "GET",
      path: "/",
      query: new URLSearchParams(query),
      headers,
      body: new Uint8Array(),
    });
    const presigned = `X-Amz-Credential=${encodeURIComponent("KEY/20260102/us-east-1/execute-api/aws4_request")}`;
    expect(signedService(request(presigned))).to.equal("execute-api");
    expect(signedService(request(""))).to.equal(undefined);
    expect(signedService(request("", { authorization: "Bearer token" }))).to.equal(undefined);
  });
});
