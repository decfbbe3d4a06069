import { CodeBuildClient, BatchGetProjectsCommand } from "@aws-sdk/client-codebuild";
import {
  CodePipelineClient,
  PutApprovalResultCommand,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import { LambdaClient, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTrainingJobCommand, DeleteEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { CONNECTION, PIPELINE } from "../../../support/pipeline-lab";
import type { Use } from "./fixture";

export function pullRequests(use: Use): void {
  let id: string;

  it("runs a pipeline of its own for a pull request, and not the one that deploys", async () => {
    const { lab, source } = use();
    const before = (await lab.executions.all()).length;
    let commit = "";
    const started = await lab.pullRequests.startedBy(async () => {
      commit = await source.pullRequest(1, { "README.md": "better" });
    });
    id = started.id;

    expect(started.trigger).to.deep.equal({ triggerType: "WebhookV2", triggerDetail: CONNECTION });
    expect(await lab.pullRequests.ended(id)).to.equal("Succeeded");
    expect(await lab.pullRequests.story(id)).to.deep.equal(["Check Succeeded"]);
    expect(await lab.pullRequests.log(id, "Check")).to.include(`PullRequest of ${id} with ${commit} of pull/1/head`);
    expect(await lab.executions.all()).to.have.length(before);
  });

  it("runs it again when the pull request moves, and fails it where its build fails", async () => {
    const { lab, source, switches } = use();
    await switches.failing("PullRequest", async () => {
      const moved = await lab.pullRequests.startedBy(() => source.pullRequest(1, { "README.md": "still better" }));
      expect(await lab.pullRequests.ended(moved.id)).to.equal("Failed");
    });
  });

  it("gives the build of a pull request no right to deploy, to approve or to write", async () => {
    const { lab } = use();
    const { projects = [] } = await new CodeBuildClient(clientConfig(lab.aws)).send(
      new BatchGetProjectsCommand({ names: [`${PIPELINE}-pull-request`] }),
    );
    const keys = lab.aws.sessions.assume(projects[0]?.serviceRole ?? "", "somebody-elses-code");
    const config = { ...clientConfig(lab.aws, keys), maxAttempts: 1 };
    const { artifactBucket } = await lab.project.outputs("pipeline");
    const { input } = await lab.pullRequests.action(id, "Check");
    const own = input?.inputArtifacts?.[0]?.s3location;
    const s3 = new S3Client(config);
    const codePipeline = new CodePipelineClient(config);
    const sageMaker = new SageMakerClient(config);
    const write = (Bucket: string | undefined, Key: string | undefined) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body: "mine" }));
    const attempts = {
      "deploy a function": () =>
        new LambdaClient(config).send(
          new UpdateAliasCommand({ FunctionName: "mlops-nyctaxi-api", Name: "live", FunctionVersion: "1" }),
        ),
      "delete an endpoint": () => sageMaker.send(new DeleteEndpointCommand({ EndpointName: "mlops-nyctaxi-prd-r1" })),
      train: () =>
        sageMaker.send(
          new CreateTrainingJobCommand({
            TrainingJobName: "mlops-nyctaxi-mine",
            AlgorithmSpecification: { TrainingInputMode: "File" },
            RoleArn: "arn:aws:iam::123456789012:role/mine",
            OutputDataConfig: { S3OutputPath: "s3://mine" },
            ResourceConfig: { VolumeSizeInGB: 1 },
            StoppingCondition: {},
          }),
        ),
      "start the pipeline": () => codePipeline.send(new StartPipelineExecutionCommand({ name: PIPELINE })),
      approve: () =>
        codePipeline.send(
          new PutApprovalResultCommand({
            ...{ pipelineName: PIPELINE, stageName: "Approve", actionName: "Approve" },
            ...{ token: "00000000-0000-0000-0000-000000000000", result: { status: "Approved", summary: "mine" } },
          }),
        ),
      "put data": () => write(String(artifactBucket), `${PIPELINE}/data-source.zip`),
      "put an artifact of the pipeline that deploys": () =>
        write(String(artifactBucket), "mlops-nyctaxi-pipeli/Release/mine"),
      "put an artifact of its own": () => write(own?.bucket, own?.key),
      "write the state": () => write(lab.state.bucket, ".pulumi/stacks/sagemaker-safe-deploy/prod.json"),
    };

    for (const [what, attempt] of Object.entries(attempts)) {
      const outcome = await attempt().then(
        () => "allowed",
        (error: unknown) => (error instanceof Error ? error.name : String(error)),
      );
      expect(outcome, what).to.match(/^AccessDenied/);
    }
    // Which its own artifact shows to be for want of rights, not of keys.
    expect((await s3.send(new GetObjectCommand({ Bucket: own?.bucket, Key: own?.key }))).ContentType).to.equal(
      "application/zip",
    );
  });
}
