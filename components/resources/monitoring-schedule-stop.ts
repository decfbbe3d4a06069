import type * as pulumi from "@pulumi/pulumi";
import type { MonitoringStopInputs } from "../providers/monitoring-stop-provider";
import type { WaitingArguments } from "./arguments";
import { OwnResource } from "./own-resource";
import { shim } from "./shim";

/** Arguments for {@link MonitoringScheduleStop}: see {@link MonitoringStopInputs} for each. */
export type MonitoringScheduleStopArgs = WaitingArguments<MonitoringStopInputs>;

/**
 * Stops a monitoring schedule, and what it runs, when this resource is deleted. SageMaker deletes no schedule while one of its executions is
 * in progress, and the AWS provider fails then. It must depend on the schedule, so that it is deleted before it.
 */
export class MonitoringScheduleStop extends OwnResource {
  constructor(name: string, args: MonitoringScheduleStopArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args }, opts, "sagemaker-safe-deploy", "MonitoringScheduleStop");
  }
}

const provider = shim("monitoringScheduleStop");
