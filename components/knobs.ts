import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

/** Knobs of `lib/rollout-knobs.ts` as a component's arguments, with their doc comments. Those in `Late` may be outputs of other resources. */
export type KnobArguments<Table extends z.ZodRawShape, Late extends keyof Table> = {
  readonly [K in keyof Table]?: K extends Late ? LateValue<NonNullable<z.input<Table[K]>>> : z.input<Table[K]>;
};

type LateValue<T> = T extends readonly (infer Item)[] ? readonly pulumi.Input<Item>[] : pulumi.Input<T>;
