import type * as pulumi from "@pulumi/pulumi";
import * as codepipeline from "@pulumi/aws/codepipeline";
import { serviceRole, type Statement } from "../service-role";
import { transform, type Transform } from "../support/transform";
import type { ArtifactStore } from "./artifact-store";
import type { Arns } from "./names";
import type { Stage } from "./stages";

/** What happens to an execution that starts while another one runs. */
export type ExecutionMode = "QUEUED" | "SUPERSEDED" | "PARALLEL";

/** Arguments of {@link v2Pipeline}. */
export interface V2PipelineArgs {
  readonly pipelineName: string;
  readonly description: string;
  readonly executionMode: ExecutionMode;
  readonly store: ArtifactStore;
  readonly stages: readonly Stage[];
  readonly triggers: codepipeline.PipelineArgs["triggers"];
  /** What whoever starts it may say. @default - nothing */
  readonly variables?: codepipeline.PipelineArgs["variables"];
  /** Names of the CodeBuild projects that its actions run. */
  readonly projectNames: readonly string[];
  /** What it may do in addition to running its projects. */
  readonly statements: readonly Statement[];
  readonly arns: Arns;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the program changes of the pipeline. @default - nothing */
  readonly transform?: Transform<codepipeline.PipelineArgs>;
}

/** A pipeline of type V2 with a role of its own. */
export function v2Pipeline(name: string, args: V2PipelineArgs, parent: pulumi.Resource): codepipeline.Pipeline {
  const { store, arns, tags } = args;
  const { arn: roleArn } = serviceRole(
    `${name}-role`,
    {
      description: args.description,
      service: "codepipeline.amazonaws.com",
      statements: [
        {
          // The last action is for executions that are stopped.
          Action: ["codebuild:StartBuild", "codebuild:BatchGetBuilds", "codebuild:StopBuild"],
          Resource: args.projectNames.map((project) => arns.of("codebuild", `project/${project}`)),
        },
        ...args.statements,
      ],
      tags,
    },
    parent,
  );
  const definition: codepipeline.PipelineArgs = {
    name: args.pipelineName,
    roleArn,
    pipelineType: "V2",
    executionMode: args.executionMode,
    artifactStores: [{ type: "S3", location: store.bucketName, encryptionKey: { id: store.keyArn, type: "KMS" } }],
    stages: args.stages.map(declared),
    triggers: args.triggers,
    variables: args.variables,
    tags,
  };
  return new codepipeline.Pipeline(...transform(args.transform, name, definition, { parent }));
}

/** A stage with lists as Pulumi's types want them. */
function declared({ name, actions }: Stage) {
  return {
    name,
    actions: actions.map(({ inputArtifacts = [], outputArtifacts = [], ...action }) => ({
      ...action,
      inputArtifacts: [...inputArtifacts],
      outputArtifacts: [...outputArtifacts],
    })),
  };
}
