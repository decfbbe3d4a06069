import { BatchGetProjectsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { IAMClient } from "@aws-sdk/client-iam";
import {
  DescribeModelCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  ListModelsCommand,
  ListProcessingJobsCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { policiesOfRole } from "local-aws/services/iam/policies-of";
import { PIPELINE } from "../../support/pipeline-lab";
import type { Real, Use } from "./fixture";

/** What the builds of these executions have not needed, by the reason why their roles have it all the same. */
type Unused = Readonly<Record<string, readonly string[]>>;

const ON_AWS = "AWS asks for it, the local AWS does not";
const CHANGED = "changes what is there, which these releases left as it was";
const TAGS = "puts on, takes off or reads tags that these releases left as they were";
const REFRESHED = "reads what an update does not read, for refresh";
const REMOVED = "takes away what goes only when a stack is destroyed, or what it no longer has";
const STOPPED = "ends what is under way and is to go on no longer";
const OTHER_CONFIG = "for a config that these stacks do not have";

const on = (resource: string, ...actions: readonly string[]) => actions.map((action) => `${action} on ${resource}`);

/** AWS's own policies for builds have them; S3 is not seen to ask for them. */
const ARTIFACTS = [
  ...on("artifacts", "s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation"),
  ...on("the artifacts' key", "kms:DescribeKey"),
];
const RELEASE = on("artifacts/mlops-nyctaxi-pipeli/Release/*", "s3:GetObjectVersion");
const KEY = [
  ...on("the model's key", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"),
  ...on("the model's key", "kms:CreateGrant"),
];
const rolesOf = (stack: string) => `role/mlops-nyctaxi/${stack}/*`;
const roleChanges = (stack: string) =>
  on(
    rolesOf(stack),
    "iam:PutRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
  );
const roleReads = (stack: string) =>
  on(rolesOf(stack), "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies");
const ownBuilds = (stack: string) => on(`project/${PIPELINE}-${stack}`, "codebuild:BatchGetBuilds");

const JOBS = "training-job/mlops-nyctaxi-*";
const BASELINE = "models/mlops-nyctaxi/monitoring/baseline/*";
const API = "mlops-nyctaxi-api";
const TARGETS = "scalable-target/*";
const SCALER = "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/*";

/** Needed where the rollout goes back before CodeDeploy's own rollback has begun. Which of the two is first is a matter of milliseconds. */
const SOMETIMES = on(`function:${API}*`, "lambda:UpdateAlias");

const UNUSED: Readonly<Record<string, Unused>> = {
  build: {
    [ON_AWS]: [
      ...on("artifacts/mlops-nyctaxi-pipeli/SourceCode/*", "s3:GetObjectVersion"),
      ...ARTIFACTS,
      ...on("the artifacts' key", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
    ],
  },
  "pull-request": {
    [ON_AWS]: [...on("artifacts/pr-mlops-nyctaxi-pip/SourceCode/*", "s3:GetObjectVersion"), ...ARTIFACTS],
    // These checks preview a prod without a canary.
    [OTHER_CONFIG]: on("*", "synthetics:DescribeRuntimeVersions"),
  },
  train: {
    [ON_AWS]: [...RELEASE, ...ARTIFACTS, ...KEY],
    [CHANGED]: roleChanges("train"),
    [TAGS]: [
      ...on(rolesOf("train"), "iam:UntagRole"),
      ...on(BASELINE, "s3:GetObjectTagging", "s3:PutObjectTagging"),
      ...on(JOBS, "sagemaker:DeleteTags", "sagemaker:ListTags"),
    ],
    [REFRESHED]: roleReads("train"),
    [REMOVED]: [...on(BASELINE, "s3:DeleteObjectVersion"), ...on("models", "s3:ListBucketVersions")],
    [STOPPED]: [...ownBuilds("train"), ...on(JOBS, "sagemaker:StopProcessingJob", "sagemaker:StopTrainingJob")],
  },
  dev: {
    [ON_AWS]: [...RELEASE, ...ARTIFACTS, ...KEY],
    [CHANGED]: [...roleChanges("dev"), ...on("model/mlops-nyctaxi-dev-*", "sagemaker:UpdateEndpoint")],
    [TAGS]: [...on(rolesOf("dev"), "iam:UntagRole"), ...on("model/mlops-nyctaxi-dev-*", "sagemaker:DeleteTags")],
    [REFRESHED]: roleReads("dev"),
    [STOPPED]: ownBuilds("dev"),
    // The endpoint of dev scales where its maxInstances say so.
    [OTHER_CONFIG]: [
      ...on("*", "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies"),
      ...on(
        TARGETS,
        "application-autoscaling:DeleteScalingPolicy",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:ListTagsForResource",
        "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
        "application-autoscaling:UntagResource",
      ),
      ...on(
        "alarm:TargetTracking-endpoint/mlops-nyctaxi-dev-*",
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
      ),
      ...on("alarm:*", "cloudwatch:DescribeAlarms"),
      ...on(SCALER, "iam:CreateServiceLinkedRole"),
      ...on("model/mlops-nyctaxi-dev-*", "sagemaker:UpdateEndpointWeightsAndCapacities"),
    ],
  },
  prod: {
    [ON_AWS]: [
      ...on(SCALER, "iam:CreateServiceLinkedRole"),
      ...on(`application:${API}`, "codedeploy:GetApplicationRevision"),
      ...[...RELEASE, ...ARTIFACTS],
      // The copy of the archive uses the rest of the key.
      ...KEY.filter((permission) => !permission.startsWith("kms:GenerateDataKey")),
    ],
    [CHANGED]: [
      ...roleChanges("prod"),
      ...on(`application:${API}`, "codedeploy:UpdateApplication"),
      ...on(`function:${API}*`, "lambda:RemovePermission", "lambda:UpdateFunctionCode"),
      ...on(`log-group:/aws/*${API}*`, "logs:DeleteRetentionPolicy"),
      ...on("model/mlops-nyctaxi-prd-*", "sagemaker:UpdateEndpoint"),
    ],
    [TAGS]: [
      ...on(TARGETS, "application-autoscaling:TagResource", "application-autoscaling:UntagResource"),
      ...on(`alarm:${API}-*`, "cloudwatch:UntagResource"),
      ...on(`application:${API}`, "codedeploy:UntagResource"),
      ...on(rolesOf("prod"), "iam:UntagRole"),
      ...on(`function:${API}*`, "lambda:ListTags", "lambda:UntagResource"),
      ...on(`log-group:/aws/*${API}*`, "logs:UntagResource"),
      ...on("model/mlops-nyctaxi-prd-*", "sagemaker:DeleteTags"),
    ],
    [REFRESHED]: [...roleReads("prod"), ...on(`function:${API}*`, "lambda:GetFunctionCodeSigningConfig")],
    [REMOVED]: [
      ...on("/restapis*", "apigateway:DELETE"),
      ...on(`application:${API}`, "codedeploy:DeleteApplication", "codedeploy:DeleteDeploymentGroup"),
      ...on(`function:${API}*`, "lambda:DeleteAlias", "lambda:DeleteFunction"),
      ...on(`log-group:/aws/*${API}*`, "logs:DeleteLogGroup"),
    ],
    [STOPPED]: on("*", "codedeploy:StopDeployment"),
    // A strategy that AWS has no configuration for.
    [OTHER_CONFIG]: on(
      `deploymentconfig:${API}-*`,
      "codedeploy:CreateDeploymentConfig",
      "codedeploy:DeleteDeploymentConfig",
    ),
  },
};

const STARTER = "function:mlops-nyctaxi-pms";
const STARTER_LOG = "log-group:/aws/lambda/mlops-nyctaxi-pms*";
const DRIFT_ALARMS = "alarm:mlops-nyctaxi-drift*";
const DRIFT_RULE = "rule/mlops-nyctaxi-pms*";
const DRIFT_CODE = "models/mlops-nyctaxi/monitoring/code/*";

const MODEL_MONITOR = "data-quality-job-definition/mlops-nyctaxi-pms-*";
const OTHER_ENGINE = "has SageMaker Model Monitor watch, which the main job does not";

/** The same of what build prod does for the drift monitor. */
const UNUSED_FOR_DRIFT: Unused = {
  [OTHER_ENGINE]: [
    ...on(
      MODEL_MONITOR,
      "sagemaker:CreateDataQualityJobDefinition",
      "sagemaker:DescribeDataQualityJobDefinition",
      "sagemaker:DeleteDataQualityJobDefinition",
      "sagemaker:CreateMonitoringSchedule",
      "sagemaker:UpdateMonitoringSchedule",
      "sagemaker:StartMonitoringSchedule",
      "sagemaker:StopMonitoringSchedule",
      "sagemaker:DescribeMonitoringSchedule",
      "sagemaker:DeleteMonitoringSchedule",
      "sagemaker:AddTags",
      "sagemaker:ListTags",
      "sagemaker:DeleteTags",
    ),
    ...on("*", "sagemaker:ListMonitoringExecutions"),
    ...on("processing-job/model-monitoring-*", "sagemaker:StopProcessingJob"),
  ],
  [ON_AWS]: on(STARTER, "lambda:GetFunctionConfiguration", "lambda:ListVersionsByFunction"),
  [CHANGED]: [
    ...on(STARTER, "lambda:UpdateFunctionCode", "lambda:RemovePermission"),
    ...on(STARTER_LOG, "logs:DeleteRetentionPolicy"),
  ],
  [TAGS]: [
    ...on(STARTER, "lambda:ListTags", "lambda:UntagResource"),
    ...on(STARTER_LOG, "logs:UntagResource"),
    ...on(DRIFT_ALARMS, "cloudwatch:UntagResource"),
    ...on(DRIFT_RULE, "events:UntagResource"),
    ...on(DRIFT_CODE, "s3:PutObjectTagging", "s3:GetObjectTagging"),
  ],
  [REFRESHED]: on(STARTER, "lambda:GetFunctionCodeSigningConfig"),
  [REMOVED]: [
    ...on(STARTER, "lambda:DeleteFunction"),
    ...on(STARTER_LOG, "logs:DeleteLogGroup"),
    ...on(DRIFT_ALARMS, "cloudwatch:DeleteAlarms"),
    ...on(DRIFT_RULE, "events:DeleteRule", "events:RemoveTargets"),
    ...on(DRIFT_CODE, "s3:DeleteObjectVersion"),
  ],
};

const METRICS = "puts the metrics of instances, of which the local AWS has none";
const PLAIN_DATA = "reads data that the key encrypts, which these data are not";

/** The same of the roles of jobs and endpoints, by the components that make them. */
const UNUSED_BY_CONTAINERS: Readonly<Record<string, Unused>> = {
  training: { [PLAIN_DATA]: on("the model's key", "kms:Decrypt") },
  baseline: { [PLAIN_DATA]: on("the model's key", "kms:Decrypt"), [METRICS]: on("*", "cloudwatch:PutMetricData") },
  drift: { [METRICS]: on("*", "cloudwatch:PutMetricData") },
  "dev endpoint": { [METRICS]: on("*", "cloudwatch:PutMetricData") },
  "prod endpoint": {
    [METRICS]: on("*", "cloudwatch:PutMetricData"),
    [ON_AWS]: on("the model's key", "kms:Encrypt"),
  },
};

/** ARN of the role of the latest container of a kind. */
async function containerRole({ lab }: Real, kind: string): Promise<string> {
  const sageMaker = new SageMakerClient(clientConfig(lab.aws));
  const latest = { SortBy: "CreationTime", SortOrder: "Descending", MaxResults: 1 } as const;
  switch (kind) {
    case "training": {
      const { TrainingJobSummaries: [job] = [] } = await sageMaker.send(new ListTrainingJobsCommand(latest));
      const command = new DescribeTrainingJobCommand({ TrainingJobName: job?.TrainingJobName });
      return (await sageMaker.send(command)).RoleArn ?? "";
    }
    case "baseline":
    case "drift": {
      const NameContains = kind === "drift" ? "-pms-" : "-pbl-";
      const command = new ListProcessingJobsCommand({ ...latest, NameContains });
      const { ProcessingJobSummaries: [job] = [] } = await sageMaker.send(command);
      const described = new DescribeProcessingJobCommand({ ProcessingJobName: job?.ProcessingJobName });
      return (await sageMaker.send(described)).RoleArn ?? "";
    }
    default: {
      const NameContains = kind === "dev endpoint" ? "-dev-" : "-prd-";
      const { Models: [model] = [] } = await sageMaker.send(new ListModelsCommand({ ...latest, NameContains }));
      const command = new DescribeModelCommand({ ModelName: model?.ModelName });
      return (await sageMaker.send(command)).ExecutionRoleArn ?? "";
    }
  }
}

export function permissions(use: Use): void {
  it("has refused nothing to any role but to list the artifacts, to prod its models, and to the canary to make its log group", async () => {
    const { lab } = use();
    const { artifactBucket } = await lab.project.outputs("pipeline");
    // As AWS says that a note is missing to a build that may read notes and not list them.
    const list = `s3:ListBucket on resource: arn:aws:s3:::${String(artifactBucket)} `;
    // As AWS says to prod that there is no copy of an archive yet.
    const look = new RegExp(`/pipeline-prod-role-.* s3:ListBucket on resource: arn:aws:s3:::${lab.account.bucket} `);

    // As Lambda is told until the log group of the canary's function is there, which its role may not make.
    const log = /logs:CreateLogGroup on resource: \S+:\/aws\/lambda\/cwsyn-mlops-nyctaxi-canary-/;

    const others = lab.denials.filter((denial) => !denial.includes(list) && !look.test(denial) && !log.test(denial));
    expect(others).to.deep.equal([]);
  });

  for (const [what, reasons] of Object.entries(UNUSED)) {
    it(`gives the role of build ${what} what it needs, and nothing more without a reason`, async () => {
      const { projects = [] } = await new CodeBuildClient(clientConfig(use().lab.aws)).send(
        new BatchGetProjectsCommand({ names: [`${PIPELINE}-${what}`] }),
      );
      const unused = await unusedOf(use(), projects[0]?.serviceRole ?? "");

      expect(unused.filter((permission) => !SOMETIMES.includes(permission))).to.have.members(
        Object.values(reasons).flat(),
      );
    });
  }

  it("gives the role of build prod what the drift monitor needs, and nothing more without a reason", async () => {
    const { projects = [] } = await new CodeBuildClient(clientConfig(use().lab.aws)).send(
      new BatchGetProjectsCommand({ names: [`${PIPELINE}-prod`] }),
    );

    const unused = await unusedOf(use(), projects[0]?.serviceRole ?? "", "drift");

    expect(unused).to.have.members(Object.values(UNUSED_FOR_DRIFT).flat());
  });

  for (const [kind, reasons] of Object.entries(UNUSED_BY_CONTAINERS)) {
    it(`gives the role of the ${kind} what it needs, and nothing more without a reason`, async () => {
      const unused = await unusedOf(use(), await containerRole(use(), kind));

      expect(unused).to.have.members(Object.values(reasons).flat());
    });
  }
}

/**
 * Such as `s3:GetObject on artifacts/mlops-nyctaxi-pipeli/Release/*`: the first of what a statement is about stands for all.
 *
 * @param which the role's inline policy, or those of the policies beside it whose statements are about the drift monitor
 */
async function unusedOf({ lab }: Real, roleArn: string, which: "inline" | "drift" = "inline"): Promise<string[]> {
  const unused = await lab.aws.sessions.unusedPermissions(roleArn);
  const iam = new IAMClient(clientConfig(lab.aws));
  const policies = await policiesOfRole(iam, roleArn.split("/").at(-1) ?? "");
  const { artifactBucket } = await lab.project.outputs("pipeline");
  const named = unused.map(({ policy, action, statement }) => {
    const { statements } = policies.find(({ name }) => name === policy)!;
    const [resource = ""] = statements.find(({ id }) => id === statement)?.resources?.patterns ?? [];
    const what = resource
      .replace(lab.account.kmsKeyArn, "the model's key")
      .replace(/^arn:aws:kms:.*/, "the artifacts' key")
      .replace(String(artifactBucket), "artifacts")
      .replace(lab.account.bucket, "models")
      .replace(lab.state.bucket, "state")
      .replace(/^arn:aws:([^:]*:){3}/, "");
    return { isInline: !policy.startsWith("arn:"), permission: `${action} on ${what}` };
  });
  const wanted = named.filter(({ isInline, permission }) =>
    which === "inline" ? isInline : !isInline && OF_DRIFT.test(permission),
  );
  return wanted.map(({ permission }) => permission);
}

const OF_DRIFT = /mlops-nyctaxi-(pms|drift)|monitoring\/code|model-monitoring|ListMonitoring/;
