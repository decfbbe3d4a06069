// What `dist/providers.js` is built from. A state says by these names which provider is its resource's: they never change.
import * as endpointCheckProvider from "./endpoint-check-provider";
import * as processingJobProvider from "./jobs/processing-job-provider";
import * as trainingJobProvider from "./jobs/training-job-provider";
import * as rolloutProvider from "./rollout/rollout-provider";
import { inAccount } from "./support/account";

export const endpointCheck = inAccount(endpointCheckProvider.endpointCheck);
export const processingJobRun = inAccount(processingJobProvider.processingJobRun);
export const trainingJobRun = inAccount(trainingJobProvider.trainingJobRun);
export const lambdaRollout = inAccount(rolloutProvider.lambdaRollout);
