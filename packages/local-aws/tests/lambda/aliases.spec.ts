import { expect } from "chai";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  ListAliasesCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { ARN, call, createFunction, createTwoVersions, refusal, startLambda, type Running } from "./support";

describe("versions behind an alias", () => {
  let running: Running;
  const client = () => running.client;
  beforeEach(async () => {
    running = await startLambda();
  });
  afterEach(() => running.close());

  it("split an alias's requests exactly by its weight", async () => {
    await createTwoVersions(client());
    const RoutingConfig = { AdditionalVersionWeights: { "2": 0.1 } };
    const created = await client().send(
      new CreateAliasCommand({ FunctionName: "fn", Name: "live", FunctionVersion: "1", RoutingConfig }),
    );
    expect(created).to.deep.include({ AliasArn: `${ARN}:live`, FunctionVersion: "1", RoutingConfig });
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(client(), "fn:live")));
    expect(answers.filter(({ value, version }) => value === "2" && version === "2")).to.have.length(2);
    expect(answers.filter(({ value, version }) => value === "1" && version === "1")).to.have.length(18);
    const executed = running.metrics
      .filter(({ name, dimensions }) => name === "Invocations" && dimensions.Resource === "fn:live")
      .map(({ dimensions }) => dimensions.ExecutedVersion);
    expect(executed.filter((version) => version === "2")).to.have.length(2);
    expect(executed.filter((version) => version === undefined)).to.have.length(20);
  });

  it("are told apart in metrics only while the alias has two of them", async () => {
    await createTwoVersions(client());
    await client().send(new CreateAliasCommand({ FunctionName: "fn", Name: "live", FunctionVersion: "1" }));
    await call(client(), "fn:live");
    const ofAlias = running.metrics.filter(
      ({ name, dimensions }) => name === "Errors" && dimensions.Resource === "fn:live",
    );
    expect(ofAlias.map(({ dimensions }) => dimensions)).to.deep.equal([{ FunctionName: "fn", Resource: "fn:live" }]);
  });

  it("move with the alias, which keeps its split until it is given another", async () => {
    await createTwoVersions(client());
    await client().send(
      new CreateAliasCommand({
        FunctionName: "fn",
        Name: "live",
        FunctionVersion: "1",
        RoutingConfig: { AdditionalVersionWeights: { "2": 0.5 } },
      }),
    );
    const { RevisionId, RoutingConfig } = await client().send(
      new UpdateAliasCommand({ FunctionName: "fn", Name: "live", Description: "d" }),
    );
    expect(RoutingConfig).to.deep.equal({ AdditionalVersionWeights: { "2": 0.5 } });
    const stale = new UpdateAliasCommand({ FunctionName: "fn", Name: "live", FunctionVersion: "2", RevisionId: "old" });
    expect((await refusal(client().send(stale)))?.name).to.equal("PreconditionFailedException");
    const moved = await client().send(
      new UpdateAliasCommand({
        FunctionName: "fn",
        Name: "live",
        FunctionVersion: "2",
        RoutingConfig: { AdditionalVersionWeights: {} },
        RevisionId,
      }),
    );
    expect(moved.FunctionVersion).to.equal("2");
    expect(moved.RoutingConfig).to.equal(undefined);
    expect((await client().send(new GetAliasCommand({ FunctionName: "fn", Name: "live" }))).RevisionId).to.equal(
      moved.RevisionId,
    );
    const { Aliases } = await client().send(new ListAliasesCommand({ FunctionName: "fn", FunctionVersion: "1" }));
    expect(Aliases).to.deep.equal([]);
  });

  it("are refused as an alias's split where AWS refuses them", async () => {
    await createTwoVersions(client());
    const alias = async (FunctionVersion: string, AdditionalVersionWeights: Record<string, number>) => {
      const command = new CreateAliasCommand({
        FunctionName: "fn",
        Name: "live",
        FunctionVersion,
        RoutingConfig: { AdditionalVersionWeights },
      });
      return (await refusal(client().send(command)))?.name;
    };
    expect(await alias("1", { "2": 1.1 })).to.be.oneOf(["InvalidParameterValueException", "ValidationException"]);
    expect(await alias("1", { $LATEST: 0.1 })).to.be.oneOf(["InvalidParameterValueException", "ValidationException"]);
    expect(await alias("$LATEST", { "1": 0.1 })).to.equal("InvalidParameterValueException");
    expect(await alias("1", { "1": 0.1 })).to.equal("InvalidParameterValueException");
    expect(await alias("1", { "2": 0.1, "3": 0.1 })).to.equal("InvalidParameterValueException");
    expect(await alias("1", { "9": 0.1 })).to.equal("ResourceNotFoundException");
    expect(await alias("9", {})).to.equal("ResourceNotFoundException");
    expect(await alias("1", {})).to.equal(undefined);
    expect(await alias("1", {})).to.equal("ResourceConflictException");
  });

  it("cannot be deleted while an alias points at them", async () => {
    await createTwoVersions(client());
    await client().send(new CreateAliasCommand({ FunctionName: "fn", Name: "live", FunctionVersion: "1" }));
    const remove = (Qualifier?: string) =>
      refusal(client().send(new DeleteFunctionCommand({ FunctionName: "fn", Qualifier })));
    expect(await remove("1")).to.deep.equal({
      name: "ResourceConflictException",
      message: "Unable to delete version because the following aliases reference it: [live]",
    });
    expect((await remove("$LATEST"))?.name).to.equal("InvalidParameterValueException");
    expect(await remove("2")).to.equal(undefined);
    await client().send(new DeleteAliasCommand({ FunctionName: "fn", Name: "live" }));
    expect(await remove("1")).to.equal(undefined);
    expect((await client().send(new PublishVersionCommand({ FunctionName: "fn" }))).Version).to.equal("3");
    expect(await remove()).to.equal(undefined);
    expect((await refusal(client().send(new GetFunctionCommand({ FunctionName: "fn" }))))?.name).to.equal(
      "ResourceNotFoundException",
    );
  });

  it("give their processes back once no alias points at them and nobody calls", async () => {
    await running.close();
    // A minute of AWS's is 100 ms here, ten are a second.
    running = await startLambda(600);
    await createFunction(client(), "exports.handler = async () => process.pid;", { Publish: true });
    await client().send(new CreateAliasCommand({ FunctionName: "fn", Name: "live", FunctionVersion: "1" }));
    const { value: served } = await call(client(), "fn:live");
    const { value: unserved } = await call(client(), "fn");
    expect(running.lambda.processIds()).to.have.members([served, unserved]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(running.lambda.processIds()).to.deep.equal([served]);
    await client().send(new DeleteAliasCommand({ FunctionName: "fn", Name: "live" }));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(running.lambda.processIds()).to.deep.equal([]);
  });

  it("have policies of their own", async () => {
    await createTwoVersions(client());
    await client().send(new CreateAliasCommand({ FunctionName: "fn", Name: "live", FunctionVersion: "1" }));
    const permission = {
      FunctionName: "fn",
      Qualifier: "live",
      StatementId: "api",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: "arn:aws:execute-api:us-east-1:123456789012:api/*/POST/api",
    };
    const { Statement } = await client().send(new AddPermissionCommand(permission));
    const statement = {
      Sid: "api",
      Effect: "Allow",
      Principal: { Service: "apigateway.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: `${ARN}:live`,
      Condition: { ArnLike: { "AWS:SourceArn": permission.SourceArn } },
    };
    expect(JSON.parse(Statement ?? "")).to.deep.equal(statement);
    expect((await refusal(client().send(new AddPermissionCommand(permission))))?.name).to.equal(
      "ResourceConflictException",
    );
    const { Policy } = await client().send(new GetPolicyCommand({ FunctionName: "fn", Qualifier: "live" }));
    expect(JSON.parse(Policy ?? "")).to.deep.equal({ Version: "2012-10-17", Id: "default", Statement: [statement] });
    const own = () => refusal(client().send(new GetPolicyCommand({ FunctionName: "fn" })));
    expect((await own())?.name).to.equal("ResourceNotFoundException");
    await client().send(new RemovePermissionCommand({ FunctionName: "fn", Qualifier: "live", StatementId: "api" }));
    expect(
      (await refusal(client().send(new GetPolicyCommand({ FunctionName: "fn", Qualifier: "live" }))))?.name,
    ).to.equal("ResourceNotFoundException");
  });
});
