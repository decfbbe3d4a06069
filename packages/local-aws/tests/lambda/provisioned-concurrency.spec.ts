import { expect } from "chai";
import {
  CreateAliasCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { createTwoVersions, refusal, startLambda, type Running } from "./support";

const LIVE = { FunctionName: "fn", Qualifier: "live" };

describe("provisioned concurrency", () => {
  let running: Running;
  beforeEach(async () => {
    running = await startLambda();
    await createTwoVersions(running.client);
    await running.client.send(new CreateAliasCommand({ FunctionName: "fn", Name: "live", FunctionVersion: "1" }));
  });
  afterEach(() => running.close());

  const put = async (Qualifier: string, ProvisionedConcurrentExecutions = 2) =>
    await running.client.send(
      new PutProvisionedConcurrencyConfigCommand({ FunctionName: "fn", Qualifier, ProvisionedConcurrentExecutions }),
    );
  const get = async () => await running.client.send(new GetProvisionedConcurrencyConfigCommand(LIVE));
  const ready = async () => {
    let found = await get();
    while (found.Status !== "READY") {
      await new Promise((resolve) => setTimeout(resolve, 5));
      found = await get();
    }
    return found;
  };
  const split = async (weights: Readonly<Record<string, number>>, FunctionVersion = "1") =>
    await running.client.send(
      new UpdateAliasCommand({
        FunctionName: "fn",
        Name: "live",
        FunctionVersion,
        RoutingConfig: { AdditionalVersionWeights: weights },
      }),
    );

  it("is there after a while, and again after the alias has moved", async () => {
    expect(await put("live")).to.include({ Status: "IN_PROGRESS", AvailableProvisionedConcurrentExecutions: 0 });
    expect(await ready()).to.include({
      RequestedProvisionedConcurrentExecutions: 2,
      AvailableProvisionedConcurrentExecutions: 2,
    });

    await split({}, "2");

    expect((await get()).Status).to.equal("IN_PROGRESS");
    expect((await ready()).RequestedProvisionedConcurrentExecutions).to.equal(2);
  });

  it("is gone when it is deleted", async () => {
    await put("live");
    await running.client.send(new DeleteProvisionedConcurrencyConfigCommand(LIVE));

    expect((await refusal(get()))?.name).to.equal("ProvisionedConcurrencyConfigNotFoundException");
  });

  it("is refused where AWS refuses it", async () => {
    const message = async (...given: Parameters<typeof put>) => (await refusal(put(...given)))?.message;

    expect(await message("$LATEST")).to.match(/cannot be applied to unpublished function versions/);
    await split({ "2": 0.1 });
    expect(await message("live")).to.equal("Alias with weights can not be used with Provisioned Concurrency");
    await split({});
    await put("2");
    await split({}, "2");
    expect(await message("live")).to.match(/already Provisioned version/);
    const reserved = { FunctionName: "fn", ReservedConcurrentExecutions: 4 };
    await running.client.send(new PutFunctionConcurrencyCommand(reserved));
    expect(await message("1", 3)).to.match(/not be greater than the reservedConcurrentExecution/);
  });
});
