import type * as pulumi from "@pulumi/pulumi";
import type * as appautoscaling from "@pulumi/aws/appautoscaling";
import type * as sagemaker from "@pulumi/aws/sagemaker";
import type { Capacity } from "../../lib/capacity";
import type { RoleTransforms, ServiceRole } from "../service-role";
import type { Transform } from "../support/transform";
import type { VpcPlacement } from "../support/vpc";
import type { EndpointDeployment } from "./deployment";

/** Which requests and answers SageMaker copies to S3. A change makes another endpoint configuration, without downtime. */
export interface DataCapture {
  /** S3 prefix; SageMaker appends `/<endpoint>/<variant>/yyyy/mm/dd/hh/`. */
  readonly destinationUri: pulumi.Input<string>;
  /** Share of the requests in percent, 1 to 100. @default 100 */
  readonly samplingPercentage?: number;
  /** Keep what was asked. @default true */
  readonly input?: boolean;
  /** Keep what was answered. @default true */
  readonly output?: boolean;
}

/**
 * One container of an inference pipeline: what it answers is the request to the next one.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/inference-pipelines.html
 */
export interface PipelineContainer {
  /** URI of the serving image. */
  readonly image: pulumi.Input<string>;
  /** S3 URI of the model archive. @default - the image needs none */
  readonly modelDataUrl?: pulumi.Input<string>;
  /** Environment variables. Not for secrets: whoever may describe the model reads them. @default - none */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * Compute that SageMaker starts on demand and pays for by the millisecond, instead of instances. A request that finds none waits for a cold
 * start. https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
 */
export interface Serverless {
  /** Memory of each container in MB: 1024, 2048, 3072, 4096, 5120 or 6144. The processor grows with it. */
  readonly memorySizeInMB: number;
  /** Most requests that are answered at a time, 1 to 200; further ones are throttled. */
  readonly maxConcurrency: number;
  /** Requests that find a warm container, 1 to `maxConcurrency`. Paid for all the time. @default - none: every start is cold */
  readonly provisionedConcurrency?: number;
}

/**
 * A queue before the endpoint: requests lie in S3, and so do the answers. Callers use `InvokeEndpointAsync`.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
 */
export interface AsyncInference {
  /** S3 prefix that callers put requests below. The container's role may read nothing else of them. */
  readonly s3InputPath: pulumi.Input<string>;
  /** S3 prefix that answers are written below. */
  readonly s3OutputPath: pulumi.Input<string>;
  /** S3 prefix that the errors of failed requests are written below. @default - they are not written */
  readonly s3FailurePath?: pulumi.Input<string>;
  /** Most requests that an instance is given at a time, 1 to 1000. @default - SageMaker chooses */
  readonly maxConcurrentInvocationsPerInstance?: number;
  /** SNS topic that is told of each answer. @default - none */
  readonly successTopicArn?: pulumi.Input<string>;
  /** SNS topic that is told of each failed request. @default - none */
  readonly errorTopicArn?: pulumi.Input<string>;
}

/** A metric of CloudWatch that scaling holds at a value. */
export interface CustomMetric {
  /** Namespace in CloudWatch, such as `/aws/sagemaker/Endpoints`. */
  readonly namespace: string;
  /** Name of the metric, such as `CPUUtilization`. */
  readonly metricName: string;
  /** @default - those of the endpoint's variant: `EndpointName` and `VariantName` */
  readonly dimensions?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Which value of each minute counts. */
  readonly statistic: "Average" | "Maximum" | "Minimum" | "SampleCount" | "Sum";
  /** Such as `Percent`. @default - the metric's values of any unit */
  readonly unit?: string;
}

/**
 * What scaling keeps near a target. Either `predefinedMetricType` or `customMetric` must be given. With several of these, the one that
 * wants most instances counts: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */
export interface ScalingMetric {
  /** In the metric's unit; above 0. */
  readonly targetValue: number;
  /**
   * Such as `SageMakerVariantInvocationsPerInstance` or `SageMakerVariantConcurrentRequestsPerModelHighResolution`.
   * @default - `customMetric` is given
   */
  readonly predefinedMetricType?: string;
  /**
   * A metric of one's own, or one of SageMaker's such as `CPUUtilization` of `/aws/sagemaker/Endpoints`.
   * @default - `predefinedMetricType` is given
   */
  readonly customMetric?: CustomMetric;
  /** Whether this metric only ever adds instances. @default false */
  readonly disableScaleIn?: boolean;
  /** Seconds between removing instances and the next change. @default - `scaleInCooldownSeconds` of the endpoint */
  readonly scaleInCooldownSeconds?: number;
  /** Seconds between adding instances and the next change. @default - `scaleOutCooldownSeconds` of the endpoint */
  readonly scaleOutCooldownSeconds?: number;
}

/** What a program changes of the children of an {@link AutoscaledEndpoint}; of role and policy only where they are made. */
export interface AutoscaledEndpointTransforms extends RoleTransforms {
  /** The model; another definition is another model. @default - as the component makes it */
  readonly model?: Transform<sagemaker.ModelArgs>;
  /** What the endpoint consists of; another definition is another configuration. @default - as the component makes it */
  readonly endpointConfiguration?: Transform<sagemaker.EndpointConfigurationArgs>;
  /** The endpoint itself. @default - as the component makes it */
  readonly endpoint?: Transform<sagemaker.EndpointArgs>;
  /** The bounds of scaling. @default - as the component makes it */
  readonly scalingTarget?: Transform<appautoscaling.TargetArgs>;
  /** Called for each scaling policy, with its name. @default - as the component makes it */
  readonly scalingPolicy?: Transform<appautoscaling.PolicyArgs>;
}

/** The children of an {@link AutoscaledEndpoint}; role and policy are absent where `executionRoleArn` is given. */
export interface AutoscaledEndpointNodes extends Partial<Omit<ServiceRole, "arn">> {
  /** What is served, named by its content. */
  readonly model: sagemaker.Model;
  /** What the endpoint is to consist of, named by its content. */
  readonly endpointConfiguration: sagemaker.EndpointConfiguration;
  /** The endpoint itself. Its configuration is changed by `check`. */
  readonly endpoint: sagemaker.Endpoint;
  /** Removes an endpoint of this name that has failed, before it is created. */
  readonly vacancy: pulumi.CustomResource;
  /** Updates the endpoint, and waits until it serves the wanted configuration. */
  readonly check: pulumi.CustomResource;
  /** @default - absent where the number of instances is fixed */
  readonly scalingTarget?: appautoscaling.Target;
  /** One for each metric that is followed. */
  readonly scalingPolicies: readonly appautoscaling.Policy[];
}

/** Arguments of {@link AutoscaledEndpoint}. */
export interface AutoscaledEndpointArgs extends Partial<Capacity> {
  /**
   * Such as `ml.m5.large`; burstable `ml.t` types cannot scale. A change makes another configuration, without downtime.
   * @default - `serverless` is given
   */
  readonly instanceType?: string;
  /** Name of the endpoint, at most 63 characters. Another name is another endpoint. */
  readonly endpointName: string;
  /** Name of the endpoint's only production variant. A change makes another configuration; SageMaker cannot shift traffic to it in steps. */
  readonly variantName: string;
  /** URI of the serving image. A change makes another model and configuration, without downtime. @default - see `containers` */
  readonly image?: pulumi.Input<string>;
  /** S3 URI of the model archive. A change makes another model and configuration, without downtime. @default - the image needs none */
  readonly modelDataUrl?: pulumi.Input<string>;
  /**
   * Environment variables of the container, at most 100. Not for secrets: whoever may describe the model reads them. A change makes another
   * model and configuration, without downtime.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** 2 to 15 containers that a request goes through one after the other, instead of `image`. @default - one container */
  readonly containers?: readonly PipelineContainer[];
  /**
   * Version of a model package in the model registry, instead of `image`. It says which image and archive it consists of, so
   * `executionRoleArn` must be a role that may read them.
   * @default - one container
   */
  readonly modelPackageArn?: pulumi.Input<string>;
  /**
   * Role that the containers act as. It must trust `sagemaker.amazonaws.com`, and may do what it needs by the time it is used.
   * @default - a role is made that may read the archive, pull the image, and write logs, captures and answers
   */
  readonly executionRoleArn?: pulumi.Input<string>;
  /** Network of the containers; not for `serverless`. A change makes another model and configuration, without downtime. @default - SageMaker's own */
  readonly vpc?: VpcPlacement;
  /**
   * Whether the containers are cut off from the network and have no credentials. SageMaker itself still reads the archive. Not for
   * `serverless`. A change makes another model and configuration, without downtime.
   * @default false
   */
  readonly enableNetworkIsolation?: boolean;
  /**
   * Seconds that a container may take until it answers `/ping`, 60 to 3600. The update waits so much longer. A change makes another
   * configuration, without downtime. https://docs.aws.amazon.com/sagemaker/latest/dg/large-model-inference-hosting.html
   * @default - SageMaker's 8 minutes
   */
  readonly containerStartupHealthCheckTimeoutInSeconds?: number;
  /**
   * Seconds that the download of the archive may take, 60 to 3600. The update waits so much longer. A change makes another configuration,
   * without downtime.
   * @default - SageMaker's own limit
   */
  readonly modelDataDownloadTimeoutInSeconds?: number;
  /**
   * Compute on demand instead of instances: `instanceType`, `minInstances` and `maxInstances` must be left out. AWS has no VPC, network
   * isolation, data capture, pipeline of containers or deployment for it. An endpoint of instances cannot become serverless: it needs
   * another `endpointName`. A change of numbers makes another configuration, without downtime.
   * @default - instances
   */
  readonly serverless?: Serverless;
  /**
   * A queue before the endpoint. AWS has no data capture and no pipeline of containers for it, and refuses `InvokeEndpoint`. An endpoint
   * cannot get or lose its queue: it needs another `endpointName`.
   * @default - none: callers wait for the answer
   */
  readonly async?: AsyncInference;
  /** What scaling looks at where `maxInstances` is above `minInstances`; `[]` for nothing, if something else scales between the two. @default - invocations, by `targetInvocationsPerInstance` */
  readonly scalingMetrics?: readonly ScalingMetric[];
  /** @default - no capture */
  readonly dataCapture?: DataCapture;
  /**
   * Key that encrypts volumes, captures and asynchronous answers, and that the role may read the archive with. The volumes of instance
   * types with storage of their own, such as `ml.g5.xlarge`, are encrypted by the instances instead, since SageMaker takes no key for them.
   * @default - keys that AWS manages
   */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /**
   * Seconds that the role outlives a deleted endpoint where `kmsKeyArn` encrypts its volumes, 0 or more. In this time SageMaker takes back
   * its grants of the key, in the role's name; one that it cannot take back stays. A change costs nothing.
   * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpoint.html
   * @default 300
   */
  readonly grantRetirementSeconds?: number;
  /** How the instances are replaced when the endpoint gets another configuration. Not for `serverless`. @default - all at once, with no alarm */
  readonly deployment?: EndpointDeployment;
  /**
   * Whether the endpoint is kept warm at one instance instead of serving. A change alters how many instances run and never the
   * configuration, so going back is quick. Tags stay as they were. Set `false` for an endpoint that serves now and may be kept warm at
   * other times: its instances then come back. Burstable instance types cannot scale; their count stays. No difference for `serverless`.
   * @default - it serves, and is never kept warm
   */
  readonly standby?: boolean;
  /**
   * Whether an endpoint of this name is in AWS already, for example because its creation was interrupted. It is then taken over and
   * updated. Has no effect on an endpoint that the stack knows. One that has failed is deleted and created anew in any case.
   * @default false
   */
  readonly adopt?: boolean;
  /** A change alters the tags in place. @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What a program changes of the children. @default - they are as the component makes them */
  readonly transform?: AutoscaledEndpointTransforms;
}
