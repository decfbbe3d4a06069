import type { dynamic } from "@pulumi/pulumi";

/**
 * What a dynamic resource does, as the module behind its shim: every method that Pulumi can call.
 *
 * All of them are there because the host reports a change it cannot judge where `diff` is missing, and forgets every output
 * where `update` is.
 */
export type Implementation<Inputs, Outputs> = Required<Omit<dynamic.ResourceProvider<Inputs, Outputs>, "configure">>;

/** The same value without the members that are `undefined`, which the engine's wire format refuses. */
export function withoutUndefined<T extends object>(value: T): T {
  const kept = { ...value };
  for (const key of keysOf(kept)) {
    if (kept[key] === undefined) {
      Reflect.deleteProperty(kept, key);
    }
  }
  return kept;
}

/** `Object.keys`, typed for objects that have no other members than their type says. */
export function keysOf<T extends object>(value: T): (keyof T & string)[] {
  return Object.keys(value).filter((key): key is keyof T & string => key in value);
}
