import { ApplicationAutoScalingClient, RegisterScalableTargetCommand } from "@aws-sdk/client-application-auto-scaling";
import {
  DescribeEndpointCommand,
  SageMakerClient,
  UpdateEndpointWeightsAndCapacitiesCommand,
  waitUntilEndpointInService,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { startLocalAws, type LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { buildPlugin, PLUGIN_DIR } from "pulumi-local-aws/build";
import { testPython } from "pulumi-engine/testing/python";
import { uploadModel } from "../../../packages/pulumi-local-aws/tests/engine/model-archive";
import { TestStack } from "./test-stack";

const EndpointName = "scaled";
const program = (modelDataUrl: string, instanceType: string) => `
  import { AutoscaledEndpoint } from "./components/autoscaled-endpoint";
  import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker/getPrebuiltEcrImage";
  const image = getPrebuiltEcrImageOutput({ repositoryName: "sagemaker-xgboost", imageTag: "1.7-1" }).registryPath;
  const capacity = { instanceType: "${instanceType}", minInstances: 1, maxInstances: 5 };
  new AutoscaledEndpoint("e", { endpointName: "${EndpointName}", variantName: "v", image, modelDataUrl: "${modelDataUrl}", ...capacity });
`;

describe("an endpoint that has been scaled, on the real engine", function () {
  this.timeout(300_000);
  const restored = { ...process.env };
  let local: LocalAws;
  let stack: TestStack;
  let sageMaker: SageMakerClient;
  let modelDataUrl: string;

  before(async () => {
    await buildPlugin();
    local = await startLocalAws({ python: testPython(), speed: 600 });
    Object.assign(process.env, local.environment, { PATH: `${PLUGIN_DIR}:${process.env.PATH ?? ""}` });
    sageMaker = new SageMakerClient(clientConfig(local));
    ({ modelDataUrl } = await uploadModel(local));
    stack = await TestStack.create(program(modelDataUrl, "ml.m5.large"));
    await stack.run("config", "set", "aws:region", "us-east-1");
  });
  after(async () => {
    await stack.remove();
    await local.close();
    Object.assign(process.env, restored);
  });

  const described = () => sageMaker.send(new DescribeEndpointCommand({ EndpointName }));
  const run = async (...args: string[]) => {
    const { ok, output } = await stack.run(...args);
    expect(ok, output).to.equal(true);
  };

  it("has a configuration of SageMaker's own, which no update takes back, and keeps its instances when it gets another", async () => {
    await run("up", "--yes", "--skip-preview");
    // Nobody calls it, so its scaling would take the instances away.
    await new ApplicationAutoScalingClient(clientConfig(local)).send(
      new RegisterScalableTargetCommand({
        ServiceNamespace: "sagemaker",
        ResourceId: `endpoint/${EndpointName}/variant/v`,
        ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
        SuspendedState: { DynamicScalingInSuspended: true },
      }),
    );
    const DesiredWeightsAndCapacities = [{ VariantName: "v", DesiredInstanceCount: 4 }];
    await sageMaker.send(new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName, DesiredWeightsAndCapacities }));
    await waitUntilEndpointInService({ client: sageMaker, maxWaitTime: 60, minDelay: 1 }, { EndpointName });
    expect((await described()).EndpointConfigName).to.match(/^Scaled-/);
    // Neither a refresh shows the name as drift, nor does an update follow from it.
    await run("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    await run("up", "--yes", "--skip-preview", "--refresh");
    expect((await described()).EndpointConfigName).to.match(/^Scaled-/);

    await stack.buildProgram(program(modelDataUrl, "ml.m5.xlarge"));
    await run("up", "--yes", "--skip-preview");

    const { EndpointConfigName, ProductionVariants } = await described();
    expect(EndpointConfigName).to.match(/^scaled-/);
    expect(ProductionVariants?.[0]).to.include({ DesiredInstanceCount: 4, CurrentInstanceCount: 4 });
    await run("destroy", "--yes", "--skip-preview");
  });
});
