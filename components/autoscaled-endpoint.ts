import * as pulumi from "@pulumi/pulumi";
import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as sagemaker from "@pulumi/aws/sagemaker";
import { checkCapacity, isBurstable, type Capacity } from "../lib/capacity";
import { contentName } from "../lib/content-name";
import { hasLocalStorage } from "../lib/local-storage";
import { mappedDeployment, type EndpointDeployment } from "./autoscaled-endpoint/deployment";
import { callerAccount, callerPartition, callerRegion } from "./caller";
import { readObject, runContainer, useKey, writeFolder } from "./container-permissions";
import { EndpointCheck } from "./resources/endpoint-check";
import { FailedEndpointRemoval } from "./resources/failed-endpoint-removal";
import { serviceRole } from "./service-role";

/** Which requests and answers SageMaker copies to S3. */
export interface DataCapture {
  /** S3 prefix; SageMaker appends `/<endpoint>/<variant>/yyyy/mm/dd/hh/`. */
  readonly destinationUri: string;
  /** Share of the requests, 1 to 100. @default 100 */
  readonly samplingPercentage?: number;
  /** Keep what was asked. @default true */
  readonly input?: boolean;
  /** Keep what was answered. @default true */
  readonly output?: boolean;
}

/** Arguments of {@link AutoscaledEndpoint}. */
export interface AutoscaledEndpointArgs extends Capacity {
  /** Name of the endpoint, at most 63 characters. Another name is another endpoint. */
  readonly endpointName: string;
  /** Name of the endpoint's only production variant. */
  readonly variantName: string;
  /** URI of the serving image. */
  readonly image: pulumi.Input<string>;
  /** S3 URI of the model archive. */
  readonly modelDataUrl: pulumi.Input<string>;
  /** @default - no capture */
  readonly dataCapture?: DataCapture;
  /**
   * Key that encrypts volumes and captures. The volumes of instance types with storage of their own, such as `ml.g5.xlarge`, are encrypted
   * by the instances instead, since SageMaker takes no key for them.
   * @default - keys that AWS manages
   */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** How the instances are replaced when the endpoint gets another configuration. @default - all at once, with no alarm */
  readonly deployment?: EndpointDeployment;
  /**
   * Whether the endpoint is kept warm at one instance instead of serving. A change alters how many instances run and never the
   * configuration, so going back is quick. Tags stay as they were. Set `false` for an endpoint that serves now and may be kept warm at
   * other times: its instances then come back. Burstable instance types cannot scale; their count stays.
   * @default - it serves, and is never kept warm
   */
  readonly standby?: boolean;
  /**
   * Whether an endpoint of this name is in AWS already, for example because its creation was interrupted. It is then taken over and
   * updated. Has no effect on an endpoint that the stack knows. One that has failed is deleted and created anew in any case.
   * @default false
   */
  readonly adopt?: boolean;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * A model behind a SageMaker endpoint with one production variant, scaled by invocations per instance if `maxInstances` is above
 * `minInstances`. The container's role may read its archive and write its captures, and nothing else.
 *
 * Model and endpoint configuration are immutable: a changed image, instance type or capture creates new ones beside the old ones, and the
 * endpoint is updated without downtime. It keeps the instances that scaling has added.
 */
export class AutoscaledEndpoint extends pulumi.ComponentResource {
  /** Name to pass to `InvokeEndpoint`; resolves once the endpoint serves the wanted configuration and has its scaling. */
  readonly endpointName: pulumi.Output<string>;
  readonly endpointArn: pulumi.Output<string>;
  readonly endpointConfigArn: pulumi.Output<string>;
  readonly variantName: pulumi.Output<string>;

  constructor(name: string, args: AutoscaledEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:AutoscaledEndpoint", name, {}, args.standby === true ? keepingTags(opts) : opts);
    const capacity = checkCapacity(args, this);
    const deployment = args.deployment && mappedDeployment(args.deployment, this);
    const parent = { parent: this };
    const model = this.createModel(name, args);
    const definition = {
      kmsKeyArn: hasLocalStorage(capacity.instanceType) ? undefined : args.kmsKeyArn,
      productionVariants: [
        {
          variantName: args.variantName,
          modelName: model.name,
          instanceType: capacity.instanceType,
          initialInstanceCount: capacity.minInstances,
          initialVariantWeight: 1,
        },
      ],
      dataCaptureConfig: args.dataCapture && captureConfig(args.dataCapture, args.kmsKeyArn),
    };
    const config = new sagemaker.EndpointConfiguration(
      `${name}-config`,
      { name: nameOf(args, definition), ...definition, tags: args.tags },
      parent,
    );
    const inAccount = { region: callerRegion(this), account: callerAccount(this) };
    const vacancy = new FailedEndpointRemoval(
      `${name}-vacancy`,
      { ...inAccount, endpointName: args.endpointName },
      parent,
    );
    const endpoint = new sagemaker.Endpoint(
      name,
      {
        name: args.endpointName,
        endpointConfigName: config.name,
        deploymentConfig: deployment?.config,
        tags: args.tags,
      },
      {
        parent: this,
        dependsOn: vacancy,
        // The check updates the endpoint.
        ignoreChanges: ["endpointConfigName", "deploymentConfig"],
        ...(args.adopt === true ? { import: args.endpointName } : {}),
      },
    );
    // After a failed update SageMaker goes back to the old configuration and reports the endpoint as InService.
    const check = new EndpointCheck(
      `${name}-check`,
      {
        ...inAccount,
        endpointName: endpoint.name,
        endpointConfigName: config.name,
        deploymentConfig: deployment?.config,
        ...(scalesOrStandsBy(args, capacity) ? { retainsInstances: true } : {}),
        timeoutSeconds: deployment && deployment.timeoutSeconds + SETTLE_SECONDS,
      },
      parent,
    );
    const target = this.createScaling(name, args, capacity, check.endpointName);
    this.endpointName = pulumi.all([check.endpointName, target?.id]).apply(([endpointName]) => endpointName);
    this.endpointArn = endpoint.arn;
    this.endpointConfigArn = config.arn;
    this.variantName = pulumi.output(args.variantName);
    this.registerOutputs({
      endpointName: this.endpointName,
      endpointArn: this.endpointArn,
      variantName: this.variantName,
    });
  }

  private createModel(name: string, args: AutoscaledEndpointArgs): sagemaker.Model {
    const partition = callerPartition(this);
    const capture = args.dataCapture;
    const roleArn = serviceRole(
      `${name}-role`,
      {
        description: `Containers of endpoint ${args.endpointName}: read the model archive, write captures`,
        service: "sagemaker.amazonaws.com",
        statements: [
          ...readObject(partition, args.modelDataUrl),
          ...(capture === undefined ? [] : [writeFolder(partition, capture.destinationUri, args.endpointName)]),
          ...runContainer(partition, args.image, "/aws/sagemaker/Endpoints"),
          ...useKey(args.kmsKeyArn, { writes: capture !== undefined, volumes: !hasLocalStorage(args.instanceType) }),
        ],
        tags: args.tags,
      },
      this,
    );
    const definition = {
      executionRoleArn: roleArn,
      primaryContainer: { image: args.image, modelDataUrl: args.modelDataUrl },
    };
    return new sagemaker.Model(
      `${name}-model`,
      { name: nameOf(args, definition), ...definition, tags: args.tags },
      { parent: this },
    );
  }

  private createScaling(
    name: string,
    args: AutoscaledEndpointArgs,
    capacity: Required<Capacity>,
    endpointName: pulumi.Output<string>,
  ): appautoscaling.Target | undefined {
    const standby = args.standby === true;
    if (!scalesOrStandsBy(args, capacity)) {
      return undefined;
    }
    // Registering a target brings the instance count into its bounds.
    const target = new appautoscaling.Target(
      `${name}-target`,
      {
        serviceNamespace: "sagemaker",
        resourceId: pulumi.interpolate`endpoint/${endpointName}/variant/${args.variantName}`,
        scalableDimension: "sagemaker:variant:DesiredInstanceCount",
        minCapacity: standby ? 1 : capacity.minInstances,
        maxCapacity: standby ? 1 : capacity.maxInstances,
      },
      { parent: this },
    );
    if (standby || capacity.maxInstances === capacity.minInstances) {
      return target;
    }
    new appautoscaling.Policy(
      `${name}-scaling`,
      {
        name: `${args.endpointName}-invocations`,
        policyType: "TargetTrackingScaling",
        serviceNamespace: target.serviceNamespace,
        resourceId: target.resourceId,
        scalableDimension: target.scalableDimension,
        targetTrackingScalingPolicyConfiguration: {
          targetValue: capacity.targetInvocationsPerInstance,
          predefinedMetricSpecification: { predefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
          scaleInCooldown: capacity.scaleInCooldownSeconds,
          scaleOutCooldown: capacity.scaleOutCooldownSeconds,
        },
      },
      { parent: this },
    );
    return target;
  }
}

/** Whether Application Auto Scaling keeps the number of instances within bounds. */
function scalesOrStandsBy({ standby }: AutoscaledEndpointArgs, capacity: Required<Capacity>): boolean {
  const { minInstances, maxInstances } = capacity;
  const scales = maxInstances > minInstances && standby !== true;
  return scales || (standby !== undefined && maxInstances > 1 && !isBurstable(capacity));
}

/** Seconds that SageMaker may need to end a deployment that has run out of time, and to go back. */
const SETTLE_SECONDS = 1800;

/** Name of an immutable part of this endpoint. Tags can change, so they do not count. */
function nameOf({ endpointName }: AutoscaledEndpointArgs, definition: object): pulumi.Output<string> {
  return pulumi.output(definition).apply((settled) => contentName(endpointName, settled));
}

/** The same options, but every resource in the component keeps its tags: they say what the release was made from. */
function keepingTags(opts: pulumi.ComponentResourceOptions | undefined): pulumi.ComponentResourceOptions {
  return pulumi.mergeOptions(opts, {
    transformations: [
      ({ props, opts: own }) =>
        "tags" in props ? { props, opts: pulumi.mergeOptions(own, { ignoreChanges: ["tags"] }) } : undefined,
    ],
  });
}

function captureConfig(capture: DataCapture, kmsKeyId: pulumi.Input<string> | undefined) {
  const modes = [...((capture.input ?? true) ? ["Input"] : []), ...((capture.output ?? true) ? ["Output"] : [])];
  return {
    enableCapture: true,
    initialSamplingPercentage: capture.samplingPercentage ?? 100,
    destinationS3Uri: capture.destinationUri,
    kmsKeyId,
    captureOptions: modes.map((captureMode) => ({ captureMode })),
    captureContentTypeHeader: { csvContentTypes: ["text/csv"], jsonContentTypes: ["application/json"] },
  };
}
