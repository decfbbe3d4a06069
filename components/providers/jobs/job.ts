import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { answered, caller, clientSettings, type Caller } from "../support/aws";
import { keeping } from "../support/keeping";
import { withoutUndefined } from "../support/provider";
import { shown } from "../support/inputs";
import { Waiter } from "../support/waiter";
import { DEFINITION_TAG, differences, digest } from "./definition";
import { makeTrial } from "./experiment";
import { onceRoleIsKnown } from "./new-role";
import type { JobInputs, JobKind, JobOutputs, JobView } from "./job-kind";
import { readTags, retag, tagList } from "./tags";

/** A job in SageMaker, whether it exists or not, during one call of its provider. */
export class Job<Inputs extends JobInputs, Described extends object, Results extends object> {
  private readonly waiter: Waiter;
  private readonly sageMaker: Caller<SageMakerClient>;
  private readonly label: string;

  constructor(
    private readonly kind: JobKind<Inputs, Described, Results>,
    private readonly inputs: Inputs,
  ) {
    this.label = `${kind.noun} ${inputs.jobName}`;
    this.waiter = new Waiter(this.label, inputs);
    this.sageMaker = caller(() => new SageMakerClient(clientSettings(inputs.region)));
  }

  /** SageMaker's description of the job; `undefined` if no job has this name. */
  find(): Promise<Described | undefined> {
    return this.waiter.call(() => this.look());
  }

  /** Starts the job, unless an earlier, interrupted run has done so. @throws if a job with this name has another definition. */
  async start(): Promise<void> {
    const { experiment } = this.inputs;
    const existing = await this.find();
    if (existing !== undefined) {
      await this.adopt(existing);
      return;
    }
    if (experiment !== undefined) {
      await this.waiter.call(() => this.sageMaker((client) => makeTrial(client, experiment)));
    }
    const tags = tagList({ ...this.inputs.tags, [DEFINITION_TAG]: this.digest() });
    try {
      const create = (client: SageMakerClient) => this.kind.create(client, this.inputs, tags);
      await this.waiter.call(() => onceRoleIsKnown(this.inputs, () => this.sageMaker(create)));
    } catch (error) {
      // The connection may have broken after AWS accepted the request. The second try then meets the job of the first.
      const created = answered(error, "ResourceInUse") ? await this.find() : undefined;
      if (created === undefined) {
        throw error;
      }
      await this.adopt(created);
      return;
    }
    this.waiter.tell("started");
  }

  /** Follows the job to its end. Whatever goes wrong from here on, the job stays in the stack's state. */
  async settle(): Promise<Inputs & JobOutputs & Partial<Results>> {
    let last: Described | undefined;
    return keeping(
      this.inputs.jobName,
      () => ({ properties: last === undefined ? this.inputs : this.outputs(last) }),
      async () => {
        const followed = await this.waiter.follow({
          look: async () => {
            last = (await this.look()) ?? this.vanished();
            return last;
          },
          settled: (described) => hasEnded(this.kind.view(described)),
          lines: (described) => [statusLine(this.kind.view(described))],
        });
        if (!followed.settled) {
          throw this.stillRunning();
        }
        this.judge(followed.seen);
        return this.outputs(followed.seen);
      },
    );
  }

  /** Gives the existing job the wanted tags. */
  async retag(): Promise<void> {
    const { arn } = this.kind.view((await this.find()) ?? this.vanished());
    await this.waiter.call(() => this.sageMaker((client) => retag(client, arn, this.inputs.tags ?? {})));
  }

  /** Stops the job if it runs, and waits until it has ended. SageMaker keeps finished jobs for ever, so nothing else can be done. */
  async stop(): Promise<void> {
    const followed = await this.waiter.follow({
      look: async () => {
        const described = await this.look();
        const status = described === undefined ? "Stopped" : this.kind.view(described).status;
        if (status === "InProgress") {
          await this.sageMaker((client) => this.kind.stop(client, this.inputs.jobName));
        }
        return status;
      },
      settled: (status) => status !== "InProgress" && status !== "Stopping",
      lines: (status) => (status === "InProgress" ? ["still running: stopping it"] : []),
    });
    if (!followed.settled) {
      throw new Error(
        `${this.label} was told to stop, but has not stopped within ${this.inputs.timeoutSeconds} s: try again`,
      );
    }
  }

  outputs(described: Described): Inputs & JobOutputs & Partial<Results> {
    const { arn, status } = this.kind.view(described);
    return withoutUndefined({
      ...this.inputs,
      ...this.kind.results(described, this.inputs),
      jobArn: arn,
      status,
    });
  }

  private async look(): Promise<Described | undefined> {
    try {
      return await this.sageMaker((client) => this.kind.describe(client, this.inputs.jobName));
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Takes over the existing job if it has our definition. */
  private async adopt(found: Described): Promise<void> {
    const { arn } = this.kind.view(found);
    const tags = await this.waiter.call(() => this.sageMaker((client) => readTags(client, arn)));
    const tag = tags.get(DEFINITION_TAG);
    if (tag !== this.digest()) {
      const differing = differences(this.kind.definition(this.inputs), found);
      // A job without the tag was started by other means. It is accepted if it does the same.
      if (differing.length === 0 && tag !== undefined) {
        differing.push(`its tag ${DEFINITION_TAG} is ${shown(tag)}, not ${shown(this.digest())}`);
      }
      if (differing.length > 0) {
        throw new Error(
          `${this.label} exists already with another definition: ${differing.join("; ")}. SageMaker never runs a name twice: ` +
            "use a new release id, or the definition that the job was run with",
        );
      }
    }
    await this.waiter.call(() => this.sageMaker((client) => retag(client, arn, this.inputs.tags ?? {})));
    this.waiter.tell("exists already with this definition: going on with it");
  }

  private digest(): string {
    return digest(this.kind.definition(this.inputs));
  }

  /** @throws if the job has not completed, or its results are not good enough. */
  private judge(described: Described): void {
    const { status, failure } = this.kind.view(described);
    const { jobName, region } = this.inputs;
    if (status === "Completed") {
      const objection = this.kind.objection?.(this.kind.results(described, this.inputs), this.inputs);
      if (objection !== undefined) {
        throw new Error(`${this.label} completed, but ${objection}`);
      }
      return;
    }
    const how = status === "Failed" ? `failed: ${failure ?? "no reason given"}` : `was stopped before it had completed`;
    throw new Error(
      [
        `${this.label} ${how}`,
        `Its log: aws logs tail ${this.kind.logGroup} --log-stream-name-prefix ${jobName}/ --since 1d --region ${region}`,
        "SageMaker never runs a name twice: fix the cause and use a new release id",
      ].join("\n"),
    );
  }

  private stillRunning(): Error {
    return new Error(
      `${this.label} has not ended within timeoutSeconds (${this.inputs.timeoutSeconds}); it goes on in SageMaker, ` +
        "and the next pulumi up goes on watching it",
    );
  }

  private vanished(): never {
    throw new Error(
      `${this.label} is no longer in SageMaker: run pulumi refresh, then pulumi up with a new release id`,
    );
  }
}

function hasEnded({ status }: JobView): boolean {
  return status === "Completed" || status === "Failed" || status === "Stopped";
}

/** `InProgress (Downloading)`; only the status if the phase says no more. */
function statusLine({ status, phase }: JobView): string {
  return phase === undefined || phase === status ? status : `${status} (${phase})`;
}

/** Training jobs answer "Requested resource not found.", processing jobs "Could not find requested job with name: …". */
function isNotFound(error: unknown): boolean {
  return (
    answered(error, "ResourceNotFound") ||
    (answered(error, "ValidationException") && /not found|could not find/i.test(error.message))
  );
}
