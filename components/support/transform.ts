import type * as pulumi from "@pulumi/pulumi";

/**
 * How a program changes a child of a component, whatever the component itself lets it say: arguments that take the place of the component's,
 * or a function that changes arguments and options before the child is made. Both see the arguments that the component has settled on.
 *
 * The function may set and delete members of `args` and `opts`, which are copies. It must return nothing, not even a promise. Another name
 * of the child means another resource, so the name cannot be changed.
 */
export type Transform<T> =
  Partial<T> | ((args: Writable<T>, opts: pulumi.CustomResourceOptions, name: string) => undefined);

/** The arguments of our own components are read-only. Those that a transform gets are copies. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What a child is made of, once the program has changed it.
 *
 * @example
 * new iam.Role(...transform(args.transform?.role, name, { assumeRolePolicy }, { parent: this }));
 */
export function transform<T extends object>(
  change: Transform<T> | undefined,
  name: string,
  args: T,
  opts: pulumi.CustomResourceOptions,
): [string, T, pulumi.CustomResourceOptions] {
  if (typeof change !== "function") {
    return [name, { ...args, ...change }, opts];
  }
  const copies: [string, T, pulumi.CustomResourceOptions] = [name, copyOf(args), copyOf(opts)];
  change(copies[1], copies[2], name);
  return copies;
}

/** A copy that shares no list and no plain object with what it was made of. Outputs, resources and archives stay the same. */
function copyOf<T extends object>(original: T): T {
  const copy = { ...original };
  for (const [key, value] of Object.entries(copy)) {
    Reflect.set(copy, key, copied(value));
  }
  return copy;
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(copied);
  }
  return isPlainObject(value) ? copyOf(value) : value;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
