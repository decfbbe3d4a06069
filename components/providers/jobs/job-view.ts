/** What this module needs to know of a job. */
export interface JobView {
  readonly arn: string;
  /** `InProgress`, `Completed`, `Failed`, `Stopping` or `Stopped`. */
  readonly status: string;
  /** The current phase, such as `Downloading`, if SageMaker tells it. */
  readonly phase?: string | undefined;
  /** What SageMaker, or the program in the container, says about why it failed. */
  readonly failure?: string | undefined;
  /** Whether it failed in a way that another attempt can heal, since neither the inputs nor the program had a part in it. */
  readonly canHeal: boolean;
  /** Whether SageMaker stopped it because it had run for `maxRuntimeSeconds`. */
  readonly ranTooLong: boolean;
  /** Whether SageMaker stopped it because it had not got enough spot capacity for `maxWaitSeconds`. */
  readonly waitedTooLong?: boolean;
}

export function hasEnded({ status }: JobView): boolean {
  return status === "Completed" || status === "Failed" || status === "Stopped";
}

/** `InProgress (Downloading)`; only the status if the phase says no more. */
export function statusLine({ status, phase }: JobView): string {
  return phase === undefined || phase === status ? status : `${status} (${phase})`;
}

/** A job that has not completed. */
interface Failed {
  readonly jobName: string;
  readonly region: string;
  readonly maxRuntimeSeconds?: number;
  readonly maxWaitSeconds?: number;
  readonly noun: string;
  readonly logGroup: string;
  /** Name that the next attempt would have. */
  readonly next: string;
}

/** How a job has failed, where its log is, and what to do. */
export function failureText(job: Failed, view: JobView): string {
  const [how, remedy] = failure(job, view);
  return [
    `${job.noun} ${job.jobName} ${how}`,
    `Its log: aws logs tail ${job.logGroup} --log-stream-name-prefix ${job.jobName}/ --since 1d --region ${job.region}`,
    remedy,
  ].join("\n");
}

function failure(job: Failed, view: JobView): readonly [string, string] {
  const never = "SageMaker never runs a name twice";
  if (view.status === "Failed") {
    const remedy = view.canHeal
      ? `Another attempt can heal this: the next pulumi up makes it, as ${job.next}`
      : `${never}: fix the cause and use a new release id`;
    return [`failed: ${view.failure ?? "no reason given"}`, remedy];
  }
  if (view.waitedTooLong === true) {
    return [
      `did not get enough spot capacity within ${job.maxWaitSeconds} s, its maxWaitSeconds`,
      `${never}: let it wait longer, or take on-demand instances, and use a new release id`,
    ];
  }
  return view.ranTooLong
    ? [
        `was stopped after ${job.maxRuntimeSeconds} s, its maxRuntimeSeconds`,
        `${never}: allow it more time, or give it less to do, and use a new release id`,
      ]
    : ["was stopped before it had completed", `${never}: fix the cause and use a new release id`];
}
