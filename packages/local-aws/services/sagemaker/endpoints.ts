import {
  CreateEndpointCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  ListEndpointsCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type DeploymentConfig,
  type DesiredWeightAndCapacity,
  type DescribeEndpointCommandOutput,
  type UpdateEndpointCommandInput,
} from "@aws-sdk/client-sagemaker";
import { operation, type Checked, type Operation } from "../../core/operation";
import { RunControl } from "../../core/run-control";
import { sageMakerArn, type Context } from "./context";
import { Endpoint, type Variant } from "./endpoint";
import { isServerless, type EndpointConfig } from "./endpoint-config";
import { endpointConfigNamed } from "./endpoint-configs";
import {
  createFleet,
  deleteFleet,
  instanceCount,
  NOTHING_RETAINED,
  replaceFleet,
  scaleFleet,
  type Retained,
} from "./endpoint-deployment";
import { invalid } from "./errors";
import { listPage } from "./listing";
import { shiftPlan, type ShiftPlan } from "./shift-plan";
import { refuseWatched } from "./watched-endpoints";

/** Told the name of each endpoint that is being deleted: AWS deregisters its variants from Application Auto Scaling. */
export type OnDelete = (endpointName: string) => void;

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html and its siblings. */
export function endpointOperations(context: Context, onDelete: OnDelete): readonly Operation[] {
  const { endpoints } = context.store;
  return [
    operation(CreateEndpointCommand, (input) => {
      const { EndpointName: name } = input;
      const arn = sageMakerArn(context, "endpoint", name);
      if (endpoints.has(name)) {
        throw invalid(`Cannot create already existing endpoint "${arn}".`);
      }
      const config = endpointConfigNamed(context, input.EndpointConfigName);
      const endpoint = new Endpoint(name, arn, config, new RunControl(context.local.clock));
      // There is nothing yet to move traffic from; but it must be right, and it is shown.
      planned(endpoint, config, input.DeploymentConfig, NOTHING_RETAINED);
      endpoint.deploymentConfig = input.DeploymentConfig;
      context.store.tags.create(arn, input.Tags);
      endpoints.set(name, endpoint);
      context.background.begin(`endpoint ${endpoint.name}`, () => createFleet(context, endpoint, config));
      return { EndpointArn: arn };
    }),
    operation(DescribeEndpointCommand, ({ EndpointName }) => describe(endpointNamed(context, EndpointName))),
    operation(UpdateEndpointCommand, (input) => ({ EndpointArn: update(context, input).arn })),
    operation(UpdateEndpointWeightsAndCapacitiesCommand, (input) => {
      const endpoint = endpointNamed(context, input.EndpointName);
      scale(context, endpoint, input.DesiredWeightsAndCapacities);
      return { EndpointArn: endpoint.arn };
    }),
    operation(DeleteEndpointCommand, ({ EndpointName: name }) => {
      const endpoint = endpointNamed(context, name);
      refuseInProgress(endpoint);
      refuseWatched(context, name, "deleted");
      endpoint.enter("Deleting");
      onDelete(name);
      const gone = () => {
        endpoints.delete(name);
        context.store.tags.forget(endpoint.arn);
      };
      context.background.begin(`endpoint ${endpoint.name}`, () => deleteFleet(context, endpoint, gone));
      return {};
    }),
    operation(ListEndpointsCommand, (request) => {
      const { items, NextToken } = listPage(endpoints.values(), request, "Descending");
      return { Endpoints: items.map(summary), NextToken };
    }),
  ];
}

/** The endpoint of that name. @throws AwsError `ValidationException` if there is none. */
export function endpointNamed(context: Context, name: string): Endpoint {
  const endpoint = context.store.endpoints.get(name);
  if (endpoint === undefined) {
    throw invalid(`Could not find endpoint "${sageMakerArn(context, "endpoint", name)}".`);
  }
  return endpoint;
}

function refuseInProgress(endpoint: Endpoint): void {
  if (endpoint.status !== "InService" && endpoint.status !== "Failed") {
    throw invalid(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
}

function refuseUnlessInService(endpoint: Endpoint): void {
  refuseInProgress(endpoint);
  if (endpoint.status === "Failed") {
    throw invalid(`Cannot update failed endpoint "${endpoint.arn}": it can only be deleted.`);
  }
}

function update(context: Context, input: Checked<UpdateEndpointCommandInput>): Endpoint {
  const endpoint = endpointNamed(context, input.EndpointName);
  const config = endpointConfigNamed(context, input.EndpointConfigName);
  refuseUnlessInService(endpoint);
  refuseWatched(context, endpoint.name, "updated");
  // An endpoint whose own config was deleted cannot be updated: AWS has nothing to roll back to.
  const before = endpointConfigNamed(context, endpoint.configName);
  if (isServerless(config) && !isServerless(before)) {
    throw invalid(`Endpoint "${endpoint.arn}" has instances and cannot become serverless`);
  }
  if (input.DeploymentConfig !== undefined && input.RetainDeploymentConfig === true) {
    throw invalid("DeploymentConfig cannot be given together with RetainDeploymentConfig");
  }
  const deployment = input.RetainDeploymentConfig === true ? endpoint.deploymentConfig : input.DeploymentConfig;
  const kept = retained(input);
  const plan = planned(endpoint, config, deployment, kept);
  endpoint.deploymentConfig = deployment;
  endpoint.pending = { configName: config.name, since: new Date() };
  endpoint.failureReason = undefined;
  endpoint.enter("Updating");
  context.background.begin(`endpoint ${endpoint.name}`, () => replaceFleet(context, endpoint, config, kept, plan));
  return endpoint;
}

/** A serverless endpoint gets all of its traffic at once, whatever is asked for, but never in batches of instances. */
function planned(
  endpoint: Endpoint,
  config: EndpointConfig,
  deployment: Checked<DeploymentConfig> | undefined,
  kept: Retained,
): ShiftPlan {
  if (!isServerless(config)) {
    return shiftPlan(deployment, instancesOf(endpoint, config, kept));
  }
  if (deployment?.RollingUpdatePolicy !== undefined) {
    throw invalid("RollingUpdatePolicy is not supported for serverless endpoints");
  }
  return shiftPlan(undefined, []);
}

function instancesOf(endpoint: Endpoint, config: EndpointConfig, kept: Retained): readonly number[] {
  return config.variants.map((variant) => instanceCount(endpoint, variant, kept));
}

function retained(input: Checked<UpdateEndpointCommandInput>): Retained {
  const excluded = (input.ExcludeRetainedVariantProperties ?? []).map((property) => property.VariantPropertyType);
  const all = input.RetainAllVariantProperties === true;
  return {
    weights: all && !excluded.includes("DesiredWeight"),
    instanceCounts: all && !excluded.includes("DesiredInstanceCount"),
  };
}

/** Sets what an endpoint's variants shall weigh and count; they come to it while the endpoint is `Updating`. */
export function scale(
  context: Context,
  endpoint: Endpoint,
  wanted: readonly Checked<DesiredWeightAndCapacity>[],
): void {
  refuseUnlessInService(endpoint);
  const variants = new Map((endpoint.fleet?.variants ?? []).map((variant) => [variant.config.VariantName, variant]));
  const unknown = wanted.map((one) => one.VariantName).filter((name) => !variants.has(name));
  if (unknown.length > 0) {
    throw invalid(`The variant name(s) "${unknown.join(", ")}" is/are not present within endpoint "${endpoint.arn}".`);
  }
  for (const { VariantName: name, DesiredWeight: weight, DesiredInstanceCount: count } of wanted) {
    const variant = variants.get(name);
    if (variant !== undefined) {
      if (count !== undefined && variant.config.serverless !== undefined) {
        throw invalid(`Variant ${name} is serverless and has no instances`);
      }
      variant.weight.desired = weight ?? variant.weight.desired;
      variant.instances.desired = count ?? variant.instances.desired;
    }
  }
  endpoint.enter("Updating");
  context.background.begin(`endpoint ${endpoint.name}`, () => scaleFleet(context, endpoint));
}

function describe(endpoint: Endpoint): Omit<DescribeEndpointCommandOutput, "$metadata"> {
  const { fleet, pending, shift } = endpoint;
  return {
    ...summary(endpoint),
    EndpointConfigName: endpoint.configName,
    FailureReason: endpoint.failureReason,
    ProductionVariants: fleet?.variants.map(variantSummary),
    DataCaptureConfig: captureSummary(endpoint),
    LastDeploymentConfig: endpoint.deploymentConfig,
    PendingDeploymentSummary: pending && {
      EndpointConfigName: pending.configName,
      StartTime: pending.since,
      ProductionVariants: shift?.green.variants.map(variantSummary),
    },
  };
}

function variantSummary({ config, image, startedAt, weight, instances }: Variant) {
  return {
    VariantName: config.VariantName,
    DeployedImages: [{ SpecifiedImage: image, ResolvedImage: image, ResolutionTime: startedAt }],
    CurrentWeight: weight.current,
    DesiredWeight: weight.desired,
    ...(config.serverless === undefined
      ? { CurrentInstanceCount: instances.current, DesiredInstanceCount: instances.desired }
      : { CurrentServerlessConfig: config.serverless, DesiredServerlessConfig: config.serverless }),
  };
}

function captureSummary({ fleet }: Endpoint): DescribeEndpointCommandOutput["DataCaptureConfig"] {
  const config = fleet?.config.input.DataCaptureConfig;
  return config === undefined
    ? undefined
    : {
        EnableCapture: config.EnableCapture ?? false,
        CaptureStatus: config.EnableCapture === true ? "Started" : "Stopped",
        CurrentSamplingPercentage: config.InitialSamplingPercentage,
        DestinationS3Uri: config.DestinationS3Uri,
        KmsKeyId: config.KmsKeyId ?? "",
      };
}

function summary({ name, arn, createdAt, modifiedAt, status }: Endpoint) {
  return {
    EndpointName: name,
    EndpointArn: arn,
    CreationTime: createdAt,
    LastModifiedTime: modifiedAt,
    EndpointStatus: status,
  };
}
