import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { attemptName, isNoSuchJob, newestAttempt } from "../../../lib/attempts";
import { answered, caller, clientSettings, type Caller } from "../support/aws";
import { keeping } from "../support/keeping";
import { withoutUndefined } from "../support/provider";
import { shown } from "../support/inputs";
import { Waiter } from "../support/waiter";
import { DEFINITION_TAG, differences, digest } from "./definition";
import { makeTrial } from "./experiment";
import type { JobInputs, JobKind, JobOutputs } from "./job-kind";
import { failureText, hasEnded, statusLine } from "./job-view";
import { onceRoleIsKnown } from "./new-role";
import { readTags, retag, tagList } from "./tags";

/** A job in SageMaker, whether it exists or not, during one call of its provider: the newest attempt at it. */
export class Job<Inputs extends JobInputs, Described extends object, Results extends object> {
  private readonly waiter: Waiter;
  private readonly sageMaker: Caller<SageMakerClient>;
  /** Number of the attempt that all of this is about. */
  private attempt = 1;

  constructor(
    private readonly kind: JobKind<Inputs, Described, Results>,
    private readonly inputs: Inputs,
  ) {
    this.waiter = new Waiter(this.label, inputs);
    this.sageMaker = caller(() => new SageMakerClient(clientSettings(inputs.region)));
  }

  /** SageMaker's description of the newest attempt; `undefined` if there is none. */
  find(): Promise<Described | undefined> {
    return this.waiter.call(() => this.lookForNewest());
  }

  /** Starts the job, unless an earlier, interrupted run has done so. @throws if a job with this name has another definition. */
  async start(): Promise<void> {
    const existing = await this.find();
    if (existing === undefined) {
      await this.begin();
    } else {
      await this.adopt(existing);
      await this.tryAgain(existing);
    }
  }

  /** Goes on with the newest attempt, and follows it. If that has failed in a way that passes, makes another one. */
  resume(): Promise<Inputs & JobOutputs & Partial<Results>> {
    return this.settle(async () => this.tryAgain(await this.find()));
  }

  /**
   * Follows the job to its end. Whatever goes wrong from here on, the job stays in the stack's state.
   *
   * @param before is done first; gives what it has seen of the job, if it has
   */
  async settle(
    before = (): Promise<Described | undefined> => Promise.resolve(undefined),
  ): Promise<Inputs & JobOutputs & Partial<Results>> {
    let last: Described | undefined;
    return keeping(
      this.inputs.jobName,
      () => ({ properties: last === undefined ? this.inputs : this.outputs(last) }),
      async () => {
        let seen = await before();
        const followed = await this.waiter.follow({
          look: async () => {
            last = seen ?? (await this.look(this.name)) ?? this.vanished();
            seen = undefined;
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
        const described = await this.lookForNewest();
        const status = described === undefined ? "Stopped" : this.kind.view(described).status;
        if (status === "InProgress") {
          await this.sageMaker((client) => this.kind.stop(client, this.name));
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

  private get name(): string {
    return attemptName(this.inputs.jobName, this.attempt);
  }

  private get label(): string {
    return `${this.kind.noun} ${this.name}`;
  }

  /** The inputs of the attempt. */
  private get attemptInputs(): Inputs {
    return this.attempt === 1 ? this.inputs : this.kind.again(this.inputs, this.name);
  }

  private async lookForNewest(): Promise<Described | undefined> {
    const newest = await newestAttempt(
      this.inputs.jobName,
      (name) => this.look(name),
      (described) => this.kind.view(described).status === "Failed",
    );
    this.attempt = newest?.number ?? 1;
    return newest?.found;
  }

  private async look(jobName: string): Promise<Described | undefined> {
    try {
      return await this.sageMaker((client) => this.kind.describe(client, jobName));
    } catch (error) {
      if (isNoSuchJob(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Starts the next attempt if the given one, the newest, has failed in a way that passes. Otherwise gives it back. */
  private async tryAgain(existing: Described | undefined): Promise<Described | undefined> {
    const view = existing && this.kind.view(existing);
    if (view?.status !== "Failed" || !view.canHeal) {
      return existing;
    }
    const failed = this.name;
    this.attempt += 1;
    this.waiter.tell(`${failed} failed: ${view.failure ?? "no reason given"}; trying again as ${this.name}`);
    await this.begin();
    return undefined;
  }

  private async begin(): Promise<void> {
    const inputs = { ...this.attemptInputs, experiment: await this.filing() };
    // The digest is that of the wanted definition, filed or not, so that a later run knows the job again.
    const tags = tagList({ ...this.inputs.tags, [DEFINITION_TAG]: this.digest() });
    try {
      const create = (client: SageMakerClient) => this.kind.create(client, inputs, tags);
      await this.waiter.call(() => onceRoleIsKnown(this.inputs, () => this.sageMaker(create)));
    } catch (error) {
      // The connection may have broken after AWS accepted the request. The second try then meets the job of the first.
      const created = answered(error, "ResourceInUse") ? await this.waiter.call(() => this.look(this.name)) : undefined;
      if (created === undefined) {
        throw error;
      }
      await this.adopt(created);
      return;
    }
    this.waiter.tell("started");
  }

  /** The experiment in which the job is filed. A full one does not keep it from running. */
  private async filing(): Promise<JobInputs["experiment"]> {
    const { experiment } = this.inputs;
    if (experiment === undefined) {
      return undefined;
    }
    const noRoom = await this.waiter.call(() => this.sageMaker((client) => makeTrial(client, experiment)));
    if (noRoom === undefined) {
      return experiment;
    }
    this.waiter.tell(`${noRoom} The job runs without being filed`);
    return undefined;
  }

  /** Takes over the existing job if it has our definition. */
  private async adopt(found: Described): Promise<void> {
    const { arn } = this.kind.view(found);
    const tags = await this.waiter.call(() => this.sageMaker((client) => readTags(client, arn)));
    const tag = tags.get(DEFINITION_TAG);
    if (tag !== this.digest()) {
      const differing = differences(this.kind.definition(this.attemptInputs), found);
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
    return digest(this.kind.definition(this.attemptInputs));
  }

  /** @throws if the job has not completed, or its results are not good enough. */
  private judge(described: Described): void {
    const view = this.kind.view(described);
    if (view.status !== "Completed") {
      const next = attemptName(this.inputs.jobName, this.attempt + 1);
      throw new Error(
        failureText({ ...this.attemptInputs, noun: this.kind.noun, logGroup: this.kind.logGroup, next }, view),
      );
    }
    const objection = this.kind.objection?.(this.kind.results(described, this.inputs), this.inputs);
    if (objection !== undefined) {
      throw new Error(`${this.label} completed, but ${objection}`);
    }
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
