import * as pulumi from "@pulumi/pulumi";
import { apiName, dataCaptureUri, monitoringFolder, watchPrefix } from "../lib/release";
import { monitoringNames } from "../lib/monitoring-names";
import type { StackConfig } from "../lib/config";
import type { Model } from "../lib/model";
import { imageUri, releaseTags } from "./common";

/** Names of what watches a model in this stack. Another stack than `prod` has its own. */
export function watchNames(model: string) {
  return monitoringNames(watchPrefix(model, pulumi.getStack()));
}

/** What is the same for all that watches the releases of a stack. Another stack than `prod` has names and a folder of its own. */
export function monitoring({ model: name, ...config }: StackConfig<"prod">, model: Model, bucket: string) {
  const stack = pulumi.getStack();
  return {
    names: watchNames(name),
    args: {
      functionName: apiName(name, stack),
      captureUri: dataCaptureUri(name, bucket),
      outputUri: `s3://${bucket}/${monitoringFolder(name, stack)}`,
      answer: model.check.accept,
      image: imageUri(model.baseline.image),
      kmsKeyArn: config.kmsKeyArn,
      notificationTopicArn: config.notificationTopicArn,
      tags: releaseTags({ model: name }),
    },
  };
}
