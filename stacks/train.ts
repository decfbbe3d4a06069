import { join } from "node:path";
import { BaselineJob } from "../components/baseline-job";
import { TrainingJob } from "../components/training-job";
import type { StackConfig } from "../lib/config";
import { hyperparameterTexts, type DataFolder, type Model } from "../lib/model";
import { packageRoot } from "../lib/package-root";
import { releaseNames } from "../lib/release";
import { bucketOf, imageUri, releaseTags, trainingJobOf } from "./common";
import { requirePlaces } from "./places";

/** Trains a release's model and, at the same time, describes its training data. The model must pass the quality gate. */
export async function train(config: StackConfig<"train">, model: Model) {
  const bucket = await bucketOf(config);
  const names = releaseNames({ ...config, bucket });
  const dataUri = (folder: DataFolder) => `s3://${bucket}/${model.dataPrefix}/${folder}`;
  const { trainingDataUri, validationDataUri, baselineDataUri } = config;
  const named = { trainingDataUri, validationDataUri, baselineDataUri };
  const data = {
    trainingDataUri: trainingDataUri ?? dataUri("training"),
    validationDataUri: validationDataUri ?? dataUri("validation"),
    baselineDataUri: baselineDataUri ?? dataUri("baseline"),
  };
  // A release that has been trained does not need its data any more. The pipeline names those of its releases, and a pull request has none.
  const isTrained = async () => (await trainingJobOf({ ...config, bucket })) !== undefined;
  const needed = config.permissionsBoundaryArn === undefined ? data : named;
  await requirePlaces(bucket, async () => ((await isTrained()) ? {} : needed));
  const common = {
    kmsKeyArn: config.kmsKeyArn,
    enableNetworkIsolation: config.networkIsolation,
    experiment: { experimentName: names.experiment, trialName: names.trial },
    tags: releaseTags(config),
    pollSeconds: config.pollSeconds,
  };
  const qualityGate = gateOf(model, config);
  const training = new TrainingJob(`training-${config.release}`, {
    ...common,
    jobName: names.trainingJob,
    trainingImage: imageUri(model.image),
    channels: [
      { name: "train", s3Uri: data.trainingDataUri },
      { name: "validation", s3Uri: data.validationDataUri },
    ],
    hyperparameters: hyperparameterTexts(model, config.hyperparameters),
    outputUri: names.trainingOutputUri,
    instanceType: config.trainingInstanceType,
    maxRuntimeSeconds: config.trainingMaxRuntimeSeconds,
    metricDefinitions: model.metrics.length > 0 ? model.metrics : undefined,
    ...(model.script && {
      sourceDirectory: join(model.folder, model.script.folder),
      entryPoint: model.script.entryPoint,
    }),
    qualityGate,
  });
  const baseline = new BaselineJob(`baseline-${config.release}`, {
    ...common,
    jobName: names.baselineJob,
    image: imageUri(model.baseline.image),
    datasetUri: data.baselineDataUri,
    scriptFile: baselineScript(model),
    outputUri: names.baselineUri,
    instanceType: config.baselineInstanceType,
    maxRuntimeSeconds: config.baselineMaxRuntimeSeconds,
  });
  return {
    release: config.release,
    trainingJobArn: training.jobArn,
    modelDataUrl: training.modelDataUrl,
    metrics: training.metrics,
    qualityGate,
    billableSeconds: training.billableSeconds,
    statisticsUri: baseline.statisticsUri,
    constraintsUri: baseline.constraintsUri,
  };
}

/** The model's quality gate, with the limits that the config sets over its own. */
function gateOf({ qualityGate: { metric, ...limits } }: Model, config: StackConfig<"train">) {
  return { metricName: metric, ...limits, ...config.qualityGate };
}

/** The model's own program for the baseline, else the one of `monitoring`, which describes any table. */
function baselineScript({ folder, baseline: { script } }: Model): string {
  return script === undefined ? join(packageRoot(), "monitoring", "baseline.py") : join(folder, script);
}
