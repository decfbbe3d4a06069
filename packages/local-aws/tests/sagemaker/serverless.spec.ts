import {
  CreateModelCommand,
  DescribeEndpointCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type CreateEndpointConfigCommandInput,
  type CreateModelCommandInput,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { RegisterScalableTargetCommand } from "@aws-sdk/client-application-auto-scaling";
import { expect } from "chai";
import {
  BUCKET,
  createConfig,
  createEndpoint,
  createGoodModel,
  endpointIn,
  GOOD_ARCHIVE,
  refusal,
  ROLE,
  startSageMaker,
  XGBOOST,
  type TestSageMaker,
} from "./support";

describe("Serverless endpoints", function () {
  this.timeout(60_000);
  let test: TestSageMaker;

  before(async () => {
    test = await startSageMaker();
    await createGoodModel(test);
    await serverless("small", { MemorySizeInMB: 1024, MaxConcurrency: 1 });
    await createEndpoint(test, "on-demand", "small");
    await endpointIn(test, "on-demand", "InService");
  });
  after(() => test.close());

  type Variant = NonNullable<CreateEndpointConfigCommandInput["ProductionVariants"]>[number];
  const serverless = (
    name: string,
    ServerlessConfig: Variant["ServerlessConfig"],
    changes: Partial<Variant> = {},
    others: Partial<CreateEndpointConfigCommandInput> = {},
  ) =>
    createConfig(test, name, "good", {
      ProductionVariants: [
        { VariantName: "main", ModelName: "good", InitialVariantWeight: 1, ServerlessConfig, ...changes },
      ],
      ...others,
    });
  const invoke = (Body = "1,2\n") =>
    test.runtime.send(new InvokeEndpointCommand({ EndpointName: "on-demand", ContentType: "text/csv", Body }));

  it("answer, and show what they may use instead of instances", async () => {
    const { Body } = await invoke();
    const described = await test.sagemaker.send(new DescribeEndpointCommand({ EndpointName: "on-demand" }));

    expect(Number(Body.transformToString())).to.be.greaterThan(0);
    const [variant] = described.ProductionVariants ?? [];
    expect(variant).to.deep.include({ CurrentServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 1 } });
    expect(variant).not.to.have.property("CurrentInstanceCount");
  });

  it("throttle what comes beyond their concurrency, and take no more than 4 MB", async () => {
    test.faults.set({ kind: "model-slow", endpoint: "on-demand", delaySeconds: 0.5 });
    const first = invoke();
    const second = await refusal(new Promise((resolve) => setTimeout(resolve, 100)).then(() => invoke()));
    await first;
    test.faults.clear();

    expect(second).to.deep.equal({ name: "ThrottlingException", message: "Rate exceeded" });
    expect((await refusal(invoke("1".repeat(4 * 1024 * 1024 + 1)))).message).to.match(/exceeded 4194304 bytes/);
  });

  it("are updated, but cannot be scaled, and nothing with instances becomes one", async () => {
    await serverless("large", { MemorySizeInMB: 2048, MaxConcurrency: 5 });
    await test.sagemaker.send(new UpdateEndpointCommand({ EndpointName: "on-demand", EndpointConfigName: "large" }));
    const updated = await endpointIn(test, "on-demand", "InService");
    expect(updated.EndpointConfigName).to.equal("large");

    const target = {
      ServiceNamespace: "sagemaker",
      ResourceId: "endpoint/on-demand/variant/main",
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
      MinCapacity: 1,
      MaxCapacity: 2,
    } as const;
    expect((await refusal(test.autoscaling.send(new RegisterScalableTargetCommand(target)))).message).to.match(
      /does not exist/,
    );
    const capacities = {
      EndpointName: "on-demand",
      DesiredWeightsAndCapacities: [{ VariantName: "main", DesiredInstanceCount: 2 }],
    };
    expect(
      (await refusal(test.sagemaker.send(new UpdateEndpointWeightsAndCapacitiesCommand(capacities)))).message,
    ).to.equal("Variant main is serverless and has no instances");

    await createConfig(test, "instances", "good");
    await createEndpoint(test, "real-time", "instances");
    await endpointIn(test, "real-time", "InService");
    const become = new UpdateEndpointCommand({ EndpointName: "real-time", EndpointConfigName: "small" });
    expect((await refusal(test.sagemaker.send(become))).message).to.match(/has instances and cannot become serverless/);
  });

  const small = { MemorySizeInMB: 1024, MaxConcurrency: 2 };
  const capture = {
    EnableCapture: true,
    InitialSamplingPercentage: 100,
    DestinationS3Uri: `s3://${BUCKET}/captures`,
    CaptureOptions: [{ CaptureMode: "Input" as const }],
  };
  const refused: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    [
      "instances",
      () => serverless("a", small, { InstanceType: "ml.m5.large", InitialInstanceCount: 1 }),
      /InstanceType/,
    ],
    ["a capture", () => serverless("b", small, {}, { DataCaptureConfig: capture }), /cannot have DataCaptureConfig/],
    ["half a gigabyte", () => serverless("c", { ...small, MemorySizeInMB: 1536 }), /in steps of 1024, got 1536/],
    [
      "more that is warm than it may use",
      () => serverless("d", { ...small, ProvisionedConcurrency: 3 }),
      /ProvisionedConcurrency \(3\) must not be above MaxConcurrency \(2\)/,
    ],
    ["a VPC", () => of("in-vpc", { VpcConfig: { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] } }), /VpcConfig/],
    ["isolation", () => of("isolated", { EnableNetworkIsolation: true }), /EnableNetworkIsolation/],
  ];
  for (const [what, configure, reason] of refused) {
    it(`cannot have ${what}`, async () => {
      expect((await refusal(configure())).message).to.match(reason);
    });
  }

  async function of(ModelName: string, changes: Partial<CreateModelCommandInput>): Promise<void> {
    await test.sagemaker.send(
      new CreateModelCommand({
        ModelName,
        ExecutionRoleArn: ROLE,
        PrimaryContainer: { Image: XGBOOST, ModelDataUrl: `s3://${BUCKET}/${GOOD_ARCHIVE}` },
        ...changes,
      }),
    );
    await serverless(ModelName, small, { ModelName });
  }
});
