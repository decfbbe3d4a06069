import { invalid } from "./errors";
import { builtInMetrics } from "./images";
import type { ProcessingJobInput } from "./processing-job";
import type { TrainingJobInput } from "./training-job";

/** 28 days: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html */
const MOST_TRAINING_SECONDS = 2_419_200;
const DEFAULT_TRAINING_SECONDS = 86_400;

/** What SageMaker refuses of a training job beyond the limits that its service model has. */
export function checkTrainingRules(input: TrainingJobInput, image: string): void {
  const { AlgorithmSpecification: algorithm, StoppingCondition: stopping, InputDataConfig: channels = [] } = input;
  if ((algorithm?.MetricDefinitions ?? []).length > 0 && builtInMetrics(image).length > 0) {
    throw invalid(
      "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request without specifying metric " +
        "definitions.",
    );
  }
  // In words of our own: nobody has shown AWS's.
  if ((stopping?.MaxRuntimeInSeconds ?? 0) > MOST_TRAINING_SECONDS) {
    throw invalid(`MaxRuntimeInSeconds must be at most ${MOST_TRAINING_SECONDS}, got ${stopping?.MaxRuntimeInSeconds}`);
  }
  checkSpotRules(input);
  distinct(
    "InputDataConfig",
    channels.map(({ ChannelName }) => ChannelName),
  );
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html, in words of our own. */
function checkSpotRules({ EnableManagedSpotTraining: spot, StoppingCondition: stopping }: TrainingJobInput): void {
  const { MaxRuntimeInSeconds: run = DEFAULT_TRAINING_SECONDS, MaxWaitTimeInSeconds: wait } = stopping ?? {};
  if (spot !== true && wait !== undefined) {
    throw invalid("MaxWaitTimeInSeconds is only for jobs with EnableManagedSpotTraining");
  }
  if (spot === true && (wait === undefined || wait < run)) {
    throw invalid(
      `MaxWaitTimeInSeconds must be given with EnableManagedSpotTraining, and at least MaxRuntimeInSeconds (${run}), got ${wait}`,
    );
  }
}

/** The same of a processing job. */
export function checkProcessingRules({
  ProcessingInputs: inputs,
  ProcessingOutputConfig: outputs,
}: ProcessingJobInput): void {
  distinct(
    "ProcessingInputs",
    (inputs ?? []).map(({ InputName }) => InputName),
  );
  distinct(
    "ProcessingOutputConfig.Outputs",
    (outputs?.Outputs ?? []).map(({ OutputName }) => OutputName),
  );
}

function distinct(member: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw invalid(`${member} must have different names, got ${twice} more than once`);
  }
}
