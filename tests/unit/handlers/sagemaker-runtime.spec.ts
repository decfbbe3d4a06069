import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "chai";
import fc from "fast-check";
import { runtimeUrl } from "../../../handlers/runtime-url";
import { SageMakerRuntime, type InvokeEndpointInput } from "../../../handlers/sagemaker-runtime";
import { environment } from "./lambda";
import { modelError, RuntimeServer, serviceError, type Arrived, type Reply } from "./runtime-server";

const INPUT: InvokeEndpointInput = { EndpointName: "e", Body: "1,2", ContentType: "text/csv" };

/** What a client has made of an answer. */
async function outcomeOf(asked: Promise<object>): Promise<unknown> {
  try {
    const { Body, ContentType, CustomAttributes } = (await asked) as Record<string, unknown>;
    return { Body: Buffer.from((Body as Uint8Array | null) ?? "").toString("hex"), ContentType, CustomAttributes };
  } catch (error) {
    const { name, OriginalStatusCode, OriginalMessage, LogStreamArn, $metadata } = error as Error &
      Record<string, unknown> & { readonly $metadata?: { readonly httpStatusCode?: number } };
    return { name, OriginalStatusCode, OriginalMessage, LogStreamArn, status: $metadata?.httpStatusCode };
  }
}

/** The headers that AWS reads; of others the SDK has some of its own. */
function readByAws({ headers }: Arrived): Record<string, unknown> {
  const read = /^(content-type|content-length|accept|x-amzn-.*|x-amz-security-token)$/;
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => read.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The signature that AWS's own signer gives a request that has arrived. */
async function signatureOf({ method, path, headers, body }: Arrived): Promise<string | undefined> {
  const [, names = ""] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "") ?? [];
  const signer = new SignatureV4({
    service: "sagemaker",
    region: "eu-west-1",
    sha256: Sha256,
    applyChecksum: false,
    credentials: { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "token" },
  });
  const signedNames = names.split(";").filter((name) => name !== "x-amz-date" && name !== "x-amz-security-token");
  const signed = await signer.sign(
    {
      method,
      protocol: "http:",
      hostname: "127.0.0.1",
      path,
      query: {},
      headers: Object.fromEntries(signedNames.map((name) => [name, headers[name] as string])),
      body,
    },
    { signingDate: dateOf(headers["x-amz-date"] as string) },
  );
  return signed.headers.authorization;
}

function dateOf(text: string): Date {
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, "$1-$2-$3:$4:$5"));
}

describe("the client of SageMaker Runtime, compared with the AWS SDK's,", function () {
  this.timeout(30_000);
  let forOurs: RuntimeServer;
  let forTheirs: RuntimeServer;
  environment({
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
    AWS_LAMBDA_FUNCTION_NAME: "f",
    _X_AMZN_TRACE_ID: "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
    AWS_ENDPOINT_URL: undefined,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: undefined,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: undefined,
    AWS_USE_FIPS_ENDPOINT: undefined,
    AWS_USE_DUALSTACK_ENDPOINT: undefined,
  });
  before(async () => {
    forOurs = await RuntimeServer.start();
    forTheirs = await RuntimeServer.start();
  });
  beforeEach(() => {
    process.env.AWS_ENDPOINT_URL = forOurs.url;
  });
  after(() => {
    forOurs.close();
    forTheirs.close();
  });

  /** Has both clients ask the same, and gives what has arrived and what they have made of the replies. */
  async function both(input: InvokeEndpointInput, maxAttempts: number, ...replies: Reply[]) {
    forOurs.answers(...replies);
    forTheirs.answers(...replies);
    const sdk = new SageMakerRuntimeClient({ maxAttempts, endpoint: forTheirs.url });
    const [ours, theirs] = await Promise.all([
      outcomeOf(new SageMakerRuntime(maxAttempts).invokeEndpoint(input, AbortSignal.timeout(20_000))),
      outcomeOf(sdk.send(new InvokeEndpointCommand(input as InvokeEndpointInput & { Body: Uint8Array }))),
    ]);
    sdk.destroy();
    return {
      ours: { outcome: ours, arrived: forOurs.arrived },
      theirs: { outcome: theirs, arrived: forTheirs.arrived },
    };
  }

  const header = fc
    .array(fc.integer({ min: 0x20, max: 0x7e }), { minLength: 1, maxLength: 64 })
    .map((codes) => String.fromCharCode(...codes));
  const endpointName = fc.stringMatching(/^[a-zA-Z0-9](-?[a-zA-Z0-9]){0,62}$/);

  it("sends the same request, with a signature that AWS's own signer gives it", async () => {
    const inputs = fc.record(
      {
        EndpointName: endpointName,
        Body: fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array()),
        ContentType: fc.oneof(fc.constantFrom("text/csv", "image/jpeg"), header),
        Accept: header,
        CustomAttributes: header,
        InferenceId: header,
      },
      { requiredKeys: ["EndpointName", "Body", "ContentType"] },
    );
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const { ours, theirs } = await both(input, 1, {});
        const [[mine], [sdks]] = [ours.arrived, theirs.arrived];

        expect([mine!.method, mine!.path, mine!.body]).to.deep.equal([sdks!.method, sdks!.path, sdks!.body]);
        expect(readByAws(mine!)).to.deep.equal(readByAws(sdks!));
        expect(mine!.headers.authorization).to.equal(await signatureOf(mine!));
      }),
      { numRuns: 100 },
    );
  });

  it("understands the same answers", async () => {
    const replies = fc.record({
      status: fc.constantFrom(200, 201, 204),
      headers: fc.record(
        { "content-type": header, "x-amzn-sagemaker-custom-attributes": header },
        { requiredKeys: [] },
      ),
      body: fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array()),
    });
    await fc.assert(
      fc.asyncProperty(replies, async (reply) => {
        const { ours, theirs } = await both(INPUT, 1, reply);
        expect(ours.outcome).to.deep.equal(theirs.outcome);
      }),
      { numRuns: 100 },
    );
  });

  it("names the same errors, with what the container has answered", async () => {
    const code = fc.constantFrom(
      "ModelError",
      "ModelNotReadyException",
      "ValidationError",
      "ServiceUnavailable",
      "InternalFailure",
      "InternalDependencyException",
      "ThrottlingException",
      "AccessDeniedException",
      "ExpiredTokenException",
      "SomethingNew",
    );
    const written = fc
      .tuple(code, fc.constantFrom("", "aws.runtime#"), fc.constantFrom("", ":http://internal.amazon.com/coral/"))
      .map(([name, before, after]) => `${before}${name}${after}`);
    const fields = fc.record(
      {
        message: fc.string(),
        Message: fc.string(),
        OriginalStatusCode: fc.integer({ min: 100, max: 599 }),
        OriginalMessage: fc.string({ unit: "binary" }),
        LogStreamArn: fc.string(),
        code: written,
        __type: written,
      },
      { requiredKeys: [] },
    );
    const errors = fc.record({
      status: fc.constantFrom(400, 403, 404, 424, 429, 500, 503, 530),
      headers: fc.record({ "x-amzn-errortype": written }, { requiredKeys: [] }),
      body: fields.map((given) => JSON.stringify(given)),
    });
    await fc.assert(
      fc.asyncProperty(errors, async (error) => {
        const { ours, theirs } = await both(INPUT, 1, error);
        const { OriginalStatusCode, OriginalMessage, LogStreamArn, ...seen } = ours.outcome as Record<string, unknown>;
        const theirOutcome = theirs.outcome as Record<string, unknown>;
        expect(seen).to.deep.equal({ name: theirOutcome.name, status: theirOutcome.status });
        if (theirOutcome.name === "ModelError") {
          expect({ OriginalStatusCode, OriginalMessage, LogStreamArn }).to.deep.equal({
            OriginalStatusCode: theirOutcome.OriginalStatusCode,
            OriginalMessage: theirOutcome.OriginalMessage,
            LogStreamArn: theirOutcome.LogStreamArn,
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  const fine: Reply = { body: "7" };
  const attempts: [string, Reply[]][] = [
    ["what is throttled", [serviceError("ThrottlingException"), fine]],
    ["what is throttled again and again", [serviceError("ThrottlingException")]],
    ["what comes too often", [serviceError("Whatever", {}, 429), fine]],
    ["a model that is being loaded", [serviceError("ModelNotReadyException", {}, 429), fine]],
    ["a service that is unavailable", [serviceError("ServiceUnavailable", {}, 503), fine]],
    ["a service that fails", [serviceError("InternalFailure", {}, 500), fine]],
    ["a service that another fails", [serviceError("InternalDependencyException", {}, 530), fine]],
    ["a connection that breaks", ["breaks", fine]],
    ["a connection that breaks again and again", ["breaks"]],
    ["a request that is wrong", [serviceError("ValidationError"), fine]],
    ["a request that is not allowed", [serviceError("AccessDeniedException", {}, 403), fine]],
    ["a model that fails", [modelError(500), fine]],
  ];
  for (const [what, replies] of attempts) {
    it(`tries as often: ${what}`, async () => {
      const { ours, theirs } = await both(INPUT, 2, ...replies);

      expect(ours.outcome).to.deep.equal(theirs.outcome);
      expect(ours.arrived.length).to.equal(theirs.arrived.length);
    });
  }

  const regions =
    "us-east-1 eu-central-1 ap-southeast-5 mx-central-1 il-central-1 cn-north-1 cn-northwest-1 us-gov-west-1 us-gov-east-1"
      .concat(" us-iso-east-1 us-isob-east-1 us-isof-south-1 eu-isoe-west-1 eusc-de-east-1 xx-new-1")
      .split(" ");
  for (const [fips, dualStack] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    it(`finds the service in every partition, with FIPS ${fips} and dual stack ${dualStack}`, async () => {
      Reflect.deleteProperty(process.env, "AWS_ENDPOINT_URL");
      process.env.AWS_USE_FIPS_ENDPOINT = String(fips);
      process.env.AWS_USE_DUALSTACK_ENDPOINT = String(dualStack);
      for (const region of regions) {
        process.env.AWS_REGION = region;
        const { config } = new SageMakerRuntimeClient({});
        const { url } = config.endpointProvider({
          Region: await config.region(),
          UseFIPS: await config.useFipsEndpoint(),
          UseDualStack: await config.useDualstackEndpoint(),
        });
        expect(runtimeUrl().href).to.equal(url.href);
      }
    });
  }
});

describe("the client of SageMaker Runtime", () => {
  let server: RuntimeServer;
  environment({
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: undefined,
    AWS_ENDPOINT_URL: undefined,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: undefined,
    AWS_USE_FIPS_ENDPOINT: undefined,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: undefined,
  });
  before(async () => {
    server = await RuntimeServer.start();
  });
  beforeEach(() => {
    process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = server.url;
  });
  after(() => server.close());

  const ask = (maxAttempts = 2, milliseconds = 5000) =>
    new SageMakerRuntime(maxAttempts).invokeEndpoint(INPUT, AbortSignal.timeout(milliseconds));
  const failed = (asked: Promise<unknown>) => asked.then(String, (error: unknown) => error as Error);

  it("keeps its connection, and opens another where the service has closed it", async () => {
    server.answers({ body: "7" });

    await ask();
    await ask();
    server.closeIdleConnections();
    await ask();

    const [first, second, third] = server.arrived.map(({ port }) => port);
    expect(second).to.equal(first);
    expect(third).not.to.equal(first);
  });

  it("ends with its time, whether a model hangs or the next attempt waits", async () => {
    for (const reply of ["hangs", serviceError("ThrottlingException")] as const) {
      server.answers(reply);
      const started = performance.now();

      expect(await failed(ask(50, 200))).to.be.instanceOf(Error);
      expect(performance.now() - started).to.be.within(190, 1000);
    }
  });

  it("asks nobody where its time is already over", async () => {
    server.answers({ body: "7" });

    const asked = new SageMakerRuntime(5).invokeEndpoint(INPUT, AbortSignal.abort());

    expect(await failed(asked)).to.have.property("name", "AbortError");
    expect(server.arrived).to.deep.equal([]);
  });

  it("tells an answer that is not the service's by its status", async () => {
    server.answers({ status: 502, body: "<html>Bad Gateway</html>" });

    expect(await failed(ask(1))).to.include({ name: "Unknown", message: "status 502" });
  });

  it("goes to a URL of one's own, with its path, unless that is to be ignored", () => {
    process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = "https://proxy.example/runtime/";
    process.env.AWS_ENDPOINT_URL = "https://all.example";
    expect(runtimeUrl().href).to.equal("https://proxy.example/runtime/");
    process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = "";
    expect(runtimeUrl().href).to.equal("https://all.example/");
    process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = "true";
    expect(runtimeUrl().href).to.equal("https://runtime.sagemaker.eu-west-1.amazonaws.com/");
  });

  it("puts the path of a URL of one's own before that of the endpoint", async () => {
    process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = `${server.url}/runtime/`;
    server.answers({ body: "7" });

    await ask();

    expect(server.arrived[0]!.path).to.equal("/runtime/endpoints/e/invocations");
  });

  it("says which setting is wrong", async () => {
    process.env.AWS_USE_FIPS_ENDPOINT = "true";
    expect(() => runtimeUrl()).to.throw(
      `AWS_USE_FIPS_ENDPOINT cannot be true where the function's environment has a URL`,
    );
    process.env.AWS_USE_FIPS_ENDPOINT = "yes";
    expect(() => runtimeUrl()).to.throw(
      'AWS_USE_FIPS_ENDPOINT in the function\'s environment must be "true" or "false"',
    );
    Reflect.deleteProperty(process.env, "AWS_USE_FIPS_ENDPOINT");
    Reflect.deleteProperty(process.env, "AWS_SECRET_ACCESS_KEY");
    expect(await failed(ask())).to.have.property("message", "the function's environment has no AWS_SECRET_ACCESS_KEY");
  });
});
