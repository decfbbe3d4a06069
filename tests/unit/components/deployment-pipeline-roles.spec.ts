import { expect } from "chai";
import {
  actionNames,
  args,
  AT,
  BUCKET_ARN,
  CANARY_BUCKET,
  CONNECTION,
  KEY,
  list,
  made,
  policy,
  reads,
  resourcesFor,
  ROLES,
  ROLE_POLICY,
  STATE_KEY,
  TOPIC,
  type Made,
  type Statement,
} from "../../support/deployment-pipeline";

const LONG_KEY = `arn:aws:kms:${AT}:key/11111111-2222-3333-4444-555555555555`;

/**
 * A policy with the longest name of a region, of the buckets, which Pulumi ends with 26 digits, and for what else is only made up here ARNs
 * like the longest: that of a log group.
 */
function asLongAsInAws(text: string): string {
  const logGroup = `arn:aws:logs:${AT}:log-group:/aws/codebuild/mlops-${"m".repeat(15)}-pipeline-train`;
  const bucket = `arn:aws:s3:::mlops-${"m".repeat(15)}-pipeline-${"0".repeat(26)}`;
  return text
    .replaceAll(BUCKET_ARN, bucket)
    .replaceAll(CANARY_BUCKET, `mlops-${"m".repeat(15)}-canary-${"0".repeat(26)}`)
    .replaceAll(/arn:aws:test:[^"*/]*/g, logGroup)
    .replaceAll("us-east-1", "ap-southeast-1");
}

describe("roles of DeploymentPipeline", () => {
  let connected: Made;
  before(async () => {
    connected = await made({ pullRequests: true });
  });

  it("are one for each actor, which alone may assume it", () => {
    const roles = connected.made
      .filter(({ type }) => type === "aws:iam/role:Role")
      .map(({ name, inputs }) => {
        const { Statement: trust } = JSON.parse(inputs.assumeRolePolicy as string) as { Statement: unknown };
        return [name.replace(/^pipeline-/, ""), trust];
      });

    const only = (Service: string) => [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }];
    expect(Object.fromEntries(roles)).to.deep.equal(
      Object.fromEntries(Object.entries(ROLES).map(([role, service]) => [role, only(service)])),
    );
  });

  for (const role of Object.keys(ROLES)) {
    it(`name their resources wherever AWS lets them: ${role}`, () => {
      const nameless = [
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "codedeploy:ListDeploymentTargets",
        "codedeploy:GetDeploymentTarget",
        "codedeploy:StopDeployment",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "synthetics:DescribeRuntimeVersions",
      ];
      const wild = policy(connected, role).filter(({ Resource }) => list(Resource).includes("*"));

      expect(nameless).to.include.members(actionNames(wild));
      for (const resource of policy(connected, role).flatMap(({ Resource }) => list(Resource))) {
        expect(resource).to.match(/^(\*$|arn:)/);
      }
    });

    it(`hand on no role but those of their own stack and API Gateway's, and none without naming the service: ${role}`, () => {
      const logRole = "arn:aws:iam::123456789012:role/mlops-api-gateway-logs";
      const passing = policy(connected, role).filter(
        ({ Action, Resource }) => list(Action).includes("iam:PassRole") && !list(Resource).includes(logRole),
      );

      expect(passing).to.have.length(["train-role", "dev-role", "prod-role"].includes(role) ? 1 : 0);
      for (const { Action, Resource, Condition } of passing) {
        expect(list(Action)).to.deep.equal(["iam:PassRole"]);
        const stack = role.replace("-role", "");
        expect(list(Resource)).to.deep.equal([`arn:aws:iam::123456789012:role/mlops-nyctaxi/${stack}/*`]);
        expect(Condition).to.have.property("StringEquals").that.has.all.keys("iam:PassedToService");
      }
    });

    it(`allow no action by a pattern, and nobody to assume another role: ${role}`, () => {
      const actions = actionNames(policy(connected, role));

      expect(actions.filter((action) => action.includes("*") || action.startsWith("sts:"))).to.deep.equal([]);
    });
  }

  it("deploy what watches production by a policy of its own, and nobody else may write its program or set its alarms", () => {
    const { inputs } = connected.find("aws:iam/policy:Policy", "prod-further");
    const { Statement: statements } = JSON.parse(inputs.policy as string) as { Statement: Statement[] };

    expect(connected.find("aws:iam/rolePolicyAttachment:RolePolicyAttachment").name).to.equal("pipeline-prod-further");
    // AWS has no resource for it.
    expect(actionNames(statements.filter(({ Resource }) => Resource === "*"))).to.deep.equal([
      "sagemaker:ListMonitoringExecutions",
      "synthetics:CreateCanary",
      "synthetics:DescribeRuntimeVersions",
    ]);
    expect(resourcesFor(statements, "s3:PutObject")).to.deep.equal([
      "arn:aws:s3:::models/mlops-nyctaxi/monitoring/code/*",
      `arn:aws:s3:::${CANARY_BUCKET}/canary/script/*`,
    ]);
    // It copies the baseline of what it deploys; the build that trained it has told the digests.
    const baselines = "arn:aws:s3:::models/mlops-nyctaxi/monitoring/baseline/*";
    expect(resourcesFor(statements, "s3:GetObject")).to.include(baselines);
    expect(resourcesFor(policy(connected, "train-role"), "s3:GetObject")).to.include(baselines);
    expect(resourcesFor(statements, "cloudwatch:PutMetricAlarm")).to.deep.equal([
      `arn:aws:cloudwatch:${AT}:alarm:mlops-nyctaxi-drift*`,
      `arn:aws:cloudwatch:${AT}:alarm:mlops-nyctaxi-quality*`,
      `arn:aws:cloudwatch:${AT}:alarm:mlops-nyctaxi-canary`,
    ]);
    for (const action of ["PutDashboard", "GetDashboard", "DeleteDashboards"]) {
      expect(resourcesFor(statements, `cloudwatch:${action}`)).to.deep.equal([
        "arn:aws:cloudwatch::123456789012:dashboard/mlops-nyctaxi",
      ]);
    }
    for (const role of Object.keys(ROLES)) {
      const writes = resourcesFor(policy(connected, role), "s3:PutObject");
      expect(
        writes.filter((resource) => /monitoring\/(code|reports|labels|quality|\*)|canary/.test(resource)),
        role,
      ).to.deep.equal([]);
    }
  });

  it("fit into what IAM takes, with the longest names", async () => {
    const long = await made({
      model: "m".repeat(15),
      bucket: "b".repeat(63),
      kmsKeyArn: LONG_KEY,
      pullRequests: true,
      state: {
        ...args.state,
        url: `s3://${"s".repeat(63)}`,
        secretsKeyArn: LONG_KEY,
        project: "sagemaker-safe-deploy",
      },
    });

    const longest = (kind: string) =>
      Math.max(
        ...long.made
          .filter(({ type }) => type === kind)
          .map(({ inputs }) => asLongAsInAws(inputs.policy as string).length),
      );
    // A tenth of what IAM takes is left for partitions with longer names, and for what is still to come.
    expect(longest(ROLE_POLICY)).to.be.below(0.9 * 10_240);
    expect(longest("aws:iam/policy:Policy")).to.be.below(0.9 * 6144);
  });

  it("of the pipeline starts its own builds, reads its sources and passes artifacts", () => {
    const statements = policy(connected, "role");

    expect(resourcesFor(statements, "codebuild:StartBuild")).to.deep.equal(
      ["build", "train", "dev", "prod"].map((one) => `arn:aws:codebuild:${AT}:project/mlops-nyctaxi-pipeline-${one}`),
    );
    expect(resourcesFor(statements, "codeconnections:UseConnection")).to.deep.equal([CONNECTION]);
    expect(resourcesFor(statements, "s3:PutObject")).to.deep.equal([
      `${BUCKET_ARN}/mlops-nyctaxi-pipeli/SourceCode/*`,
      `${BUCKET_ARN}/mlops-nyctaxi-pipeli/ReleaseDat/*`,
    ]);
    expect(resourcesFor(statements, "sns:Publish")).to.deep.equal([TOPIC]);
  });

  for (const role of ["build-role", "pull-request-check-role"]) {
    it(`that preview read the state of every stack and write none: ${role}`, () => {
      const statements = policy(connected, role);
      const ofState = (action: string) =>
        resourcesFor(statements, action).filter((resource) => resource.startsWith("arn:aws:s3:::state"));

      expect(ofState("s3:GetObject")).to.deep.equal(
        ["meta.yaml", "stacks/safe/train.*", "stacks/safe/dev.*", "stacks/safe/prod.*"].map(
          (path) => `arn:aws:s3:::state/pulumi/.pulumi/${path}`,
        ),
      );
      expect(ofState("s3:ListBucket")).to.deep.equal(["arn:aws:s3:::state"]);
      expect([...ofState("s3:PutObject"), ...ofState("s3:DeleteObject")]).to.deep.equal([]);
    });
  }

  it("of EventBridge starts the pipeline", () => {
    expect(policy(connected, "events-role")).to.deep.equal([
      {
        Effect: "Allow",
        Action: "codepipeline:StartPipelineExecution",
        Resource: `arn:aws:test:${AT}:pipeline`,
      },
    ]);
  });

  it("of the build changes nothing but its log, its artifact, its notes of checks, and executions of its own pipeline", () => {
    const statements = policy(connected, "build-role");

    expect(new Set(actionNames(statements).filter((action) => !reads(action)))).to.deep.equal(
      new Set([
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:PutObject",
        "kms:GenerateDataKey",
        "kms:Encrypt",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "codepipeline:StopPipelineExecution",
      ]),
    );
    expect(resourcesFor(statements, "s3:PutObject")).to.deep.equal([
      `${BUCKET_ARN}/mlops-nyctaxi-pipeli/Release/*`,
      `${BUCKET_ARN}/mlops-nyctaxi-pipeline/checks/*`,
    ]);
    expect(resourcesFor(statements, "s3:GetObject")).to.include(`${BUCKET_ARN}/mlops-nyctaxi-pipeline/checks/*`);
    expect(actionNames(statements).filter((action) => action.startsWith("codepipeline:"))).to.deep.equal([
      "codepipeline:ListPipelineExecutions",
      "codepipeline:StopPipelineExecution",
    ]);
    expect(resourcesFor(statements, "codepipeline:StopPipelineExecution")).to.deep.equal([
      `arn:aws:codepipeline:${AT}:mlops-nyctaxi-pipeline`,
    ]);
    expect(resourcesFor(statements, "kms:Encrypt")).to.deep.equal([KEY, STATE_KEY]);
  });
});
