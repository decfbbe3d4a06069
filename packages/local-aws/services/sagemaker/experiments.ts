import {
  AssociateTrialComponentCommand,
  CreateExperimentCommand,
  CreateTrialCommand,
  DeleteExperimentCommand,
  DeleteTrialCommand,
  DescribeExperimentCommand,
  DescribeTrialCommand,
  DisassociateTrialComponentCommand,
  ListExperimentsCommand,
  ListTrialsCommand,
  type CreateTrialCommandInput,
} from "@aws-sdk/client-sagemaker";
import { AwsError } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import { invalid } from "./errors";
import type { Experiment, Trial } from "./experiment";
import { listPage } from "./listing";

/** Experiments, trials and their components are missing by `ResourceNotFound`, unlike most of SageMaker. */
export function found<T>(kind: string, all: ReadonlyMap<string, T>, name: string): T {
  const resource = all.get(name);
  if (resource === undefined) {
    throw new AwsError("ResourceNotFound", `${kind} '${name}' does not exist.`);
  }
  return resource;
}

function unused(kind: string, all: ReadonlyMap<string, unknown>, name: string): void {
  if (all.has(name)) {
    throw invalid(
      `${kind} names must be unique within an AWS account and region. ${kind} with name (${name}) already exists.`,
    );
  }
}

/** Trials of one experiment, those that SageMaker makes by itself left out. */
const MOST_TRIALS = 300;

/** Refuses one more trial of an experiment that is full, in AWS's words: https://github.com/aws/amazon-sagemaker-examples/pull/3396 */
function roomForTrial({ store }: Context, experiment: string): void {
  const trials = [...store.trials.values()].filter(({ input }) => input.ExperimentName === experiment);
  const own = trials.filter(({ automatic }) => !automatic).length;
  if (own >= MOST_TRIALS) {
    throw new AwsError(
      "ResourceLimitExceeded",
      "The account-level service limit 'Total number of trials allowed in a single experiment, excluding those automatically created by " +
        `SageMaker' is ${MOST_TRIALS} Trials, with current utilization of ${own} Trials and a request delta of 1 Trials. Please contact ` +
        "AWS support to request an increase for this limit.",
    );
  }
}

/** Makes a trial of an existing experiment. @param automatic whether SageMaker makes it by itself */
export function createTrial(context: Context, input: Checked<CreateTrialCommandInput>, automatic = false): Trial {
  const { store } = context;
  unused("Trial", store.trials, input.TrialName);
  found("Experiment", store.experiments, input.ExperimentName);
  if (!automatic) {
    roomForTrial(context, input.ExperimentName);
  }
  const now = new Date();
  const arn = sageMakerArn(context, "experiment-trial", input.TrialName);
  const common = { name: input.TrialName, arn, input, createdAt: now, modifiedAt: now };
  const trial: Trial = { ...common, automatic, components: new Set() };
  store.tags.create(arn, input.Tags);
  store.trials.set(input.TrialName, trial);
  return trial;
}

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateExperiment.html and its siblings. */
export function experimentOperations(context: Context): readonly Operation[] {
  const { experiments, trials, tags } = context.store;
  return [
    operation(CreateExperimentCommand, (input) => {
      const { ExperimentName: name } = input;
      unused("Experiment", experiments, name);
      const now = new Date();
      const arn = sageMakerArn(context, "experiment", name);
      tags.create(arn, input.Tags);
      experiments.set(name, { name, arn, input, createdAt: now, modifiedAt: now });
      return { ExperimentArn: arn };
    }),
    operation(DescribeExperimentCommand, ({ ExperimentName }) => {
      const { input, ...experiment } = found("Experiment", experiments, ExperimentName);
      return { ...experimentSummary({ input, ...experiment }), Description: input.Description };
    }),
    operation(ListExperimentsCommand, (request) => {
      const { items, NextToken } = listPage(experiments.values(), creationFilter(request), "Descending");
      return { ExperimentSummaries: items.map(experimentSummary), NextToken };
    }),
    operation(DeleteExperimentCommand, ({ ExperimentName: name }) => {
      const { arn } = found("Experiment", experiments, name);
      if ([...trials.values()].some((trial) => trial.input.ExperimentName === name)) {
        throw invalid(`Experiment '${name}' has trials; delete them first.`);
      }
      experiments.delete(name);
      tags.forget(arn);
      return { ExperimentArn: arn };
    }),
  ];
}

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrial.html and its siblings. */
export function trialOperations(context: Context): readonly Operation[] {
  const { trials, trialComponents, tags } = context.store;
  return [
    operation(CreateTrialCommand, (input) => ({ TrialArn: createTrial(context, input).arn })),
    operation(DescribeTrialCommand, ({ TrialName }) => {
      const trial = found("Trial", trials, TrialName);
      return {
        ...trialSummary(trial),
        ExperimentName: trial.input.ExperimentName,
        MetadataProperties: trial.input.MetadataProperties,
      };
    }),
    operation(ListTrialsCommand, (request) => {
      const { ExperimentName: experiment, TrialComponentName: component } = request;
      const wanted = [...trials.values()].filter(
        (trial) =>
          (experiment === undefined || trial.input.ExperimentName === experiment) &&
          (component === undefined || trial.components.has(component)),
      );
      const { items, NextToken } = listPage(wanted, creationFilter(request), "Descending");
      return { TrialSummaries: items.map(trialSummary), NextToken };
    }),
    operation(DeleteTrialCommand, ({ TrialName: name }) => {
      const { arn, components } = found("Trial", trials, name);
      if (components.size > 0) {
        throw invalid(`Trial '${name}' has trial components; disassociate them first.`);
      }
      trials.delete(name);
      tags.forget(arn);
      return { TrialArn: arn };
    }),
    operation(AssociateTrialComponentCommand, ({ TrialName, TrialComponentName }) => {
      const trial = found("Trial", trials, TrialName);
      const component = found("TrialComponent", trialComponents, TrialComponentName);
      trial.components.add(TrialComponentName);
      trial.modifiedAt = new Date();
      return { TrialArn: trial.arn, TrialComponentArn: component.arn };
    }),
    operation(DisassociateTrialComponentCommand, ({ TrialName, TrialComponentName }) => {
      const trial = found("Trial", trials, TrialName);
      const component = found("TrialComponent", trialComponents, TrialComponentName);
      trial.components.delete(TrialComponentName);
      trial.modifiedAt = new Date();
      return { TrialArn: trial.arn, TrialComponentArn: component.arn };
    }),
  ];
}

/** The lists of experiments call the creation time's bounds otherwise than the rest of SageMaker. */
export function creationFilter<T extends { readonly CreatedAfter?: Date; readonly CreatedBefore?: Date }>(request: T) {
  return { ...request, CreationTimeAfter: request.CreatedAfter, CreationTimeBefore: request.CreatedBefore };
}

function experimentSummary({ name, arn, input, createdAt, modifiedAt }: Experiment) {
  return {
    ExperimentName: name,
    ExperimentArn: arn,
    DisplayName: input.DisplayName ?? name,
    CreationTime: createdAt,
    LastModifiedTime: modifiedAt,
  };
}

function trialSummary({ name, arn, input, createdAt, modifiedAt }: Trial) {
  return {
    TrialName: name,
    TrialArn: arn,
    DisplayName: input.DisplayName ?? name,
    CreationTime: createdAt,
    LastModifiedTime: modifiedAt,
  };
}
