import type * as pulumi from "@pulumi/pulumi";
import type * as sagemaker from "@pulumi/aws/sagemaker";
import type { Repository } from "../deployment-pipeline/sources";
import type { RoleTransforms, ServiceRole } from "../service-role";
import { unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import type { Transform } from "../support/transform";

/** What a stack's config may say of a {@link ReleaseNotebookArgs notebook}. */
export interface ReleaseNotebookSettings {
  /** Type of the instance. Another one stops the instance for some minutes. @default "ml.t3.medium" */
  readonly instanceType?: string;
  /** Gigabytes of the volume that is kept between starts, 5 to 16384. More stops the instance for some minutes; less replaces it. @default 20 */
  readonly volumeSizeGB?: number;
  /**
   * Whether whoever works on the instance may answer the pipeline's approval. The code there is that of the branch, which nobody may have
   * approved: say yes only where the people who push are those who approve. @default false
   */
  readonly mayApprove?: boolean;
  /**
   * Subnet of the instance's network interface. It then reaches the internet through that subnet only: packages and the repository need a NAT
   * gateway, and AWS's services that or endpoints. A change replaces the instance. @default - a network of SageMaker's own, with internet access
   */
  readonly subnetId?: string;
  /** Security groups of that interface, in the subnet's VPC. A change replaces the instance. @default - the VPC's default group */
  readonly securityGroupIds?: readonly string[];
}

/** Arguments of `ReleaseNotebook`. */
export interface ReleaseNotebookArgs extends ReleaseNotebookSettings {
  /** Name of the model. The instance is called `mlops-<model>-notebook`; another name replaces it. */
  readonly model: string;
  /** ARN of the model's pipeline. */
  readonly pipelineArn: pulumi.Input<string>;
  /** Where the pipeline takes `data-source.zip` from, such as `s3://bucket/mlops-churn-pipeline/data-source.zip`. */
  readonly dataSourceUri: pulumi.Input<string>;
  /** ARN of the key of that bucket. */
  readonly artifactKeyArn: pulumi.Input<string>;
  /** Bucket of the model's data, archives and captures. */
  readonly bucket: pulumi.Input<string>;
  /** Folder of the training data in that bucket, such as `nyc-tlc/v1/data`. The notebook writes there and nowhere else. */
  readonly dataPrefix: string;
  /** Key of that bucket and of the instance's volume. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** The repository that is brought onto the instance when it is created. */
  readonly repository: Repository;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: ReleaseNotebookTransforms;
}

/** The children of a `ReleaseNotebook`. */
export interface ReleaseNotebookNodes extends Pick<ServiceRole, "role" | "policy"> {
  readonly lifecycleConfiguration: sagemaker.NotebookInstanceLifecycleConfiguration;
  readonly instance: sagemaker.NotebookInstance;
}

/** What a program changes of the children of a `ReleaseNotebook`. */
export interface ReleaseNotebookTransforms extends RoleTransforms {
  /** The scripts of creation and start. @default - as the component makes them */
  readonly lifecycleConfiguration?: Transform<sagemaker.NotebookInstanceLifecycleConfigurationArgs>;
  /** The instance. @default - as the component makes it */
  readonly instance?: Transform<sagemaker.NotebookInstanceArgs>;
}

const LEAST_VOLUME_GB = 5;
const MOST_VOLUME_GB = 16_384;

/** What is wrong with the arguments. */
export function notebookProblems(args: ReleaseNotebookArgs): string[] {
  const { volumeSizeGB, instanceType, subnetId, securityGroupIds } = args;
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...(instanceType === undefined || instanceType.startsWith("ml.")
      ? []
      : [`instanceType must begin with ml., such as ml.t3.medium, got "${instanceType}"`]),
    ...(volumeSizeGB === undefined
      ? []
      : wholeNumberProblems("volumeSizeGB", volumeSizeGB, LEAST_VOLUME_GB, MOST_VOLUME_GB)),
    ...(securityGroupIds !== undefined && subnetId === undefined
      ? ["securityGroupIds need a subnetId, since they belong to its VPC"]
      : []),
  ];
}

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<ReleaseNotebookArgs>, true>> = {
  model: true,
  pipelineArn: true,
  dataSourceUri: true,
  artifactKeyArn: true,
  bucket: true,
  dataPrefix: true,
  kmsKeyArn: true,
  repository: true,
  instanceType: true,
  volumeSizeGB: true,
  mayApprove: true,
  subnetId: true,
  securityGroupIds: true,
  tags: true,
  transform: true,
};
