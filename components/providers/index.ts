// The dynamic resources' behaviour, in the process that Pulumi runs it in: what `dist/providers.js` is built from. The resources
// that a program declares are in the files beside this one; their shims load this module anew at each call.
// Imports jobs/, rollout/, run/ and lib/; nothing of @pulumi/pulumi but types, so that it loads fast.
import * as endpoint from "./endpoint/check";
import * as processing from "./jobs/processing";
import * as training from "./jobs/training";
import * as rollout from "./rollout/rollout-run";
import { inAccount } from "./run/account";

export const endpointCheck = inAccount(endpoint.endpointCheck);
export const processingJobRun = inAccount(processing.processingJobRun);
export const trainingJobRun = inAccount(training.trainingJobRun);
export const lambdaRollout = inAccount(rollout.lambdaRollout);
