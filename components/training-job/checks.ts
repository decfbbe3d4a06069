import { JOB_ARGUMENTS } from "../jobs/arguments";
import { jobProblems } from "../jobs/job-parts";
import { sourceProblems } from "../jobs/source";
import { unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import { s3UriProblems } from "../support/s3-uris";
import type { QualityGate, TrainingJobArgs } from "./arguments";

/** 28 days: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html */
const MOST_SECONDS = 2_419_200;

/** The channel that a script reaches the container by. */
export const CODE_CHANNEL = "code";

/** Hyperparameters by which SageMaker's toolkit finds the script. */
export const PROGRAM = "sagemaker_program";
export const SUBMIT_DIRECTORY = "sagemaker_submit_directory";

/** Everything that is wrong with a job's arguments, each with the value and the rule, as far as they are known in the preview. */
export function trainingProblems(args: TrainingJobArgs): string[] {
  const { channels, hyperparameters = {}, spot, maxRuntimeSeconds = 3600, qualityGate } = args;
  const names = [...channels.map(({ name }) => name), ...(args.sourceDirectory === undefined ? [] : [CODE_CHANNEL])];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  const reserved = args.sourceDirectory === undefined ? [] : [PROGRAM, SUBMIT_DIRECTORY];
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...jobProblems(args, MOST_SECONDS),
    ...(names.length > 0 ? [] : ["channels must have at least one channel, got none"]),
    ...(twice === undefined ? [] : [`channels must have different names, got ${twice} more than once`]),
    ...s3UriProblems({
      ...Object.fromEntries(channels.map(({ s3Uri }, i) => [`channels[${i}].s3Uri`, s3Uri])),
      outputUri: args.outputUri,
      checkpointUri: args.checkpointUri,
    }),
    ...reserved.flatMap((name) =>
      name in hyperparameters ? [`hyperparameters.${name} is set by sourceDirectory`] : [],
    ),
    ...sourceProblems(args.sourceDirectory, args.entryPoint),
    ...(spot === undefined ? [] : unknownKeys(spot, ["maxWaitSeconds"], "spot")),
    ...wholeNumberProblems("spot.maxWaitSeconds", spot?.maxWaitSeconds, maxRuntimeSeconds, MOST_SECONDS),
    ...(qualityGate === undefined ? [] : gateProblems(qualityGate)),
  ];
}

function gateProblems(gate: QualityGate): string[] {
  const { maximum, minimum } = gate;
  return [
    ...unknownKeys(gate, ["metricName", "maximum", "minimum"], "qualityGate"),
    ...(maximum === undefined && minimum === undefined ? ["qualityGate must have a maximum or a minimum"] : []),
    ...(maximum !== undefined && minimum !== undefined && minimum > maximum
      ? [`qualityGate.minimum (${minimum}) must not be above qualityGate.maximum (${maximum})`]
      : []),
  ];
}

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<TrainingJobArgs>, true>> = {
  ...JOB_ARGUMENTS,
  trainingImage: true,
  channels: true,
  hyperparameters: true,
  outputUri: true,
  metricDefinitions: true,
  sourceDirectory: true,
  entryPoint: true,
  spot: true,
  checkpointUri: true,
  qualityGate: true,
};
