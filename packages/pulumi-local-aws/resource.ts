import type { Aws, Patience } from "./aws";
import { type Arguments, type Properties, parseArguments, propertyChanges } from "./properties";
import type { Tags } from "./tags";
import { type Values, toValues } from "./values";

/** What AWS has of a resource. */
interface Live<P extends Properties> {
  /** Its arguments as AWS tells them, under Pulumi's names; `tags` apart. */
  readonly inputs: Partial<Record<keyof P, unknown>>;
  /** Its other outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly tags?: Tags;
  /** Why it is there and yet of no use, such as the failure reason of a function. */
  readonly broken?: string;
}

interface Request {
  readonly aws: Aws;
  readonly patience: Patience;
}

interface Creating<P extends Properties> extends Request {
  readonly inputs: Arguments<P>;
  /** The program's tags and the provider's `defaultTags` together. */
  readonly tags: Tags;
}

interface Existing<P extends Properties> extends Request {
  readonly id: string;
  readonly inputs: Arguments<P>;
}

interface Settling<P extends Properties> extends Existing<P> {
  /** As for the creation. */
  readonly tags: Tags;
}

interface Reading<P extends Properties> extends Request {
  readonly id: string;
  /** Recorded arguments; none of them on an import. */
  readonly inputs: Partial<Arguments<P>>;
}

interface Updating<P extends Properties> extends Existing<P> {
  /** What AWS has now. */
  readonly olds: Arguments<P>;
  /** Arguments in which the two differ. */
  readonly changed: ReadonlySet<keyof P>;
}

/** How a service's tags are changed. */
export interface Tagging {
  put(target: TagTarget, tags: Tags): Promise<unknown>;
  remove(target: TagTarget, keys: string[]): Promise<unknown>;
}

interface TagTarget {
  readonly aws: Aws;
  readonly id: string;
  /** The output of that name; empty if the type has none. */
  readonly arn: string;
}

/** One resource type: the arguments it takes and the AWS calls that make it so. */
export interface Definition<P extends Properties> {
  /** Pulumi's token, such as `aws:iam/role:Role`. */
  readonly type: string;
  readonly inputs: P;
  /** Outputs that are no arguments. A preview of a creation does not know them. */
  readonly outputs: readonly string[];
  readonly secretOutputs?: readonly string[];
  /** Belongs to no region, so has no output `region`. @default false */
  readonly global?: boolean;
  /**
   * Arguments that tell the resource from others of its type: where a replacement would have the same, the old one must go first.
   * Empty where AWS gives each a new id.
   */
  readonly identity: readonly (keyof P & string)[];
  /** Seconds that creation, update and deletion may take each, where the program sets no `customTimeouts`. @default 300 */
  readonly timeoutSeconds?: number;
  readonly tagging?: Tagging;
  /**
   * Whether one that could not be finished is in no state, since the AWS provider sets the id of this type only once it is finished.
   * @default false
   */
  readonly forgottenUnfinished?: boolean;
  /** Makes the resource and answers its id as soon as it exists; what may still fail belongs in `settle`. */
  create(request: Creating<P>): Promise<string>;
  /** Finishes a resource that now exists: further calls, waiting. */
  settle?(request: Settling<P>): Promise<void>;
  /** What AWS has, or `undefined` if it is gone. */
  read(request: Reading<P>): Promise<Live<P> | undefined>;
  /** Brings AWS from `olds` to `inputs`, tags apart. Absent where every argument but tags needs a replacement. */
  update?(request: Updating<P>): Promise<void>;
  /** Deletes it, also where it is gone already. */
  delete(request: Existing<P>): Promise<void>;
  /** Outputs that an update of these arguments changes. @default none */
  unknownAfter?(changed: ReadonlySet<string>, inputs: Values): readonly string[];
}

/** What {@link Live} is once it is plain values. */
export interface LiveValues {
  readonly inputs: Values;
  readonly outputs: Values;
  readonly tags: Tags;
  readonly broken: string | undefined;
}

/** What an operation is given besides a resource's arguments. */
export interface Circumstances {
  readonly aws: Aws;
  /** From the program's `customTimeouts`; 0 if it sets none. */
  readonly timeoutSeconds: number;
}

/** A {@link Definition} whose arguments' types are no longer known outside: all of them look the same to the provider. */
export interface ResourceType {
  readonly type: string;
  readonly inputs: Properties;
  readonly outputs: readonly string[];
  readonly secretOutputs: readonly string[];
  readonly global: boolean;
  readonly identity: readonly string[];
  readonly tagging: Tagging | undefined;
  readonly forgottenUnfinished: boolean;
  create(inputs: Values, tags: Tags, circumstances: Circumstances): Promise<string>;
  settle(id: string, inputs: Values, tags: Tags, circumstances: Circumstances): Promise<void>;
  read(id: string, inputs: Values, circumstances: Circumstances): Promise<LiveValues | undefined>;
  update(id: string, olds: Values, inputs: Values, circumstances: Circumstances): Promise<void>;
  delete(id: string, inputs: Values, circumstances: Circumstances): Promise<void>;
  unknownAfter(changed: ReadonlySet<string>, inputs: Values): readonly string[];
}

const DEFAULT_TIMEOUT_SECONDS = 300;

/** Makes a resource type of its definition. */
export function resource<P extends Properties>(definition: Definition<P>): ResourceType {
  const parse = (values: Values) => parseArguments(definition.inputs, values);
  const request = ({ aws, timeoutSeconds }: Circumstances): Request => ({
    aws,
    patience: { timeoutSeconds: timeoutSeconds || (definition.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) },
  });
  return {
    type: definition.type,
    inputs: definition.inputs,
    outputs: definition.outputs,
    secretOutputs: definition.secretOutputs ?? [],
    global: definition.global ?? false,
    identity: definition.identity,
    tagging: definition.tagging,
    forgottenUnfinished: definition.forgottenUnfinished ?? false,
    create: (inputs, tags, about) => definition.create({ ...request(about), inputs: parse(inputs), tags }),
    settle: async (id, inputs, tags, about) =>
      definition.settle?.({ ...request(about), id, inputs: parse(inputs), tags }),
    async read(id, inputs, about) {
      const live = await definition.read({ ...request(about), id, inputs: parse(inputs) });
      return (
        live && {
          inputs: toValues(live.inputs),
          outputs: toValues(live.outputs),
          tags: live.tags ?? {},
          broken: live.broken,
        }
      );
    },
    async update(id, olds, inputs, about) {
      const changed = changedKeys(definition.inputs, olds, inputs);
      changed.delete("tags");
      if (changed.size > 0) {
        await definition.update?.({ ...request(about), id, inputs: parse(inputs), olds: parse(olds), changed });
      }
    },
    delete: (id, inputs, about) => definition.delete({ ...request(about), id, inputs: parse(inputs) }),
    unknownAfter: (changed, inputs) => definition.unknownAfter?.(changed, inputs) ?? [],
  };
}

/** Arguments in which two programs differ. */
export function changedKeys(properties: Properties, olds: Values, news: Values): Set<string> {
  const differs = ([key, property]: [string, Properties[string]]) =>
    propertyChanges(key, property, olds[key], news[key]).length > 0;
  return new Set(
    Object.entries(properties)
      .filter(differs)
      .map(([key]) => key),
  );
}

/** An argument that a resource cannot be found without. It is recorded for every resource; only an import has none. */
export function recorded<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new Error(`the local AWS provider cannot import this type: it does not learn ${name} from the id`);
  }
  return value;
}
