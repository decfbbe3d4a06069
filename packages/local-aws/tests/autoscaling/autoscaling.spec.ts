import {
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  ListTagsForResourceCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
  TagResourceCommand,
  type PutScalingPolicyCommandInput,
  type RegisterScalableTargetCommandInput,
} from "@aws-sdk/client-application-auto-scaling";
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import {
  createConfig,
  createEndpoint,
  createGoodModel,
  endpointIn,
  refusal,
  startSageMaker,
  until,
  type TestSageMaker,
} from "../sagemaker/support";

const RESOURCE = "endpoint/scaled/variant/main";
const target = {
  ServiceNamespace: "sagemaker",
  ResourceId: RESOURCE,
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
} as const;

// At 600 times AWS's speed a minute is a tenth of a second, so a few requests in each are a load.
describe("Application Auto Scaling", function () {
  this.timeout(60_000);
  let test: TestSageMaker;
  const register = (changes: Partial<RegisterScalableTargetCommandInput> = {}) =>
    test.autoscaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 2, MaxCapacity: 4, ...changes }));
  const putPolicy = (changes: Partial<PutScalingPolicyCommandInput> = {}) =>
    test.autoscaling.send(
      new PutScalingPolicyCommand({
        ...target,
        PolicyName: "invocations",
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 0.5,
          PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
          ScaleOutCooldown: 60,
          ScaleInCooldown: 60,
        },
        ...changes,
      }),
    );
  const described = async () => {
    const endpoint = await test.sagemaker.send(new DescribeEndpointCommand({ EndpointName: "scaled" }));
    return endpoint.ProductionVariants![0]!;
  };

  before(async () => {
    test = await startSageMaker(600);
    await createGoodModel(test);
    await createConfig(test, "scaled", "good");
    await createEndpoint(test, "scaled", "scaled");
    await endpointIn(test, "scaled", "InService");
  });
  after(() => test.close());

  it("registers a variant within bounds, describes it and keeps its tags", async () => {
    const { ScalableTargetARN: arn } = await register({ Tags: { stage: "test" } });
    expect(arn).to.match(/^arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target\/[0-9a-f]{20}$/);
    const { ScalableTargets: targets } = await test.autoscaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker", ResourceIds: [RESOURCE] }),
    );
    expect(targets).to.have.length(1);
    expect(targets![0]).to.include({ ResourceId: RESOURCE, MinCapacity: 2, MaxCapacity: 4, ScalableTargetARN: arn });
    await test.autoscaling.send(new TagResourceCommand({ ResourceARN: arn, Tags: { more: "1" } }));
    const { Tags: tags } = await test.autoscaling.send(new ListTagsForResourceCommand({ ResourceARN: arn }));
    expect(tags).to.deep.equal({ stage: "test", more: "1" });
  });

  it("refuses bounds without sense, what is not there, and other kinds of scaling by name", async () => {
    expect((await refusal(register({ MinCapacity: 5 }))).name).to.equal("ValidationException");
    expect((await refusal(register({ ResourceId: "endpoint/none/variant/main" }))).message).to.equal(
      "SageMaker variant does not exist or is not in service: endpoint/none/variant/main",
    );
    expect(await refusal(putPolicy({ ResourceId: "endpoint/none/variant/main" }))).to.deep.equal({
      name: "ObjectNotFoundException",
      message:
        "No scalable target registered for service namespace: sagemaker, resource ID: endpoint/none/variant/main, scalable dimension: " +
        "sagemaker:variant:DesiredInstanceCount",
    });
    expect((await refusal(putPolicy({ PolicyType: "StepScaling" }))).name).to.equal("NotImplemented");
    const other = new DescribeScalableTargetsCommand({ ServiceNamespace: "ecs" });
    expect((await refusal(test.autoscaling.send(other))).name).to.equal("NotImplemented");
  });

  it("scales out under load and in again when it is over, and tells why", async () => {
    const { PolicyARN: arn } = await putPolicy();
    expect(arn).to.match(
      /:scalingPolicy:[0-9a-f-]{36}:resource\/sagemaker\/endpoint\/scaled\/variant\/main:policyName\/invocations$/,
    );
    const { ScalingPolicies: policies } = await test.autoscaling.send(
      new DescribeScalingPoliciesCommand({ ServiceNamespace: "sagemaker", ResourceId: RESOURCE }),
    );
    expect(policies?.map((policy) => policy.PolicyName)).to.deep.equal(["invocations"]);

    const load = setInterval(() => {
      void test.runtime.send(
        new InvokeEndpointCommand({ EndpointName: "scaled", ContentType: "text/csv", Body: "1,2" }),
      );
    }, 10);
    try {
      await until(described, (variant) => variant.CurrentInstanceCount === 4);
    } finally {
      clearInterval(load);
    }
    await until(described, (variant) => variant.CurrentInstanceCount === 2);

    const { ScalingActivities: activities } = await test.autoscaling.send(
      new DescribeScalingActivitiesCommand({ ServiceNamespace: "sagemaker", ResourceId: RESOURCE }),
    );
    const done = activities!.filter((activity) => activity.StatusCode !== "Failed");
    expect(done.map((activity) => activity.Description)).to.include.members([
      "Setting desired instance count to 2.",
      "Setting desired instance count to 4.",
    ]);
    expect(done.at(-1)!.Cause).to.equal(
      `monitor alarm TargetTracking-${RESOURCE}-AlarmHigh in state ALARM triggered policy invocations`,
    );
  });

  it("leaves the endpoint with a configuration of SageMaker's own, of another name and the same content but for the instances", async () => {
    const configOf = async () => {
      const { EndpointConfigName } = await test.sagemaker.send(new DescribeEndpointCommand({ EndpointName: "scaled" }));
      return test.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
    };
    const scaled = await configOf();
    const own = await test.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: "scaled" }));
    expect(scaled.EndpointConfigName).to.match(/^Scaled-/);
    expect(scaled.ProductionVariants).to.deep.equal([{ ...own.ProductionVariants![0], InitialInstanceCount: 2 }]);
  });

  it("brings a variant into the bounds at once when they are registered, and leaves it alone within them", async () => {
    await endpointIn(test, "scaled", "InService");
    await register({ MinCapacity: 2, MaxCapacity: 3 });
    expect((await described()).DesiredInstanceCount).to.equal(2);
    await register({ MinCapacity: 3 });
    expect((await described()).DesiredInstanceCount).to.equal(3);
    await until(described, (variant) => variant.CurrentInstanceCount === 3);
    await endpointIn(test, "scaled", "InService");
    await register({ MinCapacity: 1, MaxCapacity: 2 });
    expect((await described()).DesiredInstanceCount).to.equal(2);
    await until(described, (variant) => variant.CurrentInstanceCount === 2);
    await register();
  });

  it("brings a variant into the bounds later where its endpoint is being updated", async () => {
    await endpointIn(test, "scaled", "InService");
    const DesiredWeightsAndCapacities = [{ VariantName: "main", DesiredInstanceCount: 2 }];
    await test.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: "scaled", DesiredWeightsAndCapacities }),
    );
    await register({ MinCapacity: 3 });
    expect((await described()).DesiredInstanceCount).to.equal(2);
    await until(described, (variant) => variant.CurrentInstanceCount === 3);
    await register({ MinCapacity: 2 });
  });

  it("forgets a policy and a target once, and is deregistered when the endpoint is deleted", async () => {
    const removePolicy = () =>
      test.autoscaling.send(new DeleteScalingPolicyCommand({ ...target, PolicyName: "invocations" }));
    await removePolicy();
    expect((await refusal(removePolicy())).name).to.equal("ObjectNotFoundException");
    const deregister = () => test.autoscaling.send(new DeregisterScalableTargetCommand(target));
    await deregister();
    expect((await refusal(deregister())).name).to.equal("ObjectNotFoundException");

    await endpointIn(test, "scaled", "InService");
    await register();
    await until(
      () =>
        test.sagemaker.send(new DeleteEndpointCommand({ EndpointName: "scaled" })).then(
          () => true,
          () => false,
        ),
      (accepted) => accepted,
    );
    const { ScalableTargets: targets } = await test.autoscaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker" }),
    );
    expect(targets).to.deep.equal([]);
  });
});
