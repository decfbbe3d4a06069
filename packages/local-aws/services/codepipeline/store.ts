import type { PipelineDeclaration, StageDeclaration, TransitionState } from "@aws-sdk/client-codepipeline";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { ActionRun, Execution, StageRun } from "./execution";
import type { StageGates } from "./gates";

/** A pipeline with all that it has done. */
export interface Pipeline {
  readonly name: string;
  /** Each version of its declaration; the last one counts. */
  readonly versions: PipelineDeclaration[];
  readonly created: Date;
  updated: Date;
  readonly tags: Map<string, string>;
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

const DEFAULT_PAGE_SIZE = 100;

/** @throws AwsError `InvalidNextTokenException` for a token that no page gave out */
export function page<T>(
  all: readonly T[],
  token: string | undefined,
  size = DEFAULT_PAGE_SIZE,
): { items: T[]; nextToken: string | undefined } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString());
  if (!Number.isInteger(start) || start < 0 || start > all.length) {
    throw new AwsError("InvalidNextTokenException", `The next token ${token ?? ""} is invalid.`);
  }
  const end = start + size;
  return {
    items: all.slice(start, end),
    nextToken: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
