import {
  CreateTrialComponentCommand,
  DeleteTrialComponentCommand,
  DescribeTrialComponentCommand,
  ListTrialComponentsCommand,
} from "@aws-sdk/client-sagemaker";
import { operation, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import { invalid } from "./errors";
import { creationFilter, found } from "./experiments";
import { listPage } from "./listing";
import type { Details, TrialComponent } from "./trial-component";

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrialComponent.html and its siblings. */
export function trialComponentOperations(context: Context): readonly Operation[] {
  const { trialComponents, trials, tags } = context.store;
  return [
    operation(CreateTrialComponentCommand, ({ TrialComponentName: name, Tags, ...given }) => {
      if (trialComponents.has(name)) {
        throw invalid(
          `Trial component names must be unique within an AWS account and region. Trial component with name (${name}) already exists.`,
        );
      }
      const now = new Date();
      const arn = sageMakerArn(context, "experiment-trial-component", name);
      tags.create(arn, Tags);
      trialComponents.set(name, {
        name,
        arn,
        createdAt: now,
        modifiedAt: now,
        details: () => ({ ...given, DisplayName: given.DisplayName ?? name, Parameters: parameters(given.Parameters) }),
      });
      return { TrialComponentArn: arn };
    }),
    operation(DescribeTrialComponentCommand, ({ TrialComponentName }) =>
      describeComponent(found("TrialComponent", trialComponents, TrialComponentName)),
    ),
    operation(ListTrialComponentsCommand, (request) => {
      const members = componentsOf(context, request.ExperimentName, request.TrialName);
      const wanted = [...trialComponents.values()].filter(
        (component) =>
          (members === undefined || members.has(component.name)) &&
          (request.SourceArn === undefined || component.details().Source?.SourceArn === request.SourceArn),
      );
      const { items, NextToken } = listPage(wanted, creationFilter(request), "Descending");
      return { TrialComponentSummaries: items.map(summary), NextToken };
    }),
    operation(DeleteTrialComponentCommand, ({ TrialComponentName: name }) => {
      const { arn } = found("TrialComponent", trialComponents, name);
      if ([...trials.values()].some((trial) => trial.components.has(name))) {
        throw invalid(`TrialComponent '${name}' belongs to a trial; disassociate it first.`);
      }
      trialComponents.delete(name);
      tags.forget(arn);
      return { TrialComponentArn: arn };
    }),
  ];
}

/** Names of the components of a trial or of an experiment's trials; undefined where neither is asked for. */
function componentsOf({ store }: Context, experiment: string | undefined, trial: string | undefined) {
  if (experiment === undefined && trial === undefined) {
    return undefined;
  }
  const wanted = [...store.trials.values()].filter(
    (candidate) =>
      (experiment === undefined || candidate.input.ExperimentName === experiment) &&
      (trial === undefined || candidate.name === trial),
  );
  return new Set(wanted.flatMap((candidate) => [...candidate.components]));
}

interface GivenParameter {
  readonly NumberValue?: number;
  readonly StringValue?: string;
}

function parameters(given: Readonly<Record<string, GivenParameter>> = {}): Details["Parameters"] {
  return Object.fromEntries(
    Object.entries(given).map(([name, { NumberValue: number, StringValue: text = "" }]) => [
      name,
      number === undefined ? { StringValue: text } : { NumberValue: number },
    ]),
  );
}

/** All that there is to tell of a component. */
export function describeComponent(component: TrialComponent): Details {
  return {
    ...component.details(),
    TrialComponentName: component.name,
    TrialComponentArn: component.arn,
    CreationTime: component.createdAt,
    LastModifiedTime: component.modifiedAt,
  };
}

function summary(component: TrialComponent) {
  const { Source: source, ...details } = describeComponent(component);
  return { ...details, TrialComponentSource: source };
}
