import {
  CreatePipelineCommand,
  DeletePipelineCommand,
  GetPipelineCommand,
  ListPipelinesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePipelineCommand,
  type PipelineDeclaration,
} from "@aws-sdk/client-codepipeline";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { RoleSessions } from "../../core/local";
import { tagRecord, Tags } from "../../core/tags";
import { operation, type Operation } from "../../core/operation";
import { checkDeclaration } from "./definition";
import { SERVICE } from "./context";
import type { Engine } from "./engine";
import { resolvedVariables } from "./execution-order";
import { StageGates } from "./gates";
import { declarationOf, page, type Pipeline, type Store } from "./store";
import type { GitTriggers } from "./triggers";

/** What the operations on pipelines work with. */
export interface PipelineParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly engine: Engine;
  /** @default - there is no repository to look at */
  readonly triggers: GitTriggers | undefined;
  readonly sessions: RoleSessions;
  /** ARN of who calls: callers are not told apart here. */
  readonly caller: string;
}

/** Operations on pipelines and their tags. */
export function pipelineOperations({
  store,
  clock,
  engine,
  triggers,
  sessions,
  caller,
}: PipelineParts): readonly Operation[] {
  return [
    operation(CreatePipelineCommand, async (input) => {
      const declaration = { ...complete(input.pipeline), version: 1 };
      const { name } = input.pipeline;
      if (store.pipelines.has(name)) {
        throw new AwsError(
          "PipelineNameInUseException",
          `A pipeline with the name '${name}' already exists in account '${store.account.accountId}'`,
        );
      }
      checkDeclaration(declaration, store.account);
      await checkRole(sessions, declaration.roleArn ?? "");
      const pipeline = newPipeline(name, declaration, clock.now());
      pipeline.tags.add(given(input.tags));
      store.pipelines.set(name, pipeline);
      await triggers?.watch(pipeline);
      startFirst(pipeline, engine, caller);
      return { pipeline: declaration, tags: input.tags };
    }),

    operation(UpdatePipelineCommand, (input) => {
      const pipeline = store.pipeline(input.pipeline.name);
      const declaration = { ...complete(input.pipeline), version: pipeline.versions.length + 1 };
      checkDeclaration(declaration, store.account);
      pipeline.versions.push(declaration);
      pipeline.updated = clock.now();
      return { pipeline: declaration };
    }),

    operation(GetPipelineCommand, (input) => {
      const pipeline = store.pipeline(input.name);
      const declaration = pipeline.versions[(input.version ?? pipeline.versions.length) - 1];
      if (declaration === undefined) {
        throw new AwsError(
          "PipelineVersionNotFoundException",
          `Pipeline '${pipeline.name}' does not have a version ${input.version ?? 0}`,
        );
      }
      const { created, updated } = pipeline;
      return { pipeline: declaration, metadata: { pipelineArn: store.pipelineArn(pipeline.name), created, updated } };
    }),

    operation(DeletePipelineCommand, (input) => {
      // AWS says nothing of a pipeline that does not exist. What it was doing is abandoned.
      const pipeline = store.pipelines.get(input.name);
      store.pipelines.delete(input.name);
      if (pipeline !== undefined) {
        triggers?.forget(pipeline);
      }
      pipeline?.executions
        .filter(({ hasEnded }) => !hasEnded)
        .forEach((execution) => engine.stop(pipeline, execution, true, "the pipeline was deleted"));
      return {};
    }),

    operation(ListPipelinesCommand, (input) => {
      const all = [...store.pipelines.values()].map((pipeline) => {
        const { name, version, pipelineType, executionMode } = declarationOf(pipeline);
        return { name, version, pipelineType, executionMode, created: pipeline.created, updated: pipeline.updated };
      });
      const { items, nextToken } = page(all, input.nextToken, input.maxResults);
      return { pipelines: items, nextToken };
    }),

    operation(TagResourceCommand, (input) => {
      tagged(store, input.resourceArn).tags.add(given(input.tags));
      return {};
    }),

    operation(UntagResourceCommand, (input) => {
      tagged(store, input.resourceArn).tags.remove(input.tagKeys);
      return {};
    }),

    operation(ListTagsForResourceCommand, (input) => {
      const all = tagged(store, input.resourceArn)
        .tags.list()
        .map(({ Key: key, Value: value }) => ({ key, value }));
      const { items, nextToken } = page(all, input.nextToken, input.maxResults);
      return { tags: items, nextToken };
    }),
  ];
}

/** CodePipeline writes its tags' members in lower case. */
function given(tags: readonly { readonly key: string; readonly value: string }[] = []) {
  return tagRecord(tags.map(({ key, value }) => ({ Key: key, Value: value })));
}

/** What AWS fills in. */
function complete(declaration: PipelineDeclaration): PipelineDeclaration {
  return {
    ...declaration,
    executionMode: declaration.executionMode ?? "SUPERSEDED",
    pipelineType: declaration.pipelineType ?? "V1",
  };
}

function newPipeline(name: string, declaration: PipelineDeclaration, now: Date): Pipeline {
  const versions = [declaration];
  return {
    name,
    versions,
    created: now,
    updated: now,
    tags: new Tags(),
    transitions: new Map(),
    gates: new StageGates(() => versions.at(-1)?.executionMode ?? "SUPERSEDED"),
    executions: [],
    latestStages: new Map(),
    latestActions: new Map(),
    tokens: new Map(),
  };
}

/** AWS runs a pipeline as soon as it is there, unless it lacks the value of a variable. */
function startFirst(pipeline: Pipeline, engine: Engine, caller: string): void {
  const { variables = [] } = declarationOf(pipeline);
  if (variables.every(({ defaultValue }) => defaultValue !== undefined)) {
    engine.start(pipeline, {
      trigger: { triggerType: "CreatePipeline", triggerDetail: caller },
      variables: resolvedVariables(pipeline, []),
      sourceRevisions: [],
    });
  }
}

function tagged(store: Store, resourceArn: string): Pipeline {
  const prefix = store.pipelineArn("");
  if (!resourceArn.startsWith(prefix)) {
    throw new AwsError("InvalidArnException", `The ARN must begin with ${prefix}, got ${resourceArn}`);
  }
  const pipeline = store.pipelines.get(resourceArn.slice(prefix.length));
  if (pipeline === undefined) {
    throw new AwsError("ResourceNotFoundException", `The resource ${resourceArn} was not found`);
  }
  return pipeline;
}

/** @throws AwsError `InvalidStructureException` if the role does not exist (yet) or does not trust CodePipeline */
async function checkRole(sessions: RoleSessions, roleArn: string): Promise<void> {
  try {
    await sessions.assumeAs(SERVICE, roleArn, "CodePipeline");
  } catch (error) {
    throw error instanceof AwsError
      ? new AwsError(
          "InvalidStructureException",
          `CodePipeline is not authorized to perform AssumeRole on role ${roleArn}`,
        )
      : error;
  }
}
