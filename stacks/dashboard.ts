import * as pulumi from "@pulumi/pulumi";
import type { ApiCanary } from "../components/api-canary";
import { Dashboard } from "../components/dashboard";
import { pipelineName } from "../components/deployment-pipeline/names";
import type { DriftMonitor } from "../components/drift-monitor";
import type { ModelQualityMonitor } from "../components/model-quality-monitor";
import type { SafeModel } from "../components/safe-model";
import type { StackConfig } from "../lib/config";
import type { Model } from "../lib/model";
import { governorName } from "../lib/monitoring-names";
import { variantName } from "../lib/release";
import { watchNames } from "./monitoring";

/** What watches the model, as far as the config wants it. */
interface Watchers {
  readonly drift: DriftMonitor | undefined;
  readonly quality: ModelQualityMonitor | undefined;
  readonly canary: ApiCanary | undefined;
}

/**
 * Shows what stack `prod` makes; `undefined` where its config wants no dashboard. It follows the release: its alarms are the new one's once
 * that has taken over, and stay the old one's if it has not.
 */
export function dashboard(
  config: StackConfig<"prod">,
  model: Model,
  live: SafeModel,
  { drift, quality, canary }: Watchers,
): Dashboard | undefined {
  if (!config.dashboard) {
    return undefined;
  }
  const { predict, preTraffic, postTraffic, alarms } = live.nodes.api.nodes;
  return new Dashboard(
    "dashboard",
    {
      dashboardName: watchNames(config.model).dashboard,
      functionName: predict.function.name,
      hookNames: [preTraffic, postTraffic].flatMap((hook) => (hook === undefined ? [] : [hook.function.name])),
      variantName: variantName(config.model, pulumi.getStack()),
      rolloutAlarmArns: alarms.map((alarm) => alarm.arn),
      drift: driftWidgets(config, model, live, drift),
      quality: quality === undefined ? undefined : { alarmArn: quality.alarmArn },
      canary: canary === undefined ? undefined : { canaryName: canary.canaryName, alarmArn: canary.nodes.alarm.arn },
      // The governor is part of the pipeline, which sets the boundary.
      retrain:
        config.permissionsBoundaryArn === undefined
          ? undefined
          : { functionName: governorName(pipelineName(config.model)) },
    },
    { dependsOn: live },
  );
}

function driftWidgets(
  config: StackConfig<"prod">,
  { columns }: Model,
  live: SafeModel,
  drift: DriftMonitor | undefined,
) {
  if (drift === undefined || config.driftMonitor === false) {
    return undefined;
  }
  const { engine, threshold, windowSeconds } = config.driftMonitor;
  const watched = { endpointName: live.endpointName, release: config.release };
  return {
    monitorName: watchNames(config.model).schedule,
    endpoint: engine === "modelMonitor" ? watched : undefined,
    alarmArn: drift.alarmArn,
    features: [columns.target, ...columns.inputs.map(({ name }) => name)],
    threshold,
    windowSeconds,
  };
}
