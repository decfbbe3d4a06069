import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
  PipelineExecutionNotFoundException,
  PipelineNotFoundException,
  type ActionExecutionDetail,
  type PipelineExecution,
} from "@aws-sdk/client-codepipeline";
import { REASON_VARIABLE } from "../../lib/contract";
import type { AwsSettings } from "../support/context";
import { actionsOf } from "./actions";
import { stagesIn, type StageTime } from "./stages";

/** All that a pipeline tells of an execution. */
export interface Trip {
  /** CodePipeline's word, such as `Succeeded`. */
  readonly status: string;
  /** What has started it, in CodePipeline's word, and why, as the approval says it. */
  readonly trigger: string | undefined;
  readonly reason: string | undefined;
  readonly code: { readonly commit: string; readonly message: string; readonly branch: string | undefined } | undefined;
  /** Version of `data-source.zip`. */
  readonly dataVersion: string | undefined;
  /** Stages in the order in which they began. */
  readonly stages: readonly StageTime[];
  readonly approval: ApprovalGiven | undefined;
  /** What stage Train has told the approval: the metrics beside the live release's, and the archive's digest. */
  readonly told: { readonly metrics: string | undefined; readonly archive: string | undefined };
}

/** Who has decided about a release. */
export interface ApprovalGiven {
  readonly status: "Approved" | "Rejected";
  /** ARN of who did. */
  readonly by: string | undefined;
  readonly comment: string;
  readonly at: string | undefined;
}

const EXECUTION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the pipeline knows of an execution; `undefined` if it has none of that id, or if there is no such pipeline. */
export async function tripOf(aws: AwsSettings, pipelineName: string, id: string): Promise<Trip | undefined> {
  if (!EXECUTION_ID.test(id)) {
    return undefined;
  }
  const client = new CodePipelineClient(aws);
  try {
    const { pipelineExecution } = await client.send(
      new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId: id }),
    );
    return tripIn(pipelineExecution ?? {}, await actionsOf(client, pipelineName, id));
  } catch (error) {
    if (error instanceof PipelineExecutionNotFoundException || error instanceof PipelineNotFoundException) {
      return undefined;
    }
    throw error;
  }
}

/** The newest answers to approvals, by execution: as many as one page of CodePipeline's list has. */
export async function approversOf(aws: AwsSettings, pipelineName: string): Promise<ReadonlyMap<string, ApprovalGiven>> {
  const { actionExecutionDetails: actions = [] } = await new CodePipelineClient(aws).send(
    new ListActionExecutionsCommand({ pipelineName, maxResults: 100 }),
  );
  return new Map(
    actions.toReversed().flatMap((action) => {
      const given = approvalIn([action]);
      return given === undefined ? [] : [[action.pipelineExecutionId ?? "", given] as const];
    }),
  );
}

/** @param actions newest first, as CodePipeline lists them */
function tripIn(execution: PipelineExecution, actions: readonly ActionExecutionDetail[]): Trip {
  const { status = "", trigger, variables = [], artifactRevisions = [] } = execution;
  const variable = (action: string, name: string) =>
    actions.find(({ actionName }) => actionName === action)?.output?.outputVariables?.[name];
  const code = artifactRevisions.find(({ name }) => name === "SourceCode");
  return {
    status,
    trigger: trigger?.triggerType,
    reason: variables.find(({ name }) => name === REASON_VARIABLE)?.resolvedValue,
    code:
      code?.revisionId === undefined
        ? undefined
        : {
            commit: code.revisionId,
            message: messageIn(code.revisionSummary ?? ""),
            branch: variable("Code", "BranchName"),
          },
    dataVersion: artifactRevisions.find(({ name }) => name === "ReleaseData")?.revisionId,
    stages: stagesIn(actions),
    approval: approvalIn(actions),
    told: { metrics: variable("Train", "MODEL_METRICS"), archive: variable("Train", "MODEL_ARCHIVE") },
  };
}

/** A connection's summary is JSON, and CodeCommit's the message itself. */
function messageIn(summary: string): string {
  const [, told] = /^\{.*"CommitMessage":\s*("(?:[^"\\]|\\.)*")/s.exec(summary) ?? [];
  return told === undefined ? summary : String(JSON.parse(told));
}

function approvalIn(actions: readonly ActionExecutionDetail[]): ApprovalGiven | undefined {
  const answered = actions.find(
    ({ input, status, updatedBy }) =>
      input?.actionTypeId?.category === "Approval" &&
      // One that nobody has answered in time has failed as well.
      (status === "Succeeded" || (status === "Failed" && updatedBy !== undefined)),
  );
  return (
    answered && {
      status: answered.status === "Succeeded" ? "Approved" : "Rejected",
      by: answered.updatedBy,
      comment: answered.output?.executionResult?.externalExecutionSummary ?? "",
      at: answered.lastUpdateTime?.toISOString(),
    }
  );
}
