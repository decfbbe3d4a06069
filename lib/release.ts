import { z } from "zod";

/** Which release of which model, and where its files are. */
export interface ReleaseKey {
  /** Model name, 1 to 15 characters. */
  readonly model: string;
  /** Release id: the CodePipeline execution id, or what the user calls a release deployed by hand. */
  readonly release: string;
  /** Bucket for archives, baselines and captured traffic. */
  readonly bucket: string;
}

/** The stacks that a release is deployed to. */
export type Stage = "dev" | "prod";

/** How names and tags spell a stage, as those of the original do. */
export const STAGE_NAMES = { train: "train", dev: "dev", prod: "prd" } as const;

/**
 * The rule for a model's name. 15 characters, because `mlops-<model>-prd-<execution id of 36>` must fit into the 63 characters of an
 * endpoint's name; lower case, because it is part of S3 and Lambda names.
 */
export const modelName = z
  .string()
  .min(1, "must not be empty")
  .max(15, "must have at most 15 characters, so that mlops-<model>-prd-<release> fits into SageMaker's 63")
  .regex(/^[a-z0-9](-*[a-z0-9])*$/, "must be lower-case letters, digits and inner hyphens, such as nyctaxi");

/** The rule for a release id: what SageMaker allows in the middle of a name, at most as long as an execution id. */
export const releaseId = z
  .string()
  .min(1, "must not be empty")
  .max(36, "must have at most 36 characters, the length of a CodePipeline execution id")
  .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/, "must be letters, digits and inner hyphens, such as 2026-11-24-1");

/** Everything of a model that its releases share: `mlops-<model>`. */
export function modelPrefix(model: string): string {
  return `mlops-${modelName.parse(model)}`;
}

/**
 * IAM path of the roles of one of a model's stacks, such as `/mlops-nyctaxi/prod/`. The role that deploys the stack may make, change and
 * hand on roles below it and no others, so that nothing of train and dev reaches what serves; a prefix of names would not do, since
 * `mlops-a` also begins what belongs to a model `a-b`.
 */
export function roleFolder(model: string, stack: "train" | "dev" | "prod"): string {
  return `/${modelPrefix(model)}/${stack}/`;
}

/** Names and places of one release. Pure, so that every stack finds what another one made without reading its outputs. */
export function releaseNames({ model, release, bucket }: ReleaseKey) {
  const prefix = modelPrefix(model);
  const id = releaseId.parse(release);
  const trainingJob = `${prefix}-${id}`;
  const baselineJob = `${prefix}-pbl-${id}`;
  const baselineUri = `s3://${bucket}/${prefix}/monitoring/baseline/${baselineJob}`;
  return {
    /** SageMaker experiment that every release of the model is a trial of. */
    experiment: prefix,
    trial: trainingJob,
    trainingJob,
    baselineJob,
    /** `S3OutputPath` of the training job, which appends `<job>/output/model.tar.gz`. */
    trainingOutputUri: `s3://${bucket}/${prefix}`,
    modelArchiveUri: `s3://${bucket}/${prefix}/${trainingJob}/output/model.tar.gz`,
    baselineUri,
    statisticsUri: `${baselineUri}/statistics.json`,
    constraintsUri: `${baselineUri}/constraints.json`,
  };
}

/** What the names of all endpoints of a stage begin with. */
export function endpointPrefix(model: string, stage: Stage): string {
  return `${modelPrefix(model)}-${STAGE_NAMES[stage]}-`;
}

/** Name of a release's endpoint on a stage. */
export function endpointName(model: string, stage: Stage, release: string): string {
  return `${endpointPrefix(model, stage)}${releaseId.parse(release)}`;
}

/** Name of the one production variant of a stage's endpoints; the same for every release. */
export function variantName(model: string, stage: Stage): string {
  return `${STAGE_NAMES[stage]}-${modelPrefix(model)}`;
}

/** Destination of captured traffic, below which SageMaker writes `<endpoint>/<variant>/yyyy/mm/dd/hh/`. */
export function dataCaptureUri(model: string, bucket: string): string {
  return `s3://${bucket}/${modelPrefix(model)}/datacapture`;
}
