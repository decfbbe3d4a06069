import type * as pulumi from "@pulumi/pulumi";
import { unknownKeys } from "./problems";
import { wholeNumberProblems } from "./ranges";

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

/** What is wrong with a placement, as far as it is known. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VpcConfig.html */
export function vpcProblems(vpc: VpcPlacement | undefined): string[] {
  if (vpc === undefined) {
    return [];
  }
  const count = (name: "subnetIds" | "securityGroupIds", most: number) => {
    const ids = vpc[name];
    return Array.isArray(ids) ? wholeNumberProblems(`the number of vpc.${name}`, ids.length, 1, most) : [];
  };
  return [
    ...unknownKeys(vpc, ["subnetIds", "securityGroupIds"], "vpc"),
    ...count("subnetIds", 16),
    ...count("securityGroupIds", 5),
  ];
}
