import type { dynamic } from "@pulumi/pulumi";
import { explained } from "../../../lib/errors";

/**
 * What a dynamic resource does, behind its shim: every method that Pulumi can call.
 *
 * All of them are there because the host reports a change it cannot judge where `diff` is missing, and forgets every output
 * where `update` is.
 */
export interface Provider<Inputs, Outputs> extends Required<
  Omit<dynamic.ResourceProvider<Inputs, Outputs>, "check" | "configure">
> {
  /** @param olds Inputs of the last update; empty for a resource that is not in the state. */
  check(olds: Partial<Inputs>, news: Inputs): Promise<dynamic.CheckResult<Inputs>>;
}

/** The same behaviour; what its methods throw says AWS's code, which the host, showing nothing but messages, would lose. */
export function explaining<Inputs, Outputs>(implementation: Provider<Inputs, Outputs>): Provider<Inputs, Outputs> {
  return {
    ...implementation,
    create: (inputs) => implementation.create(inputs).catch(rethrow),
    read: (id, props) => implementation.read(id, props).catch(rethrow),
    update: (id, olds, news) => implementation.update(id, olds, news).catch(rethrow),
    delete: (id, props) => implementation.delete(id, props).catch(rethrow),
  };
}

function rethrow(error: unknown): never {
  throw explained(error);
}

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
function keysOf<T extends object>(value: T): (keyof T & string)[] {
  return Object.keys(value).filter((key): key is keyof T & string => key in value);
}
