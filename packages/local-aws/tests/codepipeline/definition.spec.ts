import { CreatePipelineCommand, type ActionDeclaration, type PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import { expect } from "chai";
import { rejection } from "../core/support";
import { approval, build, dataSource, gitSource, pipelineOf } from "./declarations";
import { Fixture } from "./fixture";

const APPROVE = { name: "Approve", actions: [approval("Manual")] };
const BUILD = { name: "Build", actions: [build("Build", "project")] };

describe("A pipeline's definition", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  const create = (pipeline: PipelineDeclaration) => fixture.client.send(new CreatePipelineCommand({ pipeline }));
  const refused = async (pipeline: PipelineDeclaration) => {
    const { name, message } = await rejection(create(pipeline));
    return `${name}: ${message}`;
  };

  it("is refused where its structure is not one of AWS's", async () => {
    expect(await refused(pipelineOf([]))).to.contain("Pipeline has 1 stage(s). There should be a minimum of 2 stages");
    expect(await refused(pipelineOf([APPROVE, APPROVE]))).to.contain("Stage name 'Approve' is used more than once");
    expect(await refused(pipelineOf([APPROVE], {}, [approval("Manual")]))).to.contain("only contains source actions");
    expect(await refused(pipelineOf([{ name: "Two", actions: [dataSource()] }]))).to.contain(
      "only allowed in the first",
    );
    const unknownInput = build("Build", "project", { inputArtifacts: [{ name: "Other" }] });
    expect(await refused(pipelineOf([{ name: "Build", actions: [unknownInput] }]))).to.contain(
      "Input Artifact Bundle Other in action Build is not declared as Output Artifact Bundle",
    );
    const twice = { ...gitSource(), name: "Git2", namespace: "Git2" };
    expect(await refused(pipelineOf([APPROVE], {}, [gitSource(), twice]))).to.contain(
      "must be unique within the pipeline",
    );
  });

  it("is refused where an action is not configured as AWS wants it", async () => {
    const of = (action: ActionDeclaration) => refused(pipelineOf([{ name: "Two", actions: [action] }]));
    const configured = (configuration: Record<string, string>) => of(build("Build", "project", { configuration }));
    expect(await configured({ Colour: "red" })).to.contain("contains unknown configuration 'Colour'");
    expect(await of({ ...build("Build", ""), configuration: {} })).to.contain(
      "missing required configuration 'ProjectName'",
    );
    expect(await configured({ PrimarySource: "Other" })).to.contain("is not one of its input artifacts");
    expect(await configured({ EnvironmentVariables: "{" })).to.contain("are not a JSON list");
    expect(await of({ ...build("Build", "project"), timeoutInMinutes: 10 })).to.contain("only to manual approval");
    const text = "#{Nowhere.Value}";
    expect(await of(approval("Manual", { CustomData: text }))).to.contain(
      "StageName=[Two], ActionName=[Manual], ActionConfigurationKey=[CustomData], VariableReferenceText=[#{Nowhere.Value}]",
    );
  });

  it("is refused by the name of what is not done here", async () => {
    const notImplemented = async (pipeline: PipelineDeclaration, what: string) =>
      expect(await refused(pipeline))
        .to.match(/^NotImplemented/)
        .and.to.contain(what);
    await notImplemented(pipelineOf([APPROVE], { pipelineType: "V1" }), "pipelineType V1");
    await notImplemented(pipelineOf([{ ...BUILD, onFailure: { result: "ROLLBACK" } }]), "onFailure.result ROLLBACK");
    await notImplemented(
      pipelineOf([{ ...BUILD, beforeEntry: { conditions: [{ result: "FAIL" }] } }]),
      "conditions of stage Build",
    );
    const batch = build("Build", "project", { configuration: { BatchEnabled: "true" } });
    await notImplemented(pipelineOf([{ name: "Build", actions: [batch] }]), "BatchEnabled true");
    const polling = { ...dataSource(), configuration: { S3Bucket: "data", S3ObjectKey: "key" } };
    await notImplemented(pipelineOf([APPROVE], {}, [polling]), "PollForSourceChanges true");
    const clone = gitSource({ OutputArtifactFormat: "CODEBUILD_CLONE_REF" });
    await notImplemented(pipelineOf([APPROVE], {}, [clone]), "OutputArtifactFormat CODEBUILD_CLONE_REF");
    const lambda: ActionDeclaration = {
      name: "Call",
      actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    };
    await notImplemented(pipelineOf([{ name: "Call", actions: [lambda] }]), "action type Invoke/AWS/Lambda/1");
  });
});
