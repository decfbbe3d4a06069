import { Aws } from "./aws";
import { type Checked, type Proposal, check } from "./check";
import { type ProviderConfig, type Settings, configProblems, readSettings } from "./config";
import { failure, isTaken } from "./failures";
import { type Invoke, invokes } from "./invokes";
import { argumentProblems } from "./kinds";
import { type Problem, isUsual } from "./properties";
import { type Diff, diffOf } from "./diff";
import { type Circumstances, type LiveValues, type ResourceType, changedKeys } from "./resource";
import { resourceType } from "./resources";
import { wasRepeated } from "./retries";
import { INCOMPLETE, inputsOf, outputsOf, previewOf, programInputs, tagsOf } from "./state";
import { ownTags, tagChanges } from "./tags";
import { type Values, revealAll, textOf } from "./values";

/** A resource as the engine names it. */
export interface Subject {
  /** Pulumi's token, such as `aws:iam/role:Role`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  /** Seconds, from `customTimeouts`; 0 for the type's own. */
  readonly timeoutSeconds: number;
}

export interface Recorded {
  readonly inputs: Values;
  readonly outputs: Values;
}

/** A resource that exists but is not as the program wants it: its state must be kept, or nobody would ever delete it. */
export class Incomplete extends Error {
  constructor(
    readonly id: string,
    readonly state: Recorded,
    message: string,
  ) {
    super(message);
  }
}

/** Package `aws` for Pulumi's engine, on the local AWS: what each call of the plugin protocol does, free of its wire format. */
export class Provider {
  private readonly cancelling = new AbortController();
  private configured: { readonly aws: Aws; readonly settings: Settings } | undefined;

  checkConfig(news: Values): readonly Problem[] {
    return configProblems(revealAll(news));
  }

  configure(config: ProviderConfig, environment: NodeJS.ProcessEnv): void {
    const settings = readSettings(config, environment);
    const { endpoint, region, credentials } = settings;
    this.configured = { aws: new Aws(endpoint, region, this.cancelling.signal, credentials), settings };
  }

  cancel(): void {
    this.cancelling.abort();
  }

  async check(type: string, proposal: Proposal): Promise<Checked> {
    return check(await resourceType(type), proposal);
  }

  async diff({ type }: Subject, olds: Recorded, news: Values): Promise<Diff> {
    const resource = await resourceType(type);
    return diffOf(resource, revealed(olds), revealAll(news), this.defaultTags());
  }

  async previewCreate({ type }: Subject, inputs: Values): Promise<Values> {
    const resource = await resourceType(type);
    return previewOf(resource, inputs, { region: this.aws().region, defaultTags: this.defaultTags() });
  }

  async create(subject: Subject, inputs: Values): Promise<{ readonly id: string; readonly outputs: Values }> {
    const resource = await resourceType(subject.type);
    const about = this.circumstances(subject);
    const wanted = programInputs(inputs);
    const doing = `creating ${subject.type} "${subject.name}"`;
    const tags = tagsOf(wanted, this.defaultTags());
    const id = await resource.create(wanted, tags, about).catch(async (error: unknown) => {
      const made = wasRepeated(error) && isTaken(error) ? await this.madeBefore(resource, wanted, about) : undefined;
      if (made === undefined) {
        throw failure(doing, error);
      }
      return made;
    });
    try {
      await resource.settle(id, wanted, tags, about);
      const live = await this.readLive(resource, id, wanted, about);
      if (live.broken !== undefined) {
        throw new Error(live.broken);
      }
      return { id, outputs: this.outputs(resource, inputs, live) };
    } catch (error) {
      if (resource.forgottenUnfinished) {
        throw failure(doing, error);
      }
      // It exists: whatever went wrong afterwards, the engine must hear of it.
      const live = await resource.read(id, wanted, about).catch(() => undefined);
      const outputs = live === undefined ? inputs : this.outputs(resource, inputs, live);
      throw new Incomplete(id, { inputs, outputs: { ...outputs, [INCOMPLETE]: true } }, failure(doing, error).message);
    }
  }

  async read(
    subject: Subject,
    id: string,
    recorded: Recorded,
  ): Promise<(Recorded & { readonly id: string }) | undefined> {
    const resource = await resourceType(subject.type);
    const about = this.circumstances(subject);
    const doing = `reading ${subject.type} "${subject.name}"`;
    const live = await resource.read(id, programInputs(recorded.inputs), about).catch((error: unknown) => {
      throw failure(doing, error);
    });
    if (live === undefined) {
      return undefined;
    }
    const inputs = inputsOf(resource, recorded.inputs, live, this.defaultTags());
    const outputs = this.outputs(resource, inputs, live);
    if (live.broken !== undefined) {
      throw new Incomplete(
        id,
        { inputs, outputs: { ...outputs, [INCOMPLETE]: true } },
        failure(doing, live.broken).message,
      );
    }
    return { id, inputs, outputs };
  }

  async previewUpdate({ type }: Subject, olds: Recorded, news: Values): Promise<Values> {
    const resource = await resourceType(type);
    const changed = changedKeys(resource.inputs, revealAll(olds.inputs), revealAll(news));
    return previewOf(resource, news, {
      region: this.aws().region,
      defaultTags: this.defaultTags(),
      before: { outputs: olds.outputs, unknown: resource.unknownAfter(changed, revealAll(news)) },
    });
  }

  async update(subject: Subject, id: string, olds: Recorded, news: Values): Promise<Values> {
    const resource = await resourceType(subject.type);
    const about = this.circumstances(subject);
    const wanted = programInputs(news);
    try {
      // Compared with what AWS has and not with the record: an update that failed half way is then finished by the next one.
      const before = await this.readLive(resource, id, programInputs(olds.inputs), about);
      const liveInputs = programInputs(inputsOf(resource, olds.inputs, before, this.defaultTags()));
      await resource.update(id, liveInputs, wanted, about);
      const { put, remove } = tagChanges(ownTags(before.tags), tagsOf(wanted, this.defaultTags()));
      const target = { aws: about.aws, id, arn: textOf(before.outputs.arn) };
      if (remove.length > 0) {
        await resource.tagging?.remove(target, [...remove]);
      }
      if (Object.keys(put).length > 0) {
        await resource.tagging?.put(target, put);
      }
      return this.outputs(resource, news, await this.readLive(resource, id, wanted, about));
    } catch (error) {
      throw failure(`updating ${subject.type} "${subject.name}"`, error);
    }
  }

  async delete(subject: Subject, id: string, recorded: Recorded): Promise<void> {
    const resource = await resourceType(subject.type);
    await resource.delete(id, programInputs(recorded.inputs), this.circumstances(subject)).catch((error: unknown) => {
      throw failure(`deleting ${subject.type} "${subject.name}"`, error);
    });
  }

  async invoke(
    token: string,
    values: Values,
  ): Promise<{ readonly result: Values; readonly problems: readonly Problem[] }> {
    const invoke: Invoke | undefined = invokes[token];
    if (invoke === undefined) {
      throw new Error(`the local AWS provider does not have the function ${token}`);
    }
    const args = revealAll(values);
    const problems = argumentProblems(invoke.inputs, args).map(({ property, reason }) => ({
      property,
      reason: `${token}: ${reason}`,
    }));
    return problems.length > 0
      ? { result: {}, problems }
      : {
          result: await invoke.run(this.aws(), args).catch((error: unknown) => {
            throw failure(`calling ${token}`, error);
          }),
          problems,
        };
  }

  /**
   * The id of a resource whose name is taken because an earlier attempt of the same request made it, and only the answer was lost. It
   * must be what the program wants, but for what is only set when it is finished: what differs otherwise is somebody else's.
   */
  private async madeBefore(resource: ResourceType, wanted: Values, about: Circumstances): Promise<string | undefined> {
    for (const id of resource.identity.map((key) => textOf(wanted[key])).reverse()) {
      const live = id === "" ? undefined : await resource.read(id, wanted, about).catch(() => undefined);
      const found = live && programInputs(inputsOf(resource, wanted, live, this.defaultTags()));
      const differing = found && [...changedKeys(resource.inputs, found, wanted)];
      if (differing?.every((key) => isUsual(resource.inputs[key], found?.[key])) === true) {
        return id;
      }
    }
    return undefined;
  }

  private async readLive(
    resource: ResourceType,
    id: string,
    inputs: Values,
    about: Circumstances,
  ): Promise<LiveValues> {
    const live = await resource.read(id, inputs, about);
    if (live === undefined) {
      throw new Error(`${id} does not exist (any more); "pulumi refresh" takes note of it`);
    }
    return live;
  }

  private outputs(resource: ResourceType, inputs: Values, live: LiveValues): Values {
    return outputsOf(resource, inputs, live, this.aws().region);
  }

  private circumstances({ timeoutSeconds }: Subject): Circumstances {
    return { aws: this.aws(), timeoutSeconds };
  }

  private aws(): Aws {
    return this.ready().aws;
  }

  private defaultTags() {
    return this.ready().settings.defaultTags;
  }

  private ready() {
    if (this.configured === undefined) {
      throw new Error("the local AWS provider is not configured yet");
    }
    return this.configured;
  }
}

const revealed = ({ inputs, outputs }: Recorded): Recorded => ({
  inputs: revealAll(inputs),
  outputs: revealAll(outputs),
});
