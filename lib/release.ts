import { z } from "zod";

/** Which release of which model, and where its files are. */
export interface ReleaseKey {
  /** Model name, 1 to 15 characters. */
  readonly model: string;
  /** Release id: the CodePipeline execution id, or the user's own id for a release that is deployed by hand. */
  readonly release: string;
  /** Bucket for archives, baselines and captured traffic. */
  readonly bucket: string;
}

/** The stacks that a release is deployed to. */
export type Stage = "dev" | "prod";

/** How names and tags spell a stage. The spelling is that of the original sample. */
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

/**
 * The rule for a release id: what SageMaker allows in the middle of a name, at most as long as an execution id. It is in lower case, since
 * SageMaker writes names in ARNs so, and policies and the search for a release in an ARN tell cases apart.
 */
export const releaseId = z
  .string()
  .min(1, "must not be empty")
  .max(36, "must have at most 36 characters, the length of a CodePipeline execution id")
  .regex(/^[a-z0-9](-*[a-z0-9])*$/, "must be lower-case letters, digits and inner hyphens, such as 2026-11-24-1");

/** Folder of the archives that are served in production, below the model's prefix. */
export const DEPLOYED_ARCHIVES = "deployed";

/** Prefix of every name of a model: `mlops-<model>`. */
export function modelPrefix(model: string): string {
  return `mlops-${modelName.parse(model)}`;
}

/**
 * IAM path of the roles of one of a model's stacks, such as `/mlops-nyctaxi/prod/`. The role that deploys the stack may create, change and
 * pass on roles below this path and no others, so train and dev cannot reach production. A prefix of names is not enough, since `mlops-a`
 * is also a prefix of the names of a model `a-b`.
 */
export function roleFolder(model: string, stack: "train" | "dev" | "prod"): string {
  return `/${modelPrefix(model)}/${stack}/`;
}

/** Names and places of one release. They follow from the release alone, so a stack finds what another stack made without reading its outputs. */
export function releaseNames({ model, release, bucket }: ReleaseKey) {
  const prefix = modelPrefix(model);
  const id = releaseId.parse(release);
  const trainingJob = `${prefix}-${id}`;
  const baselineJob = `${prefix}-pbl-${id}`;
  const baselineUri = `s3://${bucket}/${prefix}/monitoring/baseline/${baselineJob}`;
  return {
    /** SageMaker experiment. Every release of the model is a trial of it. */
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

/** Prefix of the names of all endpoints of a stage. */
export function endpointPrefix(model: string, stage: Stage): string {
  return `${modelPrefix(model)}-${STAGE_NAMES[stage]}-`;
}

/** Name of a release's endpoint on a stage. */
export function endpointName(model: string, stage: Stage, release: string): string {
  return `${endpointPrefix(model, stage)}${releaseId.parse(release)}`;
}

/**
 * Where the archive lies that a release serves in production. Stack `prod` copies it there. The roles of the jobs, which may write the
 * archives of all releases, may not write here.
 */
export function deployedArchiveUri({ model, release, bucket }: ReleaseKey): string {
  return `s3://${bucket}/${modelPrefix(model)}/${DEPLOYED_ARCHIVES}/${endpointName(model, "prod", release)}/model.tar.gz`;
}

/** Name of the only production variant of a stage's endpoints. It is the same for every release. */
export function variantName(model: string, stage: Stage): string {
  return `${STAGE_NAMES[stage]}-${modelPrefix(model)}`;
}

/** Destination of captured traffic. Below it SageMaker writes `<endpoint>/<variant>/yyyy/mm/dd/hh/`. */
export function dataCaptureUri(model: string, bucket: string): string {
  return `s3://${bucket}/${modelPrefix(model)}/datacapture`;
}
