import type * as pulumi from "@pulumi/pulumi";
import type { InAccount } from "../providers/support/account";
import type { Timing } from "../providers/support/waiter";

/** A value of which every part may be an output of another resource. */
type DeepInput<T> = pulumi.Input<
  T extends string | number | boolean | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly DeepInput<Item>[]
      : { readonly [K in keyof T]: DeepInput<T[K]> }
>;

/** What a program gives to a dynamic resource whose provider takes these inputs. */
export type Arguments<Inputs> = { readonly [K in keyof (Inputs & InAccount)]: DeepInput<(Inputs & InAccount)[K]> };

/** The same, but the timing may be left out. */
export type WaitingArguments<Inputs extends Timing> = Arguments<Omit<Inputs, keyof Timing>> &
  Partial<Arguments<Timing>>;
