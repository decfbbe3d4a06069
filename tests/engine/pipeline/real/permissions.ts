import { BatchGetProjectsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { expect } from "chai";
import { clientConfig } from "../../../../local/core/local";
import { PIPELINE } from "../../../support/pipeline-lab";
import type { Use } from "./fixture";

/** What the builds of these executions have not needed, by the reason why their roles have it all the same. */
type Unused = Readonly<Record<string, readonly string[]>>;

const ON_AWS = "AWS asks for it, the local AWS does not";
const CHANGED = "changes what is there, which these releases left as it was";
const TAGS = "puts on, takes off or reads tags that these releases left as they were";
const REFRESHED = "reads what an update does not read, for refresh";
const REMOVED = "takes away what goes only when a stack is destroyed, or what it no longer has";
const STOPPED = "ends what is under way and is to go on no longer";
const OTHER_CONFIG = "for a config that these stacks do not have";

const KEY = ["kms:CreateGrant", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"];
const ROLE_CHANGES = [
  "iam:PutRolePermissionsBoundary",
  "iam:UpdateAssumeRolePolicy",
  "iam:UpdateRole",
  "iam:UpdateRoleDescription",
];
const ROLE_READS = ["iam:ListInstanceProfilesForRole", "iam:ListRolePolicies"];

const UNUSED: Readonly<Record<string, Unused>> = {
  build: { [ON_AWS]: ["s3:GetObjectVersion"] },
  train: {
    [ON_AWS]: ["s3:GetObjectVersion", ...KEY],
    [CHANGED]: ROLE_CHANGES,
    [TAGS]: [
      "iam:UntagRole",
      "s3:GetObjectTagging",
      "s3:PutObjectTagging",
      "sagemaker:DeleteTags",
      "sagemaker:ListTags",
    ],
    [REFRESHED]: [...ROLE_READS, "iam:ListAttachedRolePolicies", "s3:ListBucket"],
    [REMOVED]: ["s3:DeleteObjectVersion", "s3:ListBucketVersions"],
    [STOPPED]: ["codebuild:BatchGetBuilds", "sagemaker:StopProcessingJob", "sagemaker:StopTrainingJob"],
  },
  dev: {
    [ON_AWS]: ["s3:GetObjectVersion", ...KEY],
    [CHANGED]: [...ROLE_CHANGES, "sagemaker:UpdateEndpoint"],
    [TAGS]: ["iam:UntagRole", "sagemaker:DeleteTags"],
    [REFRESHED]: [...ROLE_READS, "iam:ListAttachedRolePolicies"],
    [STOPPED]: ["codebuild:BatchGetBuilds"],
    // The endpoint of dev scales where its maxInstances say so.
    [OTHER_CONFIG]: [
      "application-autoscaling:DeleteScalingPolicy",
      "application-autoscaling:DeregisterScalableTarget",
      "application-autoscaling:DescribeScalableTargets",
      "application-autoscaling:DescribeScalingPolicies",
      "application-autoscaling:ListTagsForResource",
      "application-autoscaling:PutScalingPolicy",
      "application-autoscaling:RegisterScalableTarget",
      "application-autoscaling:TagResource",
      "application-autoscaling:UntagResource",
      "cloudwatch:DeleteAlarms",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:PutMetricAlarm",
      "iam:CreateServiceLinkedRole",
      "sagemaker:UpdateEndpointWeightsAndCapacities",
    ],
  },
  prod: {
    [ON_AWS]: ["iam:CreateServiceLinkedRole", "codedeploy:GetApplicationRevision", "s3:GetObjectVersion", ...KEY],
    [CHANGED]: [
      ...ROLE_CHANGES,
      "codedeploy:UpdateApplication",
      "lambda:RemovePermission",
      "lambda:UpdateFunctionCode",
      "logs:DeleteRetentionPolicy",
      "sagemaker:UpdateEndpoint",
    ],
    [TAGS]: [
      "application-autoscaling:TagResource",
      "application-autoscaling:UntagResource",
      "cloudwatch:UntagResource",
      "codedeploy:UntagResource",
      "iam:UntagRole",
      "lambda:ListTags",
      "lambda:UntagResource",
      "logs:UntagResource",
      "sagemaker:DeleteTags",
    ],
    [REFRESHED]: [...ROLE_READS, "lambda:GetFunctionCodeSigningConfig"],
    [REMOVED]: [
      "apigateway:DELETE",
      "codedeploy:DeleteApplication",
      "codedeploy:DeleteDeploymentGroup",
      "iam:DetachRolePolicy",
      "lambda:DeleteAlias",
      "lambda:DeleteFunction",
      "logs:DeleteLogGroup",
    ],
    [STOPPED]: ["codedeploy:StopDeployment"],
    // A strategy that AWS has no configuration for, and the way back to a release that was kept warm.
    [OTHER_CONFIG]: ["codedeploy:CreateDeploymentConfig", "codedeploy:DeleteDeploymentConfig", "lambda:UpdateAlias"],
  },
};

export function permissions(use: Use): void {
  it("has refused nothing to any role", () => {
    expect(use().lab.denials).to.deep.equal([]);
  });

  for (const [what, reasons] of Object.entries(UNUSED)) {
    it(`gives the role of build ${what} what it needs, and nothing more without a reason`, async () => {
      const { aws } = use().lab;
      const { projects = [] } = await new CodeBuildClient(clientConfig(aws)).send(
        new BatchGetProjectsCommand({ names: [`${PIPELINE}-${what}`] }),
      );
      const unused = await aws.sessions.unusedPermissions(projects[0]?.serviceRole ?? "");

      expect([...new Set(unused.map(({ action }) => action))]).to.have.members(Object.values(reasons).flat());
    });
  }
}
