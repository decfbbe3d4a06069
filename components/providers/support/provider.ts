import type { dynamic } from "@pulumi/pulumi";
import { reported } from "../../../lib/errors";

/**
 * What a dynamic resource does, behind its shim: every method that Pulumi can call.
 *
 * Every method must exist: without `diff` the host reports a change that it cannot judge, and without `update` it forgets every output.
 */
export interface Provider<Inputs, Outputs> extends Required<
  Omit<dynamic.ResourceProvider<Inputs, Outputs>, "check" | "configure">
> {
  /** @param olds Inputs of the last update; empty for a resource that is not in the state. */
  check(olds: Partial<Inputs>, news: Inputs): Promise<dynamic.CheckResult<Inputs>>;
}

/** The same behaviour, but the messages of its errors contain AWS's error code. The host shows only messages and would lose the code. */
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
  throw reported(error);
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

/** `Object.keys`, typed for objects that have exactly the members of their type. */
function keysOf<T extends object>(value: T): (keyof T & string)[] {
  return Object.keys(value).filter((key): key is keyof T & string => key in value);
}
