import type {
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";

/** A resource as a program declares it. */
export interface Declared {
  readonly type: TypeOf | string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** A class of resources. */
type TypeOf = new (...args: never[]) => unknown;

/** A resource of a class of Pulumi's, or of a type of the project's own. */
export const declared = (type: TypeOf | string, props: Declared["props"]): Declared => ({ type, props });

/** What a rule says of a resource, with the rule's defaults and some config of a user's. */
export async function saysOf(rule: ResourceValidationPolicy, one: Declared, config: object = {}): Promise<string[]> {
  const said: string[] = [];
  const args = { ...asSeen(one), getConfig: () => ({ ...defaultsOf(rule), ...config }) };
  for (const validate of [rule.validateResource].flat()) {
    await validate?.(args as unknown as ResourceValidationArgs, (message) => said.push(message));
  }
  return said;
}

/** What a rule says of a stack's resources. */
export async function saysOfStack(rule: StackValidationPolicy, all: readonly Declared[]): Promise<string[]> {
  const said: string[] = [];
  const resources = all.map((one) => asSeen(one) as unknown as PolicyResource);
  const args = { resources, getConfig: () => defaultsOf(rule) } as unknown as StackValidationArgs;
  await rule.validateStack(args, (message) => said.push(message));
  return said;
}

/** A resource as the SDK hands it to a rule. */
function asSeen({ type, props }: Declared) {
  const typeOf = (one: TypeOf | string) =>
    typeof one === "string" ? one : (Reflect.get(one, "__pulumiType") as string);
  const isType = (other: TypeOf) => typeOf(other) === typeOf(type);
  return {
    type: typeOf(type),
    props,
    urn: "urn:of-it",
    isType,
    asType: (other: TypeOf) => (isType(other) ? props : undefined),
  };
}

function defaultsOf({ configSchema }: ResourceValidationPolicy | StackValidationPolicy) {
  const properties = Object.entries(configSchema?.properties ?? {});
  return Object.fromEntries(properties.map(([key, value]) => [key, (value as { default?: unknown }).default]));
}
