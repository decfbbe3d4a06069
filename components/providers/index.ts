// What `dist/providers.js` is built from. A state says by these names which provider is its resource's: they never change.
export { endpointCheck } from "./endpoint-check-provider";
export { processingJobRun } from "./jobs/processing-job-provider";
export { trainingJobRun } from "./jobs/training-job-provider";
export { lambdaRollout } from "./rollout/rollout-provider";
