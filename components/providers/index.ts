// `dist/providers.js` is built from this file. States name the providers by these names, so they must never change.
import * as apiGateway from "./api-gateway-account-provider";
import * as endpoint from "./endpoint-check-provider";
import * as failedEndpoint from "./failed-endpoint-provider";
import * as processing from "./jobs/processing-job-provider";
import * as training from "./jobs/training-job-provider";
import * as archive from "./model-archive-provider";
import * as monitoringStop from "./monitoring-stop-provider";
import * as rollout from "./rollout/rollout-provider";
import { inAccount } from "./support/account";

export const apiGatewayAccount = inAccount(apiGateway.apiGatewayAccount);
export const endpointCheck = inAccount(endpoint.endpointCheck);
export const failedEndpointRemoval = inAccount(failedEndpoint.failedEndpointRemoval);
export const modelArchiveCopy = inAccount(archive.modelArchiveCopy);
export const monitoringScheduleStop = inAccount(monitoringStop.monitoringScheduleStop);
export const processingJobRun = inAccount(processing.processingJobRun);
export const trainingJobRun = inAccount(training.trainingJobRun);
export const lambdaRollout = inAccount(rollout.lambdaRollout);
