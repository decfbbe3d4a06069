import type * as pulumi from "@pulumi/pulumi";

/**
 * Where containers get their network interfaces. Their traffic then goes through these subnets, so they reach S3 and ECR only if the VPC
 * has endpoints for them or a way out. https://docs.aws.amazon.com/sagemaker/latest/dg/infrastructure-give-access.html
 */
export interface VpcPlacement {
  /** Ids of 1 to 16 subnets, best in several availability zones. */
  readonly subnetIds: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** Ids of 1 to 5 security groups of the same VPC. */
  readonly securityGroupIds: pulumi.Input<readonly pulumi.Input<string>[]>;
}
