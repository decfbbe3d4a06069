/**
 * The local SageMaker: jobs, models, endpoints, experiments, and the runtime that answers predictions. Its containers
 * are real processes (`images/`); what AWS takes time for takes it here too, on the local clock.
 */
import { Background } from "../../core/background";
import type { Service } from "../../core/http";
import { jsonRpcService } from "../../core/json-rpc";
import { type Local, violationsOf } from "../../core/local";
import { restJsonService } from "../../core/rest-json";
import type { VariantScaling } from "../../core/variant-scaling";
import type { Context } from "./context";
import { dataQualityJobDefinitionOperations } from "./data-quality-job-definitions";
import { endpointConfigOperations } from "./endpoint-configs";
import { stopFleet } from "./endpoint-deployment";
import { endpointOperations } from "./endpoints";
import { experimentOperations, trialOperations } from "./experiments";
import { modelOperations } from "./models";
import { monitoringScheduleOperations } from "./monitoring-schedules";
import { stopWatching } from "./monitoring-watch";
import { notebookInstanceOperations } from "./notebook-instances";
import { notebookLifecycleConfigOperations } from "./notebook-lifecycle-configs";
import { processingJobOperations } from "./processing-jobs";
import { runtimeOperations } from "./runtime";
import { searchOperations } from "./search";
import { Store } from "./store";
import { tagOperations } from "./tags";
import { trainingJobOperations } from "./training-jobs";
import { transformJobOperations } from "./transform-jobs";
import { trialComponentOperations } from "./trial-components";
import { variantScaling } from "./variant-scaling";

/** SageMaker's API, its runtime's API, and what Application Auto Scaling needs of its variants. */
export interface SageMaker {
  /** Closing it ends every job and container and writes what endpoints have captured. */
  readonly sagemaker: Service;
  readonly runtime: Service;
  readonly variants: VariantScaling;
}

export function sageMaker(local: Local): SageMaker {
  const context: Context = {
    local,
    store: new Store(),
    background: new Background(),
  };
  const { variants, deleted } = variantScaling(context);
  const operations = [
    ...trainingJobOperations(context),
    ...processingJobOperations(context),
    ...transformJobOperations(context),
    ...modelOperations(context),
    ...endpointConfigOperations(context),
    ...endpointOperations(context, deleted),
    ...dataQualityJobDefinitionOperations(context),
    ...monitoringScheduleOperations(context),
    ...notebookInstanceOperations(context),
    ...notebookLifecycleConfigOperations(context),
    ...experimentOperations(context),
    ...trialOperations(context),
    ...trialComponentOperations(context),
    ...searchOperations(context),
    ...tagOperations(context),
  ];
  return {
    sagemaker: jsonRpcService("SageMaker", operations, {
      close: () => close(context),
      violations: violationsOf(local, "sagemaker"),
    }),
    runtime: restJsonService("SageMaker Runtime", runtimeOperations(context), {
      violations: violationsOf(local, "sagemaker-runtime"),
    }),
    variants,
  };
}

async function close(context: Context): Promise<void> {
  const { store, background } = context;
  stopWatching(context);
  const endpoints = [...store.endpoints.values()];
  const jobs = [store.trainingJobs, store.processingJobs, store.transformJobs].flatMap((all) => [...all.values()]);
  for (const { control } of [...jobs, ...endpoints]) {
    control.stop("closing");
  }
  await Promise.all(endpoints.flatMap(({ fleet }) => (fleet === undefined ? [] : [stopFleet(fleet)])));
  await background.ended();
}
