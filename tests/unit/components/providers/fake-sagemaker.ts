import {
  AddTagsCommand,
  CreateExperimentCommand,
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  CreateTrialCommand,
  DeleteTagsCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  StopTrainingJobCommand,
  type CreateProcessingJobRequest,
  type CreateTrainingJobRequest,
  type DescribeProcessingJobResponse,
  type DescribeTrainingJobResponse,
  type Tag,
} from "@aws-sdk/client-sagemaker";
import { AwsError } from "local-aws/core/aws-error";
import type { Service } from "local-aws/core/http";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";

const ARN = "arn:aws:sagemaker:us-east-1:123456789012";

interface Job<Request, Description> {
  readonly request: Request;
  /** What one look after the other shows; the last of it for ever. */
  looks: Partial<Description>[];
}

/** Just enough of SageMaker: jobs whose states a test lays out look by look. */
export class FakeSageMaker {
  readonly trainingJobs = new Map<string, Job<CreateTrainingJobRequest, DescribeTrainingJobResponse>>();
  readonly processingJobs = new Map<string, Job<CreateProcessingJobRequest, DescribeProcessingJobResponse>>();
  readonly tags = new Map<string, Map<string, string>>();
  readonly experiments = new Set<string>();
  readonly trials = new Set<string>();
  /** What the next calls that create a job are refused with, one after the other. */
  readonly refusals: string[] = [];
  /** Given to the jobs that are created from now on. */
  trainingLooks: Partial<DescribeTrainingJobResponse>[] = [{ TrainingJobStatus: "Completed" }];
  processingLooks: Partial<DescribeProcessingJobResponse>[] = [{ ProcessingJobStatus: "Completed" }];

  readonly service: Service = jsonRpcService("SageMaker", [
    operation(CreateTrainingJobCommand, (request) => {
      this.refuse();
      const name = request.TrainingJobName;
      if (this.trainingJobs.has(name)) {
        throw new AwsError("ResourceInUse", "Training job names must be unique within an AWS account and region");
      }
      this.trainingJobs.set(name, { request, looks: [...this.trainingLooks] });
      this.tag(`${ARN}:training-job/${name}`, request.Tags);
      return { TrainingJobArn: `${ARN}:training-job/${name}` };
    }),
    operation(DescribeTrainingJobCommand, ({ TrainingJobName }) => {
      const job = this.trainingJobs.get(TrainingJobName);
      if (job === undefined) {
        throw new AwsError("ValidationException", "Requested resource not found.");
      }
      return {
        ...job.request,
        StoppingCondition: job.request.StoppingCondition,
        // SageMaker describes more than it was told.
        OutputDataConfig: { KmsKeyId: "", CompressionType: "GZIP" as const, ...job.request.OutputDataConfig! },
        TrainingJobArn: `${ARN}:training-job/${TrainingJobName}`,
        ModelArtifacts: { S3ModelArtifacts: undefined },
        TrainingJobStatus: "InProgress" as const,
        SecondaryStatus: "Starting" as const,
        CreationTime: new Date(0),
        ...next(job.looks),
      };
    }),
    operation(StopTrainingJobCommand, ({ TrainingJobName }) => {
      this.trainingJobs.get(TrainingJobName)!.looks = [
        { TrainingJobStatus: "Stopping", SecondaryStatus: "Stopping" },
        { TrainingJobStatus: "Stopped", SecondaryStatus: "Stopped" },
      ];
      return {};
    }),
    operation(CreateProcessingJobCommand, (request) => {
      this.refuse();
      const name = request.ProcessingJobName;
      this.processingJobs.set(name, { request, looks: [...this.processingLooks] });
      this.tag(`${ARN}:processing-job/${name}`, request.Tags);
      return { ProcessingJobArn: `${ARN}:processing-job/${name}` };
    }),
    operation(DescribeProcessingJobCommand, ({ ProcessingJobName }) => {
      const job = this.processingJobs.get(ProcessingJobName);
      if (job === undefined) {
        throw new AwsError("ValidationException", `Could not find requested job with name: ${ProcessingJobName}`);
      }
      return {
        ...job.request,
        ProcessingJobArn: `${ARN}:processing-job/${ProcessingJobName}`,
        CreationTime: new Date(0),
        ProcessingJobStatus: "InProgress" as const,
        ...next(job.looks),
      };
    }),
    operation(CreateExperimentCommand, ({ ExperimentName }) => {
      if (this.experiments.has(ExperimentName)) {
        throw new AwsError(
          "ValidationException",
          `Experiment names must be unique within an AWS account and region. Experiment with name (${ExperimentName}) already exists.`,
        );
      }
      this.experiments.add(ExperimentName);
      return { ExperimentArn: `${ARN}:experiment/${ExperimentName}` };
    }),
    operation(CreateTrialCommand, ({ TrialName }) => {
      this.trials.add(TrialName);
      return { TrialArn: `${ARN}:experiment-trial/${TrialName}` };
    }),
    operation(ListTagsCommand, ({ ResourceArn }) => ({
      Tags: [...(this.tags.get(ResourceArn) ?? [])].map(([Key, Value]) => ({ Key, Value })),
    })),
    operation(AddTagsCommand, ({ ResourceArn, Tags }) => {
      this.tag(ResourceArn, Tags);
      return {};
    }),
    operation(DeleteTagsCommand, ({ ResourceArn, TagKeys }) => {
      TagKeys.forEach((key) => this.tags.get(ResourceArn)?.delete(key));
      return {};
    }),
  ]);

  private refuse(): void {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      throw new AwsError("ValidationException", refusal);
    }
  }

  private tag(arn: string, tags: readonly Tag[] = []): void {
    const all = this.tags.get(arn) ?? new Map<string, string>();
    tags.forEach(({ Key, Value }) => all.set(Key!, Value!));
    this.tags.set(arn, all);
  }
}

/** Takes one look off, but for the last. */
function next<T>(looks: T[]): T | undefined {
  return looks.length > 1 ? looks.shift() : looks[0];
}
