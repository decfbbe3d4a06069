import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import {
  BUCKET,
  createConfig,
  createEndpoint,
  createGoodModel,
  GOOD_ARCHIVE,
  createModel,
  endpointIn,
  put,
  refusal,
  ROLE,
  startSageMaker,
  until,
  XGBOOST,
  type TestSageMaker,
} from "./support";

const arn = (kind: string, name: string) => `arn:aws:sagemaker:us-east-1:123456789012:${kind}/${name}`;

describe("SageMaker endpoints", function () {
  this.timeout(60_000);
  let test: TestSageMaker;
  const describeEndpoint = (name: string) => test.sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
  const update = (name: string, configName: string, retain = false) =>
    test.sagemaker.send(
      new UpdateEndpointCommand({
        EndpointName: name,
        EndpointConfigName: configName,
        RetainAllVariantProperties: retain,
      }),
    );
  const remove = (name: string) => test.sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));

  before(async () => {
    test = await startSageMaker();
    await put(test, "broken/model.tar.gz", "this is no archive");
    await createGoodModel(test);
    await createModel(test, "broken", "broken/model.tar.gz");
    await createConfig(test, "good", "good");
    await createConfig(test, "broken", "broken");
  });
  after(() => test.close());

  it("are created, described with what really serves, and gone when deleted", async () => {
    await createEndpoint(test, "whole-life", "good");
    const creating = await describeEndpoint("whole-life");
    expect(creating.EndpointStatus).to.equal("Creating");
    expect(creating.ProductionVariants).to.equal(undefined);

    const inService = await endpointIn(test, "whole-life", "InService");
    expect(inService.EndpointConfigName).to.equal("good");
    expect(inService.FailureReason).to.equal(undefined);
    expect(inService.ProductionVariants).to.have.length(1);
    const { DeployedImages: images, ...variant } = inService.ProductionVariants![0]!;
    expect(variant).to.deep.equal({
      VariantName: "main",
      CurrentWeight: 1,
      DesiredWeight: 1,
      CurrentInstanceCount: 2,
      DesiredInstanceCount: 2,
    });
    expect(images?.[0]?.SpecifiedImage).to.equal(XGBOOST);

    await remove("whole-life");
    expect((await describeEndpoint("whole-life")).EndpointStatus).to.equal("Deleting");
    const gone = await until(
      () =>
        describeEndpoint("whole-life").then(
          () => undefined,
          (error: unknown) => error,
        ),
      (error) => error !== undefined,
    );
    expect(gone).to.have.property("message", `Could not find endpoint "${arn("endpoint", "whole-life")}".`);
  });

  it("fail to be created where the container never becomes healthy, and can then only be deleted", async () => {
    await put(test, "empty/model.tar.gz", await emptyArchive());
    await createModel(test, "empty", "empty/model.tar.gz");
    await createConfig(test, "empty", "empty");
    await createEndpoint(test, "never-healthy", "empty");
    const failed = await endpointIn(test, "never-healthy", "Failed");
    expect(failed.FailureReason).to.equal(
      "The primary container for production variant main did not pass the ping health check. Please check CloudWatch logs for this endpoint.",
    );
    const log = test.logs.filter((entry) => entry.group === "/aws/sagemaker/Endpoints/never-healthy");
    expect(log[0]!.stream).to.match(/^main\/i-[0-9a-f]{17}$/);
    expect(log[0]!.line).to.match(/^Unable to load model: the model archive has no file/);
    expect((await refusal(update("never-healthy", "good"))).name).to.equal("ValidationException");
    await remove("never-healthy");
  });

  it("roll a failed update back silently: in service, with the old config, the reason and no lost request", async () => {
    await createEndpoint(test, "rollback", "good");
    await endpointIn(test, "rollback", "InService");
    await update("rollback", "broken");
    const updating = await describeEndpoint("rollback");
    expect([updating.EndpointStatus, updating.EndpointConfigName]).to.deep.equal(["Updating", "good"]);
    expect(updating.PendingDeploymentSummary?.EndpointConfigName).to.equal("broken");
    const inTheMiddle = await test.runtime.send(
      new InvokeEndpointCommand({ EndpointName: "rollback", ContentType: "text/csv", Body: "1,2" }),
    );
    expect(Number(inTheMiddle.Body.transformToString())).to.be.within(0, 50);

    const after = await endpointIn(test, "rollback", "InService");
    expect(after.EndpointConfigName).to.equal("good");
    expect(after.FailureReason).to.match(/^ClientError: model archive could not be unpacked: .*not a gzip file/);

    await update("rollback", "good");
    expect((await endpointIn(test, "rollback", "InService")).FailureReason).to.equal(undefined);
  });

  it("take a new config over, reset to its counts or keeping the variants' own", async () => {
    await createConfig(test, "other", "good");
    await createEndpoint(test, "updated", "good");
    await endpointIn(test, "updated", "InService");
    await test.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: "updated",
        DesiredWeightsAndCapacities: [{ VariantName: "main", DesiredInstanceCount: 5 }],
      }),
    );
    const scaling = await describeEndpoint("updated");
    expect(scaling.EndpointStatus).to.equal("Updating");
    expect(scaling.ProductionVariants![0]).to.include({ CurrentInstanceCount: 2, DesiredInstanceCount: 5 });
    expect((await endpointIn(test, "updated", "InService")).ProductionVariants![0]!.CurrentInstanceCount).to.equal(5);

    await update("updated", "other", true);
    const retained = await endpointIn(test, "updated", "InService");
    expect(retained.EndpointConfigName).to.equal("other");
    expect(retained.ProductionVariants![0]!.DesiredInstanceCount).to.equal(5);

    await update("updated", "good");
    expect((await endpointIn(test, "updated", "InService")).ProductionVariants![0]!.DesiredInstanceCount).to.equal(2);
  });

  it("cannot be changed or deleted while they are being created or updated", async () => {
    await createEndpoint(test, "busy", "good");
    const expected = {
      name: "ValidationException",
      message: `Cannot update in-progress endpoint "${arn("endpoint", "busy")}".`,
    };
    expect(await refusal(remove("busy"))).to.deep.equal(expected);
    expect(await refusal(update("busy", "good"))).to.deep.equal(expected);
    await endpointIn(test, "busy", "InService");
    await update("busy", "good");
    expect(await refusal(remove("busy"))).to.deep.equal(expected);
    await endpointIn(test, "busy", "InService");
  });

  it("cannot be updated once their own config is deleted, though AWS lets it go", async () => {
    await createConfig(test, "fleeting", "good");
    await createEndpoint(test, "orphan", "fleeting");
    await endpointIn(test, "orphan", "InService");
    await test.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: "fleeting" }));
    expect(await refusal(update("orphan", "good"))).to.deep.equal({
      name: "ValidationException",
      message: `Could not find endpoint configuration "${arn("endpoint-config", "fleeting")}".`,
    });
  });

  it("refuse names that are taken and parts that do not exist", async () => {
    await createEndpoint(test, "twice", "good");
    const refused: readonly (readonly [() => Promise<unknown>, string])[] = [
      [
        () => createEndpoint(test, "twice", "good"),
        `Cannot create already existing endpoint "${arn("endpoint", "twice")}".`,
      ],
      [
        () => createModel(test, "good", GOOD_ARCHIVE),
        `Cannot create already existing model "${arn("model", "good")}".`,
      ],
      [
        () => createConfig(test, "good", "good"),
        `Cannot create already existing endpoint configuration "${arn("endpoint-config", "good")}".`,
      ],
      [() => createConfig(test, "new", "no-model"), `Could not find model "${arn("model", "no-model")}".`],
      [
        () => createEndpoint(test, "new", "no-config"),
        `Could not find endpoint configuration "${arn("endpoint-config", "no-config")}".`,
      ],
      [
        () => createModel(test, "new", "no/archive.tar.gz"),
        `Could not find model data at s3://${BUCKET}/no/archive.tar.gz.`,
      ],
      [() => remove("nobody"), `Could not find endpoint "${arn("endpoint", "nobody")}".`],
    ];
    for (const [call, message] of refused) {
      expect(await refusal(call())).to.deep.equal({ name: "ValidationException", message });
    }
  });

  it("refuse by name what AWS has and the local AWS has not", async () => {
    const managed = new CreateEndpointConfigCommand({
      EndpointConfigName: "managed",
      ProductionVariants: [
        { VariantName: "main", ModelName: "good", ManagedInstanceScaling: { Status: "ENABLED", MaxInstanceCount: 2 } },
      ],
    });
    expect((await refusal(test.sagemaker.send(managed))).message).to.equal(
      "NotImplemented: production variant main with ManagedInstanceScaling is not part of the local AWS",
    );
  });

  it("show models and configs as they were given, and list them", async () => {
    const model = await test.sagemaker.send(new DescribeModelCommand({ ModelName: "good" }));
    expect(model.PrimaryContainer).to.deep.equal({ Image: XGBOOST, ModelDataUrl: `s3://${BUCKET}/${GOOD_ARCHIVE}` });
    expect(model.ExecutionRoleArn).to.equal(ROLE);
    await test.sagemaker.send(
      new CreateModelCommand({ ModelName: "pipeline", Containers: [{ Image: XGBOOST }], ExecutionRoleArn: ROLE }),
    );
    const config = await test.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: "good" }));
    expect(config.ProductionVariants?.[0]?.InstanceType).to.equal("ml.m5.large");
    const { Models: models } = await test.sagemaker.send(new ListModelsCommand({ NameContains: "goo" }));
    expect(models?.map((found) => found.ModelName)).to.deep.equal(["good"]);
    const { EndpointConfigs: configs } = await test.sagemaker.send(
      new ListEndpointConfigsCommand({ SortBy: "Name", SortOrder: "Ascending", MaxResults: 2 }),
    );
    expect(configs?.map((found) => found.EndpointConfigName)).to.deep.equal(["broken", "empty"]);
    const { Endpoints: endpoints } = await test.sagemaker.send(
      new ListEndpointsCommand({ StatusEquals: "InService", NameContains: "rollback" }),
    );
    expect(endpoints?.map((found) => found.EndpointArn)).to.deep.equal([arn("endpoint", "rollback")]);
  });
});

/** A tar.gz without entries: two blocks of zeros. */
async function emptyArchive(): Promise<string | Uint8Array> {
  const { gzipSync } = await import("node:zlib");
  return gzipSync(Buffer.alloc(1024));
}
