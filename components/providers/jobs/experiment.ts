import {
  CreateExperimentCommand,
  CreateTrialCommand,
  type ExperimentConfig,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { answered } from "../support/aws";
import type { TrialAssociation } from "./job-kind";

/**
 * Creates the experiment and the trial if they do not exist. Two jobs of one release may do so at the same time.
 *
 * @returns why there is no room for them, if so. An experiment holds 300 trials, unless the account's quota says otherwise
 */
export async function makeTrial(
  client: SageMakerClient,
  { experimentName, trialName }: TrialAssociation,
): Promise<string | undefined> {
  try {
    await unlessThere(() => client.send(new CreateExperimentCommand({ ExperimentName: experimentName })));
    await unlessThere(() =>
      client.send(new CreateTrialCommand({ TrialName: trialName, ExperimentName: experimentName })),
    );
    return undefined;
  } catch (error) {
    if (answered(error, "ResourceLimitExceeded")) {
      return `there is no room in experiment ${experimentName}: ${error.message}`;
    }
    throw error;
  }
}

/** The association in the form that a create request takes. */
export function experimentConfig(association: TrialAssociation | undefined): ExperimentConfig | undefined {
  return (
    association && {
      ExperimentName: association.experimentName,
      TrialName: association.trialName,
      TrialComponentDisplayName: association.displayName,
    }
  );
}

/** SageMaker has no code of its own for a name that is taken: "Experiment names must be unique within an AWS account and region". */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof Error && /must be unique|already exists/i.test(error.message))) {
      throw error;
    }
  }
}
