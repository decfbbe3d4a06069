import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  ListTagsForResourceCommand,
  MetricStatistic,
  MetricType,
  PolicyType,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
  ScalableDimension,
  ServiceNamespace,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-application-auto-scaling";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { block, boolean, number, oneOf, set, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { recorded, resource } from "../resource";
import { tagMap, tagsArgument } from "../tags";

const GONE = ["ObjectNotFoundException"];
const autoScaling = (aws: Aws) => aws.client(ApplicationAutoScalingClient);

/** What is scaled. */
const scaled = {
  serviceNamespace: required(oneOf(ServiceNamespace), { replaces: true }),
  resourceId: required(text, { replaces: true }),
  scalableDimension: required(oneOf(ScalableDimension), { replaces: true }),
};

const targetArguments = {
  ...scaled,
  minCapacity: required(number),
  maxCapacity: required(number),
  // AWS fills in its own service-linked role.
  roleArn: optional(text, { replaces: true, computed: true }),
  tags: tagsArgument,
};

function scalableTarget(inputs: Arguments<typeof targetArguments>) {
  return {
    ServiceNamespace: inputs.serviceNamespace,
    ResourceId: inputs.resourceId,
    ScalableDimension: inputs.scalableDimension,
    MinCapacity: inputs.minCapacity,
    MaxCapacity: inputs.maxCapacity,
    RoleARN: inputs.roleArn,
  };
}

const target = resource({
  type: "aws:appautoscaling/target:Target",
  inputs: targetArguments,
  outputs: ["arn"],
  identity: ["serviceNamespace", "resourceId", "scalableDimension"],
  tagging: {
    put: ({ aws, arn: ResourceARN }, tags) =>
      autoScaling(aws).send(new TagResourceCommand({ ResourceARN, Tags: { ...tags } })),
    remove: ({ aws, arn: ResourceARN }, TagKeys) =>
      autoScaling(aws).send(new UntagResourceCommand({ ResourceARN, TagKeys })),
  },
  async create({ aws, inputs, tags }) {
    await autoScaling(aws).send(new RegisterScalableTargetCommand({ ...scalableTarget(inputs), Tags: tagMap(tags) }));
    return inputs.resourceId;
  },
  async read({ aws, id, inputs }) {
    const { ScalableTargets: [found] = [] } = await autoScaling(aws).send(
      new DescribeScalableTargetsCommand({
        ServiceNamespace: recorded(inputs.serviceNamespace, "serviceNamespace"),
        ResourceIds: [id],
        ScalableDimension: inputs.scalableDimension,
      }),
    );
    if (found === undefined) {
      return undefined;
    }
    const ResourceARN = found.ScalableTargetARN;
    const { Tags } = await autoScaling(aws).send(new ListTagsForResourceCommand({ ResourceARN }));
    return {
      inputs: {
        serviceNamespace: found.ServiceNamespace,
        resourceId: found.ResourceId,
        scalableDimension: found.ScalableDimension,
        minCapacity: found.MinCapacity,
        maxCapacity: found.MaxCapacity,
        roleArn: found.RoleARN,
      },
      outputs: { arn: ResourceARN },
      tags: Tags,
    };
  },
  async update({ aws, inputs }) {
    await autoScaling(aws).send(new RegisterScalableTargetCommand(scalableTarget(inputs)));
  },
  async delete({ aws, inputs }) {
    const request = {
      ServiceNamespace: inputs.serviceNamespace,
      ResourceId: inputs.resourceId,
      ScalableDimension: inputs.scalableDimension,
    };
    await unlessGone(GONE, () => autoScaling(aws).send(new DeregisterScalableTargetCommand(request)));
  },
});

const policyArguments = {
  name: autoNamed(text, { maxLength: 255 }),
  ...scaled,
  policyType: required(oneOf({ targetTracking: PolicyType.TargetTrackingScaling })),
  targetTrackingScalingPolicyConfiguration: required(
    block({
      targetValue: required(number),
      predefinedMetricSpecification: optional(
        block({ predefinedMetricType: required(oneOf(MetricType)), resourceLabel: optional(text) }),
      ),
      customizedMetricSpecification: optional(
        block({
          namespace: required(text),
          metricName: required(text),
          statistic: required(oneOf(MetricStatistic)),
          unit: optional(text),
          dimensions: optional(set(block({ name: required(text), value: required(text) }))),
        }),
      ),
      scaleInCooldown: optional(number),
      scaleOutCooldown: optional(number),
      disableScaleIn: withDefault(boolean, false),
    }),
  ),
};

async function putPolicy(aws: Aws, inputs: Arguments<typeof policyArguments>): Promise<void> {
  const tracking = inputs.targetTrackingScalingPolicyConfiguration;
  const { predefinedMetricSpecification: predefined, customizedMetricSpecification: custom } = tracking;
  await autoScaling(aws).send(
    new PutScalingPolicyCommand({
      PolicyName: inputs.name,
      PolicyType: inputs.policyType,
      ServiceNamespace: inputs.serviceNamespace,
      ResourceId: inputs.resourceId,
      ScalableDimension: inputs.scalableDimension,
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: tracking.targetValue,
        PredefinedMetricSpecification: predefined && {
          PredefinedMetricType: predefined.predefinedMetricType,
          ResourceLabel: predefined.resourceLabel,
        },
        CustomizedMetricSpecification: custom && {
          Namespace: custom.namespace,
          MetricName: custom.metricName,
          Statistic: custom.statistic,
          Unit: custom.unit,
          Dimensions: custom.dimensions?.map(({ name: Name, value: Value }) => ({ Name, Value })),
        },
        ScaleInCooldown: tracking.scaleInCooldown,
        ScaleOutCooldown: tracking.scaleOutCooldown,
        DisableScaleIn: tracking.disableScaleIn,
      },
    }),
  );
}

const policy = resource({
  type: "aws:appautoscaling/policy:Policy",
  inputs: policyArguments,
  outputs: ["arn", "alarmArns"],
  identity: ["serviceNamespace", "resourceId", "scalableDimension", "name"],
  async create({ aws, inputs }) {
    await putPolicy(aws, inputs);
    return inputs.name;
  },
  async read({ aws, id, inputs }) {
    const { ScalingPolicies: [found] = [] } = await autoScaling(aws).send(
      new DescribeScalingPoliciesCommand({
        PolicyNames: [id],
        ServiceNamespace: recorded(inputs.serviceNamespace, "serviceNamespace"),
        ResourceId: inputs.resourceId,
        ScalableDimension: inputs.scalableDimension,
      }),
    );
    const tracking = found?.TargetTrackingScalingPolicyConfiguration;
    const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: custom } = tracking ?? {};
    return (
      found && {
        inputs: {
          name: found.PolicyName,
          policyType: found.PolicyType,
          serviceNamespace: found.ServiceNamespace,
          resourceId: found.ResourceId,
          scalableDimension: found.ScalableDimension,
          targetTrackingScalingPolicyConfiguration: tracking && {
            targetValue: tracking.TargetValue,
            predefinedMetricSpecification: predefined && {
              predefinedMetricType: predefined.PredefinedMetricType,
              resourceLabel: predefined.ResourceLabel,
            },
            customizedMetricSpecification: custom && {
              namespace: custom.Namespace,
              metricName: custom.MetricName,
              statistic: custom.Statistic,
              unit: custom.Unit,
              dimensions: custom.Dimensions?.map(({ Name: name, Value: value }) => ({ name, value })),
            },
            scaleInCooldown: tracking.ScaleInCooldown,
            scaleOutCooldown: tracking.ScaleOutCooldown,
            disableScaleIn: tracking.DisableScaleIn ?? false,
          },
        },
        outputs: { arn: found.PolicyARN, alarmArns: found.Alarms?.map(({ AlarmARN }) => AlarmARN) ?? [] },
      }
    );
  },
  update: ({ aws, inputs }) => putPolicy(aws, inputs),
  async delete({ aws, id, inputs }) {
    const request = {
      PolicyName: id,
      ServiceNamespace: inputs.serviceNamespace,
      ResourceId: inputs.resourceId,
      ScalableDimension: inputs.scalableDimension,
    };
    await unlessGone(GONE, () => autoScaling(aws).send(new DeleteScalingPolicyCommand(request)));
  },
});

export const resources = [target, policy];
