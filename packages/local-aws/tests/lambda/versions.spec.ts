import { expect } from "chai";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
  type CreateFunctionCommandInput,
} from "@aws-sdk/client-lambda";
import {
  ARN,
  answering,
  call,
  createFunction,
  createTwoVersions,
  refusal,
  ROLE,
  startLambda,
  waiting,
  zip,
  type Running,
} from "./support";

describe("a function's versions", () => {
  let running: Running;
  const client = () => running.client;
  beforeEach(async () => {
    running = await startLambda();
  });
  afterEach(() => running.close());

  const create = (input: Partial<CreateFunctionCommandInput>) =>
    client().send(
      new CreateFunctionCommand({
        FunctionName: "fn",
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: ROLE,
        Code: { ZipFile: zip("") },
        ...input,
      }),
    );

  it("is pending first and may not be called or changed then", async () => {
    const slow = await startLambda(1);
    try {
      const created = await slow.client.send(
        new CreateFunctionCommand({
          FunctionName: "fn",
          Runtime: "nodejs24.x",
          Handler: "index.handler",
          Role: ROLE,
          Code: { ZipFile: zip("") },
        }),
      );
      expect(created).to.include({
        State: "Pending",
        StateReasonCode: "Creating",
        FunctionArn: ARN,
        Version: "$LATEST",
      });
      const pending = {
        name: "ResourceConflictException",
        message:
          "The operation cannot be performed at this time. The function is currently in the following state: Pending",
      };
      expect(await refusal(call(slow.client, "fn"))).to.deep.equal(pending);
      expect(await refusal(slow.client.send(new PublishVersionCommand({ FunctionName: "fn" })))).to.deep.equal(pending);
      expect(
        await refusal(slow.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "fn", Timeout: 5 }))),
      ).to.deep.equal(pending);
    } finally {
      await slow.close();
    }
  });

  it("is found by name, part of the ARN, ARN, and with a qualifier", async () => {
    await createTwoVersions(client());
    for (const [name, arn] of [
      ["fn", ARN],
      ["fn:1", `${ARN}:1`],
      ["123456789012:function:fn", ARN],
      [`${ARN}:2`, `${ARN}:2`],
      ["function:fn:$LATEST", `${ARN}:$LATEST`],
    ]) {
      const { FunctionArn } = await client().send(new GetFunctionConfigurationCommand({ FunctionName: name }));
      expect(FunctionArn).to.equal(arn);
    }
    const other = new GetFunctionConfigurationCommand({ FunctionName: "fn:1", Qualifier: "2" });
    expect((await refusal(client().send(other)))?.name).to.equal("InvalidParameterValueException");
    const missing = new GetFunctionConfigurationCommand({ FunctionName: "fn", Qualifier: "9" });
    expect((await refusal(client().send(missing)))?.message).to.equal(`Function not found: ${ARN}:9`);
    const alias = new GetFunctionConfigurationCommand({ FunctionName: "fn", Qualifier: "live" });
    expect((await refusal(client().send(alias)))?.message).to.equal(`Cannot find alias arn: ${ARN}:live`);
  });

  it("are made only when code or configuration has changed", async () => {
    await createTwoVersions(client());
    const publish = async () => (await client().send(new PublishVersionCommand({ FunctionName: "fn" }))).Version;
    expect(await publish()).to.equal("2");
    await client().send(
      new UpdateFunctionConfigurationCommand({ FunctionName: "fn", Environment: { Variables: { RELEASE: "2" } } }),
    );
    await waitUntilFunctionUpdatedV2(waiting(client()), { FunctionName: "fn" });
    expect(await publish()).to.equal("3");
    const { Versions } = await client().send(new ListVersionsByFunctionCommand({ FunctionName: "fn" }));
    expect(
      Versions?.map(({ FunctionArn, Version, Environment }) => [FunctionArn, Version, Environment?.Variables]),
    ).to.deep.equal([
      [`${ARN}:$LATEST`, "$LATEST", { RELEASE: "2" }],
      [`${ARN}:1`, "1", undefined],
      [`${ARN}:2`, "2", undefined],
      [`${ARN}:3`, "3", { RELEASE: "2" }],
    ]);
    await waitUntilPublishedVersionActive(waiting(client()), { FunctionName: "fn", Qualifier: "3" });
    expect((await call(client(), "fn:1")).value).to.equal("1");
    expect((await call(client(), "fn:3")).value).to.equal("2");
  });

  it("are published only from the code and revision that the caller means", async () => {
    await createFunction(client(), answering("1"));
    const { CodeSha256, RevisionId } = await client().send(new GetFunctionConfigurationCommand({ FunctionName: "fn" }));
    const publish = (input: object) =>
      refusal(client().send(new PublishVersionCommand({ FunctionName: "fn", ...input })));
    expect((await publish({ CodeSha256: "other" }))?.name).to.equal("InvalidParameterValueException");
    expect((await publish({ RevisionId: "other" }))?.name).to.equal("PreconditionFailedException");
    expect(await publish({ CodeSha256, RevisionId })).to.equal(undefined);
  });

  it("are throttled beyond the reserved concurrency", async () => {
    await createFunction(client(), "exports.handler = () => new Promise((r) => setTimeout(r, 100));");
    await client().send(new PutFunctionConcurrencyCommand({ FunctionName: "fn", ReservedConcurrentExecutions: 1 }));
    const refusals = await Promise.all([refusal(call(client(), "fn")), refusal(call(client(), "fn"))]);
    expect(refusals.map((error) => error?.name)).to.deep.equal([undefined, "TooManyRequestsException"]);
    expect(running.metrics.filter(({ name, value }) => name === "Throttles" && value === 1)).to.have.length(3);
  });

  it("keep where in a VPC the function is to be, and leave it with empty lists", async () => {
    const VpcConfig = { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] };
    const refused = await refusal(create({ VpcConfig: { SubnetIds: ["subnet-1"] } }));
    expect(refused?.message).to.equal("SubnetIds and SecurityIds must coexist or be both empty list.");
    await createFunction(client(), answering("1"));
    const change = async (given: typeof VpcConfig) => {
      await client().send(new UpdateFunctionConfigurationCommand({ FunctionName: "fn", VpcConfig: given }));
      await waitUntilFunctionUpdatedV2(waiting(client()), { FunctionName: "fn" });
      return (await client().send(new GetFunctionConfigurationCommand({ FunctionName: "fn" }))).VpcConfig;
    };

    expect(await change(VpcConfig)).to.deep.include(VpcConfig);
    expect(await change({ SubnetIds: [], SecurityGroupIds: [] })).to.equal(undefined);
  });

  it("are refused by name where the local AWS does not play them", async () => {
    const refused = async (input: Partial<CreateFunctionCommandInput>) => await refusal(create(input));
    expect(await refused({ Runtime: "python3.12" })).to.deep.equal({
      name: "NotImplemented",
      message: "NotImplemented: Lambda Runtime python3.12 is not part of the local AWS",
    });
    expect((await refused({ Code: { S3Bucket: "bucket", S3Key: "key" } }))?.message).to.equal(
      "NotImplemented: Lambda Code.S3Bucket bucket/key is not part of the local AWS",
    );
    expect((await refused({ Code: { ZipFile: Buffer.from("no zip") } }))?.name).to.equal(
      "InvalidParameterValueException",
    );
    expect((await refused({ Environment: { Variables: { AWS_REGION: "x" } } }))?.message).to.match(
      /Reserved keys used in this request: AWS_REGION$/,
    );
    expect((await refused({ Environment: { Variables: { A: "x".repeat(4096) } } }))?.message).to.match(
      /exceeded the 4KB limit/,
    );
    expect(await refused({})).to.equal(undefined);
    expect(await refused({})).to.deep.equal({
      name: "ResourceConflictException",
      message: "Function already exist: fn",
    });
  });
});
