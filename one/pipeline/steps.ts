/**
 * What the builds of the pipeline run: reading a preview, telling it in short, reading what a release is made from. May import `lib` and
 * `model`; knows nothing of `local`.
 */
import { z } from "zod";

const state = z.looseObject({
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
});

/** One step of `pulumi preview --json`. */
const step = z.looseObject({
  op: z.string(),
  urn: z.string(),
  oldState: state.optional(),
  newState: state.optional(),
  replaceReasons: z.array(z.string()).nullish(),
});

/** What `pulumi preview --json` prints, as far as it is used here. */
const preview = z.looseObject({ steps: z.array(step).default([]) });

/** What a preview would do to one resource. */
export interface PlannedStep {
  readonly change: Change;
  /** Pulumi's type token, such as `aws:iam/role:Role`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly urn: string;
  /** Inputs before and after; absent where there is nothing before or after. */
  readonly before: Inputs | undefined;
  readonly after: Inputs | undefined;
  /** Properties that a replacement is because of. */
  readonly replaceReasons: readonly string[];
}

export type Change = "create" | "update" | "replace" | "delete";
export type Inputs = Readonly<Record<string, unknown>>;

/** The engine's words for what it does, by what they mean here. Everything else changes nothing: `same`, `read`, the halves of a replacement. */
const CHANGES: Readonly<Record<string, Change>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
};

/**
 * The steps of a preview that change something, the components' own left out: they are no resources of AWS.
 *
 * @param json What `pulumi preview --json` printed.
 */
export function plannedSteps(json: string): PlannedStep[] {
  return preview.parse(JSON.parse(json)).steps.flatMap(({ op, urn, oldState, newState, replaceReasons }) => {
    const change = CHANGES[op];
    const type = newState?.type ?? oldState?.type ?? "";
    if (change === undefined || isComponent(type)) {
      return [];
    }
    const name = urn.split("::").at(-1) ?? urn;
    const [before, after] = [oldState?.inputs, change === "delete" ? undefined : newState?.inputs];
    return [{ change, type, name, urn, before, after, replaceReasons: replaceReasons ?? [] }];
  });
}

/** Whether resources of this type are this project's alone and nothing in AWS. */
export function isComponent(type: string): boolean {
  return (
    type.startsWith("sagemaker-safe-deploy:") || type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:")
  );
}
