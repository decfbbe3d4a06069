import { expect } from "chai";
import { DeploymentPipeline, type DeploymentPipelineArgs } from "../../../components/deployment-pipeline";
import { record, valueOf, type Recording } from "../../support/recorder";

const CONNECTION = "arn:aws:codeconnections:us-east-1:123456789012:connection/c-1";
const STATE_KEY = "arn:aws:kms:us-east-1:123456789012:key/state";
const MODEL_KEY = "arn:aws:kms:us-east-1:123456789012:key/model";
const AT = "us-east-1:123456789012";
const BUCKET = "pipeline-artifacts-id";
const BUCKET_ARN = `arn:aws:test:${AT}:pipeline-artifacts`;
const TOPIC = `arn:aws:test:${AT}:pipeline-notifications`;
const RULE = "aws:cloudwatch/eventRule:EventRule";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const PIPELINE = "aws:codepipeline/pipeline:Pipeline";
const PROJECT = "aws:codebuild/project:Project";

const args: DeploymentPipelineArgs = {
  model: "nyctaxi",
  bucket: "models",
  kmsKeyArn: MODEL_KEY,
  repository: { type: "connection", connectionArn: CONNECTION, repository: "owner/name", branch: "main" },
  state: {
    url: "s3://state/pulumi?region=us-east-1",
    secretsProvider: "awskms:///alias/state?region=us-east-1",
    secretsKeyArn: STATE_KEY,
    project: "safe",
  },
};

interface Action {
  readonly name: string;
  readonly provider: string;
  readonly runOrder: number;
  readonly namespace?: string;
  readonly inputArtifacts: readonly string[];
  readonly outputArtifacts: readonly string[];
  readonly timeoutInMinutes?: number;
  readonly configuration: Readonly<Record<string, string>>;
}
interface Stage {
  readonly name: string;
  readonly actions: readonly Action[];
}
interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

type Made = Recording<DeploymentPipeline>;
const made = (over: Partial<DeploymentPipelineArgs> = {}): Promise<Made> =>
  record(() => new DeploymentPipeline("pipeline", { ...args, ...over }));

function stagesOf({ find }: Made, name = "pipeline"): Stage[] {
  return find(PIPELINE, name).inputs.stages as Stage[];
}
function actionsOf(recording: Made, name?: string): Action[] {
  return stagesOf(recording, name).flatMap(({ actions }) => actions);
}
/** Statements of the policy of a role. */
function policy(recording: Made, role: string): Statement[] {
  const { inputs } = recording.made.find(
    ({ type, name }) => type === "aws:iam/rolePolicy:RolePolicy" && name === `pipeline-${role}`,
  )!;
  return (JSON.parse(inputs.policy as string) as { Statement: Statement[] }).Statement;
}
const list = (value: string | readonly string[]) => (typeof value === "string" ? [value] : [...value]);
const actionNames = (statements: readonly Statement[]) => statements.flatMap(({ Action }) => list(Action));
const resourcesFor = (statements: readonly Statement[], action: string) =>
  statements.filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource));
const variablesOf = ({ configuration }: Action) =>
  Object.fromEntries(
    (JSON.parse(configuration.EnvironmentVariables ?? "[]") as { name: string; value: string }[]).map(
      ({ name, value }) => [name, value],
    ),
  );
const reads = (action: string) => /:(Get|List|Describe|BatchGet|GET$)/.test(action) || action === "kms:Decrypt";

describe("DeploymentPipeline", () => {
  let connected: Made;
  before(async () => {
    connected = await made({ pullRequests: true });
  });

  describe("takes a release", () => {
    it("through its stages one by one", () => {
      expect(connected.find(PIPELINE, "pipeline").inputs).to.deep.include({
        name: "mlops-nyctaxi-pipeline",
        pipelineType: "V2",
        executionMode: "QUEUED",
      });
      expect(
        stagesOf(connected).map(({ name, actions }) => [name, actions.map((action) => action.name)]),
      ).to.deep.equal([
        ["Source", ["Code", "Data"]],
        ["Build", ["Build"]],
        ["Train", ["Train"]],
        ["DeployDev", ["DeployDev"]],
        ["Approve", ["Approve"]],
        ["DeployProd", ["DeployProd"]],
      ]);
      expect(actionsOf(connected).map(({ runOrder }) => runOrder)).to.deep.equal([1, 1, 1, 1, 1, 1, 1]);
    });

    it("from artifact to artifact", () => {
      const passed = actionsOf(connected).map(({ name, provider, namespace, inputArtifacts, outputArtifacts }) => [
        name,
        provider,
        namespace,
        inputArtifacts,
        outputArtifacts,
      ]);

      expect(passed).to.deep.equal([
        ["Code", "CodeStarSourceConnection", "Code", [], ["SourceCode"]],
        ["Data", "S3", "Data", [], ["ReleaseData"]],
        ["Build", "CodeBuild", "Build", ["SourceCode", "ReleaseData"], ["Release"]],
        ["Train", "CodeBuild", "Train", ["Release"], []],
        ["DeployDev", "CodeBuild", undefined, ["Release"], []],
        ["Approve", "Manual", undefined, [], []],
        ["DeployProd", "CodeBuild", undefined, ["Release"], []],
      ]);
    });

    it("from one commit and one version of the data, neither of which it looks for itself", () => {
      const [code, data] = actionsOf(connected);

      expect(code!.configuration).to.deep.equal({
        ConnectionArn: CONNECTION,
        FullRepositoryId: "owner/name",
        BranchName: "main",
        DetectChanges: "false",
      });
      expect(data!.configuration).to.deep.equal({
        S3Bucket: BUCKET,
        S3ObjectKey: "mlops-nyctaxi-pipeline/data-source.zip",
        PollForSourceChanges: "false",
      });
    });

    it("by builds that are told release, origin and stack", () => {
      const builds = actionsOf(connected).filter(({ provider }) => provider === "CodeBuild");
      const origin = {
        RELEASE: "#{codepipeline.PipelineExecutionId}",
        GIT_COMMIT: "#{Code.CommitId}",
        GIT_BRANCH: "#{Code.BranchName}",
        DATA_VERSION: "#{Data.VersionId}",
      };

      expect(builds.map((build) => [build.configuration.ProjectName, variablesOf(build)])).to.deep.equal([
        ["mlops-nyctaxi-pipeline-build", origin],
        ["mlops-nyctaxi-pipeline-train", { ...origin, STACK: "train" }],
        ["mlops-nyctaxi-pipeline-dev", { ...origin, STACK: "dev" }],
        ["mlops-nyctaxi-pipeline-prod", { ...origin, STACK: "prod" }],
      ]);
      expect(builds[0]!.configuration.PrimarySource).to.equal("SourceCode");
    });

    it("past somebody who sees summary and metrics, for a week or as long as configured", async () => {
      const approve = ({ name }: Action) => name === "Approve";
      const action = actionsOf(connected).find(approve)!;

      expect(action.configuration).to.deep.equal({
        NotificationArn: TOPIC,
        CustomData: "#{Build.PREVIEW_SUMMARY}\n\n#{Train.MODEL_METRICS}",
      });
      expect(action.timeoutInMinutes).to.equal(10_080);
      const shorter = actionsOf(await made({ approvalTimeoutMinutes: 60 })).find(approve)!;
      expect(shorter.timeoutInMinutes).to.equal(60);
    });
  });

  describe("its builds", () => {
    it("each run a buildspec of the tree, and are told what the pipeline knows", () => {
      const projects = ["-build", "-train", "-dev", "-prod", "-check"].map(
        (end) => connected.find(PROJECT, end).inputs,
      );

      expect(projects.map(({ name, source }) => [name, (source as { buildspec: string }).buildspec])).to.deep.equal([
        ["mlops-nyctaxi-pipeline-build", "model/buildspec.yml"],
        ["mlops-nyctaxi-pipeline-train", "pipeline/deploy.buildspec.yml"],
        ["mlops-nyctaxi-pipeline-dev", "pipeline/deploy.buildspec.yml"],
        ["mlops-nyctaxi-pipeline-prod", "pipeline/deploy.buildspec.yml"],
        ["mlops-nyctaxi-pipeline-pull-request", "pipeline/pull-request.buildspec.yml"],
      ]);
      expect((projects[3]!.environment as { environmentVariables: unknown }).environmentVariables).to.deep.equal([
        { name: "MODEL_NAME", value: "nyctaxi" },
        { name: "MODEL_BUCKET", value: "models" },
        { name: "KMS_KEY_ARN", value: MODEL_KEY },
        { name: "PIPELINE_NAME", value: "mlops-nyctaxi-pipeline" },
        { name: "ARTIFACT_BUCKET", value: BUCKET },
        { name: "STATE_URL", value: args.state.url },
        { name: "SECRETS_PROVIDER", value: args.state.secretsProvider },
        { name: "NOTIFICATION_TOPIC_ARN", value: TOPIC },
      ]);
    });

    it("get a token of Pulumi Cloud as a secret, never as a value", async () => {
      const accessTokenSecretArn = `arn:aws:secretsmanager:${AT}:secret:token-1`;
      const cloud = await made({
        state: {
          url: "https://api.pulumi.com",
          secretsProvider: "default",
          accessTokenSecretArn,
          project: "safe",
        },
      });

      const { environment } = cloud.find(PROJECT, "-prod").inputs;
      expect((environment as { environmentVariables: unknown[] }).environmentVariables).to.deep.include({
        name: "PULUMI_ACCESS_TOKEN",
        value: accessTokenSecretArn,
        type: "SECRETS_MANAGER",
      });
      const statements = policy(cloud, "prod-role");
      expect(resourcesFor(statements, "secretsmanager:GetSecretValue")).to.deep.equal([accessTokenSecretArn]);
      expect(actionNames(statements)).not.to.include("s3:PutObject");
    });
  });

  describe("its roles", () => {
    const ROLES: Readonly<Record<string, string>> = {
      role: "codepipeline.amazonaws.com",
      "events-role": "events.amazonaws.com",
      "build-role": "codebuild.amazonaws.com",
      "train-role": "codebuild.amazonaws.com",
      "dev-role": "codebuild.amazonaws.com",
      "prod-role": "codebuild.amazonaws.com",
      "pull-request-role": "codepipeline.amazonaws.com",
      "pull-request-check-role": "codebuild.amazonaws.com",
    };

    it("are one for each actor, which alone may assume it", () => {
      const roles = connected.made
        .filter(({ type }) => type === "aws:iam/role:Role")
        .map(({ name, inputs }) => {
          const { Statement: trust } = JSON.parse(inputs.assumeRolePolicy as string) as {
            Statement: { Principal: { Service: string } }[];
          };
          return [name.replace(/^pipeline-/, ""), trust.map(({ Principal }) => Principal.Service).join()];
        });

      expect(Object.fromEntries(roles)).to.deep.equal(ROLES);
    });

    for (const role of Object.keys(ROLES)) {
      it(`name their resources wherever AWS lets them: ${role}`, () => {
        const nameless = [
          "application-autoscaling:DescribeScalableTargets",
          "application-autoscaling:DescribeScalingPolicies",
          "cloudwatch:GetMetricData",
        ];
        const wild = policy(connected, role).filter(({ Resource }) => list(Resource).includes("*"));

        expect(nameless).to.include.members(actionNames(wild));
        for (const resource of policy(connected, role).flatMap(({ Resource }) => list(Resource))) {
          expect(resource).to.match(/^(\*$|arn:)/);
        }
      });

      it(`allow no action by a pattern, and nobody to assume another role: ${role}`, () => {
        const actions = actionNames(policy(connected, role));

        expect(actions.filter((action) => action.includes("*") || action.startsWith("sts:"))).to.deep.equal([]);
      });
    }

    it("fit into what IAM takes, with the longest names", async () => {
      const long = await made({
        model: "m".repeat(15),
        bucket: "b".repeat(63),
        pullRequests: true,
        state: { ...args.state, url: `s3://${"s".repeat(63)}`, project: "sagemaker-safe-deploy" },
      });

      const policies = long.made.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy");
      const sizes = policies.map(({ inputs }) => (inputs.policy as string).length);
      // The longest name of a region is five characters longer than that of this test, in each of some 60 ARNs.
      expect(Math.max(...sizes)).to.be.below(10_240 - 5 * 60);
    });

    it("of those that deploy hand on roles of the model only, and only to the services that need them", () => {
      const passed = Object.fromEntries(
        ["train-role", "dev-role", "prod-role"].map((role) => {
          const statements = policy(connected, role).filter(({ Action }) => list(Action).includes("iam:PassRole"));
          return [role, statements.map(({ Resource, Condition }) => [Resource, Condition])];
        }),
      );

      const to = (...services: string[]) => [
        [
          ["arn:aws:iam::123456789012:role/mlops-nyctaxi/*"],
          { StringEquals: { "iam:PassedToService": services.map((service) => `${service}.amazonaws.com`) } },
        ],
      ];
      expect(passed).to.deep.equal({
        "train-role": to("sagemaker"),
        "dev-role": to("sagemaker"),
        "prod-role": to("sagemaker", "lambda", "codedeploy", "apigateway"),
      });
      for (const role of ["role", "events-role", "build-role", "pull-request-role", "pull-request-check-role"]) {
        expect(
          actionNames(policy(connected, role)).filter((action) => action.startsWith("iam:") && !reads(action)),
        ).to.deep.equal([]);
      }
    });

    it("of those that deploy make and change roles below the model's path only, where none of the pipeline's is", () => {
      for (const role of ["train-role", "dev-role", "prod-role"]) {
        const changing = policy(connected, role).filter(({ Action }) =>
          list(Action).some((action) => action.startsWith("iam:") && action !== "iam:CreateServiceLinkedRole"),
        );
        expect(changing.flatMap(({ Resource }) => list(Resource)).every((one) => one.includes(":role/mlops-nyctaxi/")))
          .to.be.true;
      }
      const own = connected.made.filter(({ type }) => type === "aws:iam/role:Role");
      expect(own.map(({ inputs }) => inputs.path)).to.deep.equal(own.map(() => undefined));
    });

    it("of production attaches AWS's one policy for logs and no other", () => {
      const [attach, ...others] = policy(connected, "prod-role").filter(({ Action }) =>
        list(Action).includes("iam:AttachRolePolicy"),
      );

      expect(others).to.deep.equal([]);
      expect(attach!.Condition).to.deep.equal({
        ArnEquals: {
          "iam:PolicyARN": "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        },
      });
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

    it("of EventBridge starts the pipeline", () => {
      expect(policy(connected, "events-role")).to.deep.equal([
        {
          Effect: "Allow",
          Action: "codepipeline:StartPipelineExecution",
          Resource: `arn:aws:test:${AT}:pipeline`,
        },
      ]);
    });

    it("of the build changes nothing but its log, its artifact, and executions of its own pipeline", () => {
      const statements = policy(connected, "build-role");

      expect(actionNames(statements).filter((action) => !reads(action))).to.have.members([
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:PutObject",
        "kms:GenerateDataKey",
        "kms:Encrypt",
        "codepipeline:StopPipelineExecution",
      ]);
      expect(resourcesFor(statements, "s3:PutObject")).to.deep.equal([`${BUCKET_ARN}/mlops-nyctaxi-pipeli/Release/*`]);
      expect(resourcesFor(statements, "codepipeline:StopPipelineExecution")).to.deep.equal([
        `arn:aws:codepipeline:${AT}:mlops-nyctaxi-pipeline`,
      ]);
      // The other one is of the artifacts.
      expect(resourcesFor(statements, "kms:Encrypt")).to.deep.equal([STATE_KEY]);
    });

    for (const stack of ["train", "dev", "prod"]) {
      it(`of ${stack} writes the state of ${stack} alone, and no artifact`, () => {
        const statements = policy(connected, `${stack}-role`);
        const written = resourcesFor(statements, "s3:PutObject");

        expect(written.filter((resource) => !resource.startsWith("arn:aws:s3:::models/"))).to.deep.equal([
          `arn:aws:s3:::state/pulumi/.pulumi/stacks/safe/${stack}.*`,
          `arn:aws:s3:::state/pulumi/.pulumi/history/safe/${stack}/*`,
          `arn:aws:s3:::state/pulumi/.pulumi/backups/safe/${stack}/*`,
          `arn:aws:s3:::state/pulumi/.pulumi/locks/organization/safe/${stack}/*`,
        ]);
        expect(actionNames(statements).filter((action) => action.startsWith("codepipeline:"))).to.deep.equal([]);
      });
    }

    it("of stacks reach endpoints of their own stage only", () => {
      const names = (role: string) =>
        resourcesFor(policy(connected, role), "sagemaker:CreateEndpoint").filter((one) => one.includes(":endpoint/"));

      expect(names("train-role")).to.deep.equal([]);
      expect(names("dev-role")).to.deep.equal([`arn:aws:sagemaker:${AT}:endpoint/mlops-nyctaxi-dev-*`]);
      expect(names("prod-role")).to.deep.equal([`arn:aws:sagemaker:${AT}:endpoint/mlops-nyctaxi-prd-*`]);
    });
  });

  describe("starts", () => {
    it("by a push to the branch of a connected repository", () => {
      expect(connected.find(PIPELINE, "pipeline").inputs.triggers).to.deep.equal([
        {
          providerType: "CodeStarSourceConnection",
          gitConfiguration: { sourceActionName: "Code", pushes: [{ branches: { includes: ["main"] } }] },
        },
      ]);
    });

    it("by a push to a CodeCommit repository, which EventBridge tells", async () => {
      const commits = await made({ repository: { type: "codecommit", repository: "taxi", branch: "main" } });

      const [code] = actionsOf(commits);
      expect(code).to.deep.include({ provider: "CodeCommit", namespace: "Code", outputArtifacts: ["SourceCode"] });
      expect(code!.configuration).to.deep.equal({
        RepositoryName: "taxi",
        BranchName: "main",
        PollForSourceChanges: "false",
      });
      expect(commits.find(PIPELINE).inputs.triggers).to.equal(undefined);
      expect(JSON.parse(commits.find(RULE, "-push").inputs.eventPattern as string)).to.deep.equal({
        source: ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        resources: [`arn:aws:codecommit:${AT}:taxi`],
        detail: {
          event: ["referenceCreated", "referenceUpdated"],
          referenceType: ["branch"],
          referenceName: ["main"],
        },
      });
      expect(resourcesFor(policy(commits, "role"), "codecommit:GetBranch")).to.deep.equal([
        `arn:aws:codecommit:${AT}:taxi`,
      ]);
    });

    it("by a new data object, under EventBridge's own role", () => {
      const { inputs } = connected.find(RULE, "-data");

      expect(JSON.parse(inputs.eventPattern as string)).to.deep.equal({
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: { bucket: { name: [BUCKET] }, object: { key: ["mlops-nyctaxi-pipeline/data-source.zip"] } },
      });
      expect(connected.find(TARGET, "-data").inputs).to.deep.equal({
        rule: "mlops-nyctaxi-pipeline-data",
        arn: `arn:aws:test:${AT}:pipeline`,
        roleArn: `arn:aws:test:${AT}:pipeline-events-role`,
      });
      expect(connected.find("aws:s3/bucketNotification:BucketNotification").inputs.eventbridge).to.equal(true);
    });

    it("by the calendar only where that is turned on", async () => {
      expect(connected.find(RULE, "-schedule").inputs).to.deep.include({
        scheduleExpression: "cron(0 12 1 * ? *)",
        state: "DISABLED",
      });

      const weekly = await made({ schedule: { expression: "rate(7 days)", enabled: true } });
      expect(weekly.find(RULE, "-schedule").inputs).to.deep.include({
        scheduleExpression: "rate(7 days)",
        state: "ENABLED",
      });
    });
  });

  describe("tells people", () => {
    it("of start, failure and success, by a topic that EventBridge may publish to and encrypt for", () => {
      const told = ["-started", "-failed", "-deployed"].map((what) => {
        const pattern = JSON.parse(connected.find(RULE, what).inputs.eventPattern as string) as {
          detail: { state: string[]; pipeline: string[] };
        };
        const { arn, roleArn, inputTransformer } = connected.find(TARGET, what).inputs;
        expect([arn, roleArn]).to.deep.equal([TOPIC, undefined]);
        expect(pattern.detail.pipeline).to.deep.equal(["mlops-nyctaxi-pipeline"]);
        return [pattern.detail.state[0], (inputTransformer as { inputTemplate: string }).inputTemplate];
      });

      expect(told).to.deep.equal([
        ["STARTED", '"Pipeline mlops-nyctaxi-pipeline: execution <execution> has started."'],
        ["FAILED", '"Pipeline mlops-nyctaxi-pipeline: stage <stage> of execution <execution> has failed."'],
        ["SUCCEEDED", '"Pipeline mlops-nyctaxi-pipeline: execution <execution> is deployed."'],
      ]);
      const topic = JSON.parse(connected.find("aws:sns/topicPolicy:TopicPolicy").inputs.policy as string) as object;
      expect(topic).to.deep.include({
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sns:Publish",
            Resource: TOPIC,
          },
        ],
      });
      const key = connected.find("aws:kms/key:Key").inputs.policy as string;
      expect((JSON.parse(key) as { Statement: unknown[] }).Statement).to.deep.include({
        Sid: "Messages",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: {
          StringEquals: {
            "kms:EncryptionContext:aws:sns:topicArn": `arn:aws:sns:${AT}:mlops-nyctaxi-pipeline-notifications`,
          },
        },
      });
    });

    it("at an address, where one is given", async () => {
      const subscription = "aws:sns/topicSubscription:TopicSubscription";
      expect(connected.made.some(({ type }) => type === subscription)).to.equal(false);

      const mailed = await made({ notificationEmail: "team@example.com" });
      expect(mailed.find(subscription).inputs).to.deep.equal({
        topic: TOPIC,
        protocol: "email",
        endpoint: "team@example.com",
      });
    });
  });

  describe("keeps artifacts", () => {
    it("encrypted, versioned, and from everybody outside the account and without TLS", () => {
      const { find } = connected;

      expect(find("aws:s3/bucketVersioning:BucketVersioning").inputs.versioningConfiguration).to.deep.equal({
        status: "Enabled",
      });
      expect(find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).to.deep.include({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      const { Statement: statements } = JSON.parse(
        find("aws:s3/bucketPolicy:BucketPolicy").inputs.policy as string,
      ) as {
        Statement: unknown;
      };
      expect(statements).to.deep.equal([
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]);
      const keyArn = `arn:aws:test:${AT}:pipeline-key`;
      expect(find(PIPELINE, "pipeline").inputs.artifactStores).to.deep.equal([
        { type: "S3", location: BUCKET, encryptionKey: { id: keyArn, type: "KMS" } },
      ]);
      expect(find("aws:kms/alias:Alias").inputs.name).to.equal("alias/mlops-nyctaxi-pipeline");
    });

    it("for some days, but never lets the newest data go, also where it lies among them", async () => {
      const { find } = await made({ model: "a", artifactDays: 30 });
      const dataKey = "mlops-a-pipeline/data-source.zip";

      const { rules } = find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs as {
        rules: { filter: { prefix: string }; expiration?: { days: number } }[];
      };
      const expiring = rules.filter(({ expiration }) => expiration !== undefined);
      expect(expiring.map(({ filter, expiration }) => [filter.prefix, expiration?.days])).to.deep.equal([
        ["mlops-a-pipeline/SourceCode", 30],
        ["mlops-a-pipeline/Release", 30],
      ]);
      expect(expiring.filter(({ filter }) => dataKey.startsWith(filter.prefix))).to.deep.equal([]);
    });
  });

  describe("of pull requests", () => {
    it("is a second pipeline, and only where it is asked for", async () => {
      const without = await made();
      expect(without.made.filter(({ type }) => type === PIPELINE)).to.have.length(1);
      expect(without.result.pullRequestPipelineName).to.equal(undefined);

      const { inputs } = connected.find(PIPELINE, "pull-request");
      expect(inputs).to.deep.include({
        name: "pr-mlops-nyctaxi-pipeline",
        pipelineType: "V2",
        executionMode: "PARALLEL",
        triggers: [
          {
            providerType: "CodeStarSourceConnection",
            gitConfiguration: {
              sourceActionName: "Code",
              pullRequests: [{ branches: { includes: ["main"] }, events: ["OPEN", "UPDATED"] }],
            },
          },
        ],
      });
      expect(await valueOf(connected.result.pullRequestPipelineName!)).to.equal("pr-mlops-nyctaxi-pipeline");
      expect(actionsOf(connected, "pull-request").map(({ name, provider }) => [name, provider])).to.deep.equal([
        ["Code", "CodeStarSourceConnection"],
        ["Check", "CodeBuild"],
      ]);
    });

    it("may deploy nothing: its build reads, and writes its log", () => {
      const statements = policy(connected, "pull-request-check-role");

      expect(actionNames(statements).filter((action) => !reads(action))).to.have.members([
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "kms:Encrypt",
      ]);
      expect(actionNames(statements)).not.to.include("apigateway:POST");
    });

    it("may not touch what the other pipeline passes on, nor start its builds", () => {
      const build = policy(connected, "pull-request-check-role");
      const pipeline = policy(connected, "pull-request-role");

      const own = `${BUCKET_ARN}/pr-mlops-nyctaxi-pip/SourceCode/*`;
      expect(resourcesFor(build, "s3:GetObjectVersion")).to.deep.equal([own]);
      expect(resourcesFor(pipeline, "s3:PutObject")).to.deep.equal([own]);
      expect(resourcesFor(pipeline, "codebuild:StartBuild")).to.deep.equal([
        `arn:aws:codebuild:${AT}:project/mlops-nyctaxi-pipeline-pull-request`,
      ]);
    });

    it("is refused where it could not be or would not be safe, all reasons at once", async () => {
      let message = "";
      try {
        await made({
          pullRequests: true,
          repository: { type: "codecommit", repository: "taxi", branch: "main" },
          state: { ...args.state, accessTokenSecretArn: "arn:token" },
        });
      } catch (error) {
        message = String(error);
      }

      expect(message).to.contain("need a connected repository");
      expect(message).to.contain("need the state in S3");
    });
  });
});
