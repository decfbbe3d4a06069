import type * as pulumi from "@pulumi/pulumi";
import { MONITORING_FOLDER, monitoringNames, MONITORING_SUBFOLDERS } from "../../lib/monitoring-names";
import { apiName, modelPrefix } from "../../lib/release";
import { RetrainGovernor } from "../retrain-governor";
import type { RetrainGovernorTransforms, RetrainSettings } from "../retrain-governor/arguments";
import type { ArtifactStore } from "./artifact-store";
import { pipelineName } from "./names";
import { DATA_ACTION } from "./sources";

/** Arguments of {@link retraining}. */
export interface RetrainingArgs {
  readonly model: string;
  /** Bucket for the model's data, in which decisions are kept. */
  readonly bucket: pulumi.Input<string>;
  /** Key of that bucket. @default - none is needed */
  readonly kmsKeyArn?: pulumi.Input<string>;
  readonly pipelineArn: pulumi.Input<string>;
  readonly store: ArtifactStore;
  readonly dataKey: string;
  readonly topicArn: pulumi.Input<string>;
  readonly settings: RetrainSettings | false;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the program changes of the governor. @default - nothing */
  readonly transform?: RetrainGovernorTransforms;
}

/** The governor of a pipeline's retrainings; `undefined` if there is to be none. */
export function retraining(name: string, args: RetrainingArgs, parent: pulumi.Resource): RetrainGovernor | undefined {
  const { model, bucket, kmsKeyArn, store, settings } = args;
  if (settings === false) {
    return undefined;
  }
  const prefix = modelPrefix(model);
  const { driftAlarm, qualityAlarm } = monitoringNames(prefix);
  return new RetrainGovernor(
    name,
    {
      ...settings,
      alarmNames: settings.alarmNames ?? [driftAlarm, qualityAlarm],
      pipelineName: pipelineName(model),
      pipelineArn: args.pipelineArn,
      data: { bucket: store.bucketName, key: args.dataKey, sourceAction: DATA_ACTION },
      rolloutApplication: apiName(model, "prod"),
      decisions: { bucket, folder: `${prefix}/${MONITORING_FOLDER}/${MONITORING_SUBFOLDERS.retrain}` },
      topicArn: args.topicArn,
      kmsKeyArns: [store.keyArn, ...(kmsKeyArn === undefined ? [] : [kmsKeyArn])],
      tags: args.tags,
      transform: args.transform,
    },
    { parent },
  );
}
