import * as pulumi from "@pulumi/pulumi";
import { apiName, dataCaptureUri, modelPrefix } from "../lib/release";
import { MONITORING_FOLDER, monitoringNames } from "../lib/monitoring-names";
import type { StackConfig } from "../lib/config";
import type { Model } from "../lib/model";
import { imageUri, releaseTags } from "./common";

/** Names of what watches a model in this stack. Another stack than `prod` has its own. */
export function watchNames(model: string) {
  return monitoringNames(apiName(model, pulumi.getStack()).replace(/-api$/, ""));
}

/** What is the same for all that watches the releases of a stack. Another stack than `prod` has names and a folder of its own. */
export function monitoring({ model: name, ...config }: StackConfig<"prod">, model: Model, bucket: string) {
  const [prefix, own] = [modelPrefix(name), apiName(name, pulumi.getStack())];
  const names = watchNames(name);
  const isProd = names.schedule === monitoringNames(prefix).schedule;
  const folder = [prefix, MONITORING_FOLDER, ...(isProd ? [] : [own])].join("/");
  return {
    names,
    args: {
      functionName: own,
      captureUri: dataCaptureUri(name, bucket),
      outputUri: `s3://${bucket}/${folder}`,
      answer: model.check.accept,
      image: imageUri(model.baseline.image),
      kmsKeyArn: config.kmsKeyArn,
      notificationTopicArn: config.notificationTopicArn,
      tags: releaseTags({ model: name }),
    },
  };
}
