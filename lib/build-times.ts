/**
 * How long the pipeline's builds may take, and what of it is left for what they wait for.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
 */

/** Seconds that a job may take besides running: for instances, images and data. */
export const JOB_SECONDS_BESIDES_RUNNING = 3600;
/** Seconds that a build needs besides the jobs that it waits for: to install, to preview, for roles and for the archive's digest. */
const BUILD_SECONDS_BESIDES_JOBS = 1800;
/** The most minutes that CodeBuild lets a build take. */
const LONGEST_BUILD_MINUTES = 2160;

/** Seconds that a job of a release may run, where the pipeline does not say. */
export const USUAL_JOB_SECONDS = 14_400;
/** The most that a pipeline can let a job run, since its build waits for it. */
export const LONGEST_JOB_SECONDS =
  LONGEST_BUILD_MINUTES * 60 - JOB_SECONDS_BESIDES_RUNNING - BUILD_SECONDS_BESIDES_JOBS;

/** Minutes after which the build that trains ends. @param maxRuntimeSeconds seconds that a job may run */
export function trainBuildMinutes(maxRuntimeSeconds: number): number {
  return Math.ceil((maxRuntimeSeconds + JOB_SECONDS_BESIDES_RUNNING + BUILD_SECONDS_BESIDES_JOBS) / 60);
}

/** What such a build has for a job, its instances and its data. */
export function longestJobWait(buildMinutes: number): number {
  return buildMinutes * 60 - BUILD_SECONDS_BESIDES_JOBS;
}

/** Minutes after which the build for production ends. */
export const PROD_BUILD_MINUTES = 480;
/** What such a build has for the rollout. The rest is for the endpoint before it, and for going back. */
export const LONGEST_ROLLOUT_SECONDS = (PROD_BUILD_MINUTES - 90) * 60;
