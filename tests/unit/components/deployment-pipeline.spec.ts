import { expect } from "chai";
import { LONGEST_JOB_SECONDS } from "../../../lib/build-times";
import { BUILD_SPEC, DEPLOY_SPEC, PULL_REQUEST_SPEC } from "../../../components/deployment-pipeline/build-specs";
import {
  actionsOf,
  args,
  AT,
  boundaryOf,
  BUCKET,
  BUCKET_ARN,
  CANARY_BUCKET,
  CONNECTION,
  environmentOf,
  made,
  MODEL_KEY,
  PIPELINE,
  policy,
  PROJECT,
  resourcesFor,
  stagesOf,
  TOPIC,
  variablesOf,
  type Action,
  type Made,
} from "../../support/deployment-pipeline";

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

    it("under the pipeline's role, each build under its own", () => {
      const arn = (role: string) => `arn:aws:test:${AT}:pipeline-${role}`;

      expect(connected.find(PIPELINE, "pipeline").inputs.roleArn).to.equal(arn("role"));
      expect(actionsOf(connected).map((action) => "roleArn" in action)).to.deep.equal(Array(7).fill(false));
      for (const what of ["build", "train", "dev", "prod"]) {
        expect(connected.find(PROJECT, `-${what}`).inputs.serviceRole).to.equal(arn(`${what}-role`));
      }
      expect(connected.find(PROJECT, "-check").inputs.serviceRole).to.equal(arn("pull-request-check-role"));
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

      const approved = { MODEL_ARCHIVE: "#{Train.MODEL_ARCHIVE}", MODEL_BASELINE: "#{Train.MODEL_BASELINE}" };

      expect(builds.map((build) => [build.configuration.ProjectName, variablesOf(build)])).to.deep.equal([
        ["mlops-nyctaxi-pipeline-build", origin],
        ["mlops-nyctaxi-pipeline-train", { ...origin, STACK: "train" }],
        ["mlops-nyctaxi-pipeline-dev", { ...origin, STACK: "dev" }],
        ["mlops-nyctaxi-pipeline-prod", { ...origin, STACK: "prod", ...approved }],
      ]);
      expect(builds[0]!.configuration.PrimarySource).to.equal("SourceCode");
    });

    it("past somebody who sees commit, execution, summary and metrics, for a week or as long as configured", async () => {
      const approve = ({ name }: Action) => name === "Approve";
      const action = actionsOf(connected).find(approve)!;

      expect(action.configuration).to.deep.equal({
        NotificationArn: TOPIC,
        ExternalEntityLink:
          "https://us-east-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/mlops-nyctaxi-pipeline/executions/" +
          "#{codepipeline.PipelineExecutionId}/visualization?region=us-east-1",
        CustomData:
          "Commit #{Code.CommitId}, execution #{codepipeline.PipelineExecutionId}, started by #{variables.reason}. Its own code reports:\n\n" +
          "#{Build.PREVIEW_SUMMARY}\n\n#{Train.MODEL_METRICS}\n\nModel archive SHA-256 #{Train.MODEL_ARCHIVE}",
      });
      expect(action.timeoutInMinutes).to.equal(10_080);
      const shorter = actionsOf(await made({ approvalTimeoutMinutes: 60 })).find(approve)!;
      expect(shorter.timeoutInMinutes).to.equal(60);
    });
  });

  describe("its builds", () => {
    it("each run a buildspec of their own, whatever the tree has, and are told what the pipeline knows", () => {
      const projects = ["-build", "-train", "-dev", "-prod", "-check"].map(
        (end) => connected.find(PROJECT, end).inputs,
      );

      expect(projects.map(({ name, source }) => [name, (source as { buildspec: string }).buildspec])).to.deep.equal([
        ["mlops-nyctaxi-pipeline-build", BUILD_SPEC],
        ["mlops-nyctaxi-pipeline-train", DEPLOY_SPEC],
        ["mlops-nyctaxi-pipeline-dev", DEPLOY_SPEC],
        ["mlops-nyctaxi-pipeline-prod", DEPLOY_SPEC],
        ["mlops-nyctaxi-pipeline-pull-request", PULL_REQUEST_SPEC],
      ]);
      expect((projects[3]!.environment as { environmentVariables: unknown }).environmentVariables).to.deep.equal([
        { name: "MODEL_NAME", value: "nyctaxi" },
        { name: "MODEL_BUCKET", value: "models" },
        { name: "KMS_KEY_ARN", value: MODEL_KEY },
        { name: "PIPELINE_NAME", value: "mlops-nyctaxi-pipeline" },
        { name: "ARTIFACT_BUCKET", value: BUCKET },
        { name: "STATE_URL", value: args.state.url },
        { name: "SECRETS_PROVIDER", value: args.state.secretsProvider },
        {
          name: "STACK_CONFIG",
          value: JSON.stringify({
            train: { permissionsBoundaryArn: boundaryOf("train") },
            dev: { permissionsBoundaryArn: boundaryOf("dev") },
            prod: { canaryFolderUri: `s3://${CANARY_BUCKET}/canary`, permissionsBoundaryArn: boundaryOf("prod") },
          }),
        },
        { name: "TRAIN_BUILD_MINUTES", value: "330" },
        { name: "NOTIFICATION_TOPIC_ARN", value: TOPIC },
      ]);
    });

    it("have time for the jobs that they wait for", async () => {
      const longer = await made({ beforeApproval: { maxRuntimeSeconds: LONGEST_JOB_SECONDS } });

      expect(connected.find(PROJECT, "-train").inputs.buildTimeout).to.equal(330);
      expect(longer.find(PROJECT, "-train").inputs.buildTimeout).to.equal(2160);
      expect(environmentOf(longer, "-build").TRAIN_BUILD_MINUTES).to.equal("2160");
    });

    it("are all told the stacks' config and the checks, those of pull requests too", async () => {
      const recording = await made({
        stackConfig: { prod: { minInstances: 2 }, train: { pollSeconds: "5" } },
        checks: "npm run types",
        pullRequests: true,
      });

      for (const project of ["-build", "-train", "-dev", "-prod", "-check"]) {
        const { CHECKS, STACK_CONFIG = "" } = environmentOf(recording, project);
        expect(CHECKS).to.equal("npm run types");
        expect(JSON.parse(STACK_CONFIG)).to.deep.equal({
          train: { pollSeconds: "5", permissionsBoundaryArn: boundaryOf("train") },
          dev: { permissionsBoundaryArn: boundaryOf("dev") },
          prod: {
            minInstances: 2,
            canaryFolderUri: `s3://${CANARY_BUCKET}/canary`,
            permissionsBoundaryArn: boundaryOf("prod"),
          },
        });
      }
      expect(environmentOf(connected, "-build")).not.to.have.property("CHECKS");
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
      expect(resourcesFor(statements, "s3:PutObject")).to.have.members([
        `${BUCKET_ARN}/mlops-nyctaxi-pipeline/deployments/prod.json`,
        "arn:aws:s3:::models/mlops-nyctaxi/deployed/*",
      ]);
    });
  });

  it("takes a program's changes of its children, and gives access to them", async () => {
    const { find, result } = await made({
      transform: {
        bucket: { forceDestroy: false },
        topic: { displayName: "Releases" },
        builds: (project, _, name) => {
          project.concurrentBuildLimit = name === "pipeline-build" ? 2 : 1;
        },
        pipeline: (pipeline, opts) => {
          pipeline.variables = [{ name: "reason" }];
          opts.protect = true;
        },
      },
    });

    expect(find("aws:s3/bucket:Bucket", "-artifacts").inputs.forceDestroy).to.equal(false);
    expect(find("aws:sns/topic:Topic").inputs.displayName).to.equal("Releases");
    expect(find(PROJECT, "-build").inputs.concurrentBuildLimit).to.equal(2);
    expect(find(PROJECT, "-prod").inputs.concurrentBuildLimit).to.equal(1);
    expect(find(PIPELINE, "pipeline").inputs.variables).to.deep.equal([{ name: "reason" }]);
    expect(result.nodes).to.have.all.keys("bucket", "canaryBucket", "topic", "builds", "pipeline", "retrain");
    expect(result.nodes.builds).to.have.all.keys("build", "train", "dev", "prod");
  });

  it("refuses an argument that it does not know", async () => {
    const problem = await made({ model: "nyctaxi", ...{ approvalTimeoutMinute: 5 } }).catch(String);

    expect(problem).to.equal("Error: approvalTimeoutMinute is not an argument: did you mean approvalTimeoutMinutes?");
  });
});
