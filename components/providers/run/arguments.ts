import type * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import type { Timing } from "./patience";

/** A value in which anything may still be an output of another resource. */
type DeepInput<T> = pulumi.Input<
  T extends string | number | boolean | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly DeepInput<Item>[]
      : { readonly [K in keyof T]: DeepInput<T[K]> }
>;

/** What a program gives to a dynamic resource whose provider takes these inputs; how to wait may always be left out. */
export type Arguments<Inputs extends Timing> = {
  readonly [K in keyof Omit<Inputs, keyof Timing>]: DeepInput<Inputs[K]>;
} & { readonly [K in keyof Timing]?: pulumi.Input<number> } & { readonly account?: pulumi.Input<Account> };
