import * as pulumi from "@pulumi/pulumi";
import * as sagemaker from "@pulumi/aws/sagemaker";
import { capacityOf } from "../lib/capacity";
import { hasLocalStorage } from "../lib/local-storage";
import type { AutoscaledEndpointArgs, AutoscaledEndpointNodes } from "./autoscaled-endpoint/arguments";
import { endpointProblems } from "./autoscaled-endpoint/checks";
import { makeConfiguration } from "./autoscaled-endpoint/configuration";
import { mappedDeployment, type MappedDeployment } from "./autoscaled-endpoint/deployment";
import { makeModel } from "./autoscaled-endpoint/model";
import { makeScaling, scalesOrStandsBy, type Scaling } from "./autoscaled-endpoint/scaling";
import { callerAccount, callerRegion } from "./caller";
import { EndpointCheck } from "./resources/endpoint-check";
import { FailedEndpointRemoval } from "./resources/failed-endpoint-removal";
import { refuse } from "./support/problems";
import { transform } from "./support/transform";

/**
 * A model behind a SageMaker endpoint with one production variant: on instances, which are scaled by invocations or other metrics if
 * `maxInstances` is above `minInstances`, or serverless. Unless a role is given, that of the containers may read the archive, write
 * captures and answers, and nothing else.
 *
 * Model and endpoint configuration are immutable: a changed image, instance type or capture creates new ones beside the old ones, and the
 * endpoint is updated without downtime. It keeps the instances that scaling has added.
 */
export class AutoscaledEndpoint extends pulumi.ComponentResource {
  /** Name to pass to `InvokeEndpoint`; resolves once the endpoint serves the wanted configuration and has its scaling. */
  readonly endpointName: pulumi.Output<string>;
  /** ARN of the endpoint. */
  readonly endpointArn: pulumi.Output<string>;
  /** ARN of the configuration that the program gave it last; scaling gives it others. */
  readonly endpointConfigArn: pulumi.Output<string>;
  /** Name of its one variant. */
  readonly variantName: pulumi.Output<string>;
  /** Role that the containers act as. */
  readonly executionRoleArn: pulumi.Output<string>;
  /** The children. */
  readonly nodes: AutoscaledEndpointNodes;

  constructor(name: string, args: AutoscaledEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:AutoscaledEndpoint", name, {}, args.standby === true ? keepingTags(opts) : opts);
    refuse(endpointProblems(args), this);
    const capacity = args.serverless === undefined ? capacityOf(args) : undefined;
    const deployment = args.deployment && mappedDeployment(args.deployment);
    const inAccount = { region: callerRegion(this), account: callerAccount(this) };
    const { model, ...role } = makeModel(name, args, this);
    const config = makeConfiguration(name, args, model.name, capacity, this);
    // It is deleted after the endpoint and before the role.
    const vacancy = new FailedEndpointRemoval(
      `${name}-vacancy`,
      { ...inAccount, endpointName: args.endpointName, grantRetirementSeconds: grantRetirementSeconds(args) },
      { parent: this, dependsOn: role.policy ?? [] },
    );
    const endpoint = this.createEndpoint(name, args, config, deployment, vacancy);
    // After a failed update SageMaker goes back to the old configuration and reports the endpoint as InService.
    const check = new EndpointCheck(
      `${name}-check`,
      {
        ...inAccount,
        endpointName: endpoint.name,
        endpointConfigName: config.name,
        deploymentConfig: deployment?.config,
        ...(capacity !== undefined && scalesOrStandsBy(args, capacity) ? { retainsInstances: true } : {}),
        timeoutSeconds: timeoutSeconds(args, deployment),
      },
      { parent: this },
    );
    const scaling: Scaling =
      capacity === undefined ? { scalingPolicies: [] } : makeScaling(name, args, capacity, check.endpointName, this);
    this.nodes = { ...role, model, endpointConfiguration: config, endpoint, vacancy, check, ...scaling };
    this.endpointName = pulumi
      .all([check.endpointName, scaling.scalingTarget?.id])
      .apply(([endpointName]) => endpointName);
    this.endpointArn = endpoint.arn;
    this.endpointConfigArn = config.arn;
    this.variantName = pulumi.output(args.variantName);
    this.executionRoleArn = model.executionRoleArn;
    this.registerOutputs({
      endpointName: this.endpointName,
      endpointArn: this.endpointArn,
      endpointConfigArn: this.endpointConfigArn,
      variantName: this.variantName,
      executionRoleArn: this.executionRoleArn,
    });
  }

  private createEndpoint(
    name: string,
    args: AutoscaledEndpointArgs,
    config: sagemaker.EndpointConfiguration,
    deployment: MappedDeployment | undefined,
    vacancy: FailedEndpointRemoval,
  ): sagemaker.Endpoint {
    const definition = {
      name: args.endpointName,
      endpointConfigName: config.name,
      deploymentConfig: deployment?.config,
      tags: args.tags,
    };
    return new sagemaker.Endpoint(
      ...transform<sagemaker.EndpointArgs>(args.transform?.endpoint, name, definition, {
        parent: this,
        dependsOn: vacancy,
        // The check updates the endpoint.
        ignoreChanges: ["endpointConfigName", "deploymentConfig"],
        ...(args.adopt === true ? { import: args.endpointName } : {}),
      }),
    );
  }
}

/** AWS says "a few minutes": https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpoint.html */
const GRANT_RETIREMENT_SECONDS = 300;

/** Volumes are what grants are for; a role that was given stays anyway. */
function grantRetirementSeconds(args: AutoscaledEndpointArgs): number | undefined {
  const { kmsKeyArn, executionRoleArn, serverless, instanceType = "" } = args;
  return kmsKeyArn === undefined ||
    executionRoleArn !== undefined ||
    serverless !== undefined ||
    hasLocalStorage(instanceType)
    ? undefined
    : (args.grantRetirementSeconds ?? GRANT_RETIREMENT_SECONDS);
}

/** Seconds that SageMaker may need to end a deployment that has run out of time, and to go back. */
const SETTLE_SECONDS = 1800;
/** Seconds that an update without a deployment may take, besides start-up and download that were given more time. */
const UPDATE_SECONDS = 3600;

/** How long the check waits, where that is longer than usual. */
function timeoutSeconds(args: AutoscaledEndpointArgs, deployment: MappedDeployment | undefined): number | undefined {
  const { containerStartupHealthCheckTimeoutInSeconds: startup, modelDataDownloadTimeoutInSeconds: download } = args;
  const asked = (startup ?? 0) + (download ?? 0);
  return deployment === undefined
    ? asked === 0
      ? undefined
      : UPDATE_SECONDS + asked
    : deployment.timeoutSeconds + SETTLE_SECONDS + asked;
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
