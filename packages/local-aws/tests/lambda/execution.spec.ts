import { expect } from "chai";
import {
  GetFunctionCommand,
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { call, createFunction, refusal, startLambda, zip, type Running } from "./support";

describe("a function's execution", () => {
  let running: Running;
  before(async () => {
    running = await startLambda();
  });
  after(() => running.close());
  const client = () => running.client;

  it("gives the handler its event, context and environment", async () => {
    await createFunction(
      client(),
      `exports.handler = async (event, context) => ({
        event, name: context.functionName, version: context.functionVersion, arn: context.invokedFunctionArn,
        group: context.logGroupName, memory: context.memoryLimitInMB, id: context.awsRequestId.length,
        inTime: context.getRemainingTimeInMillis() > 1500 && context.getRemainingTimeInMillis() <= 2000,
        own: process.env.OWN, region: process.env.AWS_REGION, endpoint: process.env.AWS_ENDPOINT_URL, cwd: process.cwd() === process.env.LAMBDA_TASK_ROOT,
        node: process.env.AWS_EXECUTION_ENV,
      });`,
      { FunctionName: "context", Timeout: 2, MemorySize: 256, Environment: { Variables: { OWN: "1" } } },
    );
    const { value, version, functionError } = await call(client(), "context", { a: "ä" });
    expect(value).to.deep.equal({
      event: { a: "ä" },
      name: "context",
      version: "$LATEST",
      arn: "arn:aws:lambda:us-east-1:123456789012:function:context",
      group: "/aws/lambda/context",
      memory: "256",
      id: 36,
      inTime: true,
      own: "1",
      region: "us-east-1",
      endpoint: running.local.endpoint,
      cwd: true,
      node: "AWS_Lambda_nodejs24.x",
    });
    expect(version).to.equal("$LATEST");
    expect(functionError).to.equal(undefined);
  });

  it("accepts a handler that returns at once, an ES module and a handler in a folder", async () => {
    await createFunction(client(), "exports.handler = (event) => event.n + 1;", { FunctionName: "sync" });
    expect((await call(client(), "sync", { n: 1 })).value).to.equal(2);
    await createFunction(client(), "", {
      FunctionName: "esm",
      Handler: "lib/app.main",
      Code: { ZipFile: zip("export const main = async () => undefined;", "lib/app.mjs") },
    });
    expect((await call(client(), "esm")).value).to.equal(null);
  });

  it("answers what the handler throws, and logs it", async () => {
    await createFunction(client(), `exports.handler = async () => { throw new RangeError("too far"); };`, {
      FunctionName: "throws",
    });
    const { value, functionError, log } = await call(client(), "throws");
    expect(functionError).to.equal("Unhandled");
    expect(value).to.include({ errorType: "RangeError", errorMessage: "too far" });
    expect(value).to.have.nested.property("trace[0]", "RangeError: too far");
    expect(log).to.match(/\tERROR\tInvoke Error {"errorType":"RangeError"/);
    expect(log).to.match(/REPORT RequestId: .*Status: error\tError Type: RangeError/);
  });

  it("ends a function that takes longer than its time-out, and starts a new process for the next event", async () => {
    await createFunction(
      client(),
      `exports.handler = async (event) => { if (event.hang) for (;;); return process.pid; };`,
      { FunctionName: "slow", Timeout: 1 },
    );
    const first = (await call(client(), "slow")).value;
    const started = Date.now();
    const { value, functionError, log } = await call(client(), "slow", { hang: true });
    expect(Date.now() - started).to.be.within(950, 1800);
    expect(functionError).to.equal("Unhandled");
    expect(value).to.have.property("errorType", "Sandbox.Timedout");
    expect(value)
      .to.have.property("errorMessage")
      .that.matches(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$/);
    expect(log).to.match(/ Task timed out after 1.00 seconds\n/);
    expect((await call(client(), "slow")).value)
      .to.be.a("number")
      .that.does.not.equal(first);
  });

  it("tells of a function that dies, that cannot be loaded or that never settles", async () => {
    await createFunction(client(), "exports.handler = async () => process.exit(7);", { FunctionName: "dies" });
    expect((await call(client(), "dies")).value)
      .to.have.property("errorMessage")
      .that.matches(/Runtime exited with error: exit status 7$/);
    await createFunction(client(), "exports.other = 1;", { FunctionName: "none" });
    expect((await call(client(), "none")).value).to.include({
      errorType: "Runtime.HandlerNotFound",
      errorMessage: "index.handler is undefined or not exported",
    });
    await createFunction(client(), "require('not-there');", { FunctionName: "imports" });
    expect((await call(client(), "imports")).value).to.have.property("errorType", "Runtime.ImportModuleError");
    await createFunction(client(), "exports.handler = () => new Promise(() => undefined);", { FunctionName: "hangs" });
    expect((await call(client(), "hangs")).value).to.have.property("errorType", "Runtime.NodeJsExit");
    await createFunction(client(), "exports.handler = (event, context, callback) => callback(null, 1);", {
      FunctionName: "callback",
    });
    expect((await call(client(), "callback")).value).to.have.property("errorType", "Runtime.CallbackHandlerDeprecated");
  });

  it("writes the function's output between Lambda's own lines to the log of its process", async () => {
    await createFunction(
      client(),
      `console.log("loading"); exports.handler = async () => { console.log("two\\nlines", { a: 1 }); process.stdout.write('{"raw":true}\\n'); console.error("bad"); };`,
      { FunctionName: "logs" },
    );
    await call(client(), "logs");
    const lines = running.logs.filter(({ group }) => group === "/aws/lambda/logs");
    expect(new Set(lines.map(({ stream }) => stream)).size).to.equal(1);
    expect(lines[0]!.stream).to.match(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    const text = lines.map(({ line }) => line.replace(/[0-9a-f-]{36}/g, "ID").replace(/^[\d-]+T[\d:.]+Z/, "TIME"));
    expect(text[0]).to.equal(`INIT_START Runtime Version: nodejs24.x (run by the local Node ${process.version})`);
    expect(text.slice(1, -1)).to.deep.equal([
      "TIME\tundefined\tINFO\tloading",
      "START RequestId: ID Version: $LATEST",
      "TIME\tID\tINFO\ttwo\nlines { a: 1 }",
      '{"raw":true}',
      "TIME\tID\tERROR\tbad",
      "END RequestId: ID",
    ]);
    expect(text.at(-1)).to.match(
      /^REPORT RequestId: ID\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms$/,
    );
  });

  it("writes JSON to the log group that the function asks for", async () => {
    await createFunction(
      client(),
      `exports.handler = async () => { console.debug("hidden"); console.log({ a: 1 }); };`,
      {
        FunctionName: "json-logs",
        LoggingConfig: { LogFormat: "JSON", LogGroup: "mine" },
      },
    );
    await call(client(), "json-logs");
    const lines = running.logs.filter(({ group }) => group === "mine").map(({ line }): unknown => JSON.parse(line));
    expect(lines).to.have.length(4);
    expect(lines[0]).to.have.property("type", "platform.initStart");
    expect(lines[1]).to.have.property("type", "platform.start");
    expect(lines[2]).to.deep.include({ level: "INFO", message: { a: 1 } });
    expect(lines[3]).to.have.property("type", "platform.report");
    expect(lines[3]).to.have.nested.property("record.status", "success");
  });

  it("counts every call under the function and what it was called by", async () => {
    await createFunction(client(), "exports.handler = async (event) => { if (event.bad) throw new Error('bad'); };", {
      FunctionName: "counted",
    });
    await call(client(), "counted");
    await call(client(), "counted", { bad: true });
    const of = (name: string) =>
      running.metrics.filter((value) => value.name === name && value.dimensions.FunctionName === "counted");
    const byFunction = (name: string) =>
      of(name)
        .filter(({ dimensions }) => Object.keys(dimensions).length === 1)
        .map(({ value }) => value);
    expect(byFunction("Invocations")).to.deep.equal([1, 1]);
    expect(byFunction("Errors")).to.deep.equal([0, 1]);
    expect(of("Errors").map(({ dimensions }) => dimensions)).to.deep.include({
      FunctionName: "counted",
      Resource: "counted",
    });
    expect(of("Duration")[0]).to.include({ namespace: "AWS/Lambda", unit: "Milliseconds" });
  });

  it("answers twenty requests at once from at most four processes, one event at a time in each", async () => {
    await createFunction(
      client(),
      `let at = 0; exports.handler = async () => { at += 1; const alone = at === 1; await new Promise((r) => setTimeout(r, 30)); at -= 1; return process.pid + ' ' + alone; };`,
      { FunctionName: "parallel" },
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => String((await call(client(), "parallel")).value)),
    );
    expect(answers.every((answer) => /^\d+ true$/.test(answer))).to.equal(true);
    expect(new Set(answers).size).to.be.within(2, 4);
  });

  it("sends an event that fails twice more, with the same request id", async () => {
    await createFunction(
      client(),
      `exports.handler = async (e, c) => { console.log("attempt", c.awsRequestId); throw new Error("no"); };`,
      { FunctionName: "events" },
    );
    const { StatusCode } = await client().send(
      new InvokeCommand({ FunctionName: "events", InvocationType: "Event", Payload: "{}" }),
    );
    expect(StatusCode).to.equal(202);
    const attempts = () => running.logs.flatMap(({ line }) => /attempt (\S+)/.exec(line)?.[1] ?? []);
    while (attempts().length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(new Set(attempts()).size).to.equal(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(attempts()).to.have.length(3);
  });

  it("accepts calls of a function that is silent by order and never runs it", async () => {
    await createFunction(client(), `exports.handler = async () => { console.log("ran"); return 1; };`, {
      FunctionName: "silent",
      Timeout: 1,
    });
    const { faults } = running.local;
    faults.set({ kind: "function-silent", functionName: "silent" });
    const event = await client().send(
      new InvokeCommand({ FunctionName: "silent", InvocationType: "Event", Payload: "{}" }),
    );
    expect(event.StatusCode).to.equal(202);
    const started = Date.now();
    const { value, functionError, version, log } = await call(client(), "silent");
    expect(Date.now() - started).to.be.within(950, 1800);
    expect({ functionError, version }).to.deep.equal({ functionError: "Unhandled", version: "$LATEST" });
    expect(value).to.have.property("errorType", "Sandbox.Timedout");
    expect(value)
      .to.have.property("errorMessage")
      .that.matches(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$/);
    expect(log).to.match(/ Task timed out after 1.00 seconds\n/);
    const errors = running.metrics.filter(
      ({ name, dimensions }) =>
        name === "Errors" && dimensions.FunctionName === "silent" && dimensions.Resource === "silent",
    );
    expect(errors.map((metric) => metric.value)).to.deep.equal([1]);

    faults.clear();
    expect((await call(client(), "silent")).value).to.equal(1);
    const ran = running.logs.filter(({ group, line }) => group === "/aws/lambda/silent" && line.endsWith("ran"));
    expect(ran).to.have.length(1);
  });

  it("checks a dry run's function only", async () => {
    const { StatusCode } = await client().send(new InvokeCommand({ FunctionName: "events", InvocationType: "DryRun" }));
    expect(StatusCode).to.equal(204);
    expect(
      await refusal(client().send(new InvokeCommand({ FunctionName: "no", InvocationType: "DryRun" }))),
    ).to.deep.equal({
      name: "ResourceNotFoundException",
      message: "Function not found: arn:aws:lambda:us-east-1:123456789012:function:no",
    });
  });

  it("refuses what is no JSON or too long", async () => {
    const sent = (Payload: string) => refusal(client().send(new InvokeCommand({ FunctionName: "sync", Payload })));
    expect((await sent("{"))?.name).to.equal("InvalidRequestContentException");
    expect((await sent(JSON.stringify("x".repeat(6_291_456))))?.name).to.equal("RequestTooLargeException");
  });

  it("answers from the old configuration until a change is done", async () => {
    const slow = await startLambda(10);
    try {
      await createFunction(slow.client, "exports.handler = async () => process.env.WHICH;", {
        Environment: { Variables: { WHICH: "old" } },
      });
      await slow.client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: "fn", Environment: { Variables: { WHICH: "new" } } }),
      );
      expect((await call(slow.client, "fn")).value).to.equal("old");
      await waitUntilFunctionUpdatedV2(
        { client: slow.client, maxWaitTime: 5, minDelay: 0.02, maxDelay: 0.05 },
        { FunctionName: "fn" },
      );
      expect((await call(slow.client, "fn")).value).to.equal("new");
    } finally {
      await slow.close();
    }
  });

  it("finds the AWS SDK, as in Lambda", async () => {
    await createFunction(
      client(),
      `exports.handler = async () => typeof require("@aws-sdk/client-sagemaker-runtime").InvokeEndpointCommand;`,
      { FunctionName: "sdk" },
    );
    expect((await call(client(), "sdk")).value).to.equal("function");
    expect((await client().send(new GetFunctionCommand({ FunctionName: "sdk" }))).Configuration?.State).to.equal(
      "Active",
    );
  });
});
