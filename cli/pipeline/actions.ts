import {
  paginateListActionExecutions,
  type ActionExecutionDetail,
  type CodePipelineClient,
} from "@aws-sdk/client-codepipeline";
import { itemsOf } from "../support/pages";

/** All that an execution has done, newest first, as CodePipeline lists it. */
export function actionsOf(
  client: CodePipelineClient,
  pipelineName: string,
  pipelineExecutionId: string,
): Promise<ActionExecutionDetail[]> {
  const pages = paginateListActionExecutions({ client }, { pipelineName, filter: { pipelineExecutionId } });
  return itemsOf(pages, ({ actionExecutionDetails }) => actionExecutionDetails);
}
