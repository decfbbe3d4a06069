import { contentName, SAGEMAKER_NAME_LENGTH } from "./content-name";

/** One attempt at a job. */
export interface Attempt<T> {
  /** 1 for the first. */
  readonly number: number;
  readonly found: T;
}

/**
 * Name of an attempt at a job, for SageMaker never runs a name twice. The first attempt has the job's own name, and later ones have their
 * number at its end. Where that is too long, a digest stands for the end of the job's name.
 */
export function attemptName(jobName: string, number: number): string {
  if (number === 1) {
    return jobName;
  }
  const suffix = `-attempt-${number}`;
  const room = SAGEMAKER_NAME_LENGTH - suffix.length;
  return `${jobName.length <= room ? jobName : contentName(jobName, jobName, room)}${suffix}`;
}

/**
 * The newest attempt at a job; `undefined` if there is none. An attempt is made only after the one before has failed.
 *
 * @param find looks for a job by its name
 */
export async function newestAttempt<T>(
  jobName: string,
  find: (name: string) => Promise<T | undefined>,
  hasFailed: (found: T) => boolean,
): Promise<Attempt<T> | undefined> {
  let newest: Attempt<T> | undefined;
  while (newest === undefined || hasFailed(newest.found)) {
    const number: number = (newest?.number ?? 0) + 1;
    const found = await find(attemptName(jobName, number));
    if (found === undefined) {
      break;
    }
    newest = { number, found };
  }
  return newest;
}

/** Training jobs answer "Requested resource not found.", processing jobs "Could not find requested job with name: …". */
export function isNoSuchJob(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "ResourceNotFound" ||
      (error.name === "ValidationException" && /not found|could not find/i.test(error.message)))
  );
}
