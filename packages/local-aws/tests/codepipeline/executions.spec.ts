import { ListPipelineExecutionsCommand } from "@aws-sdk/client-codepipeline";
import { expect } from "chai";
import { strToU8, unzipSync, zipSync } from "fflate";
import { rejection } from "../core/support";
import { build, dataSource, gitSource, KEY } from "./declarations";
import { Fixture } from "./fixture";

const stage = (name: string, ...actions: ReturnType<typeof build>[]) => ({ name, actions });

describe("An execution of a pipeline", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  const first = async () =>
    (
      await fixture.client.send(new ListPipelineExecutionsCommand({ pipelineName: "release" }))
    ).pipelineExecutionSummaries!.at(-1)!.pipelineExecutionId!;

  describe("with sources, a build and a deployment", () => {
    beforeEach(async () => {
      await fixture.createProject(
        "preview",
        [
          'export SUMMARY="for $GREETING $CODEBUILD_RESOLVED_SOURCE_VERSION"',
          'cat README.md "$CODEBUILD_SRC_DIR_DataOutput/data.json" > plan.txt',
        ],
        { env: { "exported-variables": ["SUMMARY"] }, artifacts: { files: ["plan.txt"] } },
      );
      await fixture.createProject("deploy", ['echo "$EXECUTION | $WHAT | $(cat plan.txt)"']);
      await fixture.createPipeline(
        [
          stage(
            "Build",
            build("Preview", "preview", {
              namespace: "Preview",
              roleArn: "arn:aws:iam::123456789012:role/builder",
              inputArtifacts: [{ name: "GitSourceOutput" }, { name: "DataOutput" }],
              outputArtifacts: [{ name: "PreviewOutput" }],
              configuration: {
                PrimarySource: "GitSourceOutput",
                EnvironmentVariables: '[{"name":"GREETING","value":"#{variables.greeting}","type":"PLAINTEXT"}]',
              },
            }),
          ),
          stage(
            "Deploy",
            build("Deploy", "deploy", {
              inputArtifacts: [{ name: "PreviewOutput" }],
              configuration: {
                EnvironmentVariables: JSON.stringify([
                  { name: "EXECUTION", value: "#{codepipeline.PipelineExecutionId}" },
                  { name: "WHAT", value: "#{Preview.SUMMARY} #{Data.VersionId} #{Git.BranchName}" },
                ]),
              },
            }),
          ),
        ],
        { variables: [{ name: "greeting", defaultValue: "all" }] },
        [gitSource(), dataSource()],
      );
    });

    it("fails at first, as AWS's does, while there is no data, and tells why", async () => {
      const id = await first();
      const execution = await fixture.ended(id);
      expect(execution).to.deep.include({
        status: "Failed",
        trigger: { ...execution.trigger, triggerType: "CreatePipeline" },
      });
      const { latestExecution } = await fixture.action("Source", "Data");
      expect(latestExecution).to.deep.include({ status: "Failed" });
      expect(latestExecution!.errorDetails!.message).to.contain(
        "'release/data-source.zip' in bucket 'data' does not exist",
      );
      expect((await fixture.stage("Source")).latestExecution).to.deep.include({
        pipelineExecutionId: id,
        status: "Failed",
      });
      expect((await fixture.stage("Build")).latestExecution).to.equal(undefined);
    });

    it("goes through its stages, hands on artifacts and variables, and shows all of it", async () => {
      await fixture.ended(await first());
      const commit = fixture.commit({ "README.md": "model" }, "a better model");
      const version = fixture.s3.put("data/release/data-source.zip", zipSync({ "data.json": strToU8("-rows") }));
      const id = await fixture.start({ variables: [{ name: "greeting", value: "you" }] });
      const execution = await fixture.ended(id);
      expect(execution).to.deep.include({
        status: "Succeeded",
        pipelineVersion: 1,
        executionMode: "QUEUED",
        executionType: "STANDARD",
        variables: [{ name: "greeting", resolvedValue: "you" }],
        trigger: { triggerType: "StartPipelineExecution", triggerDetail: "arn:aws:iam::123456789012:root" },
      });
      const revisions = execution.artifactRevisions!.map(({ name, revisionId, revisionSummary }) => ({
        ...{ name, revisionId, revisionSummary },
      }));
      expect(revisions).to.have.deep.members([
        {
          name: "GitSourceOutput",
          revisionId: commit,
          revisionSummary: '{"ProviderType":"GitHub","CommitMessage":"a better model"}',
        },
        { name: "DataOutput", revisionId: version, revisionSummary: `Amazon S3 version id: ${version}` },
      ]);
      expect(fixture.logs).to.include(`${id} | for you ${commit} ${version} main | model-rows`);

      const details = await fixture.actionExecutions(id);
      const preview = details.find(({ actionName }) => actionName === "Preview")!;
      expect(preview.output!.outputVariables).to.deep.equal({ SUMMARY: `for you ${commit}` });
      expect(preview.output!.executionResult!.externalExecutionId).to.match(/^preview:/);
      expect(preview.input!.resolvedConfiguration!.EnvironmentVariables).to.contain('"value":"you"');
      const [{ s3location } = {}] = preview.output!.outputArtifacts!;
      expect(s3location!.key).to.match(/^release\/PreviewOut\/\w{1,7}$/);
      const object = fixture.s3.latest(`store/${s3location!.key!}`);
      expect(Object.keys(unzipSync(object.body))).to.deep.equal(["plan.txt"]);
      expect(object).to.include({ kmsKey: KEY, writer: "KEYOFbuild" });
      const [source] = details.find(({ actionName }) => actionName === "Git")!.output!.outputArtifacts!;
      expect(source!.s3location!.key).to.match(/^release\/GitSourceO\/\w{1,7}\.zip$/);
      expect(fixture.s3.latest(`store/${source!.s3location!.key!}`)).to.include({
        kmsKey: KEY,
        writer: "KEYOFpipeline",
      });
      expect((await fixture.action("Build", "Preview")).latestExecution).to.deep.include({
        actionExecutionId: preview.actionExecutionId,
        status: "Succeeded",
        externalExecutionId: preview.output!.executionResult!.externalExecutionId,
      });
      expect((await fixture.action("Source", "Git")).currentRevision!.revisionId).to.equal(commit);
    });

    it("tells EventBridge what becomes of it", async () => {
      fixture.s3.put("data/release/data-source.zip", zipSync({ "data.json": strToU8("") }));
      const id = await fixture.start();
      await fixture.ended(id);
      const told = fixture.told(id);
      expect([...told.slice(0, 2), ...told.slice(5)]).to.deep.equal([
        ...["Pipeline STARTED", "Stage Source STARTED"],
        ...[
          told[5],
          "Stage Source SUCCEEDED",
          "Stage Build STARTED",
          "Action Preview STARTED",
          "Action Preview SUCCEEDED",
        ],
        ...["Stage Build SUCCEEDED", "Stage Deploy STARTED", "Action Deploy STARTED", "Action Deploy SUCCEEDED"],
        ...["Stage Deploy SUCCEEDED", "Pipeline SUCCEEDED"],
      ]);
      const event = fixture.events.find(({ detail }) => (detail as { action?: string }).action === "Deploy")!;
      expect(event).to.deep.include({
        source: "aws.codepipeline",
        "detail-type": "CodePipeline Action Execution State Change",
        resources: ["arn:aws:codepipeline:us-east-1:123456789012:release"],
      });
      expect(event.detail).to.deep.include({
        pipeline: "release",
        stage: "Deploy",
        type: { owner: "AWS", provider: "CodeBuild", category: "Build", version: "1" },
        version: 1,
        "pipeline-execution-attempt": 1,
      });
    });

    it("takes the revisions that it is told, once per request token", async () => {
      fixture.s3.put("data/release/data-source.zip", zipSync({ "data.json": strToU8("old") }));
      fixture.s3.put("data/release/data-source.zip", zipSync({ "data.json": strToU8("new") }));
      const commit = fixture.git("rev-parse", "HEAD");
      fixture.commit({ "README.md": "later" });
      const sourceRevisions = [
        { actionName: "Git", revisionType: "COMMIT_ID" as const, revisionValue: commit },
        { actionName: "Data", revisionType: "S3_OBJECT_VERSION_ID" as const, revisionValue: "version-1" },
      ];
      const id = await fixture.start({ sourceRevisions, clientRequestToken: "once" });
      expect(await fixture.start({ clientRequestToken: "once" })).to.equal(id);
      expect((await fixture.ended(id)).status).to.equal("Succeeded");
      expect(fixture.logs.some((line) => line.endsWith("helloold"))).to.equal(true);
      const unknown = fixture.start({ variables: [{ name: "other", value: "x" }] });
      expect((await rejection(unknown)).message).to.contain("does not declare the variable 'other'");
    });
  });
});
