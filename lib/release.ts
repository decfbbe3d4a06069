import { z } from "zod";
import { MONITORING_FOLDER } from "./monitoring-names";
import { stackPart } from "./stack-name";

/** Which release of which model, and where its files are. */
export interface ReleaseKey {
  /** Model name, 1 to 15 characters. */
  readonly model: string;
  /** Release id: the CodePipeline execution id, or the user's own id for a release that is deployed by hand. */
  readonly release: string;
  /** Bucket for archives, baselines and captured traffic. */
  readonly bucket: string;
}

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

/** Folder of the archives that are served in production and of their baselines, below the model's prefix. */
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
export function roleFolder(model: string, stack: string): string {
  return `/${modelPrefix(model)}/${stack}/`;
}

/** Names and places of one release. They follow from the release alone, so a stack finds what another stack made without reading its outputs. */
export function releaseNames({ model, release, bucket }: ReleaseKey) {
  const prefix = modelPrefix(model);
  const id = releaseId.parse(release);
  const trainingJob = trainingJobName(model, id);
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
    /** Folder of the release's baseline, which is called like its job. */
    baselineUri,
    statisticsUri: `${baselineUri}/statistics.json`,
    constraintsUri: `${baselineUri}/constraints.json`,
  };
}

/** Name of a release's training job. @param release @default - `{release}`, for whoever puts ids there */
export function trainingJobName(model: string, release = "{release}"): string {
  return `${modelPrefix(model)}-${release}`;
}

/** Prefix of the names of all endpoints of a stack. */
export function endpointPrefix(model: string, stack: string): string {
  return `${modelPrefix(model)}-${stackPart(stack)}-`;
}

/** Name of a release's endpoint in a stack. */
export function endpointName(model: string, stack: string, release: string): string {
  return `${endpointPrefix(model, stack)}${releaseId.parse(release)}`;
}

/**
 * Where the archive lies that a release serves in a stack of kind `prod`. The stack copies it there. The roles of the jobs, which may write
 * the archives of all releases, may not write here.
 */
export function deployedArchiveUri({ model, release, bucket }: ReleaseKey, stack: string): string {
  return `s3://${bucket}/${modelPrefix(model)}/${DEPLOYED_ARCHIVES}/${endpointName(model, stack, release)}/model.tar.gz`;
}

/**
 * Folder of the baseline that a release is compared with in a stack of kind `prod`, beside the archive that it serves, where the roles of
 * the jobs may not write either. @param release its id, or `{release}` for whoever puts ids there
 */
export function deployedBaselineUri(
  { model, bucket }: Omit<ReleaseKey, "release">,
  stack: string,
  release: string,
): string {
  return `s3://${bucket}/${modelPrefix(model)}/${DEPLOYED_ARCHIVES}/${endpointPrefix(model, stack)}${release}/baseline`;
}

/** Name of the only production variant of a stack's endpoints. It is the same for every release. */
export function variantName(model: string, stack: string): string {
  return `${stackPart(stack)}-${modelPrefix(model)}`;
}

/** Name of a stack's API, and of its functions, alarms and CodeDeploy application. */
export function apiName(model: string, stack: string): string {
  return stack === "prod" ? `${modelPrefix(model)}-api` : `${modelPrefix(model)}-${stackPart(stack)}-api`;
}

/** Beginning of the names of what watches a stack's API, for `monitoringNames`. */
export function watchPrefix(model: string, stack: string): string {
  return apiName(model, stack).replace(/-api$/, "");
}

/** Folder in the model's bucket for what watches a stack's API. Another stack than `prod` has one of its own. */
export function monitoringFolder(model: string, stack: string): string {
  return [modelPrefix(model), MONITORING_FOLDER, ...(stack === "prod" ? [] : [apiName(model, stack)])].join("/");
}

/** Destination of captured traffic. Below it SageMaker writes `<endpoint>/<variant>/yyyy/mm/dd/hh/`. */
export function dataCaptureUri(model: string, bucket: string): string {
  return `s3://${bucket}/${modelPrefix(model)}/datacapture`;
}
