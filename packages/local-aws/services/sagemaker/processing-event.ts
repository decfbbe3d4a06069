import type { Context } from "./context";
import type { ProcessingJob } from "./processing-job";

/**
 * Tells EventBridge where a processing job stands.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
 */
export function tellState({ local }: Context, job: ProcessingJob): void {
  const { arn, name, input, status, failureReason, exitMessage, createdAt, startedAt, endedAt, modifiedAt } = job;
  local.events.put({
    source: "aws.sagemaker",
    "detail-type": "SageMaker Processing Job State Change",
    resources: [arn],
    detail: {
      ProcessingJobName: name,
      ProcessingJobArn: arn,
      ProcessingJobStatus: status,
      FailureReason: failureReason,
      ExitMessage: exitMessage,
      RoleArn: input.RoleArn,
      AppSpecification: input.AppSpecification,
      ProcessingInputs: input.ProcessingInputs,
      ProcessingOutputConfig: input.ProcessingOutputConfig,
      ProcessingResources: input.ProcessingResources,
      StoppingCondition: input.StoppingCondition,
      CreationTime: createdAt.getTime(),
      ProcessingStartTime: startedAt?.getTime(),
      ProcessingEndTime: endedAt?.getTime(),
      LastModifiedTime: modifiedAt.getTime(),
    },
  });
}
