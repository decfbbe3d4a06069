import { expect } from "chai";
import {
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  CreateUsagePlanCommand,
  DeleteDeploymentCommand,
  DeleteResourceCommand,
  DeleteRestApiCommand,
  DeleteStageCommand,
  DeleteUsagePlanCommand,
  GetApiKeyCommand,
  CreateApiKeyCommand,
  GetDeploymentCommand,
  GetMethodCommand,
  GetResourcesCommand,
  GetRestApisCommand,
  GetStageCommand,
  GetStagesCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  UpdateMethodCommand,
  UpdateRestApiCommand,
  UpdateStageCommand,
  UpdateUsagePlanCommand,
  type PatchOperation,
} from "@aws-sdk/client-api-gateway";
import { refusal } from "../lambda/support";
import { createApi, invokeArn, start, type Running } from "./support";

describe("API Gateway's control plane", () => {
  let running: Running;
  beforeEach(async () => {
    running = await start();
  });
  afterEach(() => running.close());

  it("keeps APIs, each with its root resource", async () => {
    const api = await createApi(running);
    const { items } = await running.client.send(new GetResourcesCommand({ restApiId: api.id, embed: ["methods"] }));
    expect(items?.map(({ path }) => path)).to.deep.equal(["/", "/api"]);
    expect(items?.[1]).to.have.nested.property("resourceMethods.POST.methodIntegration.uri", invokeArn("fn"));
    const updated = await running.client.send(
      new UpdateRestApiCommand({
        restApiId: api.id,
        patchOperations: [{ op: "replace", path: "/description", value: "d" }],
      }),
    );
    expect(updated).to.include({ name: "test-api", description: "d" });
    await running.client.send(new CreateRestApiCommand({ name: "other" }));
    const page = await running.client.send(new GetRestApisCommand({ limit: 1 }));
    expect(page.items?.map(({ name }) => name)).to.deep.equal(["test-api"]);
    const next = await running.client.send(new GetRestApisCommand({ limit: 1, position: page.position }));
    expect(next.items?.map(({ name }) => name)).to.deep.equal(["other"]);
    await running.client.send(new DeleteRestApiCommand({ restApiId: api.id }));
    expect(await refusal(running.client.send(new GetResourcesCommand({ restApiId: api.id })))).to.deep.equal({
      name: "NotFoundException",
      message: `Invalid API identifier specified 123456789012:${api.id}`,
    });
  });

  it("refuses what is there already, what does not fit and what it does not play", async () => {
    const { id: restApiId = "", rootResourceId: parentId } = await running.client.send(
      new CreateRestApiCommand({ name: "a" }),
    );
    const resource = (pathPart: string) =>
      running.client.send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
    const { id: resourceId } = await resource("api");
    expect(await refusal(resource("api"))).to.deep.equal({
      name: "ConflictException",
      message: "Another resource with the same parent already has this name: api",
    });
    expect((await refusal(resource("a/b")))?.name).to.equal("BadRequestException");
    expect(await refusal(running.client.send(new CreateDeploymentCommand({ restApiId })))).to.deep.equal({
      name: "BadRequestException",
      message: "The REST API doesn't contain any methods",
    });
    const of = { restApiId, resourceId, httpMethod: "POST" };
    const method = (authorizationType: string) =>
      refusal(running.client.send(new PutMethodCommand({ ...of, authorizationType })));
    expect((await method("CUSTOM"))?.message).to.equal(
      "NotImplemented: API Gateway authorizationType CUSTOM is not part of the local AWS",
    );
    expect(await method("AWS_IAM")).to.equal(undefined);
    expect((await method("AWS_IAM"))?.name).to.equal("ConflictException");
    expect((await refusal(running.client.send(new CreateDeploymentCommand({ restApiId }))))?.message).to.equal(
      "No integration defined for method",
    );
    const integration = { ...of, integrationHttpMethod: "POST", uri: invokeArn("fn") };
    expect(
      (await refusal(running.client.send(new PutIntegrationCommand({ ...integration, type: "MOCK" }))))?.name,
    ).to.equal("NotImplemented");
    expect(
      (
        await refusal(
          running.client.send(new PutIntegrationCommand({ ...integration, type: "AWS_PROXY", uri: "https://x" })),
        )
      )?.name,
    ).to.equal("BadRequestException");
    expect((await refusal(running.client.send(new CreateRestApiCommand({ name: "b", policy: "{}" }))))?.name).to.equal(
      "NotImplemented",
    );
    const root = new DeleteResourceCommand({ restApiId, resourceId: parentId });
    expect((await refusal(running.client.send(root)))?.name).to.equal("BadRequestException");
  });

  it("changes methods by patch and knows which paths it can", async () => {
    const api = await createApi(running);
    const of = { restApiId: api.id, resourceId: api.resourceId, httpMethod: "POST" };
    const update = (path: string, value: string) =>
      running.client.send(new UpdateMethodCommand({ ...of, patchOperations: [{ op: "replace", path, value }] }));
    await update("/authorizationType", "AWS_IAM");
    await update("/apiKeyRequired", "true");
    const method = await running.client.send(new GetMethodCommand(of));
    expect(method).to.include({ authorizationType: "AWS_IAM", apiKeyRequired: true });
    expect(await refusal(update("/nothing", "1"))).to.deep.equal({
      name: "BadRequestException",
      message: "Invalid patch path  '/nothing' specified for op 'replace'.",
    });
  });

  it("does not delete a deployment that a stage serves", async () => {
    const api = await createApi(running);
    const of = { restApiId: api.id, deploymentId: api.deploymentId };
    const { apiSummary } = await running.client.send(new GetDeploymentCommand({ ...of, embed: ["apisummary"] }));
    expect(apiSummary).to.deep.equal({ "/api": { POST: { authorizationType: "NONE", apiKeyRequired: false } } });
    expect(await refusal(running.client.send(new DeleteDeploymentCommand(of)))).to.deep.equal({
      name: "BadRequestException",
      message: "Active stages pointing to this deployment must be moved or deleted",
    });
    await running.client.send(new DeleteStageCommand({ restApiId: api.id, stageName: "Prod" }));
    await running.client.send(new DeleteDeploymentCommand(of));
    expect((await refusal(running.client.send(new GetDeploymentCommand(of))))?.name).to.equal("NotFoundException");
  });

  it("changes stages by patch", async () => {
    const api = await createApi(running);
    const of = { restApiId: api.id, stageName: "Prod" };
    const update = (...patchOperations: PatchOperation[]) =>
      running.client.send(new UpdateStageCommand({ ...of, patchOperations }));
    const replace = (path: string, value: string): PatchOperation => ({ op: "replace", path, value });
    await update(
      replace("/variables/alias", "live"),
      replace("/description", "d"),
      replace("/*/*/throttling/rateLimit", "5"),
      replace("/*/*/throttling/burstLimit", "10"),
      replace("/*/*/metrics/enabled", "true"),
      replace("/~1api/POST/throttling/rateLimit", "1"),
    );
    const stage = await running.client.send(new GetStageCommand(of));
    expect(stage).to.deep.include({ variables: { alias: "live" }, description: "d", deploymentId: api.deploymentId });
    expect(stage.methodSettings?.["*/*"]).to.include({
      throttlingRateLimit: 5,
      throttlingBurstLimit: 10,
      metricsEnabled: true,
      loggingLevel: "OFF",
    });
    expect(stage.methodSettings?.["api/POST"]).to.include({ throttlingRateLimit: 1, throttlingBurstLimit: 5000 });
    const removed = await update({ op: "remove", path: "/*/*" }, { op: "remove", path: "/variables/alias" });
    expect(Object.keys(removed.methodSettings ?? {})).to.deep.equal(["api/POST"]);
    expect(removed.variables).to.equal(undefined);
    const logging = [
      replace("/accessLogSettings/destinationArn", "arn:aws:logs:us-east-1:123456789012:log-group:/api"),
      replace("/accessLogSettings/format", "$context.requestId"),
    ];
    expect((await refusal(update(...logging)))?.message).to.equal(
      "CloudWatch Logs role ARN must be set in account settings to enable logging",
    );
    expect((await refusal(update(replace("/deploymentId", "nosuch"))))?.name).to.equal("NotFoundException");
    expect((await running.client.send(new GetStageCommand(of))).deploymentId).to.equal(api.deploymentId);
    const again = new CreateStageCommand({ ...of, deploymentId: api.deploymentId });
    expect((await refusal(running.client.send(again)))?.name).to.equal("ConflictException");
    const { item } = await running.client.send(new GetStagesCommand({ restApiId: api.id }));
    expect(item?.map(({ stageName }) => stageName)).to.deep.equal(["Prod"]);
  });

  it("keeps usage plans with their stages, and keys whose value only shows when asked for", async () => {
    const api = await createApi(running);
    const { id: usagePlanId } = await running.client.send(new CreateUsagePlanCommand({ name: "p" }));
    const stages = (op: "add" | "remove") =>
      running.client.send(
        new UpdateUsagePlanCommand({
          usagePlanId,
          patchOperations: [{ op, path: "/apiStages", value: `${api.id}:Prod` }],
        }),
      );
    expect((await stages("add")).apiStages).to.deep.equal([{ apiId: api.id, stage: "Prod" }]);
    const remove = () => refusal(running.client.send(new DeleteUsagePlanCommand({ usagePlanId })));
    expect((await remove())?.name).to.equal("BadRequestException");
    expect((await stages("remove")).apiStages).to.deep.equal([]);
    expect(await remove()).to.equal(undefined);
    const { id: apiKey, value } = await running.client.send(new CreateApiKeyCommand({ name: "k" }));
    expect(value).to.match(/^[a-z0-9]{40}$/);
    expect((await running.client.send(new GetApiKeyCommand({ apiKey }))).value).to.equal(undefined);
    expect((await running.client.send(new GetApiKeyCommand({ apiKey, includeValue: true }))).value).to.equal(value);
    const short = new CreateApiKeyCommand({ value: "short" });
    expect((await refusal(running.client.send(short)))?.name).to.equal("BadRequestException");
  });
});
