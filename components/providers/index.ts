// The dynamic resources' behaviour, in the process that Pulumi runs it in: what `dist/providers.js` is built from. The resources
// that a program declares are in the files beside this one; their shims load this module anew at each call.
// Imports jobs/, rollout/, run/ and lib/; nothing of @pulumi/pulumi but types, so that it loads fast.
export { endpointCheck } from "./endpoint/check";
export { processingJobRun } from "./jobs/processing";
export { trainingJobRun } from "./jobs/training";
export { lambdaRollout } from "./rollout/rollout-run";
