import type { PipelineDeclaration, StageDeclaration, TransitionState } from "@aws-sdk/client-codepipeline";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { pager } from "../../core/paging";
import type { Tags } from "../../core/tags";
import type { ActionRun, Execution, StageRun } from "./execution";
import type { StageGates } from "./gates";

/** A pipeline with all that it has done. */
export interface Pipeline {
  readonly name: string;
  /** Each version of its declaration; the last one counts. */
  readonly versions: PipelineDeclaration[];
  readonly created: Date;
  updated: Date;
  readonly tags: Tags;
  /** Of the way into each stage that somebody has closed or opened, by the stage's name. */
  readonly transitions: Map<string, TransitionState>;
  readonly gates: StageGates;
  /** Oldest first. */
  readonly executions: Execution[];
  /** The latest passage through each stage, by its name. */
  readonly latestStages: Map<string, StageRun>;
  /** The latest run of each action, by `STAGE/ACTION`. */
  readonly latestActions: Map<string, ActionRun>;
  /** Ids of executions by the client's request token. */
  readonly tokens: Map<string, string>;
}

/** Everything that CodePipeline keeps. */
export class Store {
  readonly pipelines = new Map<string, Pipeline>();

  constructor(readonly account: Account) {}

  pipelineArn(name: string): string {
    return arn(this.account, "codepipeline", name);
  }

  /** @throws AwsError `PipelineNotFoundException` */
  pipeline(name: string): Pipeline {
    const pipeline = this.pipelines.get(name);
    if (pipeline === undefined) {
      throw new AwsError(
        "PipelineNotFoundException",
        `Account '${this.account.accountId}' does not have a pipeline with name '${name}'`,
      );
    }
    return pipeline;
  }

  /** @throws AwsError `PipelineExecutionNotFoundException` */
  execution(pipeline: Pipeline, id: string): Execution {
    const execution = pipeline.executions.find((one) => one.id === id);
    if (execution === undefined) {
      throw new AwsError(
        "PipelineExecutionNotFoundException",
        `Execution with id '${id}' for pipeline '${pipeline.name}' could not be found`,
      );
    }
    return execution;
  }
}

export function declarationOf(pipeline: Pipeline): PipelineDeclaration {
  return pipeline.versions.at(-1) ?? { name: pipeline.name, roleArn: "", stages: [] };
}

/** @throws AwsError `StageNotFoundException` */
export function stageOf(pipeline: Pipeline, name: string): StageDeclaration {
  const stage = declarationOf(pipeline).stages?.find((one) => one.name === name);
  if (stage === undefined) {
    throw new AwsError("StageNotFoundException", `Pipeline '${pipeline.name}' does not have a stage named '${name}'`);
  }
  return stage;
}

/** One page of a list. */
export const page = pager(
  100,
  (token) => new AwsError("InvalidNextTokenException", `The next token ${token} is invalid.`),
);
