import {
  DisableStageTransitionCommand,
  EnableStageTransitionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  type ActionDeclaration,
  type ActionExecutionDetail,
  type ActionState,
  type StageDeclaration,
  type StageState,
} from "@aws-sdk/client-codepipeline";
import type { Account } from "../../core/account";
import { notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { operation, type Operation } from "../../core/operation";
import { currentRevision, type ActionRun } from "./execution";
import { declarationOf, page, stageOf, type Pipeline, type Store } from "./store";

/** Operations that show what a pipeline does, and those on the ways between its stages. */
export function stateOperations(store: Store, clock: Clock, caller: string): readonly Operation[] {
  const setTransition = (name: string, stageName: string, type: string, enabled: boolean, disabledReason?: string) => {
    const pipeline = store.pipeline(name);
    stageOf(pipeline, stageName);
    if (type !== "Inbound") {
      throw notImplemented("CodePipeline", `transition of type ${type}: only Inbound`);
    }
    pipeline.transitions.set(stageName, { enabled, lastChangedBy: caller, lastChangedAt: clock.now(), disabledReason });
    pipeline.gates.setClosed(stageName, !enabled);
    return {};
  };
  return [
    operation(GetPipelineStateCommand, (input) => {
      const pipeline = store.pipeline(input.name);
      const { version, stages = [] } = declarationOf(pipeline);
      return {
        pipelineName: pipeline.name,
        pipelineVersion: version,
        stageStates: stages.map((stage) => stageState(pipeline, stage, store.account)),
        created: pipeline.created,
        updated: pipeline.updated,
      };
    }),

    operation(ListActionExecutionsCommand, (input) => {
      const pipeline = store.pipeline(input.pipelineName);
      const { pipelineExecutionId, latestInPipelineExecution: latest } = input.filter ?? {};
      const id = pipelineExecutionId ?? latest?.pipelineExecutionId;
      const runs = pipeline.executions
        .filter((execution) => id === undefined || execution.id === id)
        .flatMap(({ actionRuns }) => actionRuns)
        .filter((run) => latest?.startTimeRange !== "Latest" || isLatest(run));
      const newestFirst = runs.reverse().sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
      const { items, nextToken } = page(newestFirst, input.nextToken, input.maxResults);
      return { actionExecutionDetails: items.map(actionDetail), nextToken };
    }),

    operation(DisableStageTransitionCommand, (input) =>
      setTransition(input.pipelineName, input.stageName, input.transitionType, false, input.reason),
    ),

    operation(EnableStageTransitionCommand, (input) =>
      setTransition(input.pipelineName, input.stageName, input.transitionType, true),
    ),
  ];
}

function stageState(pipeline: Pipeline, stage: StageDeclaration, account: Account): StageState {
  const stageName = stage.name ?? "";
  const run = pipeline.latestStages.get(stageName);
  const execution = pipeline.executions.find(({ id }) => id === run?.executionId);
  const status = run?.status === "InProgress" && execution?.isStopping === true ? "Stopping" : run?.status;
  const inbound = pipeline.gates
    .waitingBefore(stageName)
    .map(({ id }) => ({ pipelineExecutionId: id, status: "InProgress" as const, type: "STANDARD" as const }));
  return {
    stageName,
    inboundExecution: inbound.at(-1),
    inboundExecutions: inbound,
    inboundTransitionState: pipeline.transitions.get(stageName) ?? { enabled: true },
    actionStates: (stage.actions ?? []).map((action) => actionState(pipeline, stageName, action, account)),
    latestExecution: run && { pipelineExecutionId: run.executionId, status, type: "STANDARD" },
    retryStageMetadata: run?.retries,
  };
}

/** As on AWS, an action shows its latest run even where the stage has since been entered anew and not yet come to it. */
function actionState(pipeline: Pipeline, stageName: string, action: ActionDeclaration, account: Account): ActionState {
  const run = pipeline.latestActions.get(`${stageName}/${action.name ?? ""}`);
  const { externalExecutionId, externalExecutionUrl, logStreamARN } = run?.output.executionResult ?? {};
  return {
    actionName: action.name,
    currentRevision: run && currentRevision(run),
    latestExecution: run && {
      actionExecutionId: run.id,
      status: run.status,
      summary: run.summary,
      lastStatusChange: run.lastUpdateTime,
      token: run.token,
      lastUpdatedBy: run.lastUpdatedBy,
      externalExecutionId,
      externalExecutionUrl,
      errorDetails: run.errorDetails,
      logStreamARN,
    },
    entityUrl: entityUrl(action, account),
    revisionUrl: run?.revision?.url,
  };
}

function entityUrl({ actionTypeId, configuration = {} }: ActionDeclaration, { region }: Account): string | undefined {
  const { ProjectName = "", S3Bucket = "", RepositoryName = "", FullRepositoryId = "" } = configuration;
  switch (actionTypeId?.provider) {
    case "CodeBuild":
      return `https://console.aws.amazon.com/codebuild/home?region=${region}#/projects/${ProjectName}/view`;
    case "S3":
      return `https://console.aws.amazon.com/s3/buckets/${S3Bucket}?region=${region}`;
    case "CodeCommit":
      return `https://console.aws.amazon.com/codecommit/home?region=${region}#/repository/${RepositoryName}/browse`;
    case "CodeStarSourceConnection":
      return `https://github.com/${FullRepositoryId}`;
    default:
      return undefined;
  }
}

function isLatest(run: ActionRun): boolean {
  return run.execution.stages.get(run.stageName)?.actions.get(run.action.name ?? "") === run;
}

function actionDetail(run: ActionRun): ActionExecutionDetail {
  return {
    pipelineExecutionId: run.execution.id,
    actionExecutionId: run.id,
    pipelineVersion: run.execution.order.pipelineVersion,
    stageName: run.stageName,
    actionName: run.action.name,
    startTime: run.startTime,
    lastUpdateTime: run.lastUpdateTime,
    updatedBy: run.lastUpdatedBy,
    status: run.status,
    input: run.input,
    output: run.output,
  };
}
